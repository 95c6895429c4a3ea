"""What the listing and the release both start from: every session, whose it is, what it holds, how long it is idle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from livyguard.errors import LivyguardError, SessionNotFound
from livyguard.holdings import ClustersRead, read_clusters
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.sessions.holders import Others
from livyguard.sessions.model import UNTOLD
from livyguard.sessions.ownership import is_another, is_the_one, ownership
from livyguard.sessions.rows import SessionRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from livyguard.ports import Clock, Clusters, Ledger, Progress, SessionStore
    from livyguard.sessions.holders import Orphan
    from livyguard.sessions.model import LedgerEntry, Session, StatementTimes

__all__ = ["Census", "Counted", "idle_since"]

#: Statements are asked for with so many requests at once.
CONCURRENCY = 8


@dataclass(frozen=True, slots=True)
class Counted:
    """Everything that was found.

    Attributes:
        faults: of the endpoints that could not be read.
        clusters: which clusters were asked, in words.
        cluster_faults: of those that could not be.
        unread: endpoints whose cluster was to be asked and could not be.
        orphans: applications that a Livy started and that have no session here.
        others: what else holds the clusters.
    """

    rows: list[SessionRow]
    faults: list[LivyguardError] = field(default_factory=list)
    clusters: tuple[str, ...] = ()
    cluster_faults: tuple[LivyguardError, ...] = ()
    unread: frozenset[str] = frozenset()
    orphans: tuple[Orphan, ...] = ()
    others: Others = field(default_factory=Others)


class Census:
    """Reads the endpoints and says of each session whose it is, and what it holds.

    Args:
        stores: the endpoints.
        ledger: this machine's record of what it created.
        clock: the time.
        this: ``(endpoint, session id)`` of what this notebook uses, with what it noted at the creation: a number that
            belongs to another session since Livy was restarted is this notebook's no more.
        shared_accounts: log-ins that name nobody.
        logins: who we are at an endpoint, in Livy's own words, where the authentication does not say: Livy's
            ``owner`` in the answer to a POST of this very kernel.
        clusters: which clusters are behind the endpoints; None asks none of them.
        progress: says how far it is.
    """

    def __init__(
        self,
        stores: Sequence[SessionStore],
        ledger: Ledger,
        clock: Clock,
        *,
        this: Mapping[tuple[str, int], LedgerEntry | None] | None = None,
        shared_accounts: frozenset[str] = SHARED_ACCOUNTS,
        logins: Mapping[str, str] | None = None,
        clusters: Clusters | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._stores = {store.endpoint: store for store in stores}
        self._clock = clock
        self._this = dict(this or {})
        self._shared_accounts = shared_accounts
        self._users = {
            endpoint: store.authenticated_user or (logins or {}).get(endpoint)
            for endpoint, store in self._stores.items()
        }
        self._ledger_entries = ledger.entries()
        self._entries: dict[tuple[str, int], list[LedgerEntry]] = {}
        for entry in self._ledger_entries:
            self._entries.setdefault((entry.endpoint, entry.session_id), []).append(entry)
        self._clusters = clusters
        self._progress = progress
        self._read = ClustersRead()

    @property
    def noted(self) -> Sequence[LedgerEntry]:
        """This machine's ledger, as it was read for this count."""
        return self._ledger_entries

    @property
    def shared_accounts(self) -> frozenset[str]:
        """Log-ins that name nobody."""
        return self._shared_accounts

    def tell(self, text: str) -> None:
        """Say how far it is, where somebody listens."""
        if self._progress is not None:
            self._progress.show(text)

    def store(self, row: SessionRow) -> SessionStore:
        """Return the endpoint that listed a row."""
        return self._stores[row.endpoint]

    def users(self) -> frozenset[str]:
        """Return who we are, at any of the endpoints; shared accounts name nobody."""
        return frozenset(user for user in self._users.values() if user) - self._shared_accounts

    def count(self) -> Counted:
        """Return a row for every session, and what could not be read.

        The clusters are asked before Livy, once each: a Livy lists a session before its application is there, so that
        no application that was seen first lacks its session later.

        Raises:
            LivyguardError: no endpoint could be read; the fault of the first.
        """
        self._read = read_clusters(self._clusters, list(self._stores.values()), self.tell)
        rows: list[SessionRow] = []
        faults: list[LivyguardError] = []
        silent: set[str] = set()
        for store in self._stores.values():
            self.tell(f"Reading the sessions of {store.endpoint}")
            sessions, fault = _read(store)
            rows += [self._owned(session) for session in sessions]
            if fault is not None:
                faults.append(fault)
                silent.add(store.endpoint)
        if faults and len(faults) == len(self._stores):
            raise faults[0]
        read = self._read.without(silent)
        listed = [row.session for row in rows]
        return Counted(
            rows=self._read.joined(rows),
            faults=faults,
            clusters=read.places,
            cluster_faults=read.faults,
            unread=read.unread,
            orphans=tuple(read.orphans(listed, self._ledger_entries)),
            others=read.others(),
        )

    def row(self, session: Session, before: SessionRow) -> SessionRow:
        """Say of one session, just read again, whose it is and what it held when the clusters were asked."""
        return self._read.again(self._owned(session), before)

    def with_idle(self, rows: Iterable[SessionRow]) -> list[SessionRow]:
        """Ask for the last statement of each row that is idle and of which the ledger knows nothing.

        A session that vanished meanwhile is dropped. Starting sessions are never asked: Livy would not answer.
        """
        with ThreadPoolExecutor(max_workers=CONCURRENCY) as pool:
            return [row for row in pool.map(self._dated, rows) if row is not None]

    def last_statement(self, row: SessionRow) -> StatementTimes | None:
        """Return the times of a row's last statement; None where Livy does not tell them."""
        try:
            return self.store(row).last_statement(row.id)
        except LivyguardError:
            return None

    def idle_seconds(self, times: StatementTimes | None) -> int | None:
        """Return how long ago a statement ended."""
        since = idle_since(times)
        return None if since is None else max(0, round(self._clock.now() - since))

    def _owned(self, session: Session) -> SessionRow:
        places = [(session.endpoint, session.id), (session.endpoint, UNTOLD)]
        entries = [entry for place in places for entry in self._entries.get(place, [])]
        owned = ownership(session, self._users.get(session.endpoint), entries, self._shared_accounts)
        return SessionRow(
            session,
            owned,
            quiet_seconds=self._by_ledger(session, owned.entry),
            this_notebook=self._is_this(session) or (owned.mine is True and self._is_this_elsewhere(session)),
        )

    def _is_this(self, session: Session) -> bool:
        key = (session.endpoint, session.id)
        noted = self._this.get(key)
        return key in self._this and not (noted is not None and is_another(session, noted))

    def _is_this_elsewhere(self, session: Session) -> bool:
        """Tell whether this notebook uses it by another URL of the same Livy: ``localhost`` for ``127.0.0.1``."""
        return any(noted is not None and is_the_one(session, noted) for noted in self._this.values())

    def _by_ledger(self, session: Session, entry: LedgerEntry | None) -> int | None:
        """Count from our own last statement, or from the creation where there was none.

        While the ledger says that one runs and Livy says idle, its end is not known here.
        """
        if session.state != "idle" or entry is None or entry.is_busy:
            return None
        return max(0, round(self._clock.now() - (entry.last_statement or entry.created)))

    def _dated(self, row: SessionRow) -> SessionRow | None:
        if row.state != "idle" or row.quiet_seconds is not None:
            return row
        try:
            times = self.store(row).last_statement(row.id)
        except SessionNotFound:
            return None
        except LivyguardError:
            return row
        return replace(row, quiet_seconds=self.idle_seconds(times))


def _read(store: SessionStore) -> tuple[list[Session], LivyguardError | None]:
    try:
        return store.sessions(), None
    except LivyguardError as error:
        return [], error


def idle_since(times: StatementTimes | None) -> float | None:
    """Return when a statement ended, or began if Livy tells no end; seconds since the epoch."""
    return None if times is None else times.completed or times.started
