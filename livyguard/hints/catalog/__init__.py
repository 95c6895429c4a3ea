"""The hints, one file a family. A new hint is one entry in such a file and one fixture in ``tests/unit/hints/cases``.

A fixture holds the text or the case that the hint is found in, or names the check that gives it, and always where that
comes from. Those of lint, policies, are in ``tests/unit/policy/lint/cases``.

Every module here that has ``ENTRIES`` is part of the catalogue; nothing lists them.
"""

from __future__ import annotations

import functools
import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry

__all__ = ["CATALOG"]

#: By code. Read when it is first asked for, since some hundred expressions take a tenth of a second to compile.
CATALOG: tuple[Entry, ...]


def __getattr__(name: str) -> Any:
    if name == "CATALOG":
        return _catalog()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@functools.cache
def _catalog() -> tuple[Entry, ...]:
    modules = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    entries = [entry for module in modules for entry in getattr(module, "ENTRIES", ())]
    return tuple(sorted(entries, key=lambda entry: entry.code))
