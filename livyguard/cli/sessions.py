"""``livyguard sessions``: who holds the cluster."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["sessions"]

#: How a session is released at the prompt.
RELEASE = "livyguard release"


@click.command()
@click.argument("session", nargs=-1)
@click.option("--mine", is_flag=True, help="Only my sessions.")
@click.option("--user", metavar="U", help="Only the sessions of this owner.")
@click.option("--state", "states", metavar="S,S", help="Only sessions in these states, separated by commas.")
@click.option("--idle", is_flag=True, help="Only idle sessions; asks Livy for others' idle times, too.")
@click.option("--idle-for", metavar="30m", help="Only sessions idle for at least this long: 45s, 30m, 2h, 1d.")
@click.option("--sort", metavar="COL", help="Sort by this column; default: mine first, then by number.")
@click.option("--orphans", is_flag=True, help="Only applications that a Livy started and that have no session here.")
@click.option(
    "--start", "body", metavar="BODY.json", help="Create a session, judged; wait until it is up; print its id."
)
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects.")
@click.option("--url", metavar="URL", help="Ask this Livy; default: $LIVYGUARD_URL, else SparkMagic's configuration.")
def sessions(
    session: tuple[str, ...],
    mine: bool,
    user: str | None,
    states: str | None,
    idle: bool,
    idle_for: str | None,
    sort: str | None,
    orphans: bool,
    body: str | None,
    as_json: bool,
    url: str | None,
) -> None:
    """Show who holds the cluster: everybody, mine first, or the sessions with the numbers SESSION.

    Example: livyguard sessions --idle-for 30m --sort executors
    """
    from livyguard.sessions.durations import parse_duration
    from livyguard.sessions.filters import parse_ids, parse_states

    if body is not None:
        if session or mine or user or states or idle or idle_for or sort or orphans:
            raise click.UsageError("--start creates a session; the filters of the listing say nothing to it.")
        _start(body, url, as_json=as_json)
        return
    asked = {
        "ids": parse_ids(session),
        "mine": mine,
        "user": user,
        "states": parse_states(states) if states is not None else (),
        "idle": idle,
        "idle_for": parse_duration(idle_for) if idle_for is not None else None,
        "sort": sort,
    }
    if orphans and any(value for value in asked.values()):
        raise click.UsageError("--orphans shows applications; the filters of the listing say nothing to them.")
    _list(asked, url, as_json=as_json, orphans=orphans)


def _start(body: str, url: str | None, *, as_json: bool) -> None:
    from livyguard.cli.start import start
    from livyguard.cli.wiring import at_endpoint, wire

    wiring = wire(url)
    with at_endpoint(wiring):
        number = start(wiring, body)
    click.echo(json.dumps({"id": number}) if as_json else number)


def _list(asked: Mapping[str, Any], url: str | None, *, as_json: bool, orphans: bool) -> None:
    from livyguard.cli.wiring import at_endpoint, wire
    from livyguard.listing import list_sessions
    from livyguard.views.session_notes import notes
    from livyguard.views.sessions import OrphanTable, text

    wiring = wire(url)
    parts, shared = wiring.parts, wiring.rights.shared_accounts
    with at_endpoint(wiring), closing(parts.display.progress()) as progress:
        listed = list_sessions(
            [wiring.store],
            parts.ledger,
            parts.clock,
            shared_accounts=shared,
            clusters=parts.clusters,
            progress=progress,
            **asked,
        )
    if not as_json:
        click.echo(OrphanTable(listed).to_text() if orphans else text(listed, RELEASE))
        return
    click.echo(json.dumps(OrphanTable(listed).to_json() if orphans else listed.to_json(), indent=2))
    for note in notes(listed, RELEASE):  # the text has them below its table
        click.echo(note, err=True)
