"""What a session holds: driver and executors with their overheads, as Spark asks the cluster manager for them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from livyguard.policy import kinds
from livyguard.policy.executors import COUNTED, most_executors
from livyguard.policy.fold import fold
from livyguard.policy.options import heap_of
from livyguard.policy.properties import FIELDS, canonical
from livyguard.policy.units import MIB, Unreadable, stripped

if TYPE_CHECKING:
    from livyguard.policy.kinds import Kind
    from livyguard.policy.request import Entry

__all__ = [
    "FACTORS",
    "LIMITS",
    "REQUESTS",
    "SIDES",
    "SWITCHES",
    "WEIGHTS",
    "Footprint",
    "Sizes",
    "amount_of",
    "bearing",
    "bears_on_ceiling",
    "ceiling",
    "ceiling_of",
    "overhead",
    "sizes",
    "stated_overhead",
    "value_of",
]

#: Spark's least overhead of a container, MiB, and its share of the heap.
LEAST_OVERHEAD = 384
SHARE = Fraction(1, 10)
#: On Kubernetes Spark leaves Python and R this share. Livy's own driver is a Java class there, of which Spark asks a
#: tenth; other servers that speak its REST submit Python itself. A limit has to hold for both.
SHARE_OF_OTHERS = Fraction(2, 5)
_OTHERS = frozenset({"pyspark", "sparkr"})
#: What the names of a driver's and an executor's own sizes begin with.
SIDES = ("driver.", "executor.")
#: The key that every side's overhead may also be scaled by.
_FACTOR_OF_ALL = "conf.spark.kubernetes.memoryOverheadFactor"
#: By side, the keys that scale the overhead, the one that Spark prefers first.
FACTORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {side: (f"conf.spark.{side}.memoryOverheadFactor", _FACTOR_OF_ALL) for side in ("executor", "driver")}
)
#: By side, the key by which Kubernetes is asked to reserve other cores than Spark's own.
REQUESTS: Mapping[str, str] = MappingProxyType(
    {side: f"conf.spark.kubernetes.{side}.request.cores" for side in FACTORS}
)
#: Either turns off-heap memory on.
SWITCHES = ("conf.spark.memory.offHeap.enabled", "conf.spark.unsafe.offHeap")
#: ``conf`` keys that are no property and still bear on what a session holds: the virtual property they count in, kind.
WEIGHTS: Mapping[str, tuple[str, Kind]] = MappingProxyType(
    dict.fromkeys(SWITCHES, ("session.memory", kinds.FLAG))
    | {name: ("session.memory", kinds.FACTOR) for names in FACTORS.values() for name in names}
    | {f"conf.spark.{side}.minMemoryOverhead": ("session.memory", kinds.MEBIBYTES) for side in FACTORS}
    | dict.fromkeys(REQUESTS.values(), ("session.cores", kinds.CORES))
    | {
        "conf.spark.yarn.am.memory": ("session.memory", kinds.HEAP),
        "conf.spark.yarn.am.memoryOverhead": ("session.memory", kinds.MEBIBYTES),
        "conf.spark.yarn.am.cores": ("session.cores", kinds.POSITIVE),
    }
)
#: By side, the key by which Spark gives its pods a limit of cores: it bears on Kubernetes' quotas alone.
LIMITS: Mapping[str, str] = MappingProxyType({side: f"conf.spark.kubernetes.{side}.limit.cores" for side in FACTORS})
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


def sizes(
    entries: Mapping[str, Entry], otherwise: Mapping[str, Entry], *, manager: str | None = None, step: int = 1
) -> Sizes:
    """Return what one driver and one executor take.

    Args:
        entries: a folded request's.
        otherwise: what counts where the request is silent: spark-defaults, or Spark's own defaults.
        manager: ``yarn``, ``kubernetes``, …; None where it is not known.
        step: YARN's ``yarn.scheduler.minimum-allocation-mb``, of which it gives a whole number of times, MiB.
    """

    def known(name: str) -> Any:
        return None if name == _FACTOR_OF_ALL and manager == "yarn" else value_of(name, entries, otherwise)

    usual = SHARE_OF_OTHERS if manager == "kubernetes" and known("kind") in _OTHERS else SHARE
    least = step if manager == "yarn" else 1
    heap = known("executor.memory")
    executor = None
    if heap is not None:
        executor = heap + _overhead(known, "executor", heap, usual) + (known("executor.pyspark_memory") or 0)
        if any(known(name) for name in SWITCHES):
            executor += (known("executor.offheap_memory") or 0) // MIB
        executor = _rounded(executor, least)
    heap = known("driver.memory")
    driver = None
    if heap is not None:
        driver = _rounded(heap + _overhead(known, "driver", heap, usual), least) + _rounded(_of_master(known), least)
    cores = known("driver.cores")
    driver_cores = None if cores is None else _cores(known, "driver", cores) + (known("conf.spark.yarn.am.cores") or 0)
    cores = known("executor.cores")
    return Sizes(driver, executor, driver_cores, None if cores is None else _cores(known, "executor", cores))


def value_of(name: str, *sources: Mapping[str, Entry]) -> Any:
    """Return a value as Spark reads it, of the first source that says it; None where none does, readably."""
    for source in sources:
        if name in source and source[name].fault is None and not source[name].is_substituted:
            if name not in WEIGHTS:
                return source[name].value
            try:
                return WEIGHTS[name][1].read(source[name].raw)
            except Unreadable:
                return None
    return None


def _rounded(size: int, step: int) -> int:
    return -(-size // step) * step


def _overhead(known: Any, side: str, heap: int, usual: Fraction) -> int:
    stated = known(f"{side}.memory_overhead")
    return int(stated) if stated is not None else _scaled(known, side, heap, usual)


def _scaled(known: Any, side: str, heap: int, usual: Fraction = SHARE) -> int:
    factor = next((share for name in FACTORS[side] if (share := known(name)) is not None), usual)
    return max(overhead(heap, factor), known(f"conf.spark.{side}.minMemoryOverhead") or 0)


def _of_master(known: Any) -> int:
    """Return what the application master of a driver that runs elsewhere takes, if somebody gave it a size."""
    heap = known("conf.spark.yarn.am.memory")
    stated = known("conf.spark.yarn.am.memoryOverhead")
    if heap is None:
        return int(stated or 0)
    return int(heap + (overhead(heap) if stated is None else stated))


def _cores(known: Any, side: str, cores: int) -> int:
    """Return the cores of one side; what Kubernetes is asked to reserve counts where it is more."""
    return max(cores, math.ceil(known(REQUESTS[side]) or 0))


def stated_overhead(side: str, entries: Mapping[str, Entry], otherwise: Mapping[str, Entry]) -> int | None:
    """Return the overhead, MiB, that a request's own factor or minimum comes to; None where the heap is not known."""
    given = entries.get(f"{side}.memory") or otherwise[f"{side}.memory"]
    if given.fault is not None or given.is_substituted:
        return None
    return _scaled(lambda name: value_of(name, entries, otherwise), side, given.value)


