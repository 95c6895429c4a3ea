"""The largest request of the shape that was asked for which fits into what there is room for now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from livyguard.policy.allocation import SPARK
from livyguard.policy.executors import most_executors
from livyguard.policy.fitting import fitted
from livyguard.policy.fold import fold
from livyguard.policy.footprint import value_of
from livyguard.policy.pods import wanted
from livyguard.policy.properties import CONF, PROPERTIES
from livyguard.policy.quota import Bound
from livyguard.policy.request import Entry
from livyguard.policy.tenancy import Tenancy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from livyguard.policy.pods import Wanted
    from livyguard.policy.request import SessionRequest

__all__ = ["Offer", "Room", "largest_request"]

#: A driver below it is no use; Spark itself refuses less than 450 MiB.
LEAST_HEAP = 512
#: What makes a driver's container larger than its heap says, and an executor's not.
OF_DRIVER = (
    "driver.memory_overhead",
    "conf.spark.driver.memoryOverheadFactor",
    "conf.spark.driver.minMemoryOverhead",
    "conf.spark.yarn.am.memory",
    "conf.spark.yarn.am.memoryOverhead",
)


class Room(Protocol):
    """What there is room for: in a queue of YARN, in a namespace of Kubernetes. MiB."""

    @property
    def manager(self) -> str:
        """``yarn`` or ``kubernetes``."""

    def rounding(self, told: int) -> int:
        """Return what a container is rounded up to; ``told`` is what the policy says, 1 where it says nothing."""

    def driver_within(self, size: Wanted) -> int | None:
        """Return the largest driver's container there is room for; None where nothing tells."""

    def executors_beside(self, driver: int, size: Wanted) -> int | None:
        """Return how many executors fit beside a driver's container; None where nothing tells."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A request that fits.

    Attributes:
        body: for Livy.
        without: the user's own settings that are left out of it, as Spark calls them.
    """

    body: dict[str, Any]
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Start:
    """What would start: folded settings in Livy's hands, and what counts where they are silent."""

    effective: Mapping[str, Entry]
    otherwise: Mapping[str, Entry]
    room: Room
    step: int

    @property
    def size(self) -> Wanted:
        """One driver and one executor, as Spark asks for them."""
        return wanted(self.effective, self.otherwise, manager=self.room.manager, step=self.step)

    @property
    def heap(self) -> int:
        """The driver's, MiB."""
        return int(value_of("driver.memory", self.effective, self.otherwise) or 0)

    def of_heap(self, heap: int) -> _Start:
        """Return the same with another heap."""
        return replace(self, effective={**self.effective, "driver.memory": Entry(heap, heap)})

    def without(self, names: Collection[str]) -> _Start:
        """Return the same without some settings."""
        return replace(self, effective={name: each for name, each in self.effective.items() if name not in names})

    def executors(self, limit: int) -> int:
        """Return how many executors fit beside its driver; 0 where the driver is beyond a limit."""
        size = self.size
        driver = size.driver.memory_mib
        return 0 if driver is None or driver > limit else self.room.executors_beside(driver, size) or 0

    def largest(self, limit: int) -> int:
        """Return the largest heap, its own at most, that leaves an executor room; 0 where none of use does."""
        least, most = LEAST_HEAP - 1, self.heap
        while least < most:
            middle = (least + most + 1) // 2
            if self.of_heap(middle).executors(limit):
                least = middle
            else:
                most = middle - 1
        return least if least >= LEAST_HEAP else 0


def largest_request(
    asked: Mapping[str, Any], effective: Mapping[str, Entry], room: Room, cluster: Tenancy | None = None
) -> Offer | None:
    """Return the largest request of the shape that was asked for which fits now.

    Its driver is made smaller where there is no room for it as it is, its executors fewer; their size stays. What the
    user gave the driver beside its heap is left out where that leaves a larger heap, never a larger one than asked.

    Args:
        asked: what the user gave, in Livy's shape.
        effective: what Livy was sent of what bears on sizes, folded.
        room: what there is room for.
        cluster: what the policy says of the cluster; its rules do not count here.

    Returns:
        None where too little is told, where not even the smallest fits, and where nothing has to be smaller.
    """
    around = replace(cluster or Tenancy("", {}), manager=room.manager)
    start = _Start(effective, {**SPARK, **around.spark_defaults}, room, room.rounding(around.step))
    size = start.size
    limit, driver = room.driver_within(size), size.driver.memory_mib
    if limit is None or driver is None or not size.executor.memory_mib:
        return None
    given = fold(asked)
    if driver <= limit:
        most = room.executors_beside(driver, size)
        number = most_executors({**start.otherwise, **effective}, around.is_dynamic, room.manager)
        if not most or (number is not None and most >= number):
            return None
        body = _body(given, start, most, around)
        return None if body is None else Offer(body)
    own = [name for name in OF_DRIVER if name in given.entries]
    without, heap = own, start.without(own).largest(limit)
    if (kept := start.largest(limit)) >= heap:
        without, heap = [], kept
    if not heap:
        return None
    offered = start.without(without).of_heap(heap)
    entries = {name: each for name, each in given.entries.items() if name not in without}
    smaller = replace(given, entries={**entries, "driver.memory": Entry(heap, heap)})
    body = _body(smaller, offered, offered.executors(limit), around)
    return None if body is None else Offer(body, tuple(_spelled(name) for name in without))


def _body(request: SessionRequest, start: _Start, most: int, around: Tenancy) -> dict[str, Any] | None:
    """Return a request with no more executors than so many, as a body for Livy; None where it has none."""
    number = most_executors({**around.spark_defaults, **start.effective}, around.is_dynamic, around.manager)
    most = most if number is None else min(most, number)
    only = replace(around, quotas=(Bound("executors", most, is_team=False, rule=""),))
    fewer = fitted(request, start.effective, only, None)
    return None if fewer is None else fewer.to_body()


def _spelled(name: str) -> str:
    return name.removeprefix(CONF) if name.startswith(CONF) else PROPERTIES[name].keys[0]
