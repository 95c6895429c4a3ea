"""``livyguard release``: free sessions."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from livyguard.sessions.outcome import Outcome

__all__ = ["release"]


@click.command()
@click.argument("session", nargs=-1)
@click.option("--idle-for", metavar="30m", help="Only sessions idle for at least this long; default: idle.after.")
@click.option("--user", metavar="U", help="Operators: the idle sessions of this user.")
@click.option("--all-users", is_flag=True, help="Operators: the idle sessions of everybody.")
@click.option("--app", "apps", metavar="ID", multiple=True, help="This application in YARN, whose session is gone.")
@click.option("--dry-run", is_flag=True, help="Only say what would be freed.")
@click.option("--force", is_flag=True, help="With numbers: also a busy session of mine, or one whose owner is unknown.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print an object with every outcome; with --all-users a line an action."
)
@click.option("--url", metavar="URL", help="Ask this Livy; default: $LIVYGUARD_URL, else SparkMagic's configuration.")
def release(
    session: tuple[str, ...],
    idle_for: str | None,
    user: str | None,
    all_users: bool,
    apps: tuple[str, ...],
    dry_run: bool,
    force: bool,
    as_json: bool,
    url: str | None,
) -> int:
    """Free my sessions that have been idle for long, or those with the numbers SESSION; never anybody else's.

    Operators: livyguard release --all-users --idle-for 2h --json, as a cron job, logs a line for each session freed.

    Example: livyguard release --idle-for 2h --dry-run
    """
    from livyguard.cli.wiring import at_endpoint, wire
    from livyguard.release import ReleaseRequest
    from livyguard.release import release as free
    from livyguard.sessions.durations import parse_duration
    from livyguard.sessions.filters import parse_apps, parse_ids
    from livyguard.views.release import text

    if (session or apps) and (user is not None or all_users):
        raise click.UsageError("Session numbers and --app exclude --user and --all-users.")
    if user is not None and all_users:
        raise click.UsageError("--user and --all-users exclude each other: one names whose, the other is everybody's.")
    wiring = wire(url)
    parts, rights = wiring.parts, wiring.rights
    request = ReleaseRequest(
        ids=parse_ids(session),
        apps=parse_apps(apps),
        idle_for=parse_duration(idle_for) if idle_for is not None else None,
        user=user,
        all_users=all_users,
        dry_run=dry_run,
        force=force,
        is_operator=rights.is_operator,
        idle_after=rights.idle_after,
    )
    lines = as_json and all_users
    with at_endpoint(wiring), closing(parts.display.progress()) as progress:
        report = free(
            [wiring.store],
            parts.ledger,
            parts.clock,
            request,
            shared_accounts=rights.shared_accounts,
            applications=parts.applications,
            show=None if dry_run or lines else parts.display.releasing,
            progress=None if lines else progress,  # lines are printed meanwhile, perhaps to the same terminal
            done=_line if lines else None,
        )
    if fault := parts.ledger.fault:
        parts.display.notice(f"{fault}: what is freed now stays in livyguard's record.")
    if lines:
        for note in report.notes:
            parts.display.notice(note)
    else:
        click.echo(json.dumps(report.to_json(), indent=2) if as_json else text(report))
    return 1 if report.is_failure else 0


def _line(outcome: Outcome) -> None:
    """Print what was done as one line, at once: a log holds it, whatever happens next. What stays is no action."""
    if outcome.result == "skipped":
        return
    moment = datetime.now(timezone.utc).isoformat(timespec="seconds")
    click.echo(json.dumps({"at": moment, **outcome.to_json()}))
    sys.stdout.flush()
