"""What a notebook shows while a use case works: the Display port on IPython's display."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.display import display
from markupsafe import Markup, escape

from livyguard.views import decision as decision_view
from livyguard.views import hint as hint_view
from livyguard.views.release import ReleaseView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from livyguard.hints.model import Hint
    from livyguard.policy.decision import Decision
    from livyguard.sessions.outcome import ReleaseReport

__all__ = ["NotebookDisplay", "show", "show_markdown"]


def show(text: str, html: str) -> None:
    """Show one result as text and HTML; the frontend takes the one that it can."""
    display({"text/plain": text, "text/html": html}, raw=True)


def show_markdown(text: str) -> None:
    """Show a page of Markdown; a terminal shows its source."""
    display({"text/plain": text, "text/markdown": text}, raw=True)


class NotebookDisplay:
    """Shows decisions, notices and hints in the cell that runs.

    Args:
        configure: returns the first line of a cell that asks for a session's settings in this kernel.
    """

    def __init__(self, configure: Callable[[], str] = lambda: decision_view.CONFIGURE) -> None:
        self._configure = configure

    def denial(self, decision: Decision) -> str:
        """Return the text of a refusal: every violation, and the nearest request that would pass."""
        return decision_view.text(decision, magic=self._configure())

    def failure(self, text: str, hints: Sequence[Hint]) -> str:
        """Return the text of a failure: what happened, then the best hint with its fixes."""
        return "\n\n".join([text.strip(), *(hint_view.text(hint) for hint in hints[:1])])

    def decision(self, decision: Decision) -> None:
        """Show what was asked and what is given; nothing for an allow that changes nothing."""
        text = decision_view.text(decision)
        if text:
            show(text, decision_view.html(decision))

    def notice(self, text: str) -> None:
        """Show one sentence."""
        show(text, Markup("<div>{}</div>").format(escape(text)))

    def hint(self, hint: Hint) -> None:
        """Show a coded explanation."""
        show(hint_view.text(hint), hint_view.html(hint))

    def released(self, report: ReleaseReport) -> None:
        """Show what was freed and what was not."""
        display(ReleaseView(report))
