"""What one queue of YARN has left, and the largest request that would start in it now. Memory alone, in MiB."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from livyguard.policy.allocation import SPARK
from livyguard.policy.executors import most_executors
from livyguard.policy.fitting import fitted
from livyguard.policy.fold import fold
from livyguard.policy.footprint import overhead, sizes
from livyguard.policy.quota import Bound
from livyguard.policy.request import Entry
from livyguard.policy.tenancy import Tenancy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any


__all__ = ["QueueRoom", "heap_within", "largest_request", "named"]

#: YARN's own default of ``yarn.scheduler.minimum-allocation-mb``.
STEP = 1_024
#: A driver below it is no use; Spark itself refuses less than 450 MiB.
LEAST_HEAP = 512


@dataclass(frozen=True, slots=True)
class QueueRoom:
    """What YARN tells of one queue; MiB; None each where it does not tell.

    Attributes:
        name: as YARN has it, without the path.
        driver_limit: what all drivers (application masters) in it may hold together.
        drivers: what they hold now.
        user_limit: likewise what the drivers of one user may hold, and
        user_drivers: hold now.
        active: how many applications run in it: where there is none, YARN starts a driver that is beyond the limit.
        free: what the queue, and every queue above it, may still take.
        step: what YARN rounds a container up to.
        nodes: what each node has free; None where it was not asked.
    """

    name: str
    driver_limit: int | None = None
    drivers: int | None = None
    user_limit: int | None = None
    user_drivers: int | None = None
    active: int | None = None
    free: int | None = None
    step: int | None = None
    nodes: tuple[int, ...] | None = None

    @property
    def left_for_drivers(self) -> int | None:
        """How much more drivers may hold, by the queue's limit and the user's; below 0 where they hold more already."""
        pairs = ((self.driver_limit, self.drivers), (self.user_limit, self.user_drivers))
        return min((most - held for most, held in pairs if most is not None and held is not None), default=None)

    @property
    def largest_free(self) -> int | None:
        """What the node with the most room has free; None where the nodes were not asked."""
        return None if self.nodes is None else max(self.nodes, default=0)

    @property
    def largest_driver(self) -> int | None:
        """The largest driver's container that YARN would start now; None where nothing tells."""
        found = [self.free, self.largest_free]
        if self.active != 0:
            found.append(self.left_for_drivers)
        return min((max(each, 0) for each in found if each is not None), default=None)

    def on(self, nodes: tuple[int, ...] | None) -> QueueRoom:
        """Return the same with what the nodes have free."""
        return replace(self, nodes=nodes)

    def executors(self, driver: int, executor: int) -> int | None:
        """Return how many executors fit beside a driver; None where nothing tells."""
        found = [] if self.free is None else [(self.free - driver) // executor]
        if self.nodes is not None:
            each = [node // executor for node in self.nodes]
            places = [place for place, node in enumerate(self.nodes) if node >= driver]
            lost = [each[place] - (self.nodes[place] - driver) // executor for place in places]
            found.append(sum(each) - min(lost) if lost else 0)
        return max(min(found), 0) if found else None


def named(wanted: str, paths: Collection[str]) -> str | None:
    """Return the path of a queue that is named by it, or by its last part where no other queue has that name."""
    leaves = [path for path in paths if path.rpartition(".")[2] == wanted]
    whole = [path for path in (wanted, f"root.{wanted}") if path in paths]
    return whole[0] if whole else (leaves[0] if len(leaves) == 1 else None)


def heap_within(container: int, step: int) -> int | None:
    """Return the largest heap whose container, overhead and rounding included, is not larger; None for none of use."""
    whole = container // step * step
    heap = min(whole - overhead(0), whole * 10 // 11)
    return heap if heap >= LEAST_HEAP else None


def largest_request(
    asked: Mapping[str, Any], effective: Mapping[str, Entry], room: QueueRoom, cluster: Tenancy | None = None
) -> dict[str, Any] | None:
    """Return the largest request of the shape that was asked for which would start now, as a body for Livy.

    Its driver is made smaller where YARN would not start it as it is, its executors fewer; their size stays.

    Args:
        asked: what the user gave, in Livy's shape.
        effective: what Livy was sent of what bears on sizes, folded.
        room: what the queue has left.
        cluster: what the policy says of the cluster; its rules do not count here.

    Returns:
        The body; None where YARN tells too little, where not even the smallest would start, and where nothing has to be
        smaller.
    """
    around = cluster or Tenancy("", {})
    otherwise = {**SPARK, **around.spark_defaults}
    step = around.step if around.step > 1 else room.step or STEP
    size = sizes(effective, otherwise, manager="yarn", step=step)
    limit = room.largest_driver
    if limit is None or size.driver_mib is None or not size.executor_mib:
        return None
    if size.driver_mib <= limit:
        most = room.executors(size.driver_mib, size.executor_mib)
        wanted = most_executors({**otherwise, **effective}, around.is_dynamic, "yarn")
        if not most or (wanted is not None and most >= wanted):
            return None
        return _body(asked, effective, None, most, around)
    for container in (limit, limit - size.executor_mib):  # the largest driver may leave no executor any room
        heap = heap_within(container, step)
        most = None if heap is None else room.executors(_container(heap, step), size.executor_mib)
        if most:
            return _body(asked, effective, heap, most, around)
    return None


def _container(heap: int, step: int) -> int:
    return -(-(heap + overhead(heap)) // step) * step


def _body(
    asked: Mapping[str, Any], effective: Mapping[str, Entry], heap: int | None, most: int, around: Tenancy
) -> dict[str, Any] | None:
    wanted = most_executors({**around.spark_defaults, **effective}, around.is_dynamic, "yarn")
    most = most if wanted is None else min(most, wanted)
    only = replace(around, manager="yarn", quotas=(Bound("executors", most, is_team=False, rule=""),))
    fewer = fitted(fold(asked), effective, only, None)
    if fewer is None:
        return None
    smaller = {} if heap is None else {"driver.memory": Entry(heap, heap)}
    kept = {name: given for name, given in fewer.entries.items() if heap is None or not _is_of_driver(name)}
    return replace(fewer, entries={**kept, **smaller}).to_body()


def _is_of_driver(name: str) -> bool:
    """Tell whether a property makes the driver's container larger than its heap says."""
    return name in {"driver.memory", "driver.memory_overhead", "conf.spark.driver.memoryOverheadFactor"}
