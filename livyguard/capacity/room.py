"""How much of a cluster one session can take, by what the policy says of its workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.capacity.emr import EMR_TYPES
from livyguard.capacity.workers import WORKER_TYPES
from livyguard.policy.units import MIB, read_size

if TYPE_CHECKING:
    from livyguard.policy.footprint import Footprint
    from livyguard.policy.model import Cluster

__all__ = ["Room", "room_of"]


@dataclass(frozen=True, slots=True)
class Room:
    """What all workers have together; None where the policy does not tell.

    Attributes:
        memory_mib: MiB.
        cores: as the policy counts them.
        containers: drivers and executors that fit, on workers of a type that AWS Glue names.
    """

    memory_mib: int | None = None
    cores: int | None = None
    containers: int | None = None

    def share(self, ceiling: Footprint) -> float | None:
        """Return how much of it a session can take, per cent: of what is scarcest for it; None where nobody can say."""
        containers = None if ceiling.executors is None else ceiling.executors + 1
        pairs = ((ceiling.memory_mib, self.memory_mib), (ceiling.cores, self.cores), (containers, self.containers))
        shares = [100 * asked / there for asked, there in pairs if asked is not None and there]
        return max(shares, default=None)


def room_of(cluster: Cluster | None) -> Room | None:
    """Return what a cluster has; None where the policy does not tell the number of its workers, or their size."""
    if cluster is None or not cluster.workers:
        return None
    name = cluster.worker_type or ""
    worker, kind, node = cluster.worker, WORKER_TYPES.get(name), EMR_TYPES.get(name)
    memory = None if worker is None or worker.memory is None else read_size(worker.memory, MIB)
    cores = None if worker is None else worker.cores
    if node is not None and worker is None:
        memory, cores = node.memory_mib, node.vcores
    room = Room(
        None if memory is None else memory * cluster.workers,
        None if cores is None else cores * cluster.workers,
        None if kind is None else kind.containers(cluster.workers),
    )
    return None if room == Room() else room
