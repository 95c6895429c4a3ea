"""The most that the limits of a tenant leave any session, whatever it asks for."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from livyguard.policy.executors import MAX
from livyguard.policy.footprint import Footprint, Sizes, sizes
from livyguard.policy.request import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livyguard.policy.rules import Rule
    from livyguard.policy.tenancy import Tenancy

__all__ = ["ceiling_at_most"]

_SIZES = ("executor.memory", "executor.cores", "driver.memory", "driver.cores")
#: What counts beside a heap only where somebody asks for it: nothing of it where it is forbidden.
_EXTRAS = ("executor.pyspark_memory", "executor.offheap_memory")
#: An overhead that nobody states is the share of the heap that Spark takes, whatever the limit on a stated one.
_OVERHEADS = ("executor.memory_overhead", "driver.memory_overhead")
#: Other doors to the driver's sizes, limited as those are, that count beside them.
_OF_MASTER = {"conf.spark.yarn.am.memory": "driver.memory", "conf.spark.yarn.am.cores": "driver.cores"}
_OVERHEAD_OF_MASTER = "conf.spark.yarn.am.memoryOverhead"


def ceiling_at_most(tenancy: Tenancy) -> Footprint:
    """Return the most that any session of a tenant can hold, by its limits alone; None where nothing limits it.

    Where no limit holds what stands beside a heap, it is what Spark adds to it unasked.
    """
    size = _largest_sizes(tenancy)
    memory, cores = _largest(tenancy.rule_for("session.memory")), _largest(tenancy.rule_for("session.cores"))
    step = tenancy.step if tenancy.manager == "yarn" else 1
    executors = _smallest(
        _largest(tenancy.rule_for(MAX)),
        None if memory is None else memory // max(_least(tenancy.rule_for("executor.memory")), step),
        None if cores is None else cores // _least(tenancy.rule_for("executor.cores")),
    )
    if executors is None:
        return Footprint()
    return Footprint(executors, _smallest(size.memory(executors), memory), _smallest(size.cores(executors), cores))


def _largest_sizes(tenancy: Tenancy) -> Sizes:
    """Return the largest driver and the largest executor that the limits let through; None where a heap has none."""
    most = {name: _largest(tenancy.rule_for(name)) for name in (*_SIZES, *_EXTRAS)}
    given = {name: Entry(number, number) for name, number in most.items() if number is not None}
    given |= {name: given[side] for name, side in _OF_MASTER.items() if side in given}
    given["conf.spark.memory.offHeap.enabled"] = Entry("true", "true")
    given["kind"] = Entry("pyspark", "pyspark")  # of all kinds the one that Kubernetes gives most
    found = [
        sizes({**given, **stated}, tenancy.spark_defaults, manager=tenancy.manager, step=tenancy.step)
        for stated in _stated_overheads(tenancy)
    ]
    return Sizes(
        driver_mib=_most(each.driver_mib for each in found) if "driver.memory" in given else None,
        executor_mib=_most(each.executor_mib for each in found) if "executor.memory" in given else None,
        driver_cores=found[0].driver_cores if "driver.cores" in given else None,
        executor_cores=found[0].executor_cores if "executor.cores" in given else None,
    )


def _most(numbers: Iterable[int | None]) -> int:
    return max(number for number in numbers if number is not None)


def _stated_overheads(tenancy: Tenancy) -> Iterable[dict[str, Entry]]:
    """Yield every choice of overheads that a request may state, each as large as it may be."""
    executor, driver = (_largest(tenancy.rule_for(name)) for name in _OVERHEADS)
    largest = {_OVERHEADS[0]: executor, _OVERHEADS[1]: driver, _OVERHEAD_OF_MASTER: driver}
    choices: list[list[dict[str, Entry]]] = [
        [{}] if most is None else [{}, {name: Entry(most, most)}] for name, most in largest.items()
    ]
    for chosen in product(*choices):
        yield {name: each for stated in chosen for name, each in stated.items()}


def _largest(rule: Rule | None) -> int | None:
    """Return the largest value that a rule over numbers lets through."""
    if rule is None or not rule.kind.is_ordered:
        return None
    allowed = None if rule.allow is None else max((one for one in rule.allow if one is not None), default=None)
    return next((int(most) for most in (rule.most, allowed) if most is not None), None)


def _least(rule: Rule | None) -> int:
    """Return the least value that a rule lets through, 1 where it says nothing of it."""
    said = None if rule is None else rule.least
    return max(int(said or 1), 1)


def _smallest(*numbers: int | None) -> int | None:
    return min((number for number in numbers if number is not None), default=None)
