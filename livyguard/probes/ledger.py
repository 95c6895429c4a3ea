"""The ledger's folder as it lies on the disk; nothing is written to find out whether it can be."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

from livyguard.doctor.ports import LedgerFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from livyguard.sessions.model import LedgerEntry

__all__ = ["looked_at"]

SUFFIX = ".json"


def looked_at(folder: Path, entries: Callable[[], Sequence[LedgerEntry]]) -> LedgerFacts:
    """Return what the folder is like, and what the pages hold that can be read.

    Args:
        folder: it need not be there: then it is the first above it that is, in which it would be made.
        entries: reads what the pages hold.
    """
    try:
        pages = sorted(file for file in folder.iterdir() if file.suffix == SUFFIX)
    except FileNotFoundError:
        pages = []
    except OSError as error:
        return LedgerFacts(str(folder), fault=error.strerror or str(error))
    return LedgerFacts(
        str(folder),
        fault=_fault(folder),
        pages=len(pages),
        broken=tuple(page.name for page in pages if not _is_page(page)),
        foreign=tuple(page.name for page in pages if _is_foreign(page)),
        entries=tuple(entries()),
    )


def _fault(folder: Path) -> str | None:
    place = next(each for each in (folder, *folder.parents) if each.exists())
    if not place.is_dir():
        return f"{place} is no folder"
    return None if os.access(place, os.W_OK | os.X_OK) else "Permission denied"


def _is_page(file: Path) -> bool:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and isinstance(content.get("entries"), list)


def _is_foreign(file: Path) -> bool:
    """Tell a page that somebody else owns or may write to: what it says proves nothing."""
    try:
        found = file.stat()
    except OSError:
        return False
    owner = getattr(os, "getuid", lambda: found.st_uid)()
    return found.st_uid != owner or bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
