"""Use case: keep this kernel's page of the ledger true while its sessions live."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from livyguard.sessions.model import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.ports import Clock, Ledger, SessionStore
    from livyguard.sessions.model import LedgerEntry

__all__ = ["Journal"]


class Journal:
    """Remembers what this kernel created and when it last used it."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._open: dict[tuple[str, int], LedgerEntry] = {}
        self._logins: WeakKeyDictionary[SessionStore, str] = WeakKeyDictionary()

    def expected(self, entry: LedgerEntry) -> None:
        """Enter a session that is about to be asked for, its number untold: other kernels count it by its tag."""
        self._ledger.record(entry)

    def not_created(self, endpoint: str, tag: str) -> None:
        """Strike out a session that was asked for and that does not exist."""
        self._ledger.forget(endpoint, UNTOLD, tag)

    def created(self, entry: LedgerEntry, store: SessionStore) -> None:
        """Enter a session that Livy has just registered through a store; an older one of the same number is past."""
        self._write(entry)
        if entry.login is not None:
            self._logins[store] = entry.login

    def withdrawn(self, entry: LedgerEntry) -> None:
        """Strike out a session that was deleted before anybody could use it."""
        self._open.pop((entry.endpoint, entry.session_id), None)
        self._ledger.forget(entry.endpoint, entry.session_id, entry.tag)

    @property
    def fault(self) -> str | None:
        """Why the ledger is kept in memory only; None while it is written."""
        return self._ledger.fault

    def entry(self, endpoint: str, session_id: int) -> LedgerEntry | None:
        """Return what this kernel knows of a session that it created."""
        return self._open.get((endpoint, session_id))

    def noted(self) -> Sequence[LedgerEntry]:
        """Return what this machine's ledger holds now, every kernel's."""
        return self._ledger.entries()

    def elsewhere(self, endpoint: str, session_id: int) -> LedgerEntry | None:
        """Return the session of this number that this kernel created at another endpoint; None without one."""
        others = (entry for (place, number), entry in self._open.items() if number == session_id and place != endpoint)
        return next(others, None)

    def login(self, store: SessionStore) -> str | None:
        """Return who Livy says we are: the owner of the session that was created last through this very store.

        Another log-in at the same endpoint is another store, and somebody else.
        """
        return self._logins.get(store)

    def started(self, endpoint: str, session_id: int, app_id: str | None) -> None:
        """Note that a session is up, and its application where Livy tells one."""
        entry = self.entry(endpoint, session_id)
        if entry is not None:
            self._write(replace(entry, app_id=app_id or entry.app_id))

    def statement_began(self, endpoint: str, session_id: int) -> None:
        """Note that a statement of this notebook runs now."""
        self._touch(endpoint, session_id, is_busy=True)

    def statement_ended(self, endpoint: str, session_id: int) -> None:
        """Note that the last statement of this notebook has just ended; idle time counts from here."""
        self._touch(endpoint, session_id, is_busy=False)

    def _touch(self, endpoint: str, session_id: int, *, is_busy: bool) -> None:
        entry = self.entry(endpoint, session_id)
        if entry is not None:
            self._write(replace(entry, last_statement=self._clock.now(), is_busy=is_busy))

    def _write(self, entry: LedgerEntry) -> None:
        self._open[entry.endpoint, entry.session_id] = entry
        self._ledger.record(entry)
