"""What is read of the cluster around one start: at most one thing a look, so that nobody's server is hurried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.errors import ClusterError
from livyguard.patience import Pauses
from livyguard.watching.pace import MANAGER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from livyguard.applications import Applications, Seen
    from livyguard.capacity.namespace import NamespaceRoom
    from livyguard.capacity.queue import QueueRoom
    from livyguard.ports import Clock, Pods, SessionStore
    from livyguard.sessions.application import Application
    from livyguard.sessions.model import LedgerEntry
    from livyguard.watching.pace import Pace

__all__ = ["Around"]

#: Seconds between two looks at those before it, at who holds what and the room there is, and at a pod's events.
POSITION, SURVEY, EVENTS = 10.0, 30.0, 10.0
#: How Kubernetes calls what its scheduler says of a pod that no node has taken.
_UNPLACED = ("FailedScheduling: ", "NotTriggerScaleUp: ", "TriggeredScaleUp: ")


class Around:
    """The cluster of one start: YARN, or Kubernetes.

    Args:
        applications: what the cluster says of the session.
        store: where the session is.
        entry: this machine's record of it.
        clock: the time.
        pace: when the cluster may be asked again.

    Attributes:
        living: every application that holds, or waits for, something; None while nobody has told.
        room: what YARN's queue has left.
        quota: what the quotas of Kubernetes' namespace leave, and
        fits: what they leave whoever takes the driver's pod back that waits, which they count.
    """

    def __init__(
        self, applications: Applications, store: SessionStore, entry: LedgerEntry, clock: Clock, pace: Pace
    ) -> None:
        self._applications, self._store, self._entry = applications, store, entry
        self._clock, self._pace = clock, pace
        self._agenda: list[Callable[[], None]] = []
        self._pauses: dict[Callable[[], None], Pauses] = {}
        self._due = dict.fromkeys(("position", "survey", "events", "quota"), 0.0)
        self._events: tuple[str, ...] = ()
        self._is_in_doubt = self._is_applications_turn = False
        self._pages: Iterator[Sequence[Application] | None] | None = None
        self.living: tuple[Application, ...] | None = None
        self.room: QueueRoom | None = None
        self.quota: NamespaceRoom | None = None
        self.fits: NamespaceRoom | None = None

    @property
    def seen(self) -> Seen:
        """What the cluster has said of the session's application so far."""
        return self._applications.seen(self._entry)

    @property
    def lines(self) -> tuple[str, ...]:
        """What the cluster says of the application now, the oldest first; nothing where it does not answer."""
        seen = self.seen
        if not seen.is_told or seen.application is None or not self._waits_for_pod:
            return seen.lines if seen.is_told else ()
        is_placed = bool(seen.application.containers)
        said = (line for line in self._events if not (is_placed and any(word in line for word in _UNPLACED)))
        return (*said, *seen.lines)

    @property
    def is_whole(self) -> bool:
        """Has everything been read that was to be, but for what met a fault?"""
        return not any(self._pauses_of(step).faults == 0 for step in self._agenda)

    def ask(self) -> None:
        """Ask the cluster one thing, if it may be asked now: of the application and what is planned, by turns.

        However long a list there is to read: the session's own application is looked at every other time.
        """
        if not self._pace.may_ask(MANAGER):
            return
        before, is_asked = self._sent, True
        try:
            is_asked = self._ask_of_one()
        finally:
            if is_asked:
                self._pace.asked(MANAGER, max(self._sent - before, 1))

    def _ask_of_one(self) -> bool:
        step = self._next if self._may_go_on else None
        if step is not None and not self._is_applications_turn:
            self._go_on(step)
        elif self._applications.observe(self._store, self._entry):
            self._is_in_doubt = self._is_applications_turn = False
        elif step is not None:
            self._go_on(step)
        else:
            return False
        return True

    @property
    def _next(self) -> Callable[[], None] | None:
        """What is to be asked next, and may be asked now."""
        now = self._clock.now()
        return next((step for step in self._agenda if self._pauses_of(step).are_over(now)), None)

    def _pauses_of(self, step: Callable[[], None]) -> Pauses:
        return self._pauses.setdefault(step, Pauses())

    def _go_on(self, step: Callable[[], None]) -> None:
        """Ask one thing; what meets a passing fault is asked again soon, what is refused when it is due again."""
        self._is_applications_turn = True
        self._agenda.remove(step)
        asked, pauses = self._clock.now(), self._pauses_of(step)
        try:
            step()
        except ClusterError as error:
            self._is_in_doubt = True
            if error.is_passing:
                pauses.failed(asked, self._clock.now(), is_passing=True)
                self._add(step)
        else:
            pauses.answered()

    def plan(self, *, is_hinted: bool, is_waiting: bool) -> bool:
        """Say what is to be asked in the next looks; return whether now is the time to ask who holds what.

        Args:
            is_hinted: it is known why the session does not come up.
            is_waiting: its driver waits for room.
        """
        now, is_told = self._clock.now(), self.seen.is_told
        is_survey = is_hinted and self._is_due("survey", now, SURVEY)
        if is_survey:
            self._due["position"] = now + POSITION
        if self._pods is not None:
            self._plan_of_pods(now, is_survey=is_survey, is_waiting=is_waiting)
        elif is_survey and is_told:
            self._agenda = [self._read_living, self._read_queue]
        elif is_waiting and is_told and self._is_due("position", now, POSITION):
            self._add(self._read_living)
        return is_survey

    def _plan_of_pods(self, now: float, *, is_survey: bool, is_waiting: bool) -> None:
        # A pod that a quota refuses ends the start at once: what it leaves has to be known by then.
        if self._is_due("quota", now, SURVEY):
            self._add(self._read_quota)
        if self._waits_for_pod and self._is_due("events", now, EVENTS):
            self._add(self._read_events)
        if is_survey or (is_waiting and self.seen.is_told and self._is_due("position", now, POSITION)):
            self._add(self._read_living)

    def _add(self, step: Callable[[], None]) -> None:
        if step not in self._agenda:
            self._agenda.append(step)

    def _is_due(self, what: str, now: float, every: float) -> bool:
        is_due = now >= self._due[what]
        if is_due:
            self._due[what] = now + every
        return is_due

    @property
    def _may_go_on(self) -> bool:
        """May the next thing be asked? After a fault the application comes first: a server that is down is let be."""
        seen = self.seen
        return not (self._is_in_doubt or seen.is_silent) and (seen.is_told or self._pods is not None)

    @property
    def _pods(self) -> Pods | None:
        try:
            return self._applications.clusters.pods(self._store)
        except ClusterError:
            return None

    @property
    def namespace(self) -> str:
        """The namespace that is read; empty on YARN, and while nobody knows."""
        pods = self._pods
        return (None if pods is None else pods.namespace) or ""

    @property
    def _sent(self) -> int:
        """How many requests were sent so far, where that is told: a long list takes several."""
        pods = self._pods
        return 0 if pods is None else pods.requests

    @property
    def _waits_for_pod(self) -> bool:
        one = self.seen.application
        return one is not None and one.driver_pod is not None and one.state == "Pending"

    def _read_living(self) -> None:
        view, pods = self._applications.clusters.view(self._store), self._pods
        if view is not None:
            self.living = tuple(view.living())
        elif pods is not None:
            self._read_page(pods)

    def _read_page(self, pods: Pods) -> None:
        """Read the next page of all pods; the others come after what else is planned."""
        pages, self._pages = self._pages or pods.living_by_page(), None
        for found in pages:
            if found is None:
                self._pages = pages
                self._add(self._read_living)
                return
            self.living = tuple(found)
            break
        else:  # too many pages: who holds what is not known
            self.living = None
        self._due["position"] = self._clock.now() + POSITION

    def _read_queue(self) -> None:
        view, application = self._applications.clusters.view(self._store), self.seen.application
        if view is not None and application is not None and application.queue:
            self.room = view.queue(application.queue, application.user)
            if self.room is not None:
                self._add(self._read_nodes)

    def _read_nodes(self) -> None:
        view = self._applications.clusters.view(self._store)
        if view is not None and self.room is not None:
            self.room = self.room.on(view.nodes())

    def _read_quota(self) -> None:
        self.quota = self.fits = None
        pods, one = self._pods, self.seen.application
        if pods is not None:
            self.quota = left = pods.quota()
            self.fits = left if one is None or one.driver_asks is None else left.with_back(one.driver_asks)

    def _read_events(self) -> None:
        pods, one = self._pods, self.seen.application
        if pods is not None and one is not None and one.driver_pod is not None:
            self._events = pods.said_of(one.driver_pod.rpartition("/")[2])
