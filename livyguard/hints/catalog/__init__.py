"""The hints, one file a family. A new hint is one entry in such a file and one fixture in ``tests/unit/hints/cases``.

Every module here that has ``ENTRIES`` is part of the catalogue; nothing lists them.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.hints.entry import Entry

__all__ = ["CATALOG"]


def _entries() -> Iterator[Entry]:
    for module in pkgutil.iter_modules(__path__):
        yield from getattr(import_module(f"{__name__}.{module.name}"), "ENTRIES", ())


#: By code.
CATALOG: tuple[Entry, ...] = tuple(sorted(_entries(), key=lambda entry: entry.code))
