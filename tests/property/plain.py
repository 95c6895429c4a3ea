"""Limits as a policy's file has them, in the words of the oracle; no code of the evaluator."""

from __future__ import annotations

from typing import Any

from tests.property.spark_values import size, whole

SIZES = {
    "executor.memory": "m",
    "executor.memory_overhead": "m",
    "executor.pyspark_memory": "m",
    "executor.offheap_memory": "b",
    "driver.memory": "m",
    "session.memory": "m",
}
COUNTS = (
    "executors.max",
    "executors.count",
    "executor.cores",
    "driver.cores",
    "session.cores",
)
FORBIDDEN_KEYS = {"conf.spark.hadoop.fs.s3a.*.key": r"\s*spark\.hadoop\.\s*fs\.s3a\..*key\s*"}
NOTHING = "(?!)"


def amount(name: str, value: Any) -> float:
    """Return a number of executors or cores, or a size in MiB (off-heap memory: bytes)."""
    return size(str(value), SIZES[name]) if name in SIZES else whole(str(value))


def plain(limits: dict[str, Any], user: str = "alice") -> dict[str, Any]:
    """Return the most that limits let through: numbers, sets of texts, expressions."""
    found: dict[str, Any] = {}
    for name, limit in limits.items():
        if name in SIZES or name in COUNTS:
            most = [amount(name, limit[each]) for each in ("fixed", "max") if limit.get(each) is not None]
            if most:
                found[name] = min([*most, found.get(name, most[0])])
        elif name in FORBIDDEN_KEYS:
            found[name] = FORBIDDEN_KEYS[name]
        elif name == "conf.spark.jars.packages":
            found["packages"] = NOTHING if limit.get("forbidden") else limit["pattern"]
        elif name in {"queue", "proxy_user", "kind"}:
            texts = [limit["fixed"]] if "fixed" in limit else limit.get("allow")
            if texts is not None:
                found[name] = {text.replace("{user}", user) for text in texts}
    if "executors.max" in found:
        for name in ("executors.count", "executors.min", "executors.initial"):
            found[name] = min(found.get(name, found["executors.max"]), found["executors.max"])
    return found


def least(limits: dict[str, Any]) -> dict[str, float]:
    """Return the least of what limits bound from below."""
    bounded = {name: limit["min"] for name, limit in limits.items() if limit.get("min") is not None}
    return {name: amount(name, value) for name, value in bounded.items()}


def preferred(limits: dict[str, Any], name: str) -> list[float]:
    """Return the values that a limit itself puts in."""
    limit = limits.get(name, {})
    return [amount(name, limit[each]) for each in ("min", "default", "fixed") if limit.get(each) is not None]
