"""``livyguard release``: free sessions."""

from __future__ import annotations

import json

import click

__all__ = ["release"]


@click.command()
@click.argument("session", nargs=-1)
@click.option("--idle-for", metavar="30m", help="Only sessions idle for at least this long; default: idle.after.")
@click.option("--user", metavar="U", help="Operators: the idle sessions of this user.")
@click.option("--all-users", is_flag=True, help="Operators: the idle sessions of everybody.")
@click.option("--dry-run", is_flag=True, help="Only say what would be freed.")
@click.option("--force", is_flag=True, help="With numbers: also a busy session of mine, or one whose owner is unknown.")
@click.option("--json", "as_json", is_flag=True, help="Print an object with every outcome.")
@click.option("--url", metavar="URL", help="Ask this Livy; default: $LIVYGUARD_URL, else SparkMagic's configuration.")
def release(
    session: tuple[str, ...],
    idle_for: str | None,
    user: str | None,
    all_users: bool,
    dry_run: bool,
    force: bool,
    as_json: bool,
    url: str | None,
) -> int:
    """Free my sessions that have been idle for long, or those with the numbers SESSION; never anybody else's.

    Example: livyguard release --idle-for 2h --dry-run
    """
    from livyguard.cli.wiring import at_endpoint, wire
    from livyguard.release import ReleaseRequest
    from livyguard.release import release as free
    from livyguard.sessions.durations import parse_duration
    from livyguard.sessions.filters import parse_ids
    from livyguard.views.release import plan, text

    wiring = wire(url)
    request = ReleaseRequest(
        ids=parse_ids(session),
        idle_for=parse_duration(idle_for) if idle_for is not None else None,
        user=user,
        all_users=all_users,
        dry_run=dry_run,
        force=force,
        is_operator=wiring.rights.is_operator,
        idle_after=wiring.rights.idle_after,
    )
    if request.ids and (user is not None or all_users):
        raise click.UsageError("Session numbers and --user or --all-users exclude each other.")
    with at_endpoint(wiring):
        report = free(
            [wiring.store],
            wiring.parts.ledger,
            wiring.parts.clock,
            request,
            shared_accounts=wiring.rights.shared_accounts,
            applications=wiring.parts.applications,
            show=None if dry_run else lambda rows: click.echo(plan(rows), err=True),
        )
    if fault := wiring.parts.ledger.fault:
        wiring.parts.display.notice(f"{fault}: what is freed now stays in livyguard's record.")
    click.echo(json.dumps(report.to_json(), indent=2) if as_json else text(report))
    return 1 if report.is_failure else 0
