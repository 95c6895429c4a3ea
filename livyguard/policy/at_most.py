"""The most that the limits of a tenant leave any session, whatever it asks for."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from livyguard.policy.executors import MAX
from livyguard.policy.footprint import REQUESTS, SWITCHES, WEIGHTS, Footprint, Sizes, sizes
from livyguard.policy.request import Entry
from livyguard.policy.rules import examine
from livyguard.policy.units import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livyguard.policy.rules import Rule
    from livyguard.policy.tenancy import Tenancy

__all__ = ["ceiling_at_most", "is_filled", "largest", "largest_entries", "most_generous_kind", "unheld"]

_SIZES = ("executor.memory", "executor.cores", "driver.memory", "driver.cores")
#: What counts beside a heap only where somebody asks for it: nothing of it where it is forbidden.
_OFF_HEAP = "executor.offheap_memory"
_EXTRAS = ("executor.pyspark_memory", _OFF_HEAP)
#: An overhead that nobody states is the share of the heap that Spark takes, whatever the limit on a stated one.
_OVERHEADS = ("executor.memory_overhead", "driver.memory_overhead")
#: Of an application master beside a driver: by rules of their own, or as other doors to the driver's sizes.
_OF_MASTER = ("conf.spark.yarn.am.memory", "conf.spark.yarn.am.cores")
_OVERHEAD_OF_MASTER = "conf.spark.yarn.am.memoryOverhead"
#: To which Kubernetes gives more beside the heap.
_GENEROUS = ("pyspark", "sparkr")


def ceiling_at_most(tenancy: Tenancy) -> Footprint:
    """Return the most that any session of a tenant can hold, by its limits alone; None where nothing limits it.

    Where no limit holds what stands beside a heap, it is what Spark adds to it unasked.
    """
    size = _largest_sizes(tenancy)
    memory, cores = largest(tenancy.rule_for("session.memory")), largest(tenancy.rule_for("session.cores"))
    step = tenancy.step if tenancy.manager == "yarn" else 1
    executors = _smallest(
        largest(tenancy.rule_for(MAX)),
        None if memory is None else memory // max(_least(tenancy.rule_for("executor.memory")), step),
        None if cores is None else cores // _least(tenancy.rule_for("executor.cores")),
    )
    if executors is None:
        return Footprint()
    return Footprint(executors, _smallest(size.memory(executors), memory), _smallest(size.cores(executors), cores))


def _largest_sizes(tenancy: Tenancy) -> Sizes:
    """Return the largest driver and the largest executor that the limits let through; None where a heap has none."""
    choices = largest_entries(tenancy)
    found = [sizes(each, tenancy.spark_defaults, manager=tenancy.manager, step=tenancy.step) for each in choices]
    given = choices[0]
    return Sizes(
        driver_mib=_most(each.driver_mib for each in found) if "driver.memory" in given else None,
        executor_mib=_most(each.executor_mib for each in found) if "executor.memory" in given else None,
        driver_cores=found[0].driver_cores if "driver.cores" in given else None,
        executor_cores=found[0].executor_cores if "executor.cores" in given else None,
    )


def largest_entries(tenancy: Tenancy) -> tuple[dict[str, Entry], ...]:
    """Return what a request may say of the sizes, each as large as the limits let it be, folded.

    Each choice is one of the overheads that it may state, which may be less than what Spark adds unasked: none is the
    largest of all, but each of its sizes is, in one of them. What no limit holds is in none.
    """
    most = {name: largest(tenancy.rule_for(name)) for name in (*_SIZES, *_EXTRAS)}
    given = {name: Entry(number, number) for name, number in most.items() if number is not None}
    for name in (*_OF_MASTER, *REQUESTS.values()):
        number = _largest_through(tenancy, name)
        if number is not None and (name in _OF_MASTER or is_filled(tenancy.rule_for(name))):
            given[name] = _entry(name, number)
    given |= {name: Entry("true", "true") for name in SWITCHES if _lets_through(tenancy, name, "true")}
    given["kind"] = most_generous_kind(tenancy)
    return tuple({**given, **stated} for stated in _stated_overheads(tenancy))


def unheld(tenancy: Tenancy, names: Iterable[str]) -> tuple[str, ...]:
    """Return those of some sizes, by canonical property or ``conf.<key>``, which no limit holds or forbids."""
    return tuple(name for name in names if _is_unheld(tenancy, name))


def _is_unheld(tenancy: Tenancy, name: str) -> bool:
    if name == _OFF_HEAP and not any(_lets_through(tenancy, switch, "true") for switch in SWITCHES):
        return False
    rule = tenancy.rule_for(name)
    return _largest_through(tenancy, name) is None and not (rule is not None and rule.forbidden)


def _lets_through(tenancy: Tenancy, name: str, text: str) -> bool:
    rule = tenancy.rule_for(name)
    if rule is None:
        return True
    try:
        return examine(rule, Entry(text, rule.kind.read(text))) is None
    except Unreadable:  # a rule over numbers refuses what is none
        return False


def most_generous_kind(tenancy: Tenancy) -> Entry:
    """Return the kind that Kubernetes gives most: of Python, unless a limit on it lets none of these pass."""
    most = next((each for each in _GENEROUS if _lets_through(tenancy, "kind", each)), "spark")
    return Entry(most, most)


def _largest_through(tenancy: Tenancy, name: str) -> Any:
    """Return the largest value of a ``conf`` key, by its own rule and by that of what it is another door to."""
    own = tenancy.rule_for(name)
    if own is not None and own.forbidden and own.fixed is None:
        return None
    rules = (own, tenancy.rule_through(name))
    return min((most for rule in rules if (most := _largest(rule)) is not None), default=None)


def _entry(name: str, number: Any) -> Entry:
    return Entry(WEIGHTS[name][1].write(number) if name in WEIGHTS else number, number)


def _most(numbers: Iterable[int | None]) -> int:
    return max(number for number in numbers if number is not None)


def _stated_overheads(tenancy: Tenancy) -> Iterable[dict[str, Entry]]:
    """Yield every choice of overheads that a request may state, each as large as it may be."""
    for chosen in product(*(_choices(tenancy, name) for name in (*_OVERHEADS, _OVERHEAD_OF_MASTER))):
        yield {name: each for stated in chosen for name, each in stated.items()}


def _choices(tenancy: Tenancy, name: str) -> list[dict[str, Entry]]:
    most = _largest_through(tenancy, name)
    if most is None:
        return [{}]
    stated = {name: _entry(name, most)}
    return [stated] if is_filled(tenancy.rule_for(name)) else [{}, stated]


def is_filled(rule: Rule | None) -> bool:
    """Tell whether a rule puts in a value where nobody gives one."""
    if rule is None:
        return False
    return rule.fixed is not None or (rule.default is not None and not rule.forbidden)


def largest(rule: Rule | None) -> int | None:
    """Return the largest value that a rule over numbers lets through; None without one."""
    most = _largest(rule)
    return None if most is None else int(most)


def _largest(rule: Rule | None) -> Any:
    if rule is None or not rule.kind.is_ordered or (rule.forbidden and rule.fixed is None):
        return None
    allowed = None if rule.allow is None else max((one for one in rule.allow if one is not None), default=None)
    return next((most for most in (rule.most, allowed) if most is not None), None)


def _least(rule: Rule | None) -> int:
    """Return the least value that a rule lets through, 1 where it says nothing of it."""
    said = None if rule is None else rule.least
    return max(int(said or 1), 1)


def _smallest(*numbers: int | None) -> int | None:
    return min((number for number in numbers if number is not None), default=None)
