"""Use case: watch one start while somebody waits for it, and say how it is going and what it waits for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from threading import get_ident
from typing import TYPE_CHECKING, Any, TypeVar

from livyguard.errors import EndpointUnreachable, LivyAnswer, LivyguardError
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.start import KUBERNETES, YARN, Start, reported
from livyguard.holdings import joined_with
from livyguard.patience import PASSING_FAULTS, Pauses, asking_once
from livyguard.policy.fold import fold
from livyguard.policy.tenancy import everybodys
from livyguard.watching.around import Around
from livyguard.watching.found import Found, before, left, reason
from livyguard.watching.pace import LIVY, Pace
from livyguard.watching.room import with_room

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from livyguard.applications import Applications
    from livyguard.hints.model import Hint
    from livyguard.policy.request import Entry
    from livyguard.ports import Clock, SessionStore, StartLine
    from livyguard.sessions.model import LedgerEntry
    from livyguard.sessions.rows import SessionRow

__all__ = ["Watch"]

Answer = TypeVar("Answer")
#: What ends no start: an answer of a server's that nobody foresaw. Our tests let it through.
FORGIVEN: tuple[type[Exception], ...] = (Exception,)
#: Seconds without a question after it.
AFTER_IT = 30.0

#: Seconds between two looks at the log, where the cluster cannot be asked.
LOG = 4.0
#: Families of codes that explain why a session does not come up.
OF_STARTS = ("LG2", "LG3", "LG4")
#: Sessions in one answer of Livy's.
PAGE = 100
#: YARN's word, and Kubernetes', for an application whose driver does not run yet.
_WAITING = frozenset({"ACCEPTED", "Pending"})
#: Livy's words for a session that has come up.
_UP = frozenset({"idle", "busy"})


class Watch:
    """One start. It asks nobody by itself: whoever polls Livy calls :meth:`look`, and each look asks a little.

    Args:
        store: where the session is.
        entry: this machine's record of it.
        clock: the time.
        applications: what YARN, or Kubernetes, says.
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
        self._clusters, self._line, self._list = applications.clusters, line, rows
        self._around = Around(applications, store, entry, clock, self.pace)
        self._asked, self._effective = asked, fold(asked).entries
        self._began = clock.now()
        self._thread = get_ident()
        self._state = "starting"
        self._waits_since: float | None = None
        self._lists_next = False
        self._listing, self._listed = Pauses(), 0
        self._log_due = self._began + LOG
        self._looks_again = self._began
        self._glimpse: tuple[str, ...] = ()
        self._tail: tuple[str, ...] = ()
        self._rows: tuple[SessionRow, ...] | None = None
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
        if self._clock.now() >= self._looks_again:
            self._line.show(self._readable(self._look_on, self._bare))
        else:
            self._line.show(self._bare)

    def _look_on(self) -> Start:
        self._around.ask()
        self._ask_livy()
        self._note_waiting()
        self._explain()
        if self._around.plan(is_hinted=self._hint is not None, is_waiting=self._waits_since is not None):
            self._lists_next = True
        return self._start()

    def _readable(self, read: Callable[[], Answer], otherwise: Answer) -> Answer:
        """Read on, each question sent once; where an answer cannot be read ask nobody for some time, and go on."""
        try:
            with asking_once():
                return read()
        except FORGIVEN:
            self._looks_again = self._clock.now() + AFTER_IT
            return otherwise

    @property
    def _bare(self) -> Start:
        """What is known without the cluster."""
        return Start(session_id=self._entry.session_id, state=self._state, seconds=self._seconds)

    @property
    def _seconds(self) -> int:
        return int(self._clock.now() - self._began)

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
        start = self._readable(self._start, self._bare)
        if state not in _UP:
            start = replace(start, manager=None, app_state=None, queue=None, before=None, reason=None, left=None)
        self._line.close(start)

    def with_ways(self, hints: Sequence[Hint]) -> list[Hint]:
        """Return the hints on a start that has failed, with the ways to room that were seen while it waited."""

        def known() -> list[Hint]:
            return [self._with_room(hint, is_over=True) if hint.code.startswith(OF_STARTS) else hint for hint in hints]

        return self._readable(known, list(hints))

    def _ask_livy(self) -> None:
        """Ask Livy for its sessions where they matter now, else for the log where the cluster says nothing."""
        if not self.pace.may_ask(LIVY):
            return
        now, is_told = self._clock.now(), self._around.seen.is_told
        if self._lists_next and self._listing.are_over(now):
            self._lists_next = False
            try:
                self._rows = tuple(row for row in self._list() if row.id != self._entry.session_id)
            except LivyguardError as error:
                self._rows, self._lists_next = None, _is_passing(error)
                self._listing.failed(now, self._clock.now(), is_passing=self._lists_next)
            else:
                self._listing.answered()
                self._listed = len(self._rows)
            self.pace.asked(LIVY, 1 + self._listed // PAGE)
        elif not is_told and now >= self._log_due:
            self._log_due = now + LOG
            self.pace.asked(LIVY)
            with suppress(LivyguardError):
                self._tail = tuple(self._store.log_tail(self._entry.session_id))

    @property
    def _application_state(self) -> tuple[str | None, str | None]:
        """The cluster's word for the application, and its queue: its own, else spark-submit's in the log."""
        seen = self._around.seen
        if seen.is_told:
            one = seen.application
            return (None, None) if one is None else (one.state, one.queue)
        return reported((*self._tail, *self._glimpse))

    def _note_waiting(self) -> None:
        one = self._around.seen.application
        waits = self._application_state[0] in _WAITING and not (one is not None and one.containers)
        self._waits_since = (self._waits_since or self._clock.now()) if waits else None

    def _explain(self) -> None:
        now = self._clock.now()
        case = Case(
            log=(*self._tail, *self._glimpse),
            resource_manager=self._around.lines,
            app_state=self._application_state[0],
            session_id=self._entry.session_id,
            endpoint=self._store.endpoint,
            last_state=self._state,
            waited=0.0 if self._waits_since is None else now - self._waits_since,
            is_cleared=True,
        )
        self._hint = next((hint for hint in diagnose(case) if hint.code.startswith(OF_STARTS)), None)

    def _start(self) -> Start:
        around = self._around
        (state, queue), application, living = self._application_state, around.seen.application, around.living
        waits = self._waits_since is not None
        return Start(
            session_id=self._entry.session_id,
            state=self._state,
            seconds=self._seconds,
            manager=_manager(state),
            app_state=state,
            queue=queue,
            before=before(application, living) if waits and application is not None and living is not None else None,
            reason=reason(application) if state is not None and application is not None else None,
            left=left(around.quota) if waits else None,
            hint=self._told(),
            is_whole=around.is_whole and (not self._lists_next or self._listing.faults > 0),
        )

    def _told(self) -> Hint | None:
        """Return the hint with what was found around it."""
        return None if self._hint is None else self._with_room(self._hint)

    def _with_room(self, hint: Hint, *, is_over: bool = False) -> Hint:
        around, living = self._around, self._around.living or ()
        found = Found(
            code=hint.code,
            waiting=around.seen.application,
            rows=joined_with(self._clusters, self._store, living, self._rows or ()),
            living=living,
            room=around.room,
            quota=around.quota,
            fits=around.fits,
            cluster=everybodys(self._clusters.described(self._store)),
            asked=self._asked,
            effective=self._effective,
            is_listed=self._rows is not None,
            is_over=is_over,
            place=around.namespace,
        )
        return with_room(hint, found)


def _is_passing(error: LivyguardError) -> bool:
    """Tell a Livy that is busy, or that a connection to broke, from one that refuses."""
    return isinstance(error, EndpointUnreachable) or (isinstance(error, LivyAnswer) and error.status in PASSING_FAULTS)


def _manager(state: str | None) -> str | None:
    """Return whose word a state is: YARN writes its own in capitals, Kubernetes a pod's phase as a word."""
    if state is None:
        return None
    return YARN if state.isupper() else KUBERNETES
