"""Java options that set what a property sets: a heap, or Spark's own properties."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from livyguard.policy.properties import ENVIRONMENTS
from livyguard.policy.units import MIB, stripped

__all__ = ["Lifted", "heap_of", "lift", "without_first_heap"]

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
_FIRST_HEAP = re.compile(r"(?:-Xms|-ms|-XX:InitialHeapSize=)([0-9]+)([kmgtKMGT]?)")
_BYTES = {"": 1, "k": 2**10, "m": MIB, "g": 2**30, "t": 2**40}
_LONG_DIGITS = 19
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
    """Take the heap and the Spark properties out of Java options; the last of several heaps counts, as in Java.

    Three programs may part the options, each in its own way; where that makes a difference, nothing is taken out.
    """
    if "${" in options:
        return Lifted(options, doubt="Spark puts something in place of ${…} only when it starts")
    tokens, *others = (_split(options, *how) for how in _READERS)
    if tokens is None:
        return Lifted(options, doubt="a quotation mark is not closed")
    if any(other != tokens for other in others):
        is_plain = not any(_says_something(token) for reading in (tokens, *others) for token in reading or ())
        return Lifted(options, doubt=None if is_plain else "Spark and Java do not part them alike")
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


def without_first_heap(options: str, most: int) -> str:
    """Leave out of Java options the heap to begin with, where that is above the largest, MiB."""
    tokens = _split(options, *_READERS[0]) or []
    kept = [token for token in tokens if not ((found := _FIRST_HEAP.fullmatch(token)) and _is_above(found, most))]
    return options if kept == tokens else shlex.join(kept)


def _is_above(found: re.Match[str], most: int) -> bool:
    return len(found[1]) > _LONG_DIGITS or int(found[1]) * _BYTES[found[2].lower()] > most * MIB


def _says_something(token: str) -> bool:
    return any(each.fullmatch(token) for each in (_ELSEWHERE, _HEAP, _DEFINITION))


def _split(options: str, blanks: str, freed_in: str) -> list[str] | None:
    """Part Java options; None where a quotation mark is not closed.

    Args:
        options: as they stand in one text.
        blanks: what parts two of them.
        freed_in: where a backslash frees the next character: ``"`` in double quotes, ``-`` outside of quotes.
    """
    found: list[str] = []
    token, quote, escaped = "", "", False
    is_open = False
    for each in options:
        if escaped:
            token, escaped = token + each, False
        elif each == "\\" and (quote or "-") in freed_in:
            escaped = is_open = True
        elif quote:
            quote, token = ("", token) if each == quote else (quote, token + each)
        elif each in "\"'":
            quote, is_open = each, True
        elif each not in blanks:
            token, is_open = token + each, True
        elif is_open:
            found.append(token)
            token, is_open = "", False
    if quote or escaped:
        return None
    return [*found, token] if is_open else found


#: Java's ``Character.isWhitespace``: three blanks that do not part lines are none.
_JAVA_BLANKS = "".join(
    each for each in map(chr, range(0x3001)) if each.isspace() and each not in "\x85\xa0\u2007\u202f"
)
#: Who parts options, and how: Spark's own Utils, its launcher, and Java for what stands in an environment variable.
_READERS = ((" \t\r\n", '"'), (_JAVA_BLANKS, '"-'), (" \t\n\v\f\r", ""))


def _spark_size(size: str) -> str:
    """Return Java's size as Spark writes it: a bare number counts bytes in Java."""
    return f"{size}b" if size.isdecimal() else size