def ceiling(
    body: Any, *, spark_defaults: Mapping[str, Any] | None = None, manager: str | None = None, step: int = 1
) -> Footprint:
    """Return the most that a session can ever hold.

    Args:
        body: what Livy was sent, or a session as Livy 0.8 and later list it (0 and null mean that nobody asked).
        spark_defaults: the cluster's spark-defaults, which count where the body is silent.
        manager: as in :func:`sizes`.
        step: as in :func:`sizes`.
    """
    otherwise = fold({"conf": dict(spark_defaults or {})}).entries
    return ceiling_of(bearing(body), otherwise, manager=manager, step=step)


def bearing(body: Any) -> dict[str, Entry]:
    """Return what a body says that bears on its ceiling, folded: for :func:`ceiling_of`, once more is known.

    Nothing else of it is kept, since a ``conf`` and Java options hold people's secrets.
    """
    asked = (
        {key: value for key, value in body.items() if not _is_unset(key, value)} if isinstance(body, Mapping) else body
    )
    told = {name: each for name, each in fold(asked).entries.items() if _bears(name)}
    return {name: each if name in WEIGHTS else replace(each, raw=each.value) for name, each in told.items()}


def ceiling_of(
    entries: Mapping[str, Entry],
    otherwise: Mapping[str, Entry],
    *,
    is_dynamic: bool | None = None,
    manager: str | None = None,
    step: int = 1,
) -> Footprint:
    """Return the most that a session of folded entries can ever hold.

    Args:
        entries: what the session asked for.
        otherwise: what counts where it is silent.
        is_dynamic: whether the cluster allocates executors dynamically where nobody says otherwise: where it does not,
            a session never has more than its number of executors. None: not known.
        manager: as in :func:`sizes`.
        step: as in :func:`sizes`.
    """
    executors = most_executors({**otherwise, **entries}, is_dynamic, manager)
    each = sizes(entries, otherwise, manager=manager, step=step)
    if executors is None:
        return Footprint()
    return Footprint(executors, each.memory(executors), each.cores(executors))


def bears_on_ceiling(key: str) -> bool:
    """Tell whether a ``conf`` key can make a difference to :func:`ceiling` where the manager is not told.

    A listing holds thousands of keys that cannot: what they say need not be looked at, nor kept apart.
    """
    key = stripped(key)
    name = canonical(key)
    return _bears(name) or heap_of(key) is not None


def _bears(name: str) -> bool:
    # The kind tells the share of overhead on Kubernetes.
    return amount_of(name) is not None or name == "kind" or name in LIMITS.values()


def amount_of(name: str) -> str | None:
    """Return the amount that a canonical property bears on: ``executors``, ``memory`` or ``cores``; None for none."""
    if name in COUNTED:
        return "executors"
    if name in WEIGHTS:
        return WEIGHTS[name][0].removeprefix("session.")
    if name.startswith(SIDES):
        return "cores" if name.endswith(".cores") else "memory"
    return None


def _is_unset(field: Any, value: Any) -> bool:
    """Tell whether a listing fills a field in that nobody asked for; what ``conf`` says of it then counts."""
    return value == 0 and FIELDS.get(field) in _ZERO_MEANS_UNSET
