"""What the clusters behind the endpoints tell, each asked once, laid beside the sessions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from livyguard.capacity.room import room_of
from livyguard.errors import ClusterError
from livyguard.policy.history import history_url
from livyguard.policy.tenancy import has_dynamic_allocation
from livyguard.sessions.holders import Holdings, Others, at_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from livyguard.capacity.room import Room
    from livyguard.policy.model import Cluster
    from livyguard.ports import Clusters, Holders, SessionStore
    from livyguard.sessions.application import Application
    from livyguard.sessions.holders import Orphan
    from livyguard.sessions.model import LedgerEntry, Session
    from livyguard.sessions.rows import SessionRow

__all__ = ["ClustersRead", "joined_with", "read_clusters"]


@dataclass(frozen=True, slots=True)
class Words:
    """What the policy says of a cluster, worked out once for all its sessions."""

    cluster: Cluster | None
    is_dynamic: bool | None
    room: Room | None

    @classmethod
    def on(cls, cluster: Cluster | None) -> Words:
        """Work it out."""
        return cls(cluster, has_dynamic_allocation(cluster), room_of(cluster))


@dataclass(frozen=True, slots=True)
class ClustersRead:
    """What was read, and what could not be.

    Attributes:
        faults: of the clusters that could not be asked.
        unread: the endpoints in front of those.
        words: by endpoint, what the policy says of its cluster.
    """

    holdings: tuple[Holdings, ...] = ()
    faults: tuple[ClusterError, ...] = ()
    unread: frozenset[str] = frozenset()
    words: Mapping[str, Words] = field(default_factory=dict)

    @property
    def places(self) -> tuple[str, ...]:
        """Return which clusters answered, in words."""
        return tuple(one.place for one in self.holdings)

    def without(self, endpoints: Iterable[str]) -> ClustersRead:
        """Return the same where some endpoints could not be read: what has no session may have one there."""
        silent = frozenset(endpoints)
        return replace(self, holdings=tuple(one for one in self.holdings if not one.endpoints & silent))

    def joined(self, rows: Sequence[SessionRow]) -> list[SessionRow]:
        """Return the rows with what each holds."""
        sessions = [row.session for row in rows]
        tags = [row.entry.tag if row.entry else None for row in rows]
        found = list(rows)
        for holdings in self.holdings:
            for index, application in enumerate(holdings.joined(sessions, tags)):
                if application is not None:
                    found[index] = replace(found[index], application=application)
        return [self._told(row) for row in found]

    def again(self, row: SessionRow, before: SessionRow) -> SessionRow:
        """Return the row of a session that was read again with what it holds.

        Where Livy still names no application it is what it was: by itself no row tells that another carries its tag.
        """
        if row.session.app_id is not None:
            return self.joined([row])[0]
        return self._told(replace(row, application=before.application))

    def orphans(self, sessions: Sequence[Session], entries: Sequence[LedgerEntry]) -> list[Orphan]:
        """Return the applications of a Livy that have no session, each once.

        A cluster that two endpoints ask under different log-ins is read twice.
        """
        found: dict[str, Orphan] = {}
        for one in self.holdings:
            for orphan in one.orphans(sessions, entries):
                if orphan.is_ours or orphan.application.id not in found:
                    found[orphan.application.id] = orphan
        return list(found.values())

    def others(self) -> Others:
        """Add up what is no Livy session."""
        return Others.of(application for one in self.holdings for application in one.others())

    def _told(self, row: SessionRow) -> SessionRow:
        """Add what follows from the policy's words on the cluster."""
        words = self.words.get(row.endpoint)
        if words is None:
            return row
        page, session = history_url(words.cluster, row.app_id), row.session
        if page is not None:
            session = replace(session, links=replace(session.links, history_server=page))
        work = at_work(session, row.application, is_dynamic=words.is_dynamic)
        most_share = None if words.room is None else words.room.share(session.ceiling)
        return replace(row, session=session, at_work=work, most_share=most_share)


def read_clusters(
    clusters: Clusters | None, stores: Sequence[SessionStore], tell: Callable[[str], None]
) -> ClustersRead:
    """Ask every cluster behind the endpoints once.

    Args:
        clusters: which are behind which; None asks none.
        stores: the endpoints.
        tell: told in words what is being asked.
    """
    if clusters is None:
        return ClustersRead()
    behind: dict[int, tuple[Holders, set[str]]] = {}
    faults: list[ClusterError] = []
    unread: set[str] = set()
    for store in stores:
        try:
            holders = clusters.holders(store)
        except ClusterError as error:
            faults.append(error)
            unread.add(store.endpoint)
            continue
        if holders is not None:
            behind.setdefault(id(holders), (holders, set()))[1].add(store.endpoint)
    found = []
    for holders, endpoints in behind.values():
        tell(f"Asking {holders.place}")
        try:
            found.append(Holdings(holders.place, tuple(holders.living()), frozenset(endpoints)))
        except ClusterError as error:
            faults.append(error)
            unread |= endpoints
    words = {store.endpoint: Words.on(clusters.described(store)) for store in stores}
    return ClustersRead(tuple(found), tuple(faults), frozenset(unread), words)


def joined_with(
    clusters: Clusters, store: SessionStore, applications: Iterable[Application], rows: Sequence[SessionRow]
) -> list[SessionRow]:
    """Return the rows of one endpoint with what each holds, by applications that its cluster has just told."""
    holdings = Holdings("", tuple(applications), frozenset({store.endpoint}))
    return ClustersRead((holdings,), words={store.endpoint: Words.on(clusters.described(store))}).joined(rows)
