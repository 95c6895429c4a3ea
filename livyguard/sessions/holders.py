"""Who holds the cluster: what it tells of applications, laid beside what Livy tells of sessions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from livyguard.policy.tags import PREFIX
from livyguard.sessions.application import LIVYS_TAG, may_be_of, unique_tags
from livyguard.sessions.model import ENDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from livyguard.sessions.application import Application
    from livyguard.sessions.model import LedgerEntry, Session

__all__ = ["AtWork", "Holdings", "Orphan", "Others", "at_work", "is_livys"]

AtWork = Literal["no", "perhaps", "yes"]


@dataclass(frozen=True, slots=True)
class Orphan:
    """An application that a Livy started and whose session no endpoint lists that was asked.

    Attributes:
        application: as the cluster tells it.
        place: which cluster, in words.
        entry: this machine's record of the session; None where it did not create it.
        is_asked: the endpoint of the record is among those that were asked, so that its session is gone there. Another
            Livy may own whatever is not.
    """

    application: Application
    place: str
    entry: LedgerEntry | None = None
    is_asked: bool = False

    @property
    def is_ours(self) -> bool:
        """May it be ended on our own account, since this machine created it and its session is gone?"""
        return self.entry is not None and self.is_asked

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``livyguard sessions --orphans --json`` prints."""
        one = self.application
        return {
            "app_id": one.id,
            "state": one.state,
            "user": one.user,
            "queue": one.queue,
            "name": one.name,
            "started": one.started,
            "containers": one.containers,
            "memory_mib": one.memory_mib,
            "cores": one.cores,
            "driver_pod": one.driver_pod,
            "diagnostics": one.diagnostics or None,
            "tags": sorted(tag for tag in one.tags if is_livys(tag)),
            "place": self.place,
            "session": self.entry.session_id if self.entry else None,
            "endpoint": self.entry.endpoint if self.entry else None,
            "mine": True if self.is_ours else None,
        }


