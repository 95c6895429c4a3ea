"""What a cluster gives each of the people who share it, for a first policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from livyguard.policy.units import MIB, write_size
from livyguard.policy.wording import counted, people

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Nodes", "Share"]


@dataclass(frozen=True, slots=True)
class Nodes:
    """Workers that are of no type of AWS Glue's.

    Attributes:
        memory_mib: what one offers to containers, MiB.
        cores: likewise; None where nobody tells them.
        step: YARN's ``yarn.scheduler.minimum-allocation-mb``, MiB; None elsewhere.
        driver_mib: what a driver of the share takes, as the policy counts it: overheads included, and rounded up.
        executor_mib: likewise an executor.
        driver_cores: of a driver, where the manager counts cores.
        holds_drivers: drivers run on them, and not beside Livy.
        spark_defaults: what the cluster's Spark takes where Apache's takes something else.
    """

    memory_mib: int
    cores: int | None
    step: int | None
    driver_mib: int
    executor_mib: int
    driver_cores: int | None = None
    holds_drivers: bool = True
    spark_defaults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Share:
    """A cluster, and what each of the people who share it may have at once.

    Attributes:
        workers: number of workers.
        worker_type: their type, ``G.1X``; None for ``nodes``.
        containers: drivers and executors that fit on them, together.
        users: people who work at the same time.
        executors: for each of them, 1 or more.
        executor_memory: of one executor, as Spark writes sizes; None, like the next two, where nobody says how large a
            container of theirs may be.
        executor_cores: of one executor.
        driver_memory: of one driver.
        manager: the cluster's, ``glue``.
        is_dynamic: its spark-defaults.conf has dynamic allocation on.
        members: their names, where these are known; as many as ``users``.
        name: how the team is called, printable; None for no name.
        nodes: what workers offer that are of no type of AWS Glue's.
    """

    workers: int
    worker_type: str | None
    containers: int
    users: int
    executors: int
    executor_memory: str | None
    executor_cores: int | None
    driver_memory: str | None
    manager: str
    is_dynamic: bool = False
    members: tuple[str, ...] = ()
    name: str | None = None
    nodes: Nodes | None = None

    @property
    def of_kind(self) -> str:
        """What workers there are: ``of type G.1X``, ``of 56g and 16 cores``."""
        if self.nodes is None:
            return f"of type {self.worker_type}"
        cores = "" if self.nodes.cores is None else f" and {counted(self.nodes.cores, 'core')}"
        return f"of {write_size(self.nodes.memory_mib, MIB)}{cores}"

    @property
    def each(self) -> str:
        """What everybody has on them: ``a driver and 5 executors each``."""
        driver = "a driver and " if self.nodes is None or self.nodes.holds_drivers else ""
        return f"{driver}{counted(self.executors, 'executor')} each"

    @property
    def reason(self) -> str:
        """Why there are no more executors, for the people who ask for them."""
        return f"{counted(self.workers, 'worker')} shared by {people(self.users)}"
