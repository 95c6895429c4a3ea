"""Use case: keep this kernel's page of the ledger true while its sessions live."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livyguard.ports import Clock, Ledger
    from livyguard.sessions.model import LedgerEntry

__all__ = ["Journal"]


class Journal:
    """Remembers what this kernel created and when it last used it."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._open: dict[tuple[str, int], LedgerEntry] = {}

    def created(self, entry: LedgerEntry) -> None:
        """Enter a session that Livy has just registered; an older one of the same number is past."""
        self._write(entry)

    def entry(self, endpoint: str, session_id: int) -> LedgerEntry | None:
        """Return what this kernel knows of a session that it created."""
        return self._open.get((endpoint, session_id))

    def login(self, endpoint: str) -> str | None:
        """Return who Livy says we are at an endpoint: the owner of the session that this kernel created last there."""
        logins = [entry.login for (place, _), entry in self._open.items() if place == endpoint and entry.login]
        return logins[-1] if logins else None

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
