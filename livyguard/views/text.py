"""Plain text: foreign words made harmless and visible, quantities for people, tables in columns."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from textwrap import wrap
from typing import TYPE_CHECKING

import humanize

from livyguard.foreign import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["columns", "duration", "memory", "moment", "paragraph", "plain"]

LONGEST = 200
#: Columns of a sentence, and its characters.
WIDTH, LONGEST_SENTENCE = 100, 1_000
MIB = 2**20
#: Seconds in a day, an hour, a minute.
UNITS = (86_400, 3_600, 60)


def plain(text: object, limit: int = LONGEST) -> str:
    r"""Return foreign text as one harmless line.

    Control characters and marks of direction are shown as ``\x1b``, ``\u202e``; what is longer than ``limit``
    characters ends in ``…``.
    """
    shown = harmless(str(text)[: limit + 1])
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def paragraph(sentences: Iterable[str]) -> str:
    """Return sentences, each made harmless, as lines that fit a terminal; what may be copied is never broken."""
    return "\n".join(
        line
        for each in sentences
        for line in wrap(plain(each, LONGEST_SENTENCE), WIDTH, break_long_words=False, break_on_hyphens=False)
    )


def duration(seconds: float | None) -> str:
    """Return ``45 minutes``, what is over of them left out; empty where it is not known."""
    if seconds is None:
        return ""
    unit = next((unit for unit in UNITS if seconds >= unit), 1)
    return humanize.naturaldelta(timedelta(seconds=seconds // unit * unit))


def memory(mib: int | None) -> str:
    """Return ``40.0 GiB``; empty where it is not known."""
    if mib == 0:
        return "0 MiB"
    return "" if mib is None else humanize.naturalsize(mib * MIB, binary=True)


def moment(seconds: float | None) -> str:
    """Return the local time of a moment, ``2026-11-21 09:10``; empty where it is not known."""
    return "" if seconds is None else datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def columns(headers: Sequence[str], rows: Sequence[Sequence[str]], numbers: frozenset[int] = frozenset()) -> str:
    """Return a table in aligned columns; columns that are empty throughout are left out.

    Args:
        headers: one a column.
        rows: cells, harmless already.
        numbers: indexes of the columns that stand flush right.
    """
    kept = [index for index in range(len(headers)) if any(row[index] for row in rows)]
    widths = {index: max(_width(line[index]) for line in (headers, *rows)) for index in kept}

    def line(cells: Sequence[str]) -> str:
        padded = [_pad(cells[index], widths[index], flush_right=index in numbers) for index in kept]
        return "  ".join(padded).rstrip()

    return "\n".join(line(cells) for cells in (headers, *rows))


def _pad(cell: str, width: int, *, flush_right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if flush_right else cell + space


def _width(cell: str) -> int:
    """Count terminal columns: East Asian wide characters take two, combining ones none."""
    if cell.isascii():
        return len(cell)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in cell)
    return len(cell) + wide - sum(unicodedata.combining(character) > 0 for character in cell)
