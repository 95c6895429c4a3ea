"""The kinds of values a property can have: how each is read, compared, and written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from livyguard.policy import units
from livyguard.policy.units import Unreadable, shown, stripped

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "BYTES",
    "CORES",
    "COUNT",
    "FACTOR",
    "FLAG",
    "HEAP",
    "ITEMS",
    "KIBIBYTES",
    "LIVY_KIND",
    "MEBIBYTES",
    "MILLISECONDS",
    "NUMBER",
    "POSITIVE",
    "SECONDS",
    "TEXT",
    "WORDS",
    "Kind",
    "conf_text",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    Attributes:
        name: what a person calls it.
        read: JSON to the canonical value; raises Unreadable.
        write: the canonical value to the JSON that is shown and sent.
        is_ordered: minimum and maximum make sense.
        is_list: judged item by item.
    """

    name: str
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    is_ordered: bool = False
    is_list: bool = False


_CHUNK_DIGITS = 4_000
_CHUNK = 10**_CHUNK_DIGITS


def conf_text(value: Any) -> Any:
    """Return a scalar as the string that stands in ``conf``; anything else as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _digits(value)
    return str(value) if isinstance(value, float) else value


def _digits(number: int) -> str:
    """Write a whole number of any length; Python itself refuses the longest."""
    rest, pieces = abs(number), []
    while rest >= _CHUNK:
        rest, piece = divmod(rest, _CHUNK)
        pieces.append(f"{piece:0{_CHUNK_DIGITS}d}")
    return f"{'-' if number < 0 else ''}{rest}{''.join(reversed(pieces))}"


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    text = conf_text(value)
    if not isinstance(text, str):
        raise Unreadable(f"{shown(value)} is no text")
    return stripped(text)


_LIVY_KINDS = {"python": "pyspark", "scala": "spark", "r": "sparkr"}


def _livy_kind(value: Any) -> str:
    text = _text(value)
    return _LIVY_KINDS.get(text, text)


def _positive(value: Any) -> int:
    return _at_least(units.read_count(value), 1, value)


def _natural(value: Any) -> int:
    return _at_least(units.read_count(value), 0, value)


def _at_least(number: int, least: int, value: Any) -> int:
    if number < least:
        raise Unreadable(f"Spark starts only with {least} or more here, not with {shown(value)}")
    return number


#: What Java reads as a double, but for hexadecimal ones and words.
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?[dDfF]?")


def _number(value: Any) -> Fraction:
    text = conf_text(value)
    if isinstance(text, str) and _NUMBER.fullmatch(stripped(text)):
        return Fraction(stripped(text).rstrip("dDfF"))
    raise Unreadable(f"{shown(value)} is no number")


def _factor(value: Any) -> Fraction:
    number = _number(value)
    if number < 0:
        raise Unreadable(f"Spark starts only with 0 or more here, not with {shown(value)}")
    return number


def _write_number(number: Fraction) -> int | float:
    return int(number) if number.denominator == 1 else float(number)


def _cores(value: Any) -> Fraction:
    """Read Kubernetes' quantity of cores: ``2``, ``0.5``, ``500m``."""
    text = conf_text(value)
    match = re.fullmatch(r"([0-9]{1,18}(?:\.[0-9]{1,9})?)(m)?", stripped(text)) if isinstance(text, str) else None
    if match is None:
        raise Unreadable(f"{shown(value)} is no number of cores such as 2 or 500m")
    return Fraction(match[1]) / (1000 if match[2] else 1)


def _write_cores(cores: Fraction) -> str:
    return str(cores.numerator) if cores.denominator == 1 else f"{int(cores * 1000)}m"


def _split(separators: str) -> Callable[[Any], tuple[str, ...]]:
    """Return a reader of lists whose items are split once more: ``["a,b"]`` reaches Spark as two."""

    def read(value: Any) -> tuple[str, ...]:
        values = value if isinstance(value, (list, tuple)) else [value]
        if not all(isinstance(item, str) for item in values):
            raise Unreadable(f"{shown(value)} is no list of names")
        pieces = (stripped(piece) for item in values for piece in re.split(separators, item))
        return tuple(piece for piece in pieces if piece)

    return read


COUNT = Kind("a whole number", _natural, _same, is_ordered=True)
POSITIVE = Kind("a whole number", _positive, _same, is_ordered=True)
NUMBER = Kind("a number", _number, _write_number, is_ordered=True)
#: A share of something, never below nought.
FACTOR = Kind("a number", _factor, _write_number, is_ordered=True)
CORES = Kind("a number of cores", _cores, _write_cores, is_ordered=True)
FLAG = Kind("true or false", units.read_flag, _same)
TEXT = Kind("a text", _text, _same)
LIVY_KIND = Kind("a kind of session", _livy_kind, _same)
#: Items between commas.
ITEMS = Kind("a list", _split(","), list, is_list=True)
#: Items between commas or blanks, as Livy splits ``spark.jars`` in conf.
WORDS = Kind("a list", _split(r"[,\s]"), list, is_list=True)


def _size(name: str, unit: int, least: int = 0) -> Kind:
    def read(value: Any) -> int:
        return _at_least(units.read_size(value, unit), least, value)

    return Kind(name, read, lambda size: units.write_size(size, unit), is_ordered=True)


def _time(name: str, unit: int) -> Kind:
    def read(value: Any) -> int:
        return units.read_time(value, unit)

    return Kind(name, read, lambda time: units.write_time(time, unit), is_ordered=True)


#: A bare number counts MiB (heap, overhead), bytes (off-heap), milliseconds or seconds, as its property says.
HEAP = _size("a size", units.MIB, least=1)
MEBIBYTES = _size("a size", units.MIB)
KIBIBYTES = _size("a size", units.KIB)
BYTES = _size("a size", units.BYTE)
MILLISECONDS = _time("a time", units.MILLISECOND)
SECONDS = _time("a time", units.SECOND)
