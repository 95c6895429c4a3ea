"""Who belongs to which tenant: names and globs of all tenants, looked up at once and not tenant by tenant."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from fnmatch import translate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["NOBODY", "Roll", "roll"]

#: Comes after the place of every tenant.
NOBODY = sys.maxsize
_MARKS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Roll:
    """The users, or the groups, of all tenants at one cluster.

    Attributes:
        names: written out, with the place of the first tenant that names each.
        prefixes: of globs like ``etl-*``, likewise.
        lengths: of the prefixes, each once.
        others: one expression for every other glob, tried in the order of the tenants; None for none.
    """

    names: Mapping[str, int]
    prefixes: Mapping[str, int]
    lengths: tuple[int, ...]
    others: re.Pattern[str] | None

    def first(self, name: str | None) -> int:
        """Return the place of the first tenant that a name belongs to, :data:`NOBODY` for none."""
        if name is None:
            return NOBODY
        match = None if self.others is None else self.others.match(name)
        by_glob = NOBODY if match is None else int(str(match.lastgroup).removeprefix("t"))
        by_prefix = (self.prefixes.get(name[:length], NOBODY) for length in self.lengths)
        return min(self.names.get(name, NOBODY), by_glob, *by_prefix)


def roll(members: Iterable[tuple[int, Sequence[str]]]) -> Roll:
    """Return the roll of tenants by place, the first in the file first, each with its globs."""
    names: dict[str, int] = {}
    prefixes: dict[str, int] = {}
    others: dict[int, list[str]] = {}
    for place, globs in members:
        for glob in globs:
            if _MARKS.isdisjoint(glob):
                names.setdefault(glob, place)
            elif glob.endswith("*") and _MARKS.isdisjoint(glob[:-1]):
                prefixes.setdefault(glob[:-1], place)
            else:
                others.setdefault(place, []).append(translate(glob))
    alternatives = "|".join(f"(?P<t{place}>{'|'.join(globs)})" for place, globs in others.items())
    expression = re.compile(alternatives) if alternatives else None
    return Roll(names, prefixes, tuple(sorted({len(prefix) for prefix in prefixes})), expression)
