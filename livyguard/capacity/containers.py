"""What the containers of a session take on a cluster, as its manager counts them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from livyguard.policy.footprint import overhead, value_of
from livyguard.policy.pods import wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.pods import PodAsks
    from livyguard.policy.request import Entry

__all__ = ["Container", "SessionSize", "session_size"]

#: Spark's own default of ``spark.yarn.am.memory``, MiB.
MASTER_HEAP = 512
_MASTER = "conf.spark.yarn.am."


@dataclass(frozen=True, slots=True)
class Container:
    """What a container takes, or a worker offers.

    Attributes:
        memory_mib: MiB; of a container overheads included, and rounded as the manager rounds them.
        cores: Spark's and YARN's whole cores, parts of cores on Kubernetes.
    """

    memory_mib: int
    cores: Fraction

    def __add__(self, other: Container) -> Container:
        return Container(self.memory_mib + other.memory_mib, self.cores + other.cores)

    def __sub__(self, other: Container) -> Container:
        return Container(self.memory_mib - other.memory_mib, self.cores - other.cores)

    def __mul__(self, number: int) -> Container:
        return Container(self.memory_mib * number, self.cores * number)


@dataclass(frozen=True, slots=True)
class SessionSize:
    """What a session is made of.

    Attributes:
        driver: what its driver takes on a worker; where drivers run beside Livy, YARN's application master, else None.
        executor: what each of its executors takes.
        beside_livy_mib: memory that its driver takes on Livy's own machine, MiB; 0 where it runs on a worker.
    """

    driver: Container | None
    executor: Container
    beside_livy_mib: int = 0


def session_size(
    entries: Mapping[str, Entry],
    otherwise: Mapping[str, Entry],
    manager: str,
    *,
    step: int = 1,
    deploy_mode: str = "cluster",
) -> SessionSize:
    """Return what one driver and one executor take.

    Args:
        entries: a folded body for Livy.
        otherwise: what counts where it is silent, with a size of everything: spark-defaults, then Spark's own.
        manager: ``glue``, ``yarn``, ``kubernetes`` or ``standalone``.
        step: YARN's ``yarn.scheduler.minimum-allocation-mb``, MiB.
        deploy_mode: ``cluster`` or ``client``.
    """
    heap = int(value_of("driver.memory", entries, otherwise))
    if manager == "standalone":
        executor = Container(
            _whole("executor.memory", entries, otherwise), _cores("executor.cores", entries, otherwise)
        )
        own = Container(heap, _cores("driver.cores", entries, otherwise))
        return SessionSize(own, executor) if deploy_mode == "cluster" else SessionSize(None, executor, heap)
    size = wanted(
        {name: each for name, each in entries.items() if not name.startswith(_MASTER)},
        otherwise,
        manager=manager,
        step=step,
    )
    executor, own = _container(size.executor), _container(size.driver)
    if deploy_mode == "cluster":
        return SessionSize(own, executor)
    return SessionSize(_master(entries, otherwise, step) if manager == "yarn" else None, executor, heap)


def _master(entries: Mapping[str, Entry], otherwise: Mapping[str, Entry], step: int) -> Container:
    """Return what YARN's application master takes where no driver is in it."""
    heap = value_of(f"{_MASTER}memory", entries, otherwise) or MASTER_HEAP
    stated = value_of(f"{_MASTER}memoryOverhead", entries, otherwise)
    whole = heap + (overhead(heap) if stated is None else stated)
    return Container(-(-whole // step) * step, Fraction(value_of(f"{_MASTER}cores", entries, otherwise) or 1))


def _container(asks: PodAsks) -> Container:
    return Container(asks.memory_mib or 0, Fraction(asks.cores or 0))


def _whole(name: str, *sources: Mapping[str, Entry]) -> int:
    return int(value_of(name, *sources))


def _cores(name: str, *sources: Mapping[str, Entry]) -> Fraction:
    return Fraction(value_of(name, *sources))
