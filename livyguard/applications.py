"""Use case: what YARN says of a session's application while it starts, and the one place that kills one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from livyguard.errors import ClusterError, LivyguardError
from livyguard.patience import Pauses
from livyguard.sessions.application import may_be_of, unique_tags, why_spared
from livyguard.sessions.ending import Ending, by_hand, named, spared, state_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livyguard.ports import Clock, Clusters, ClusterView, Ledger, Pods, SessionStore
    from livyguard.sessions.application import Application
    from livyguard.sessions.model import LedgerEntry, Session

__all__ = ["Applications", "Seen", "Told"]

#: Seconds between two looks at an application while its session starts.
EVERY = 1.0
#: Pauses, seconds: spark-submit may just be handing over an application when its session is deleted. Livy ends it with
#: the session, within some tenths of a second.
APPEARANCE_LOOKS = (0.0, 0.5, 1.0, 1.5)
#: Likewise: YARN says KILLED at once of what waits, and some seconds later of what runs.
END_LOOKS = (0.2, 0.3, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0, 5.0)


class Told(NamedTuple):
    """What the ResourceManager tells of a start that failed.

    Attributes:
        state: YARN's word for the application at the end, or the phase of its driver's pod; None where nobody was
            asked or knows of none.
        lines: what it said, oldest first.
    """

    state: str | None = None
    lines: tuple[str, ...] = ()


class Seen(NamedTuple):
    """What the looks at one application have shown while its session starts.

    Attributes:
        is_told: YARN answered the last time, or Kubernetes had its pods.
        application: as it told it last; None where it has none yet.
        lines: what it said of it then.
        is_silent: there was no answer, or a refusal, the last time; nobody is asked for some time then.
    """

    is_told: bool = False
    application: Application | None = None
    lines: tuple[str, ...] = ()
    is_silent: bool = False


@dataclass(slots=True)
class _Seen:
    """What was seen of one application so far."""

    waiting: Application | None = None
    latest: Application | None = None
    next_look: float = 0.0
    has_answered: bool = False
    pauses: Pauses = field(default_factory=Pauses)


class Applications:
    """Knows the applications of this machine's sessions by their tags.

    Args:
        clusters: which cluster is behind an endpoint.
        ledger: this machine's record of what it created; nothing else is ever killed on our own account.
        clock: the time.
    """

    def __init__(self, clusters: Clusters, ledger: Ledger, clock: Clock) -> None:
        self._clusters = clusters
        self._ledger = ledger
        self._clock = clock
        self._seen: dict[str, _Seen] = {}

    def observe(self, store: SessionStore, entry: LedgerEntry) -> bool:
        """Look at the application of a session that starts, now and then: once it is killed, why it waited is lost.

        Returns:
            Whether YARN, or Kubernetes, was asked.
        """
        seen = self._seen.setdefault(entry.tag, _Seen())
        now = self._clock.now()
        if now < seen.next_look or not seen.pauses.are_over(now):
            return False
        try:
            is_told = self._look(store, entry)
        except ClusterError as error:
            seen.has_answered = False
            seen.pauses.failed(now, self._clock.now(), is_passing=error.is_passing)
            return True
        seen.next_look, seen.has_answered = now + EVERY, bool(is_told)
        seen.pauses.answered()
        return is_told is not None

    def seen(self, entry: LedgerEntry) -> Seen:
        """Return what the looks at an application have shown so far."""
        seen = self._seen.get(entry.tag, _Seen())
        lines = () if seen.latest is None else tuple(_lines(seen.latest))
        return Seen(seen.has_answered, seen.latest, lines, seen.pauses.faults > 0)

    def testimony(self, store: SessionStore, entry: LedgerEntry | None) -> Told:
        """Return what YARN says of a session whose start failed; nothing where it cannot be asked."""
        if entry is None:
            return Told()
        try:
            is_known = bool(self._look(store, entry))
        except ClusterError:
            is_known = False
        seen = self._seen.pop(entry.tag, _Seen())
        if seen.latest is None:
            return Told(None, (f"no application carries the tag {entry.tag}",) if is_known else ())
        told = [seen.waiting] if seen.waiting is not None and seen.waiting != seen.latest else []
        lines = [line for application in [*told, seen.latest] for line in _lines(application)]
        return Told(seen.latest.state, tuple(lines))

    def end(
        self,
        store: SessionStore,
        entry: LedgerEntry | None,
        *,
        is_just_deleted: bool = False,
        was_starting: bool = True,
    ) -> Ending:
        """Kill the application of one of our sessions that Livy no longer has, and see that it is gone.

        Args:
            store: where the session was.
            entry: this machine's record of it; without one nothing is done.
            is_just_deleted: Livy has just confirmed to us that the session is deleted; its listing then only tells
                whether another session carries the same tag, else whether it still has this one.
            was_starting: it had not come up, so that Livy leaves its application to YARN. Of one that had ended
                nothing is said where YARN cannot be asked.
        """
        if entry is None or not (was_starting or self.knows(store)):
            return Ending()
        return self._end(store, entry.tag, entry.session_id, is_just_deleted=is_just_deleted)

    def end_for_operator(self, store: SessionStore, session: Session) -> Ending:
        """Kill the application of a session that an operator named and Livy has just deleted.

        Anybody can write any tag into their own session, and wait for an operator to free it: so a tag that another
        session carries, too, ends nothing, nor does one on an application that is not provably this session's.
        """
        tags = unique_tags(session.tags)
        if len(tags) != 1:
            return Ending()
        listed = _listed(store)
        if listed is None or any(tags[0] in other.tags for other in listed):
            return Ending(f"Its application is left alone: another session may carry its tag {tags[0]}.")
        return self._end(store, tags[0], session.id, is_just_deleted=True, named_by_operator=session)

    @property
    def clusters(self) -> Clusters:
        """Which cluster is behind an endpoint."""
        return self._clusters

    def see_gone(self, store: SessionStore, application: Application) -> Ending:
        """Look until the application of a deleted session has ended, as Livy should have seen to."""
        try:
            cluster = self._clusters.view(store)
            now = None if cluster is None else self._wait(cluster, application)
        except ClusterError as error:
            return Ending(f"Whether its application {application.id} has ended is not known. {error}")
        if now is None or now.is_over:
            return Ending()
        return Ending(f"{named(now)} lives on {sum(END_LOOKS):.0f} s after its session was deleted.", left=now.id)

    def is_to_be_asked(self, store: SessionStore) -> bool:
        """Tell whether the policy names a ResourceManager for an endpoint. Raises ClusterError where it is no URL."""
        return self._clusters.view(store) is not None

    def named(self, store: SessionStore, app_id: str) -> Application | None:
        """Return an application by its id, one that has ended, too; None for an unknown one. Raises ClusterError."""
        cluster = self._clusters.view(store)
        return None if cluster is None else cluster.application(app_id)

    def noted(self, application: Application) -> LedgerEntry | None:
        """Return this machine's record of the session whose tag an application carries."""
        tags = unique_tags(application.tags)
        noted = (entry for entry in self._ledger.entries() if entry.tag in tags)
        return next((entry for entry in noted if may_be_of(application, entry.session_id)), None)

    def why_spared(self, store: SessionStore, application: Application, entry: LedgerEntry) -> str | None:
        """Return why the application of a session of ours must not be killed although it was named; None: it may."""
        return why_spared(application, entry.tag, [entry], _listed(store))

    def kill(self, store: SessionStore, application: Application) -> Ending:
        """Kill an application that may be killed, and see that it is gone."""
        try:
            cluster = self._clusters.view(store)
        except ClusterError as error:
            return Ending(str(error), left=application.id)
        return Ending() if cluster is None else self._kill(cluster, application)

    def find(self, store: SessionStore, entry: LedgerEntry) -> Application | None:
        """Return the living application of a session, a running one first.

        None without one, and where YARN cannot be asked.
        """
        try:
            cluster = self._clusters.view(store)
            found = [] if cluster is None else _tagged(cluster, entry.tag, entry.session_id)
        except ClusterError:
            return None
        living = [application for application in found if not application.is_over]
        return min(living, key=lambda application: application.state != "RUNNING", default=None)

    def knows(self, store: SessionStore) -> bool:
        """Tell whether the policy names a ResourceManager for an endpoint."""
        try:
            return self.is_to_be_asked(store)
        except ClusterError:
            return False

    def asks(self, store: SessionStore) -> bool:
        """Tell whether there is somebody to ask of an endpoint's applications: YARN or Kubernetes."""
        try:
            return self.is_to_be_asked(store) or self._clusters.pods(store) is not None
        except ClusterError:
            return False

    def _look(self, store: SessionStore, entry: LedgerEntry) -> bool | None:
        """Read the application once and keep what it says. Raises ClusterError.

        Returns:
            Whether the cluster tells of it: YARN also that it has none; None where there is nobody to ask.
        """
        yarn = self._clusters.view(store)
        cluster = yarn or self._clusters.pods(store)
        if cluster is None:
            return None
        seen = self._seen.setdefault(entry.tag, _Seen())
        if seen.latest is None:
            found = _tagged(cluster, entry.tag, entry.session_id)
            application = next((one for one in found if not one.is_over), next(iter(found), None))
        else:  # by its id: YARN looks through every application for a tag
            application = cluster.application(seen.latest.id)
        if application is not None:
            seen.latest = application
            if not application.is_over:
                seen.waiting = application
        return yarn is not None or application is not None

    def _end(
        self,
        store: SessionStore,
        tag: str,
        session_id: int,
        *,
        is_just_deleted: bool,
        named_by_operator: Session | None = None,
    ) -> Ending:
        try:
            cluster = self._clusters.view(store)
            if cluster is None:
                return self._nobody_to_ask(store, tag)
            found = self._appear(cluster, tag, session_id, patiently=is_just_deleted)
        except ClusterError as error:
            return Ending(f"Whether YARN still has an application of it is not known. {error} {by_hand(tag)}")
        if not found:
            return Ending("YARN has no application of it.", is_over=True)
        # Livy lists a session before YARN knows its application: whoever has one of these is listed by now.
        listed = None if named_by_operator is not None else _listed(store)
        ends = []
        for application in found:
            anothers = _why_anothers(application, named_by_operator, len(found))
            if anothers is not None:
                ends.append(Ending(f"{named(application)} is left alone: {anothers}."))
                continue
            reason = why_spared(
                application,
                tag,
                self._ledger.entries(),
                listed,
                is_just_deleted=is_just_deleted,
                is_named_by_operator=named_by_operator is not None,
                carriers=len(found),
            )
            ends.append(self._kill(cluster, application) if reason is None else spared(application, reason))
        left = next((end.left for end in ends if end.left), None)
        return Ending(" ".join(end.text for end in ends), left, is_over=all(end.is_over for end in ends))

    def _appear(self, cluster: ClusterView, tag: str, session_id: int, *, patiently: bool) -> list[Application]:
        """Return the applications with a tag that live, else those that have ended."""
        found: list[Application] = []
        for pause in APPEARANCE_LOOKS if patiently else APPEARANCE_LOOKS[:1]:
            self._clock.sleep(pause)
            found = _tagged(cluster, tag, session_id)
            if found:
                break
        return [application for application in found if not application.is_over] or found[:1]

    def _kill(self, cluster: ClusterView, application: Application) -> Ending:
        what, command = named(application), f"`yarn application -kill {application.id}` ends it."
        try:
            cluster.kill(application.id)
            now = self._wait(cluster, application)
        except ClusterError as error:
            return Ending(f"{what} could not be ended. {error} {command}", left=application.id)
        if now is None or now.is_over:
            said = f"YARN says {now.state}" if now is not None else "YARN no longer knows it"
            return Ending(f"{what} was ended; {said}.", is_over=True)
        waited = f"{sum(END_LOOKS):.0f} s"
        return Ending(f"{what} was told to end, and YARN still says {now.state} after {waited}. {command}", now.id)

    def _wait(self, cluster: ClusterView, application: Application) -> Application | None:
        """Look until YARN says that it is over, or patience ends; a fault in between is no answer yet."""
        now: Application | None = application
        fault: ClusterError | None = None
        for pause in END_LOOKS:
            self._clock.sleep(pause)
            try:
                now, fault = cluster.application(application.id), None
            except ClusterError as error:
                fault = error
                continue
            if now is None or now.is_over:
                return now
        if fault is not None:
            raise fault
        return now

    def _nobody_to_ask(self, store: SessionStore, tag: str) -> Ending:
        is_yarn = self._clusters.is_yarn(store)
        if is_yarn is False:
            return Ending()
        what = "Its application" if is_yarn else "If it runs on YARN, its application"
        return Ending(
            f"{what} may stay in the queue: the policy names no [cluster] resource_manager by which livyguard could "
            f"end it. {by_hand(tag)}"
        )


def _tagged(cluster: ClusterView | Pods, tag: str, session_id: int) -> list[Application]:
    """Return the applications with the tag of a session, but those that Livy started for another number."""
    return [application for application in cluster.tagged(tag) if may_be_of(application, session_id)]


def _listed(store: SessionStore) -> Iterable[Session] | None:
    try:
        return store.sessions()
    except LivyguardError:
        return None


def _why_anothers(application: Application, session: Session | None, carriers: int) -> str | None:
    """Return why an application may be another's than the session's that an operator named; None where it is its own.

    Its tag alone proves nothing: another Livy in front of the same cluster may list the session that it is copied from.
    """
    if session is None or application.is_over:
        return None
    if session.app_id is not None:
        return None if application.id == session.app_id else f"Livy named another, {session.app_id}"
    return f"{carriers} applications carry its tag" if carriers > 1 else None


def _lines(application: Application) -> list[str]:
    """Return what the ResourceManager says of an application, its state and queue before the diagnostics."""
    said = application.diagnostics.splitlines() or ["no diagnostics"]
    return [f"{application.id} {state_of(application)}: {said[0]}", *said[1:]]
