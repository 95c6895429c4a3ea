"""What the listing and the release both start from: every session, whose it is, how long it has been idle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from livyguard.errors import LivyguardError, SessionNotFound
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.sessions.ownership import is_another, ownership
from livyguard.sessions.rows import SessionRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from livyguard.ports import Clock, Ledger, SessionStore
    from livyguard.sessions.model import LedgerEntry, Session, StatementTimes

__all__ = ["Census", "idle_since"]

#: Statements are asked for with so many requests at once.
CONCURRENCY = 8


class Census:
    """Reads the endpoints and says of each session whose it is.

    Args:
        stores: the endpoints.
        ledger: this machine's record of what it created.
        clock: the time.
        this: ``(endpoint, session id)`` of what this notebook uses, with what it noted at the creation: a number that
            belongs to another session since Livy was restarted is this notebook's no more.
        shared_accounts: log-ins that name nobody.
        logins: who we are at an endpoint, in Livy's own words, where the authentication does not say: Livy's
            ``owner`` in the answer to a POST of this very kernel.
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
    ) -> None:
        self._stores = {store.endpoint: store for store in stores}
        self._clock = clock
        self._this = dict(this or {})
        self._shared_accounts = shared_accounts
        self._users = {
            endpoint: store.authenticated_user or (logins or {}).get(endpoint)
            for endpoint, store in self._stores.items()
        }
        self._entries: dict[tuple[str, int], list[LedgerEntry]] = {}
        for entry in ledger.entries():
            self._entries.setdefault((entry.endpoint, entry.session_id), []).append(entry)

    def store(self, row: SessionRow) -> SessionStore:
        """Return the endpoint that listed a row."""
        return self._stores[row.endpoint]

    def users(self) -> frozenset[str]:
        """Return who we are, at any of the endpoints; shared accounts name nobody."""
        return frozenset(user for user in self._users.values() if user) - self._shared_accounts

    def rows(self) -> tuple[list[SessionRow], list[LivyguardError]]:
        """Return a row for every session, and the faults of the endpoints that could not be read.

        Raises:
            LivyguardError: no endpoint could be read; the fault of the first.
        """
        rows: list[SessionRow] = []
        faults: list[LivyguardError] = []
        for store in self._stores.values():
            sessions, fault = _read(store)
            rows += [self.row(session) for session in sessions]
            faults += [fault] if fault else []
        if faults and len(faults) == len(self._stores):
            raise faults[0]
        return rows, faults

    def row(self, session: Session) -> SessionRow:
        """Say whose a session is, and how long it has been idle as far as the ledger knows."""
        key = (session.endpoint, session.id)
        owned = ownership(session, self._users.get(session.endpoint), self._entries.get(key, []), self._shared_accounts)
        noted = self._this.get(key)
        is_this = key in self._this and not (noted is not None and is_another(session, noted))
        return SessionRow(session, owned, idle_seconds=self._by_ledger(session, owned.entry), this_notebook=is_this)

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

    def _by_ledger(self, session: Session, entry: LedgerEntry | None) -> int | None:
        """Count from our own last statement, or from the creation where there was none.

        While the ledger says that one runs and Livy says idle, its end is not known here.
        """
        if session.state != "idle" or entry is None or entry.is_busy:
            return None
        return max(0, round(self._clock.now() - (entry.last_statement or entry.created)))

    def _dated(self, row: SessionRow) -> SessionRow | None:
        if row.state != "idle" or row.idle_seconds is not None:
            return row
        try:
            times = self.store(row).last_statement(row.id)
        except SessionNotFound:
            return None
        except LivyguardError:
            return row
        return replace(row, idle_seconds=self.idle_seconds(times))


def _read(store: SessionStore) -> tuple[list[Session], LivyguardError | None]:
    try:
        return store.sessions(), None
    except LivyguardError as error:
        return [], error


def idle_since(times: StatementTimes | None) -> float | None:
    """Return when a statement ended, or began if Livy tells no end; seconds since the epoch."""
    return None if times is None else times.completed or times.started
