"""A clock and a ledger in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.sessions.model import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from livyguard.sessions.model import LedgerEntry

__all__ = ["FakeClock", "FakeLedger"]


class FakeClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self._now = now

    def now(self) -> float:
        """Return seconds since the epoch."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self._now += seconds


class FakeLedger:
    """A ledger in memory."""

    fault: str | None = None

    def __init__(self, entries: Iterable[LedgerEntry] = ()) -> None:
        self._entries = {(entry.endpoint, entry.tag): entry for entry in entries}

    def entries(self) -> Sequence[LedgerEntry]:
        """Return every entry."""
        return list(self._entries.values())

    def record(self, entry: LedgerEntry) -> None:
        """Add or replace the entry of (endpoint, tag)."""
        self._entries[entry.endpoint, entry.tag] = entry

    def forget(self, endpoint: str, session_id: int, tag: str) -> None:
        """Drop an entry."""
        entry = self._entries.get((endpoint, tag))
        if entry is not None and entry.session_id in {session_id, UNTOLD}:
            del self._entries[endpoint, tag]
