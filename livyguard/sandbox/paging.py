"""Numbers as Java reads them, and the pages that they ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from livyguard.sandbox.answers import number_format

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["integer", "page"]

_INTEGER = re.compile(r"[+-]?[0-9]+")
_INTEGERS = 2**31
_Item = TypeVar("_Item")


def integer(text: str) -> int:
    """Read an ``int`` of Java's.

    Raises:
        Rejection: 400 in Java's words.
    """
    if _INTEGER.fullmatch(text) is None or not -_INTEGERS <= int(text) < _INTEGERS:
        raise number_format(text)
    return int(text)


def page(everything: Sequence[_Item], first: int, size: int) -> Sequence[_Item]:
    """Cut out a page: from ``first`` up to ``first + size``, also where it begins before everything."""
    return everything[max(first, 0) : max(first + size, 0)]
