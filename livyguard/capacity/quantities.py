"""What a person types for numbers, shares, sizes and cores; what cannot be read is a sentence in a list of faults."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from livyguard.capacity.plan import MOST
from livyguard.policy import kinds
from livyguard.policy.units import BYTE, MIB, Unreadable, read_size, shown

if TYPE_CHECKING:
    from livyguard.policy.kinds import Kind

__all__ = ["MOST_VALUES", "amount", "count", "counts", "node_memory", "share"]

#: Of numbers in one list: a table of more is read by nobody.
MOST_VALUES = 50
#: What the suffixes of Kubernetes' sizes have that Spark's have not.
_KUBERNETES = re.compile(r"(?<=[0-9][kmgt])i$", re.IGNORECASE)
_SHARE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s?(%)?")


def count(option: str, text: str | None, faults: list[str]) -> int | None:
    """Return a whole number from 1 to ``MOST``; None where there is none, and after a fault."""
    if text is None:
        return None
    if not re.fullmatch(r"\s*[+-]?[0-9]+\s*", text):
        faults.append(f"{option}: {shown(text)} is no whole number.")
        return None
    digits = text.strip().lstrip("+")
    if digits.startswith("-") or not digits.strip("0"):
        faults.append(f"{option}: it takes 1 or more, not {shown(digits)}.")
        return None
    if len(digits.lstrip("0")) > len(str(MOST)) or int(digits) > MOST:
        faults.append(f"{option}: {shown(digits)} is beyond any cluster there is; {MOST:,} is the most.")
        return None
    return int(digits)


def counts(option: str, text: str | None, faults: list[str]) -> tuple[int, ...]:
    """Return whole numbers between commas, each once, as they were given."""
    if text is None:
        return ()
    pieces = text.split(",")
    if len(pieces) > MOST_VALUES:
        faults.append(f"{option}: a list of at most {MOST_VALUES} numbers, not of {len(pieces)}.")
        return ()
    found = [count(option, piece, faults) for piece in pieces]
    return tuple(dict.fromkeys(number for number in found if number is not None))


def share(option: str, text: str | None, faults: list[str]) -> Fraction | None:
    """Return a share, ``50%`` or ``0.5``, above 0 and at most 1; None where there is none, and after a fault."""
    if text is None:
        return None
    match = _SHARE.fullmatch(text.strip())
    found = None if match is None else Fraction(match[1]) / (100 if match[2] else 1)
    if match is None or found is None or not 0 < found <= 1:
        meant = ""
        if match is not None and not match[2] and 1 < Fraction(match[1]) <= 100:  # noqa: PLR2004 - per cent
            meant = f"; did you mean {match[1]}%?"
        faults.append(f"{option}: it takes a share above 0 up to 1, 50% or 0.5, not {shown(text)}{meant or '.'}")
        return None
    return found


def amount(
    option: str, text: str | None, kind: Kind, faults: list[str], most: Fraction | int, *, from_zero: bool = False
) -> Fraction | None:
    """Return a size in MiB, or a number of cores, above 0; None where there is none, and after a fault.

    Args:
        option: whose value it is.
        text: as it was typed.
        kind: of a size or of cores.
        faults: where what is wrong is added.
        most: the largest that is meant.
        from_zero: 0 is one, too.
    """
    if text is None:
        return None
    try:
        found = Fraction(kind.read(text))
    except Unreadable as error:
        faults.append(f"{option}: {error}.")
        return None
    if not 0 <= found <= most or (not found and not from_zero):
        limit = "it takes more than 0" if found <= 0 else f"no machine has more than {kinds_write(kind, most)}"
        faults.append(f"{option}: {limit}, not {shown(text)}.")
        return None
    return found


def node_memory(option: str, text: str | None, faults: list[str], most: int, *, is_taken: bool = False) -> int | None:
    """Return the memory of a node in MiB, as Spark or as Kubernetes writes it: ``56g``, ``56Gi``, ``15080868Ki``.

    ``is_taken``: what something else takes of it, rounded up; 0 is such an amount, too.
    """
    sparks = None if text is None else _KUBERNETES.sub("", text.strip())
    found = amount(option, sparks, kinds.MEBIBYTES, faults, most, from_zero=is_taken)
    if found is None or sparks is None:
        return None
    is_whole = not is_taken or sparks.isdigit() or read_size(sparks, BYTE) == found * MIB
    return int(found) + (not is_whole)


def kinds_write(kind: Kind, most: Fraction | int) -> str:
    """Return a bound as its kind writes it."""
    return str(kind.write(Fraction(most) if kind is kinds.CORES else int(most)))
