"""The start that is under way in this kernel, watched from within SparkMagic's own loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.sessions.model import STARTING
from livyguard.watching.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from livyguard.applications import Applications
    from livyguard.hints.model import Hint
    from livyguard.ports import Clock, Display, SessionStore
    from livyguard.sessions.model import LedgerEntry, Session
    from livyguard.sessions.rows import SessionRow
    from livyguard.watching.pace import Pace

__all__ = ["Starting"]


class Starting:
    """Watches one start at a time; SparkMagic's loop reads the session every two seconds, and each reading is a look.

    Args:
        applications: what YARN says.
        clock: the time.
        display: what the person sees.
        rows: lists the sessions of a Livy.
    """

    def __init__(
        self,
        applications: Applications,
        clock: Clock,
        display: Display,
        rows: Callable[[SessionStore], Sequence[SessionRow]],
    ) -> None:
        self._applications, self._clock, self._display, self._rows = applications, clock, display, rows
        self._asked: Mapping[str, Any] = {}
        self._watch: Watch | None = None
        self._last: Watch | None = None

    def begin(self, store: SessionStore, entry: LedgerEntry | None, asked: Mapping[str, Any]) -> None:
        """Begin to watch a session that Livy has just registered, asked for like this."""
        self._watch = self._last = None
        if entry is not None:
            self._watch = self._last = Watch(
                store,
                entry,
                clock=self._clock,
                applications=self._applications,
                line=self._display.starting(),
                rows=lambda: self._rows(store),
                asked=asked,
            )

    def look(self, found: Session, answer: Mapping[str, Any]) -> None:
        """Look on, with what Livy has just answered to SparkMagic; once it is up, that is said."""
        if self._watch is None or found.id != self._watch.session_id:
            return
        if found.state in STARTING:
            log = answer.get("log")
            lines = [str(line) for line in log] if isinstance(log, list) else []
            self._watch.look(found.state, [line for text in lines for line in text.splitlines()], found.sizes)
        elif self._watch.is_called_by_its_own:
            self.close(found.state)

    def with_ways(self, session_id: int, hints: Sequence[Hint]) -> list[Hint]:
        """Return the hints on a session that did not start, with the ways to room that were seen while it waited."""
        watch, self._last = self._last, None
        return list(hints) if watch is None or watch.session_id != session_id else watch.with_ways(hints)

    def close(self, state: str) -> Pace | None:
        """End the watch; return when each server may be asked again, None where none was watched."""
        watch, self._watch = self._watch, None
        if watch is None:
            return None
        watch.close(state)
        return watch.pace
