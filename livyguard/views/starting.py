"""How a start is going, as one line, and what it waits for under it: in a cell one output, on a terminal one line."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from markupsafe import Markup

from livyguard.hints.start import KUBERNETES
from livyguard.policy.wording import counted
from livyguard.views import hint as hint_view
from livyguard.views.text import plain

if TYPE_CHECKING:
    from livyguard.hints.start import Start

__all__ = ["DELAY", "Pen", "StartView", "html", "line", "text"]

#: Seconds that a start may take before anything is said of it.
DELAY = 1


class Pen(Protocol):
    """Where it is shown. It may raise: nothing is shown any more then."""

    def draw(self, start: Start) -> None:
        """Show it in place of what was shown before."""

    def leave(self, start: Start) -> None:
        """Leave what is to stand once the start has ended; called once, and only after a drawing."""


class StartView:
    """The ``StartLine`` port: what is drawn, and when.

    Args:
        pen: where.
    """

    def __init__(self, pen: Pen) -> None:
        self._pen: Pen | None = pen
        self._drawn: Start | None = None

    def show(self, start: Start) -> None:
        """Say how it is going, in place of what was said before; nothing in the first second."""
        if self._pen is None or start.seconds < DELAY or start == self._drawn:
            return
        self._drawn = start
        try:
            self._pen.draw(start)
        except Exception:  # noqa: BLE001 - whatever befalls a line is no fault of the start
            self._pen = None

    def close(self, start: Start) -> None:
        """Leave how it ended, where anything was shown at all; once or often."""
        pen, self._pen = self._pen, None
        if pen is not None and self._drawn is not None:
            with suppress(Exception):
                pen.leave(replace(start, hint=None))


def line(start: Start) -> str:
    """Return ``Session 7 starting · 14 s · YARN ACCEPTED in root.narrow · 3 applications before it``.

    On Kubernetes ``… · Kubernetes Pending (Unschedulable) in spark · 3 pods before it · quota leaves 2 cores``.
    """
    parts = [f"Session {start.session_id} {plain(start.state)}", f"{start.seconds} s"]
    if start.app_state is not None:
        why = f" ({plain(start.reason)})" if start.reason else ""
        where = f" in {plain(start.queue)}" if start.queue else ""
        parts.append(f"{start.manager or ''} {plain(start.app_state)}{why}{where}".strip())
    if start.before:
        parts.append(f"{counted(start.before, 'pod' if start.manager == KUBERNETES else 'application')} before it")
    if start.left:
        parts.append(f"quota leaves {start.left}")
    return " · ".join(parts)


def text(start: Start) -> str:
    """Return the line, and under it the hint on what it waits for."""
    return line(start) if start.hint is None else f"{line(start)}\n\n{hint_view.text(start.hint)}"


def html(start: Start) -> str:
    """Return the same as HTML; everything foreign is escaped."""
    said = Markup("<div>{}</div>").format(line(start))
    return str(said if start.hint is None else said + Markup(hint_view.html(start.hint)))  # noqa: S704 - escaped there
