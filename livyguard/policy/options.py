"""Java options that set what a property sets: a heap, or Spark's own properties."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from livyguard.policy.properties import ENVIRONMENTS
from livyguard.policy.units import stripped

__all__ = ["Lifted", "heap_of", "lift"]

#: ``conf`` keys that hold Java options, and whose heap they set.
_KEYS = {
    "spark.driver.extraJavaOptions": "driver.memory",
    "spark.driver.defaultJavaOptions": "driver.memory",
    "spark.yarn.am.extraJavaOptions": "driver.memory",
    "spark.executor.extraJavaOptions": "executor.memory",
    "spark.executor.defaultJavaOptions": "executor.memory",
}
#: Environment variables that a JVM, or Spark's scripts for it, take options from.
_VARIABLES = frozenset(
    {"JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "SPARK_JAVA_OPTS", "SPARK_SUBMIT_OPTS"}
)
_HEAP = re.compile(r"(?:-Xmx|-mx|-XX:MaxHeapSize=)(.*)", re.DOTALL)
_DEFINITION = re.compile(r"-D\s*((?:spark|livy)\.[^=]*)(?:=(.*))?", re.DOTALL)
_ELSEWHERE = re.compile(r"@.+|-XX:(?:VMOptionsFile|Flags)=.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Lifted:
    """What Java options hold besides plain Java options.

    Attributes:
        rest: the options without what was lifted; empty if nothing is left.
        heap: Spark's spelling of the heap that they set, or None.
        properties: Spark properties that they define, in order.
        doubt: why they cannot be read before the JVM starts, or None.
    """

    rest: str
    heap: str | None = None
    properties: tuple[tuple[str, str], ...] = ()
    doubt: str | None = None


def heap_of(key: str) -> str | None:
    """Return the property whose heap the Java options at a ``conf`` key set; None where it holds none."""
    for prefix, heap in ENVIRONMENTS.items():
        if key.startswith(prefix) and key.removeprefix(prefix) in _VARIABLES:
            return heap
    return _KEYS.get(key)


def lift(options: str) -> Lifted:
    """Take the heap and the Spark properties out of Java options; the last of several heaps counts, as in Java."""
    if "${" in options:
        return Lifted(options, doubt="Spark puts something in place of ${…} only when it starts")
    try:
        tokens = shlex.split(options)
    except ValueError:
        return Lifted(options, doubt="a quotation mark is not closed")
    kept: list[str] = []
    heap: str | None = None
    properties: list[tuple[str, str]] = []
    for token in tokens:
        if _ELSEWHERE.fullmatch(token):
            return Lifted(options, doubt="they name a file that holds further options")
        if found := _HEAP.fullmatch(token):
            heap = _spark_size(found[1])
        elif found := _DEFINITION.fullmatch(token):
            properties.append((stripped(found[1]), found[2] or ""))
        else:
            kept.append(token)
    if heap is None and not properties:
        return Lifted(options)
    return Lifted(shlex.join(kept), heap, tuple(properties))


def _spark_size(size: str) -> str:
    """Return Java's size as Spark writes it: a bare number counts bytes in Java."""
    return f"{size}b" if size.isdecimal() else size
