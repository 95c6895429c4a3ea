"""A cell that asks for less, held against what was asked for: less of it, or no cell."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livyguard.hints.memory import LEAST_HEAP
from livyguard.hints.settings import REPLACES, configure
from livyguard.policy.allocation import SPARK
from livyguard.policy.footprint import value_of
from livyguard.policy.properties import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.hints.model import Fix
    from livyguard.policy.request import Entry
    from livyguard.watching.found import Found

__all__ = ["SIZES", "less_than_asked"]

#: What says how large a session is, in a cell that asks for a smaller one.
SIZES = ("driverMemory", "executorMemory", "driverCores", "executorCores")


def less_than_asked(fix: Fix, found: Found) -> Fix | None:
    """Return a fix with what is less than was asked for of its cell; None where nothing of it is.

    A fix whose cell asks for other things than sizes stays as it is.
    """
    settings = _settings(fix.cell)
    if not settings or not set(SIZES).issuperset(settings):
        return fix
    around = {} if found.cluster is None else found.cluster.spark_defaults
    otherwise = {**SPARK, **around}
    kept = {name: less for name in settings if (less := _less(name, settings[name], found.effective, otherwise))}
    if kept == settings:
        return fix
    return replace(fix, label=f"Ask for less, as in this cell. {REPLACES}", cell=configure(kept)) if kept else None


def _settings(cell: str | None) -> dict[str, Any]:
    magic, _, body = (cell or "").partition("\n")
    return dict(json.loads(body)) if magic.startswith("%%configure") else {}


def _less(name: str, offered: Any, effective: Mapping[str, Entry], otherwise: Mapping[str, Entry]) -> Any:
    asked = int(value_of(FIELDS[name], effective, otherwise) or 0)
    if name.endswith("Cores"):
        return offered if offered < asked else None
    heap = min(int(offered.removesuffix("m")), max(asked // 2, LEAST_HEAP))
    return f"{heap}m" if heap < asked else None
