"""What a session holds: driver and executors with their overheads, as Spark asks the cluster manager for them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from livyguard.policy import kinds
from livyguard.policy.fold import fold
from livyguard.policy.units import MIB, Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.request import Entry

__all__ = ["Footprint", "Sizes", "ceiling", "overhead", "sizes"]

#: Spark's least overhead of a container, MiB, and its share of the heap.
LEAST_OVERHEAD = 384
SHARE = Fraction(1, 10)
_ZERO_MEANS_UNSET = frozenset({"executors.count", "executor.cores", "driver.cores"})


@dataclass(frozen=True, slots=True)
class Footprint:
    """The most that a session can ever hold; None where the body does not tell.

    Attributes:
        executors: number of executors.
        memory_mib: driver and executors with their overheads, MiB.
        cores: driver and executors.
    """

    executors: int | None = None
    memory_mib: int | None = None
    cores: int | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """One driver and one executor, overheads included; None where the request does not tell."""

    driver_mib: int | None
    executor_mib: int | None
    driver_cores: int | None
    executor_cores: int | None

    def memory(self, executors: int) -> int | None:
        """Return the memory of a session with that many executors, MiB."""
        if self.driver_mib is None or self.executor_mib is None:
            return None
        return self.driver_mib + executors * self.executor_mib

    def cores(self, executors: int) -> int | None:
        """Return the cores of a session with that many executors."""
        if self.driver_cores is None or self.executor_cores is None:
            return None
        return self.driver_cores + executors * self.executor_cores


def overhead(heap: int, factor: Fraction = SHARE) -> int:
    """Return the overhead that Spark adds to a heap, both in MiB."""
    return max(int(heap * factor), LEAST_OVERHEAD)


def sizes(entries: Mapping[str, Entry], otherwise: Mapping[str, Entry]) -> Sizes:
    """Return what one driver and one executor take.

    Args:
        entries: a folded request's.
        otherwise: what counts where the request is silent: spark-defaults, or Spark's own defaults.
    """

    def known(name: str) -> Any:
        for source in (entries, otherwise):
            if name in source and source[name].fault is None and not source[name].is_substituted:
                return source[name].value
        return None

    heap = known("executor.memory")
    executor = None
    if heap is not None:
        executor = heap + _overhead(known, "executor", heap) + (known("executor.pyspark_memory") or 0)
        if str(known("conf.spark.memory.offHeap.enabled")).lower() == "true":
            executor += (known("executor.offheap_memory") or 0) // MIB
    heap = known("driver.memory")
    driver = None if heap is None else heap + _overhead(known, "driver", heap)
    return Sizes(driver, executor, known("driver.cores"), known("executor.cores"))


def _overhead(known: Any, side: str, heap: int) -> int:
    stated = known(f"{side}.memory_overhead")
    return int(stated) if stated is not None else overhead(heap, _factor(known, side))


def _factor(known: Any, side: str) -> Fraction:
    stated = known(f"conf.spark.{side}.memoryOverheadFactor")
    try:
        return Fraction(
            kinds.NUMBER.read(known("conf.spark.kubernetes.memoryOverheadFactor") if stated is None else stated)
        )
    except Unreadable:
        return SHARE


def ceiling(body: Any, *, spark_defaults: Mapping[str, Any] | None = None) -> Footprint:
    """Return the most that a session can ever hold.

    Args:
        body: what Livy was sent, or a session as Livy 0.8 and later list it (0 and null mean that nobody asked).
        spark_defaults: the cluster's spark-defaults, which count where the body is silent.
    """
    entries = {name: each for name, each in fold(body).entries.items() if not _is_unset(name, each)}
    otherwise = fold({"conf": dict(spark_defaults or {})}).entries
    executors = _most_executors({**otherwise, **entries})
    if executors is None:
        return Footprint()
    each = sizes(entries, otherwise)
    return Footprint(executors, each.memory(executors), each.cores(executors))


def _is_unset(name: str, given: Entry) -> bool:
    return name in _ZERO_MEANS_UNSET and given.raw == 0


def _most_executors(entries: Mapping[str, Entry]) -> int | None:
    def number(name: str) -> int | None:
        given = entries.get(name)
        return None if given is None or given.fault is not None else int(given.value)

    allocation = entries.get("dynamic_allocation")
    is_dynamic = None if allocation is None or allocation.fault is not None else allocation.value
    most, count = number("executors.max"), number("executors.count")
    if is_dynamic is False:
        return count
    if most is not None:
        return max(most, count or 0)
    return None if is_dynamic else count
