"""Use case: watch one start while somebody waits for it, and say how it is going and what it waits for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from threading import get_ident
from typing import TYPE_CHECKING, Any

from livyguard.errors import ClusterError, LivyguardError
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.start import Start, reported
from livyguard.holdings import joined_with
from livyguard.policy.fold import fold
from livyguard.policy.tenancy import everybodys
from livyguard.watching.found import Found, before
from livyguard.watching.pace import LIVY, YARN, Pace
from livyguard.watching.room import with_room

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from livyguard.applications import Applications, Seen
    from livyguard.capacity.queue import QueueRoom
    from livyguard.hints.model import Hint
    from livyguard.policy.request import Entry
    from livyguard.ports import Clock, ClusterView, SessionStore, StartLine
    from livyguard.sessions.application import Application
    from livyguard.sessions.model import LedgerEntry
    from livyguard.sessions.rows import SessionRow

__all__ = ["Watch"]

#: Seconds between two looks at those before it, at who holds what, and at the log where YARN cannot be asked.
POSITION, SURVEY, LOG = 10.0, 30.0, 4.0
#: Families of codes that explain why a session does not come up.
OF_STARTS = ("LG2", "LG3", "LG4")
#: Sessions in one answer of Livy's.
PAGE = 100
#: Livy's words for a session that has come up.
_UP = frozenset({"idle", "busy"})


class Watch:
    """One start. It asks nobody by itself: whoever polls Livy calls :meth:`look`, and each look asks a little.

    Args:
        store: where the session is.
        entry: this machine's record of it.
        clock: the time.
        applications: what YARN says.
        line: where it is said how the start is going.
        rows: lists the sessions of the Livy, with GET /sessions alone. May raise LivyguardError.
        asked: what the user gave, in Livy's shape.

    Attributes:
        pace: when each server may be asked again; whoever polls for this watch alone asks by it, too.
    """

    def __init__(
        self,
        store: SessionStore,
        entry: LedgerEntry,
        *,
        clock: Clock,
        applications: Applications,
        line: StartLine,
        rows: Callable[[], Sequence[SessionRow]],
        asked: Mapping[str, Any],
    ) -> None:
        self.pace = Pace(clock)
        self._store, self._entry, self._clock = store, entry, clock
        self._applications, self._line, self._list = applications, line, rows
        self._asked, self._effective = asked, fold(asked).entries
        self._began = clock.now()
        self._thread = get_ident()
        self._state = "starting"
        self._waits_since: float | None = None
        self._agenda: list[Callable[[ClusterView], None]] = []
        self._lists_next = False
        self._due = {"position": 0.0, "survey": 0.0, "log": self._began + LOG}
        self._glimpse: tuple[str, ...] = ()
        self._tail: tuple[str, ...] = ()
        self._rows: tuple[SessionRow, ...] | None = None
        self._living: tuple[Application, ...] | None = None
        self._room: QueueRoom | None = None
        self._hint: Hint | None = None

    def look(self, state: str, log: Sequence[str] = (), effective: Mapping[str, Entry] | None = None) -> None:
        """Look on, and say how it is going.

        Called from another thread than the one that began to watch, SparkMagic's heartbeat, it does nothing.

        Args:
            state: Livy's word, just read.
            log: the last lines of the session's log that came with it.
            effective: what Livy says that it was sent of what bears on sizes, folded.
        """
        if not self.is_called_by_its_own:
            return
        self._state = state
        self._glimpse = tuple(log) or self._glimpse
        self._effective = effective or self._effective
        self._ask_yarn()
        self._ask_livy()
        self._note_waiting()
        self._explain()
        self._plan()
        self._line.show(self._start())

    @property
    def session_id(self) -> int:
        """Livy's number."""
        return self._entry.session_id

    @property
    def is_called_by_its_own(self) -> bool:
        """Is this the thread that began to watch, so that something may be shown?"""
        return get_ident() == self._thread

    def close(self, state: str) -> None:
        """Leave how it ended; once or often.

        Args:
            state: Livy's word, or in ours how it ended. Where the session is not up, what its application was last
                seen to do says nothing any more, and is left out.
        """
        self._state, self._hint = state, None
        start = self._start()
        if state not in _UP:
            start = replace(start, manager=None, app_state=None, queue=None, before=None)
        self._line.close(start)

    def with_ways(self, hints: Sequence[Hint]) -> list[Hint]:
        """Return the hints on a start that has failed, with the ways to room that were seen while it waited."""
        return [self._with_room(hint, is_over=True) if hint.code.startswith(OF_STARTS) else hint for hint in hints]

    def _ask_yarn(self) -> None:
        """Ask the ResourceManager one thing: what is planned, else of the application."""
        if not self.pace.may_ask(YARN):
            return
        if self._agenda and self._seen.is_told:
            step = self._agenda.pop(0)
            self.pace.asked(YARN)
            try:
                view = self._applications.clusters.view(self._store)
                if view is not None:
                    step(view)
            except ClusterError:
                self._agenda.clear()
        elif self._applications.observe(self._store, self._entry):
            self.pace.asked(YARN)

    def _read_living(self, view: ClusterView) -> None:
        self._living = tuple(view.living())

    def _read_queue(self, view: ClusterView) -> None:
        application = self._seen.application
        if application is not None and application.queue:
            self._room = view.queue(application.queue, application.user)

    def _read_nodes(self, view: ClusterView) -> None:
        if self._room is not None:
            self._room = self._room.on(view.nodes())

    def _ask_livy(self) -> None:
        """Ask Livy for its sessions where they matter now, else for the log where YARN says nothing."""
        if not self.pace.may_ask(LIVY):
            return
        now = self._clock.now()
        if self._lists_next:
            self._lists_next = False
            try:
                self._rows = tuple(row for row in self._list() if row.id != self._entry.session_id)
            except LivyguardError:
                self._rows = None
            self.pace.asked(LIVY, 1 + len(self._rows or ()) // PAGE)
        elif not self._seen.is_told and now >= self._due["log"]:
            self._due["log"] = now + LOG
            self.pace.asked(LIVY)
            with suppress(LivyguardError):
                self._tail = tuple(self._store.log_tail(self._entry.session_id))

    @property
    def _seen(self) -> Seen:
        return self._applications.seen(self._entry)

    @property
    def _application_state(self) -> tuple[str | None, str | None]:
        """YARN's word for the application, and its queue: the ResourceManager's, else spark-submit's in the log."""
        seen = self._seen
        if seen.is_told:
            one = seen.application
            return (None, None) if one is None else (one.state, one.queue)
        return reported((*self._tail, *self._glimpse))

    def _note_waiting(self) -> None:
        one = self._seen.application
        waits = self._application_state[0] == "ACCEPTED" and not (one is not None and one.containers)
        self._waits_since = (self._waits_since or self._clock.now()) if waits else None

    def _explain(self) -> None:
        seen, now = self._seen, self._clock.now()
        case = Case(
            log=(*self._tail, *self._glimpse),
            resource_manager=seen.lines if seen.is_told else (),
            app_state=self._application_state[0],
            session_id=self._entry.session_id,
            endpoint=self._store.endpoint,
            last_state=self._state,
            waited=0.0 if self._waits_since is None else now - self._waits_since,
            is_cleared=True,
        )
        self._hint = next((hint for hint in diagnose(case) if hint.code.startswith(OF_STARTS)), None)

    def _plan(self) -> None:
        """Say what is to be asked in the next looks."""
        now = self._clock.now()
        if self._hint is not None and now >= self._due["survey"]:
            self._due["survey"], self._due["position"] = now + SURVEY, now + POSITION
            self._lists_next = True
            if self._seen.is_told:
                self._agenda = [self._read_living, self._read_queue, self._read_nodes]
        elif self._waits_since is not None and self._seen.is_told and now >= self._due["position"]:
            self._due["position"] = now + POSITION
            self._agenda.append(self._read_living)

    def _start(self) -> Start:
        state, queue = self._application_state
        application = self._seen.application
        waits = self._waits_since is not None and application is not None and self._living is not None
        return Start(
            session_id=self._entry.session_id,
            state=self._state,
            seconds=int(self._clock.now() - self._began),
            manager=_manager(state),
            app_state=state,
            queue=queue,
            before=before(application, self._living or ()) if waits and application is not None else None,
            hint=self._told(),
            is_whole=not (self._agenda or self._lists_next),
        )

    def _told(self) -> Hint | None:
        """Return the hint with what was found around it."""
        return None if self._hint is None else self._with_room(self._hint)

    def _with_room(self, hint: Hint, *, is_over: bool = False) -> Hint:
        clusters, living = self._applications.clusters, self._living or ()
        found = Found(
            code=hint.code,
            waiting=self._seen.application,
            rows=joined_with(clusters, self._store, living, self._rows or ()),
            living=living,
            room=self._room,
            cluster=everybodys(clusters.described(self._store)),
            asked=self._asked,
            effective=self._effective,
            is_listed=self._rows is not None,
            is_over=is_over,
        )
        return with_room(hint, found)


def _manager(state: str | None) -> str | None:
    """Return whose word a state is: YARN writes its own in capitals, Kubernetes a pod's phase as a word."""
    if state is None:
        return None
    return "YARN" if state.isupper() else "Kubernetes"
