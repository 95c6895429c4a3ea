"""What Spark refuses to start with beside a value that was changed is changed with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.policy import kinds
from livyguard.policy.footprint import LIMITS, REQUESTS, SWITCHES
from livyguard.policy.options import heap_of, without_first_heap
from livyguard.policy.properties import CONF
from livyguard.policy.rules import Rule
from livyguard.policy.units import MIB, Unreadable

if TYPE_CHECKING:
    from livyguard.policy.bench import Bench
    from livyguard.policy.kinds import Kind
    from livyguard.policy.request import Entry
    from livyguard.policy.tenancy import Tenancy

__all__ = ["follow"]

_TASK = f"{CONF}spark.task.cpus"
_OFF_HEAP = "executor.offheap_memory"
_STREAMING = f"{CONF}spark.streaming.dynamicAllocation."


def follow(bench: Bench, tenant: Tenancy) -> None:
    """Bring what hangs on a changed value in line with it, each with a change of its own."""
    for side in ("executor", "driver"):
        _follow_heap(bench, tenant, f"{side}.memory")
        if _is_changed(bench, f"{side}.cores"):
            _follow_limit(bench, tenant, side)
    if _is_changed(bench, "executor.cores"):
        _follow_task(bench, tenant)
    if _is_changed(bench, f"{_STREAMING}maxExecutors"):
        _follow_streaming(bench, tenant)
    if _is_changed(bench, _OFF_HEAP):
        _follow_off_heap(bench, tenant)


def _is_changed(bench: Bench, name: str) -> bool:
    return bench.entries.get(name) is not bench.request.entries.get(name)


def _follow_task(bench: Bench, tenant: Tenancy) -> None:
    """A task takes no more cores than an executor has."""
    cores = bench.entries.get("executor.cores")
    most = 1 if cores is None else cores.value
    task = _read(bench, _TASK, kinds.POSITIVE)
    if task is not None and task > most:
        _change(bench, tenant, "executor.cores", _TASK, most, kinds.POSITIVE)


def _follow_streaming(bench: Bench, tenant: Tenancy) -> None:
    """Streaming's own allocation starts with no more executors than its most."""
    most = _read(bench, f"{_STREAMING}maxExecutors", kinds.POSITIVE)
    for name in (f"{_STREAMING}minExecutors", f"{_STREAMING}initialExecutors"):
        number = _read(bench, name, kinds.COUNT)
        if most is not None and number is not None and number > most:
            _change(bench, tenant, "executors.max", name, most, kinds.COUNT)


def _follow_limit(bench: Bench, tenant: Tenancy, side: str) -> None:
    """Kubernetes starts no pod that asks for more cores than its limit."""
    cores = bench.entries.get(f"{side}.cores")
    limit = LIMITS[side]
    most = _read(bench, limit, kinds.CORES)
    asks_itself = REQUESTS[side] in bench.entries
    if cores is not None and most is not None and most < cores.value and not asks_itself:
        _change(bench, tenant, f"{side}.cores", limit, cores.value, kinds.CORES)


def _follow_off_heap(bench: Bench, tenant: Tenancy) -> None:
    """Off-heap memory without a size is switched off."""
    size = bench.entries.get(_OFF_HEAP) or tenant.spark_defaults.get(_OFF_HEAP)
    if size is not None and size.fault is None and size.value >= MIB:
        return
    for name in SWITCHES:
        if _read(bench, name, kinds.FLAG):
            _change(bench, tenant, _OFF_HEAP, name, None, kinds.FLAG)


def _follow_heap(bench: Bench, tenant: Tenancy, heap: str) -> None:
    """Java starts with no heap that is larger than its largest."""
    most = bench.entries.get(heap)
    if most is None or not _is_changed(bench, heap):
        return
    for name, given in list(bench.entries.items()):
        key = name.removeprefix(CONF)
        if heap_of(key) == heap and isinstance(given.value, str):
            rest = without_first_heap(given.value, most.value)
            if rest != given.value:
                _change(bench, tenant, heap, name, rest or None, kinds.TEXT)


def _read(bench: Bench, name: str, kind: Kind) -> Any:
    given = bench.entries.get(name)
    try:
        return None if given is None else kind.read(given.raw)
    except Unreadable:
        return None


def _change(bench: Bench, tenant: Tenancy, cause: str, name: str, value: Any, kind: Kind) -> None:
    given: Entry = bench.entries[name]
    rule = tenant.rule_for(cause)
    path = rule.path if rule is not None else cause
    bench.change(name, given, value, Rule(name, path, kind, denies=False, reason=_WHY[cause]))


_WHY = {
    "executors.max": "It goes with executors.max, or Spark does not start.",
    "executor.cores": "It goes with executor.cores, or Spark does not start.",
    "driver.cores": "It goes with driver.cores, or Kubernetes does not start the driver.",
    "executor.memory": "It goes with executor.memory, or Java does not start.",
    "driver.memory": "It goes with driver.memory, or Java does not start.",
    _OFF_HEAP: "It goes with executor.offheap_memory, or Spark does not start.",
}
