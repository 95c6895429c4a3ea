"""What a terminal shows while a command works: the Display port on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from livyguard.views import decision as decision_view
from livyguard.views import hint as hint_view
from livyguard.views import release as release_view
from livyguard.views.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.hints.model import Hint
    from livyguard.policy.decision import Decision
    from livyguard.sessions.outcome import ReleaseReport

__all__ = ["TerminalDisplay"]

MORE = "livyguard explain"


class TerminalDisplay:
    """The ``Display`` port on standard error, so that standard output holds the result alone."""

    def denial(self, decision: Decision) -> str:
        """Return the text of a refusal."""
        return decision_view.text(decision, MORE)

    def failure(self, text: str, hints: Sequence[Hint]) -> str:
        """Return what happened and the best hint."""
        return "\n\n".join([text.strip(), *(hint_view.text(hint, MORE, in_terminal=True) for hint in hints[:1])])

    def decision(self, decision: Decision) -> None:
        """Show what was asked and what is given."""
        text = decision_view.text(decision, MORE)
        if text:
            click.echo(text, err=True)

    def notice(self, text: str) -> None:
        """Show one sentence."""
        click.echo(plain(text, limit=1_000), err=True)

    def hint(self, hint: Hint) -> None:
        """Show a coded explanation."""
        click.echo(hint_view.text(hint, MORE, in_terminal=True), err=True)

    def released(self, report: ReleaseReport) -> None:
        """Show what was freed."""
        click.echo(release_view.text(report), err=True)
