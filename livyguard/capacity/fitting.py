"""The largest request of the shape that was asked for which fits into what there is room for now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from livyguard.policy.allocation import SPARK
from livyguard.policy.executors import most_executors
from livyguard.policy.fitting import fitted
from livyguard.policy.fold import fold
from livyguard.policy.footprint import overhead, sizes, usual_share
from livyguard.policy.quota import Bound
from livyguard.policy.request import Entry
from livyguard.policy.tenancy import Tenancy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction
    from typing import Any

    from livyguard.policy.footprint import Sizes

__all__ = ["Room", "heap_within", "largest_request"]

#: A driver below it is no use; Spark itself refuses less than 450 MiB.
LEAST_HEAP = 512
_TENTH = usual_share(None, None)


class Room(Protocol):
    """What there is room for: in a queue of YARN, in a namespace of Kubernetes. MiB."""

    @property
    def manager(self) -> str:
        """``yarn`` or ``kubernetes``."""

    def rounding(self, told: int) -> int:
        """Return what a container is rounded up to; ``told`` is what the policy says, 1 where it says nothing."""

    def driver_within(self, size: Sizes) -> int | None:
        """Return the largest driver's container there is room for; None where nothing tells."""

    def executors_beside(self, driver: int, size: Sizes) -> int | None:
        """Return how many executors fit beside a driver's container; None where nothing tells."""


def heap_within(container: int, step: int, share: Fraction = _TENTH) -> int | None:
    """Return the largest heap whose container, overhead and rounding included, is not larger; None for none of use."""
    whole = container // step * step
    heap = min(whole - overhead(0), int(whole / (1 + share)))
    return heap if heap >= LEAST_HEAP else None


def largest_request(
    asked: Mapping[str, Any], effective: Mapping[str, Entry], room: Room, cluster: Tenancy | None = None
) -> dict[str, Any] | None:
    """Return the largest request of the shape that was asked for which fits now, as a body for Livy.

    Its driver is made smaller where there is no room for it as it is, its executors fewer; their size stays.

    Args:
        asked: what the user gave, in Livy's shape.
        effective: what Livy was sent of what bears on sizes, folded.
        room: what there is room for.
        cluster: what the policy says of the cluster; its rules do not count here.

    Returns:
        The body; None where too little is told, where not even the smallest fits, and where nothing has to be smaller.
    """
    around = replace(cluster or Tenancy("", {}), manager=room.manager)
    otherwise = {**SPARK, **around.spark_defaults}
    step = room.rounding(around.step)
    size = sizes(effective, otherwise, manager=room.manager, step=step)
    limit = room.driver_within(size)
    if limit is None or size.driver_mib is None or not size.executor_mib:
        return None
    if size.driver_mib <= limit:
        most = room.executors_beside(size.driver_mib, size)
        wanted = most_executors({**otherwise, **effective}, around.is_dynamic, room.manager)
        if not most or (wanted is not None and most >= wanted):
            return None
        return _body(asked, effective, None, most, around)
    kind = effective.get("kind")
    share = usual_share(room.manager, None if kind is None else kind.value)
    heap = heap_within(_beside_an_executor(limit, step, room, size), step, share)
    most = None if heap is None else room.executors_beside(_container(heap, step, share), size)
    return _body(asked, effective, heap, most, around) if most else None


def _beside_an_executor(limit: int, step: int, room: Room, size: Sizes) -> int:
    """Return the largest driver's container, a limit at most, that leaves an executor room; 0 where none does."""
    least, most = 0, limit // step
    while least < most:
        middle = (least + most + 1) // 2
        if room.executors_beside(middle * step, size):
            least = middle
        else:
            most = middle - 1
    return least * step


def _container(heap: int, step: int, share: Fraction) -> int:
    return -(-(heap + overhead(heap, share)) // step) * step


def _body(
    asked: Mapping[str, Any], effective: Mapping[str, Entry], heap: int | None, most: int, around: Tenancy
) -> dict[str, Any] | None:
    wanted = most_executors({**around.spark_defaults, **effective}, around.is_dynamic, around.manager)
    most = most if wanted is None else min(most, wanted)
    only = replace(around, quotas=(Bound("executors", most, is_team=False, rule=""),))
    fewer = fitted(fold(asked), effective, only, None)
    if fewer is None:
        return None
    smaller = {} if heap is None else {"driver.memory": Entry(heap, heap)}
    kept = {name: given for name, given in fewer.entries.items() if heap is None or not _is_of_driver(name)}
    return replace(fewer, entries={**kept, **smaller}).to_body()


def _is_of_driver(name: str) -> bool:
    """Tell whether a property makes the driver's container larger than its heap says."""
    return name in {
        "driver.memory",
        "driver.memory_overhead",
        "conf.spark.driver.memoryOverheadFactor",
        "conf.spark.driver.minMemoryOverhead",
        "conf.spark.kubernetes.memoryOverheadFactor",
    }
