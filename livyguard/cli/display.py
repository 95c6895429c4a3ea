"""What a terminal shows while a command works: the Display port on standard error."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from livyguard.cli.line import StartPen, TerminalPen
from livyguard.hints.redaction import redact
from livyguard.views import decision as decision_view
from livyguard.views import hint as hint_view
from livyguard.views import release as release_view
from livyguard.views.progress import Line
from livyguard.views.starting import StartView
from livyguard.views.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from livyguard.hints.model import Hint
    from livyguard.policy.decision import Decision
    from livyguard.sessions.model import LedgerEntry
    from livyguard.sessions.outcome import ReleaseReport
    from livyguard.sessions.rows import SessionRow

__all__ = ["TerminalDisplay"]

MORE = "livyguard explain"


class TerminalDisplay:
    """The ``Display`` port on standard error, so that standard output holds the result alone.

    Args:
        now: returns seconds, from any start, for what takes a while.
        url: the Livy, where another one would be asked by a command that does not name it.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic, url: str | None = None) -> None:
        self._now = now
        self._url = url
        self._pen = TerminalPen()

    def denial(self, decision: Decision) -> str:
        """Return the text of a refusal."""
        return decision_view.text(decision, MORE, url=self._url)

    def failure(self, text: str, hints: Sequence[Hint]) -> str:
        """Return what happened, without secrets, and the best hint."""
        told = [hint_view.text(hint, MORE, in_terminal=True) for hint in hints[:1]]
        return "\n\n".join([redact(text.strip()), *told])

    def decision(self, decision: Decision) -> None:
        """Show what was asked and what is given."""
        text = decision_view.text(decision, MORE)
        if text:
            self._say(text)

    def notice(self, text: str) -> None:
        """Show one sentence."""
        self._say(plain(text, limit=1_000))

    def hint(self, hint: Hint) -> None:
        """Show a coded explanation."""
        self._say(hint_view.text(hint, MORE, in_terminal=True))

    def freeing(self, entry: LedgerEntry) -> str:
        """Return the command that frees a session."""
        return f"`livyguard release {entry.session_id}{f' --url {plain(self._url)}' if self._url else ''}`"

    def releasing(self, rows: Sequence[SessionRow]) -> None:
        """Show what is about to be freed."""
        self._say(release_view.plan(rows))

    def released(self, report: ReleaseReport) -> None:
        """Show what was freed."""
        self._say(release_view.text(report))

    def progress(self) -> Line:
        """Return a line for one command, drawn where standard error is a terminal; a terminal has one such line."""
        return Line(self._pen, self._now)

    def starting(self) -> StartView:
        """Return what says how one start is going, drawn where standard error is a terminal."""
        return StartView(StartPen(self._pen, self.hint))

    def _say(self, text: str) -> None:
        self._pen.clear()
        click.echo(text, err=True)
