"""What the quotas of one namespace of Kubernetes leave."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livyguard.policy.pods import PodAsks, Wanted

__all__ = ["NamespaceRoom"]

#: No node has that much: what stands for memory that no quota bounds, MiB.
BOUNDLESS = 2**40


@dataclass(frozen=True, slots=True)
class NamespaceRoom:
    """What every ResourceQuota that counts Spark's pods leaves, below 0 where more is held; None: none bounds it.

    Attributes:
        memory_mib: that pods may still ask for.
        cores: likewise.
        pods: likewise.
        limit_cores: that the limits of pods may still come to together, ``limits.cpu``.
    """

    memory_mib: int | None = None
    cores: Decimal | None = None
    pods: int | None = None
    limit_cores: Decimal | None = None

    @property
    def is_bounded(self) -> bool:
        """Does any quota bound anything?"""
        return any(each is not None for each in (self.memory_mib, self.cores, self.pods, self.limit_cores))

    def with_back(self, driver: PodAsks) -> NamespaceRoom:
        """Return what would be left if a driver's pod gave back what it asks for."""
        return NamespaceRoom(
            memory_mib=None if self.memory_mib is None else self.memory_mib + (driver.memory_mib or 0),
            cores=None if self.cores is None else self.cores + (driver.cores or 0),
            pods=None if self.pods is None else self.pods + 1,
            limit_cores=None if self.limit_cores is None else self.limit_cores + (driver.limit_cores or 0),
        )

    @property
    def manager(self) -> str:
        """Kubernetes."""
        return "kubernetes"

    def rounding(self, told: int) -> int:  # noqa: ARG002 - the protocol's signature
        """Return that nothing is rounded."""
        return 1

    def driver_within(self, size: Wanted) -> int | None:
        """Return the largest driver's pod that the quotas let in, MiB; None where nothing tells.

        A quota on limits of cores refuses a pod without one, unless the namespace has a usual one that nobody here
        knows: then nothing tells.
        """
        limit = size.driver.limit_cores
        if not self.is_bounded or (self.limit_cores is not None and None in (limit, size.executor.limit_cores)):
            return None
        is_refused = (
            (self.pods is not None and self.pods < 1)
            or _is_beyond(size.driver.cores, self.cores)
            or _is_beyond(limit, self.limit_cores)
        )
        return 0 if is_refused else max(BOUNDLESS if self.memory_mib is None else self.memory_mib, 0)

    def executors_beside(self, driver: int, size: Wanted) -> int | None:
        """Return how many executors the quotas let in beside a driver's pod; None where nothing bounds them."""
        own, each = size.driver, size.executor
        found = [] if self.pods is None else [self.pods - 1]
        for left, taken, share in (
            (self.memory_mib, driver, each.memory_mib),
            (self.cores, own.cores, each.cores),
            (self.limit_cores, own.limit_cores, each.limit_cores),
        ):
            if left is not None and share:
                found.append(int((Decimal(left) - (taken or 0)) // share))
        return max(min(found), 0) if found else None


def _is_beyond(asked: Decimal | None, left: Decimal | None) -> bool:
    return asked is not None and left is not None and asked > left
