"""What the quotas of one namespace of Kubernetes leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from livyguard.policy.footprint import Footprint, Sizes

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
    """

    memory_mib: int | None = None
    cores: Decimal | None = None
    pods: int | None = None

    @property
    def is_bounded(self) -> bool:
        """Does any quota bound anything?"""
        return any(each is not None for each in (self.memory_mib, self.cores, self.pods))

    def with_back(self, driver: Footprint) -> NamespaceRoom:
        """Return what would be left if a driver's pod gave back what it asks for."""
        return NamespaceRoom(
            memory_mib=None if self.memory_mib is None else self.memory_mib + (driver.memory_mib or 0),
            cores=None if self.cores is None else self.cores + (driver.cores or 0),
            pods=None if self.pods is None else self.pods + 1,
        )

    @property
    def manager(self) -> str:
        """Kubernetes."""
        return "kubernetes"

    def rounding(self, told: int) -> int:  # noqa: ARG002 - the protocol's signature
        """Return that nothing is rounded."""
        return 1

    def driver_within(self, size: Sizes) -> int | None:
        """Return the largest driver's pod that the quotas let in, MiB; None where no quota bounds anything."""
        if not self.is_bounded:
            return None
        is_refused = (self.pods is not None and self.pods < 1) or (
            self.cores is not None and size.driver_cores is not None and size.driver_cores > self.cores
        )
        return 0 if is_refused else max(BOUNDLESS if self.memory_mib is None else self.memory_mib, 0)

    def executors_beside(self, driver: int, size: Sizes) -> int | None:
        """Return how many executors the quotas let in beside a driver's pod; None where nothing bounds them."""
        found = []
        if self.memory_mib is not None and size.executor_mib:
            found.append((self.memory_mib - driver) // size.executor_mib)
        if self.cores is not None and size.executor_cores:
            found.append(int((self.cores - (size.driver_cores or 0)) // size.executor_cores))
        if self.pods is not None:
            found.append(self.pods - 1)
        return max(min(found), 0) if found else None
