"""Worker types, and what W workers of one give each of N people who work at once.

Source of every number: AWS Glue's guide to development endpoints. "How AWS Glue development endpoints work with
SageMaker notebooks" has the table of configurations and of the most executors per worker type; "Advanced configuration:
sharing development endpoints among multiple users" has the workers for 3, 10 and 50 users of 5 executors: 18, 60, 300.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["WORKER_TYPES", "WorkerType", "executors_each", "most_users", "nearest_type", "workers_for"]


@dataclass(frozen=True, slots=True)
class WorkerType:
    """What one worker holds, in containers: a driver is one, an executor is one.

    Attributes:
        name: as AWS writes it, ``G.1X``.
        driver_memory: ``spark.driver.memory`` of the cluster, as Spark writes sizes.
        executor_memory: ``spark.executor.memory``, likewise.
        executor_cores: ``spark.executor.cores``.
        containers_each: containers on one worker.
        spare: workers that hold no container of anybody's.
    """

    name: str
    driver_memory: str
    executor_memory: str
    executor_cores: int
    containers_each: int = 1
    spare: int = 0

    def containers(self, workers: int) -> int:
        """Return how many drivers and executors fit on that many workers, together."""
        return max(0, workers - self.spare) * self.containers_each


_ALL = (
    # "(DPU - 1) * 2 - 1" executors for a single session: its driver is the other one.
    WorkerType("Standard", "5g", "5g", 4, containers_each=2, spare=1),
    # "NumberOfWorkers - 1" executors for a single session, likewise.
    WorkerType("G.1X", "10g", "10g", 8),
    WorkerType("G.2X", "20g", "20g", 16),
)
#: By name.
WORKER_TYPES: Mapping[str, WorkerType] = MappingProxyType({each.name: each for each in _ALL})


def executors_each(kind: WorkerType, workers: int, users: int) -> int:
    """Return the most executors that everybody may have at once, each in one session with a driver; 0 for none.

    Args:
        kind: of the workers.
        workers: of the cluster, 0 or more.
        users: people who work at the same time, 1 or more.
    """
    return max(0, kind.containers(workers) // users - 1)


def most_users(kind: WorkerType, workers: int) -> int:
    """Return for how many people at once there is a driver and one executor each."""
    return kind.containers(workers) // 2


def workers_for(kind: WorkerType, users: int, executors: int) -> int:
    """Return how many workers give that many people that many executors each, and a driver each."""
    return math.ceil(users * (executors + 1) / kind.containers_each) + kind.spare


def nearest_type(name: str) -> str | None:
    """Return the worker type that a wrong name may have been meant for."""
    folded = {each.casefold().replace(".", ""): each for each in WORKER_TYPES}
    wanted = name.strip().casefold().replace(".", "").replace(" ", "")
    return folded.get(wanted) or next((folded[near] for near in get_close_matches(wanted, folded, n=1)), None)
