"""A cluster of equal workers, and how its manager counts what containers take there."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.capacity.containers import Container
    from livyguard.capacity.packing import Amounts
    from livyguard.capacity.workers import WorkerType

__all__ = ["AM_SHARE", "STEP", "Site"]

#: YARN's own default of ``yarn.scheduler.minimum-allocation-mb``, MiB.
STEP = 1_024
#: The CapacityScheduler's own default of ``yarn.scheduler.capacity.maximum-am-resource-percent``.
AM_SHARE = Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Site:
    """A cluster of equal workers.

    Attributes:
        manager: ``glue``, ``yarn``, ``kubernetes`` or ``standalone``.
        offered: what one worker offers to containers, without what it keeps to itself; None on Glue.
        worker_type: AWS Glue's, which says how many containers a worker holds; None elsewhere.
        step: YARN rounds a container's memory up to a whole number of times this, MiB.
        counts_cores: the manager looks at cores: Kubernetes and standalone do, YARN with its
            DominantResourceCalculator alone.
        queue_share: how much of the cluster these people's queue may hold at the most; 1 for all of it.
        am_share: how much of the queue YARN lets drivers (application masters) hold; None for no limit.
        deploy_mode: ``cluster``: drivers run on workers; ``client``: beside Livy.
        drivers_apart: drivers run on workers of their own, as large as the others.
    """

    manager: str
    offered: Container | None = None
    worker_type: WorkerType | None = None
    step: int = STEP
    counts_cores: bool = True
    queue_share: Fraction = Fraction(1)
    am_share: Fraction | None = None
    deploy_mode: str = "cluster"
    drivers_apart: bool = False

    @property
    def room(self) -> Amounts:
        """What one worker offers, in everything that is counted."""
        if self.worker_type is not None:
            return (self.worker_type.containers_each,)
        return (0,) if self.offered is None else self._counted(self.offered, floor)

    @property
    def spare(self) -> int:
        """How many workers hold no container of anybody's."""
        return 0 if self.worker_type is None else self.worker_type.spare

    def takes(self, container: Container) -> Amounts:
        """Return what a container takes, in everything that is counted."""
        return (1,) if self.worker_type is not None else self._counted(container, ceil)

    def granted(self, container: Container) -> Container:
        """Return what the manager counts as given for a container: where YARN looks at memory alone, one core each."""
        if self.manager != "yarn" or self.counts_cores:
            return container
        return replace(container, cores=Fraction(1))

    def drivers_limit(self, workers: int) -> Amounts | None:
        """Return what YARN lets drivers hold on that many workers, in everything that is counted; None for no limit.

        Source: ``LeafQueue.calculateAndGetAMResourceLimitPerPartition``, and ``multiplyAndNormalizeUp`` of both
        calculators, which round the share up to YARN's step in two ways.
        """
        if self.am_share is None or self.offered is None:
            return None
        queue, share = self._queue(self.offered * workers), _single(self.am_share)
        memory = queue.memory_mib * share
        memory = ceil(_single(memory)) if self.counts_cores else int(memory + 0.5)
        cores = ceil(_single(queue.cores * share))
        return self._counted(
            replace(queue, memory_mib=-(-memory // self.step) * self.step, cores=Fraction(cores)), floor
        )

    def queue_limit(self, workers: int) -> Amounts | None:
        """Return what the queue may hold on that many workers, in everything that is counted; None for all of it."""
        if self.queue_share == 1 or self.offered is None:
            return None
        return self._counted(self._queue(self.offered * workers), floor)

    def _queue(self, whole: Container) -> Container:
        """Return the queue's part.

        YARN reckons with numbers of 32 bits and drops what is left over: 70 % of 20,480 MiB are 14,335 to it. Source:
        ``AbstractCSQueue``'s capacities, ``ParentQueue.calculateEffectiveResourcesAndCapacity``.
        """
        if self.manager != "yarn":
            memory, cores = whole.memory_mib * self.queue_share, whole.cores * self.queue_share
            return replace(whole, memory_mib=floor(memory), cores=cores)
        share = _single(_single(self.queue_share * 100) / 100)
        return replace(whole, memory_mib=int(whole.memory_mib * share), cores=Fraction(int(whole.cores * share)))

    def _counted(self, amount: Container, whole: Callable[[Fraction], int]) -> Amounts:
        return (amount.memory_mib, whole(amount.cores * 1_000)) if self.counts_cores else (amount.memory_mib,)


def _single(number: Fraction | float) -> float:
    """Return the nearest number of 32 bits."""
    (nearest,) = struct.unpack("f", struct.pack("f", number))
    return float(nearest)
