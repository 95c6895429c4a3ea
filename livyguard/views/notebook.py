"""What a notebook shows while a use case works: the Display port on IPython's display."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from IPython import get_ipython
from IPython.display import DisplayHandle, display
from markupsafe import Markup, escape

from livyguard.foreign import harmless
from livyguard.hints.redaction import redact
from livyguard.views import decision as decision_view
from livyguard.views import hint as hint_view
from livyguard.views import starting
from livyguard.views.plain_kernel import in_plain_kernel
from livyguard.views.progress import Line, phrase
from livyguard.views.release import ReleaseView, plan
from livyguard.views.starting import StartView

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from livyguard.hints.model import Hint
    from livyguard.hints.start import Start
    from livyguard.policy.decision import Decision
    from livyguard.sessions.model import LedgerEntry
    from livyguard.sessions.outcome import ReleaseReport
    from livyguard.sessions.rows import SessionRow

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
        has_several: returns whether a magic without ``--url`` asks several Livys here: a number names no session then.
        now: returns seconds, from any start, for what takes a while.
        names: returns SparkMagic's names for the sessions that cells here started by name.
    """

    def __init__(
        self,
        configure: Callable[[], str] = lambda: decision_view.CONFIGURE,
        now: Callable[[], float] = time.monotonic,
        has_several: Callable[[], bool] = lambda: False,
        names: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._names = names
        self._configure = configure
        self._now = now
        self._has_several = has_several

    def denial(self, decision: Decision) -> str:
        """Return the text of a refusal: every violation, and the nearest request that would pass."""
        url = decision.endpoint if self._has_several() else None
        return decision_view.text(decision, magic=self._configure(), url=url)

    def failure(self, text: str, hints: Sequence[Hint]) -> str:
        """Return the text of a failure: what happened, without secrets, then the best hint with its fixes."""
        return "\n\n".join([redact(text.strip()), *(hint_view.text(self._here(hint)) for hint in hints[:1])])

    def decision(self, decision: Decision) -> None:
        """Show what was asked and what is given; nothing for an allow that changes nothing."""
        text = decision_view.text(decision)
        if text:
            show(text, decision_view.html(decision))

    def notice(self, text: str) -> None:
        """Show one sentence."""
        shown = harmless(text)
        show(shown, Markup("<div>{}</div>").format(escape(shown)))

    def hint(self, hint: Hint) -> None:
        """Show a coded explanation."""
        here = self._here(hint)
        show(hint_view.text(here), hint_view.html(here))

    def _here(self, hint: Hint) -> Hint:
        """Return the hint in the magics that this kernel has."""
        return hint if self._configure() == decision_view.CONFIGURE else in_plain_kernel(hint, self._names())

    def freeing(self, entry: LedgerEntry) -> str:
        """Return the magic that frees a session."""
        return f"`%livy_release {entry.session_id}{f' --url {entry.endpoint}' if self._has_several() else ''}`"

    def releasing(self, rows: Sequence[SessionRow]) -> None:
        """Show what is about to be freed."""
        self.notice(plan(rows))

    def released(self, report: ReleaseReport) -> None:
        """Show what was freed and what was not."""
        display(ReleaseView(report))

    def progress(self) -> Line:
        """Return a line for one command, drawn in the cell that runs."""
        return Line(_CellPen(), self._now)

    def starting(self) -> StartView:
        """Return what says in the cell that runs how one start is going."""
        return StartView(_StartPen(self._here))


class _Output:
    """One output of the cell that runs, updated in place; the notebook keeps its last state.

    Without a kernel, in IPython's own shell or a script, IPython would print anew for each update: nothing is drawn.
    """

    def __init__(self) -> None:
        self._output: DisplayHandle | None = None

    def put(self, text: str, html: str) -> None:
        """Show the output, or update it."""
        if getattr(get_ipython(), "kernel", None) is None:
            return
        bundle = {"text/plain": text, "text/html": html}
        if self._output is None:
            self._output = DisplayHandle()
            self._output.display(bundle, raw=True)
        else:
            self._output.update(bundle, raw=True)


class _CellPen:
    """Draws a line as one output of the cell that runs."""

    def __init__(self) -> None:
        self._output = _Output()

    def draw(self, text: str, seconds: int) -> None:
        """Show the output, or update it."""
        said = phrase(text, seconds)
        self._output.put(said, Markup("<div>{}</div>").format(said))

    def leave(self, text: str, seconds: int) -> None:
        """Leave the last state in the cell."""
        self.draw(text, seconds)


class _StartPen:
    """Draws how a start is going, and what it waits for, as one output of the cell that runs."""

    def __init__(self, here: Callable[[Hint], Hint]) -> None:
        self._output = _Output()
        self._here = here

    def draw(self, start: Start) -> None:
        """Show the output, or update it."""
        shown = start if start.hint is None else replace(start, hint=self._here(start.hint))
        self._output.put(starting.text(shown), starting.html(shown))

    def leave(self, start: Start) -> None:
        """Leave the line alone: what a failed start waited for, its error says."""
        self.draw(start)
