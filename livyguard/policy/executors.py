"""The executor ceiling: how many executors a session gets, whatever it is that asks for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.policy.properties import DOORS, ENVIRONMENTS, EXECUTORS
from livyguard.policy.units import Unreadable, read_count, read_flag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.footprint import Sizes
    from livyguard.policy.request import Entry
    from livyguard.policy.rules import Rule
    from livyguard.policy.tenancy import Tenancy

__all__ = [
    "CORES_MAX",
    "COUNT",
    "COUNTED",
    "INITIAL",
    "INSTANCES",
    "MAX",
    "MIN",
    "SPARK_DEFAULT",
    "STREAMING",
    "Ceiling",
    "asks",
    "ceiling_for",
    "door_numbers",
    "most_executors",
    "number_of",
    "settled",
]

MAX, MIN, INITIAL, COUNT = EXECUTORS
CORES_MAX = "conf.spark.cores.max"
STREAMING = "conf.spark.streaming.dynamicAllocation."
INSTANCES = tuple(f"conf.{prefix}SPARK_EXECUTOR_INSTANCES" for prefix in ENVIRONMENTS)
#: What tells how many executors a session can have.
COUNTED = frozenset(
    {MAX, COUNT, "dynamic_allocation", f"{STREAMING}enabled", f"{STREAMING}maxExecutors", *INSTANCES, CORES_MAX}
)
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
    limit = None if own is None else own.most
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


def most_executors(entries: Mapping[str, Entry], is_dynamic: bool | None, manager: str | None) -> int | None:
    """Return the most executors that a session can ever have; None where nothing tells, or bounds them.

    Args:
        entries: what it asked for, and what counts where it was silent.
        is_dynamic: whether the cluster allocates executors dynamically where ``entries`` do not say; None: not known.
        manager: ``yarn``, ``kubernetes``, …; None where it is not known.
    """
    if manager == "standalone":
        return _of_total(entries)
    asked, others = _allocated(entries, is_dynamic), _by_other_keys(entries)
    return None if asked is None or others is None else max(asked, others)


def _allocated(entries: Mapping[str, Entry], is_dynamic: bool | None) -> int | None:
    allocation = entries.get("dynamic_allocation")
    if allocation is not None:
        is_dynamic = None if allocation.fault is not None else allocation.value
    most, count = number_of(entries, MAX), number_of(entries, COUNT)
    if is_dynamic is False:
        return count
    if most is None:
        return None if is_dynamic else count
    return max(most, count or 0)


def _by_other_keys(entries: Mapping[str, Entry]) -> int | None:
    """Return the most executors that other keys ask for, 0 where none does; None where they set no bound."""
    numbers = [number_of(entries, name) for name in INSTANCES if name in entries]
    if _may_be_on(entries.get(f"{STREAMING}enabled")):
        numbers.append(number_of(entries, f"{STREAMING}maxExecutors"))
    return None if None in numbers else max((number for number in numbers if number is not None), default=0)


def _may_be_on(switch: Entry | None) -> bool:
    try:
        return switch is not None and read_flag(switch.value)
    except Unreadable:
        return True


def _of_total(entries: Mapping[str, Entry]) -> int | None:
    """Return how many executors share the total of cores: a standalone cluster knows no other bound."""
    total, each = number_of(entries, CORES_MAX), number_of(entries, "executor.cores")
    return None if total is None or not each else max(math.ceil(total / each), 0)


def number_of(entries: Mapping[str, Entry], name: str) -> int | None:
    """Return a number that somebody gave; None where nobody did, and where Spark cannot read it."""
    given = entries.get(name)
    if given is None or given.fault is not None:
        return None
    try:
        return read_count(given.value)
    except Unreadable:
        return None
