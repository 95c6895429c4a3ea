"""``livyguard sessions --start``: create one session, judged as in a notebook."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livyguard.errors import InvalidInput, SessionNotStarted
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.policy.body import parse_body
from livyguard.startup import clear_away, wait_until_up
from livyguard.views import decision as decision_view
from livyguard.views import hint as hint_view
from livyguard.views import release as release_view
from livyguard.views.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from livyguard.cli.wiring import Wiring
    from livyguard.hints.model import Hint
    from livyguard.policy.decision import Decision
    from livyguard.sessions.outcome import ReleaseReport

__all__ = ["TerminalDisplay", "read_body", "start"]

#: Seconds; Livy gives up by itself after 90.
PATIENCE = 180.0
MORE = "livyguard explain"


class TerminalDisplay:
    """The ``Display`` port on standard error, so that standard output holds the result alone."""

    def denial(self, decision: Decision) -> str:
        """Return the text of a refusal."""
        return decision_view.text(decision)

    def failure(self, text: str, hints: Sequence[Hint]) -> str:
        """Return what happened and the best hint."""
        return "\n\n".join([text.strip(), *(hint_view.text(hint, MORE) for hint in hints[:1])])

    def decision(self, decision: Decision) -> None:
        """Show what was asked and what is given."""
        text = decision_view.text(decision)
        if text:
            click.echo(text, err=True)

    def notice(self, text: str) -> None:
        """Show one sentence."""
        click.echo(plain(text, limit=1_000), err=True)

    def hint(self, hint: Hint) -> None:
        """Show a coded explanation."""
        click.echo(hint_view.text(hint, MORE), err=True)

    def released(self, report: ReleaseReport) -> None:
        """Show what was freed."""
        click.echo(release_view.text(report), err=True)


def read_body(file: str) -> dict[str, Any]:
    """Return the body in a file, ``-`` for standard input.

    Raises:
        InvalidInput: it cannot be read, or is no JSON object.
    """
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}.") from None
    return parse_body(text)


def start(wiring: Wiring, file: str) -> int:
    """Create the session that a file asks for, wait until it is idle, and return its id.

    Raises:
        InvalidInput: the body cannot be understood.
        SessionDenied: the policy refuses it.
        SessionNotStarted: it did not come up; it is deleted again.
        LivyguardError: Livy refused it, or cannot be reached.
    """
    body = read_body(file)
    display = TerminalDisplay()
    created = wiring.guard(display).create(wiring.store, body)
    number = created.session.id
    try:
        result = wait_until_up(wiring.store, number, wiring.clock, PATIENCE)
    except BaseException:
        display.notice(clear_away(wiring.store, number))
        raise
    if isinstance(result, Case):
        left = clear_away(wiring.store, number)
        raise SessionNotStarted(display.failure(f"{result.error} {left}", diagnose(result)))
    return number
