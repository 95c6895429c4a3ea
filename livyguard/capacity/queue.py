"""What one queue of YARN has left. Memory alone, in MiB."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from livyguard.capacity.site import STEP

if TYPE_CHECKING:
    from collections.abc import Collection

    from livyguard.policy.pods import Wanted

__all__ = ["QueueRoom", "named"]


@dataclass(frozen=True, slots=True)
class QueueRoom:
    """What YARN tells of one queue; MiB; None each where it does not tell.

    Attributes:
        name: as YARN has it, without the path.
        driver_limit: what all drivers (application masters) in it may hold together.
        drivers: what they hold now.
        user_limit: likewise what the drivers of one user may hold, and
        user_drivers: hold now.
        user_free: how much more all containers of the user may hold, below 0 where they hold more: YARN starts one more
            while it is not below.
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
    user_free: int | None = None
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
        if self.user_free is not None and self.user_free < 0:
            found.append(0)
        if self.active != 0:
            found.append(self.left_for_drivers)
        return min((max(each, 0) for each in found if each is not None), default=None)

    @property
    def manager(self) -> str:
        """YARN."""
        return "yarn"

    def rounding(self, told: int) -> int:
        """Return what YARN rounds a container up to: what the policy says, else the scheduler, else its default."""
        return told if told > 1 else self.step or STEP

    def driver_within(self, size: Wanted) -> int | None:  # noqa: ARG002 - the protocol's signature
        """Return the largest driver's container that YARN would start now; None where nothing tells."""
        return self.largest_driver

    def executors_beside(self, driver: int, size: Wanted) -> int | None:
        """Return how many executors fit beside a driver; None where nothing tells."""
        return self.executors(driver, size.executor.memory_mib) if size.executor.memory_mib else None

    def on(self, nodes: tuple[int, ...] | None) -> QueueRoom:
        """Return the same with what the nodes have free."""
        return replace(self, nodes=nodes)

    def executors(self, driver: int, executor: int) -> int | None:
        """Return how many executors fit beside a driver; None where nothing tells."""
        found = [] if self.free is None else [(self.free - driver) // executor]
        if self.user_free is not None:  # the last one may go beyond the limit
            left = self.user_free - driver
            found.append(left // executor + 1 if left >= 0 else 0)
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
