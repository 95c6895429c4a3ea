"""Memory as Spark and YARN write it, and how much a container has to hold. In MiB throughout."""

from __future__ import annotations

import math

__all__ = [
    "AMOUNT",
    "LEAST_HEAP",
    "UNIT",
    "fitting",
    "heap_in",
    "larger_overhead",
    "mib",
    "setting",
    "shown",
    "usual_overhead",
]

#: A unit as Java's tools write it: Spark 2 and Hadoop say GB, Spark 3 GiB, and all mean powers of 1024.
UNIT = r"[KMGT]?i?B"
#: An amount before it, of no more digits than any machine has.
AMOUNT = r"\d{1,12}(?:\.\d{1,9})?"
#: Spark adds a tenth for what the JVM needs beside its heap, and 384 MiB at least.
_OVERHEAD, _LEAST_OVERHEAD = 0.10, 384
#: Spark refuses to start with a heap of less than 450 MiB, and Java counts a part of what it is given as not usable.
LEAST_HEAP = 512
#: Beside its heap no JVM gets along with less.
_BESIDE = 128
_POWERS = {"K": -1, "M": 0, "G": 1, "T": 2}
_KIB = 1024
#: Overheads are offered in steps of it.
_STEP = 256


def mib(number: str, unit: str) -> float:
    """Return a quantity such as ``8.2`` ``GB``, in MiB."""
    return float(number) * float(_KIB) ** _POWERS.get(unit[0], -2)


def heap_in(container: float) -> int:
    """Return the largest heap that fits with Spark's usual overhead into a container."""
    return max(min(int(container) - _LEAST_OVERHEAD, int(container / (1 + _OVERHEAD))), 1)


def usual_overhead(heap: int) -> int:
    """Return what Spark adds to a heap where nobody names an overhead, MiB."""
    return max(_LEAST_OVERHEAD, int(heap * _OVERHEAD))


def fitting(most: int, heap: int, overhead: int, others: int = 0) -> tuple[int, int | None] | None:
    """Return the largest heap that a container may have, and the overhead to name with it; all in MiB.

    Args:
        most: what the container may have.
        heap: what is asked for it.
        overhead: what is asked for it beside the heap.
        others: memory that is asked for beside both, off the heap or for Python.

    Returns:
        None for the overhead where the one that is asked for, or Spark's usual one, leaves room for a heap that Spark
        starts with; None for both where no settings do.
    """
    room = most - others
    left = heap_in(room) if overhead <= usual_overhead(heap) else room - overhead
    if left >= LEAST_HEAP:
        return left, None
    kept = max(heap if heap + _LEAST_OVERHEAD <= room else heap_in(room), LEAST_HEAP)
    return (kept, room - kept) if room - kept >= _BESIDE else None


def larger_overhead(container: float, used: float) -> int:
    """Return the overhead that makes room for what a process used beyond its container, and some more.

    Twice of what it has, as far as that can be told from the container's size; more if it used more.
    """
    has = container - heap_in(container)
    wanted = max(2 * has, used - heap_in(container) + container * _OVERHEAD)
    return math.ceil(wanted / _STEP) * _STEP


def setting(amount: float) -> str:
    """Return an amount as Spark's settings take it, rounded up: ``3g``, ``1792m``."""
    whole = math.ceil(amount)
    return f"{whole // _KIB}g" if whole % _KIB == 0 else f"{whole}m"


def shown(amount: float) -> str:
    """Return an amount for a sentence: ``8.2 GiB``, ``264 MiB``."""
    return f"{amount / _KIB:.1f} GiB" if amount >= _KIB else f"{amount:,.0f} MiB"
