"""From evidence to hints, and from a code to its long form."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from livyguard.hints import catalog as every
from livyguard.hints.catalog.lint import RETIRED
from livyguard.hints.model import page_of
from livyguard.hints.sieve import LONG, Sieve

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livyguard.hints.entry import Entry
    from livyguard.hints.evidence import Case
    from livyguard.hints.model import Hint

__all__ = ["diagnose", "explain", "suggest"]


#: As many hints as somebody reads.
_MOST = 5


def diagnose(case: Case, catalog: Iterable[Entry] | None = None) -> list[Hint]:
    """Return what explains the failure, best first, each cause once and at most five.

    Nothing for text that holds no failure of the infrastructure.
    """
    sieve = Sieve(case.log, "\n".join((case.error, *case.resource_manager)))
    catalog = every.CATALOG if catalog is None else catalog
    entries = [entry for entry in catalog if entry.find is not None and sieve.lets_pass(entry.needles)]
    if len(case.log) >= LONG:
        words = {needle for entry in entries for needle in entry.needles}
        case = replace(case, log=sieve.short(words))
    hints = _matches((entry for entry in entries if not entry.yields_to), case)
    ends = _told(hint for hint in hints if not hint.is_survived)
    yielding = {entry.code: entry for entry in entries if entry.yields_to and ends.isdisjoint(entry.yields_to)}
    for hint in _matches(yielding.values(), case):
        # The better explained keeps its place among those that yield to one another. What a session survives does not
        # explain its end.
        told = _told(each for each in hints if hint.is_survived or not each.is_survived)
        if told.isdisjoint(yielding[hint.code].yields_to):
            hints.append(hint)
    return sorted(hints, key=_best_first)[:_MOST]


def _told(hints: Iterable[Hint]) -> set[str]:
    return {part for hint in hints for part in (hint.code, hint.family)}


def _matches(entries: Iterable[Entry], case: Case) -> list[Hint]:
    return sorted((hint for entry in entries if (hint := entry.match(case))), key=_best_first)


def _best_first(hint: Hint) -> tuple[bool, int]:
    return hint.is_survived, -hint.rank


def explain(code: str) -> str | None:
    """Return the long form of a code or a name, Markdown; None for one that never existed."""
    typed = _whole(code).upper()
    if said := RETIRED.get(typed):
        return f"# {typed}, retired: {said}\n\nNothing gives this code any more, and nothing else will.\n"
    entry = _entry(code)
    if entry is None:
        return None
    head = f"# {entry.code} {entry.name}: {entry.title}"
    return f"{head}\n\nSeverity: {entry.severity}. Page: {page_of(entry.code)}\n\n{entry.about.strip()}\n"


#: Of fewer letters nobody can tell what is meant.
_SHORTEST = 3
#: Letters that are typed where a digit is meant.
_LETTERS_FOR_DIGITS = str.maketrans("OIL", "011")


def suggest(code: str) -> list[str]:
    """Return the codes that somebody who typed ``code`` may have meant, nearest first."""
    if len(code.strip()) < _SHORTEST:
        return []
    spellings = {spelling: entry.code for entry in every.CATALOG for spelling in (entry.code, entry.name)}
    mistyped = code.strip().upper().translate(_LETTERS_FOR_DIGITS)
    near = [f"LG{mistyped[2:]}"] if f"LG{mistyped[2:]}" in spellings else []
    near += difflib.get_close_matches(_key(code), list(spellings), n=3, cutoff=0.5)
    near += difflib.get_close_matches(code.strip().upper(), list(spellings), n=3, cutoff=0.5)
    return list(dict.fromkeys(spellings[spelling] for spelling in near))


def _entry(code: str) -> Entry | None:
    wanted = _whole(code).lower()
    return next((entry for entry in every.CATALOG if wanted in {entry.code.lower(), entry.name}), None)


def _whole(code: str) -> str:
    """Return ``LG106`` for a bare ``106``."""
    typed = code.strip()
    return f"LG{typed}" if typed.isdecimal() else typed


def _key(code: str) -> str:
    return code.strip().lower().replace("_", "-").replace(" ", "-")