@dataclass(frozen=True, slots=True)
class Others:
    """What the applications hold together that no Livy session has anything to do with."""

    applications: int = 0
    memory_mib: int = 0
    cores: int = 0

    @classmethod
    def of(cls, applications: Iterable[Application]) -> Others:
        """Add applications up, each once."""
        them = {one.id: one for one in applications}.values()
        return cls(len(them), sum(one.memory_mib or 0 for one in them), sum(one.cores or 0 for one in them))


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one cluster told in one answer.

    Attributes:
        place: which one, in words.
        applications: those that hold, or wait for, resources; everybody's.
        endpoints: the Livys in front of it, as far as they were asked.
    """

    place: str
    applications: tuple[Application, ...]
    endpoints: frozenset[str]

    def joined(self, sessions: Iterable[Session], tags: Sequence[str | None]) -> list[Application | None]:
        """Return the application of each session, by the id that Livy tells, else by the tag that it alone carries.

        Anybody can write a tag into their own session, so one that several carry joins nothing, and neither does one
        on an application that another session names by its id, or that Livy started for another number.

        Args:
            sessions: of any endpoint; those of others have none here.
            tags: of each, the tag that this machine noted at its creation, which Livy before 0.8 does not show.
        """
        by_id = {one.id: one for one in self.applications}
        by_tag: dict[str, list[Application]] = {}
        for one in self.applications:
            for own in unique_tags(one.tags):
                by_tag.setdefault(own, []).append(one)
        pairs = [(session, _tag(session, noted)) for session, noted in zip(sessions, tags, strict=True)]
        named = {session.app_id for session, _ in pairs}
        carried = Counter(tag for session, tag in pairs if session.endpoint in self.endpoints)

        def of(session: Session, tag: str | None) -> Application | None:
            if session.endpoint not in self.endpoints:
                return None
            if session.app_id is not None:
                return by_id.get(session.app_id)
            found = by_tag.get(tag, []) if tag is not None and carried[tag] == 1 else []
            is_its_own = len(found) == 1 and found[0].id not in named and may_be_of(found[0], session.id)
            return found[0] if is_its_own else None

        return [of(session, tag) for session, tag in pairs]

    def orphans(self, sessions: Iterable[Session], entries: Iterable[LedgerEntry]) -> list[Orphan]:
        """Return the applications of a Livy whose session is not among those listed, the largest first.

        One that a listed session names, whichever cluster it is thought to be in, has a session, and so has one whose
        tag a listed session carries. Livy names no application for a while, so one may also be of a session without.
        """
        listed = list(sessions)
        here = [session for session in listed if session.endpoint in self.endpoints]
        unnamed = [session for session in here if session.app_id is None and session.state not in ENDED]
        ids = {session.app_id for session in listed}
        tags = {tag for session in listed for tag in unique_tags(session.tags)}
        noted = {entry.tag: entry for entry in entries}
        # Before 0.8 Livy shows no tags: what this machine noted under a listed number may be that session's.
        numbers = {(session.endpoint, session.id) for session in here if not session.tells_tags}
        tags |= {tag for tag, entry in noted.items() if (entry.endpoint, entry.session_id) in numbers}
        found = []
        for one in self.applications:
            mine = unique_tags(one.tags)
            if one.id in ids or tags.intersection(mine) or not any(is_livys(tag) for tag in one.tags):
                continue
            if any(_may_become(session, one) for session in unnamed):
                continue
            entries_of_it = (noted[tag] for tag in mine if tag in noted)
            entry = next((entry for entry in entries_of_it if may_be_of(one, entry.session_id)), None)
            found.append(Orphan(one, self.place, entry, entry is not None and entry.endpoint in self.endpoints))
        return sorted(found, key=lambda orphan: (-(orphan.application.memory_mib or 0), orphan.application.id))

    def others(self) -> list[Application]:
        """Return what is no Livy session: batches, jobs from a terminal, other frameworks."""
        return [one for one in self.applications if not any(is_livys(tag) for tag in one.tags)]


def is_livys(tag: str) -> bool:
    """Tell whether a tag says that an application is an interactive session of some Livy."""
    return tag == PREFIX or tag.startswith(f"{PREFIX}-") or LIVYS_TAG.fullmatch(tag) is not None


def at_work(session: Session, application: Application | None, *, is_dynamic: bool | None) -> AtWork:
    """Tell whether a session that Livy calls idle may have work to do nevertheless.

    Livy's ``idle`` knows of statements alone. A streaming query or a thread that a statement left behind goes on, and
    so does what is cached. Dynamic allocation gives executors back that have nothing to do; so one that holds more
    than it keeps in any case is not idle. Without dynamic allocation executors are held always and tell nothing.

    Args:
        session: as Livy lists it.
        application: what it holds; None where nobody told.
        is_dynamic: whether the cluster allocates dynamically where the session's conf says nothing; None: not known.

    Returns:
        ``yes``, ``perhaps`` where nobody says whether executors are allocated dynamically, else ``no``.
    """
    held = application.executors if application is not None else None
    dynamic = is_dynamic if session.dynamic_allocation is None else session.dynamic_allocation
    if session.state != "idle" or held is None or dynamic is False or held <= session.least_executors:
        return "no"
    return "yes" if dynamic else "perhaps"


def _may_become(session: Session, application: Application) -> bool:
    """Tell whether Livy may have started an application for a session for which it names none yet, by its number."""
    is_anothers = bool(unique_tags(session.tags)) and bool(unique_tags(application.tags))
    is_numbered = any(LIVYS_TAG.fullmatch(tag) for tag in application.tags)
    return is_numbered and not is_anothers and may_be_of(application, session.id)


def _tag(session: Session, noted: str | None) -> str | None:
    """Return the one tag that is a session's own; None where it carries none, or several."""
    tags = unique_tags(session.tags)
    if not tags:
        return noted
    return tags[0] if len(tags) == 1 else None
