"""Sizes, times, counts and flags as Spark and Livy read them, and as livyguard writes them."""

from __future__ import annotations

import re
from typing import Any

from livyguard.policy.redact import redact_text, redact_value

__all__ = [
    "BYTE",
    "GIB",
    "KIB",
    "MIB",
    "MILLISECOND",
    "SECOND",
    "Unreadable",
    "read_count",
    "read_flag",
    "read_size",
    "read_time",
    "shown",
    "shown_name",
    "stripped",
    "write_size",
    "write_time",
]

BYTE, KIB, MIB, GIB = 1, 2**10, 2**20, 2**30
#: Times are held in microseconds while they are converted; what is read comes back in the unit that was asked for.
MILLISECOND, SECOND = 1_000, 1_000_000

_SIZES = {"b": BYTE, "k": KIB, "m": MIB, "g": GIB, "t": 2**40, "p": 2**50}
_SIZES |= {f"{letter}b": value for letter, value in _SIZES.items() if letter != "b"}
_TIMES = {"us": 1, "ms": MILLISECOND, "s": SECOND, "m": 60 * SECOND, "min": 60 * SECOND}
_TIMES |= {"h": 3600 * SECOND, "d": 86400 * SECOND}

_SIZE = re.compile(r"([0-9]+)([a-z]+)?")
_TIME = re.compile(r"(-?[0-9]+)([a-z]+)?")
_COUNT = re.compile(r"[+-]?[0-9]+")
#: What Java's ``String.trim`` takes away.
_BLANKS = "".join(map(chr, range(0x21)))
_INT_MAX, _LONG_MAX = 2**31 - 1, 2**63 - 1
_LONG_DIGITS = 19


class Unreadable(ValueError):
    """A value that Spark does not understand; the text says why."""


def stripped(text: str) -> str:
    """Take away the blanks that Java's ``trim`` takes away; other white space stays, as in Spark."""
    return text.strip(_BLANKS)


def shown(value: Any, limit: int = 80) -> str:
    """Return a value as a person may see it in a sentence, shortened, on one line, without secrets."""
    value = redact_value("", value, 1)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 256:  # noqa: PLR2004 - 77 digits
        return f"a number of {value.bit_length()} bits"
    try:
        return _short(repr(value) if isinstance(value, str) else str(value), limit)
    except ValueError:  # Python writes no number of more than 4,300 digits, also where a list or a table holds it
        return f"a {type(value).__name__} with a number too long to show"


def shown_name(name: str, limit: int = 80) -> str:
    """Return a name as a person may see it in a sentence: it may speak of a secret, and must not say one."""
    return _short(repr(redact_text(name)), limit)


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"


def read_count(value: Any) -> int:
    """Read a whole number as Java's ``Integer.parseInt`` does after a ``trim``.

    Raises:
        Unreadable: no whole number, or beyond 2³¹ - 1.
    """
    number = _whole(value)
    if number is None:
        raise Unreadable(f"{shown(value)} is no whole number that Spark reads")
    if abs(number) > _INT_MAX:
        raise Unreadable(f"{shown(value)} is beyond the largest number that Spark reads here, {_INT_MAX}")
    return number


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and _COUNT.fullmatch(text := stripped(value)):
        digits = text.lstrip("+-").lstrip("0") or "0"
        return int(text) if len(digits) <= _LONG_DIGITS else _LONG_MAX
    return None


def read_size(value: Any, unit: int) -> int:
    """Read a size, ``8g`` = ``8192m`` = ``"8192M"``, as whole units (``MIB``, ``BYTE``, …), rounded down as Spark does.

    A number without a suffix is in that unit already.

    Raises:
        Unreadable: not in Spark's grammar, fractional, negative or beyond 2⁶³ - 1.
    """
    number, factor = _with_suffix(value, _SIZE, _SIZES, "a size that Spark reads, such as 512m or 8g")
    size = number * (unit if factor is None else factor) // unit
    if size > _LONG_MAX:
        raise Unreadable(f"{shown(value)} is beyond any size that Spark reads")
    return size


def read_time(value: Any, unit: int) -> int:
    """Read a time, ``30m`` = ``1800s``, as whole units (``MILLISECOND`` or ``SECOND``), rounded down as Spark does.

    Raises:
        Unreadable: not in Spark's grammar.
    """
    number, factor = _with_suffix(value, _TIME, _TIMES, "a time that Spark reads, such as 90s, 30m or 2h")
    time = min(abs(number) * (unit if factor is None else factor) // unit, _LONG_MAX)
    return time if number >= 0 else -time


def _with_suffix(value: Any, grammar: re.Pattern[str], suffixes: dict[str, int], wanted: str) -> tuple[int, int | None]:
    text = value if isinstance(value, str) else _plain(value)
    match = None if text is None else grammar.fullmatch(stripped(text.lower()))
    if match is None or (match[2] is not None and match[2] not in suffixes):
        raise Unreadable(f"{shown(value)} is not {wanted}")
    if len(match[1]) > _LONG_DIGITS + 1 or abs(int(match[1])) > _LONG_MAX:
        raise Unreadable(f"{shown(value)} is beyond any number that Spark reads")
    return int(match[1]), None if match[2] is None else suffixes[match[2]]


def _plain(value: Any) -> str | None:
    number = _whole(value)
    return None if number is None or abs(number) > _LONG_MAX else str(number)


def read_flag(value: Any) -> bool:
    """Read ``true`` or ``false`` in any case.

    Raises:
        Unreadable: anything else.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and (text := stripped(value).lower()) in {"true", "false"}:
        return text == "true"
    raise Unreadable(f"{shown(value)} is neither true nor false")


def write_size(size: int, unit: int) -> str:
    """Write a size with the largest suffix that holds it exactly: ``8192, MIB`` is ``8g``."""
    return _written(size * unit, [("t", 2**40), ("g", GIB), ("m", MIB), ("k", KIB), ("b", BYTE)], unit, _SIZES)


def write_time(time: int, unit: int) -> str:
    """Write a time with the largest suffix that holds it exactly: ``1800, SECOND`` is ``30m``."""
    suffixes = [("d", _TIMES["d"]), ("h", _TIMES["h"]), ("m", _TIMES["m"]), ("s", SECOND), ("ms", MILLISECOND)]
    return _written(time * unit, suffixes, unit, _TIMES)


def _written(amount: int, suffixes: list[tuple[str, int]], unit: int, names: dict[str, int]) -> str:
    if amount == 0:
        name = next(name for name, factor in names.items() if factor == unit)
        return f"0{name}"
    name, factor = next((name, factor) for name, factor in suffixes if amount % factor == 0)
    return f"{amount // factor}{name}"
