"""The hints, one file a family. A new hint is one entry here and one fixture in ``tests/unit/hints/cases``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.catalog import access, death, decisions, lint, sessions, startup, yarn

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry

__all__ = ["CATALOG"]

CATALOG: tuple[Entry, ...] = (
    *sessions.ENTRIES,
    *death.ENTRIES,
    *startup.ENTRIES,
    *yarn.ENTRIES,
    *access.ENTRIES,
    *decisions.ENTRIES,
    *lint.ENTRIES,
)
