"""The executor ceiling: how many executors a session gets, whatever it is that asks for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.policy.properties import DOORS, EXECUTORS
from livyguard.policy.units import Unreadable, read_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.footprint import Sizes
    from livyguard.policy.request import Entry
    from livyguard.policy.rules import Rule
    from livyguard.policy.tenancy import Tenancy

__all__ = [
    "CORES_MAX",
    "COUNT",
    "INITIAL",
    "MAX",
    "MIN",
    "SPARK_DEFAULT",
    "Ceiling",
    "asks",
    "ceiling_for",
    "door_numbers",
    "settled",
]

MAX, MIN, INITIAL, COUNT = EXECUTORS
CORES_MAX = "conf.spark.cores.max"
#: What Spark starts where nobody says a number.
SPARK_DEFAULT = 2


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How many executors the rules leave room for.

    Attributes:
        cap: the most that any rule allows; None without a rule that caps.
        rule: the one that binds.
        of_property: the most by ``executors.max`` alone, before ``session.*`` lowers it.
    """

    cap: int | None
    rule: Rule | None
    of_property: int | None


def ceiling_for(tenancy: Tenancy, size: Sizes) -> Ceiling:
    """Return the tightest of ``executors.max``, ``session.memory`` and ``session.cores``."""
    own = tenancy.rule_for(MAX)
    limit = None if own is None else own.max if own.fixed is None else own.fixed
    found = Ceiling(limit, own if limit is not None else None, limit)
    for name, base, each in (
        ("session.memory", size.driver_mib, size.executor_mib),
        ("session.cores", size.driver_cores, size.executor_cores),
    ):
        rule = tenancy.rule_for(name)
        if rule is not None and base is not None and each is not None:
            fits = max((rule.max - base) // each, 0)
            if found.cap is None or fits < found.cap:
                found = Ceiling(fits, rule, limit)
    return found


def asks(entries: Mapping[str, Entry]) -> dict[str, int]:
    """Return N, I, m and M as asked, by canonical name."""
    return {
        name: entries[name].value
        for name in EXECUTORS
        if name in entries and entries[name].fault is None and not entries[name].is_substituted
    }


def door_numbers(entries: Mapping[str, Entry], cores: int) -> dict[str, int]:
    """Return the executors that other keys ask for: streaming's own, an environment variable, ``spark.cores.max``."""
    numbers = {}
    for name, given in entries.items():
        door = DOORS.get(name.removeprefix("conf."))
        if door is not None and door.property == MAX:
            try:
                number = read_count(given.value)
            except Unreadable:
                continue
            numbers[name] = math.ceil(number / cores) if name == CORES_MAX else number
    return numbers


def settled(cap: int, default: int | None, asked: Mapping[str, int], doors: Mapping[str, int]) -> int:
    """Return the ceiling E that is sent: DESIGN's formula for ``{max = cap, default = default}``."""
    if MAX in asked:
        return min(cap, asked[MAX])
    if default is None:
        return cap
    return min(cap, max([default, *asked.values(), *doors.values()]))
