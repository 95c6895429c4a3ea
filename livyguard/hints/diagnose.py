"""From evidence to hints, and from a code to its long form."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from livyguard.hints.catalog import CATALOG

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry
    from livyguard.hints.evidence import Case
    from livyguard.hints.model import Hint

__all__ = ["diagnose", "explain", "suggest"]


def diagnose(case: Case) -> list[Hint]:
    """Return what explains the failure, best first; nothing for text that holds no failure of the infrastructure."""
    hints = [hint for entry in CATALOG if not entry.yields_to and (hint := entry.match(case))]
    explained = {part for hint in hints for part in (hint.code, hint.code[:3])}
    hints += [
        hint
        for entry in CATALOG
        if entry.yields_to and explained.isdisjoint(entry.yields_to) and (hint := entry.match(case))
    ]
    return sorted(hints, key=lambda hint: -hint.rank)


def explain(code: str) -> str | None:
    """Return the long form of a code or a name, Markdown; None for one that does not exist."""
    entry = _entry(code)
    return None if entry is None else f"# {entry.code} {entry.name}: {entry.title}\n\n{entry.about.strip()}\n"


#: Letters that are typed where a digit is meant.
_LETTERS_FOR_DIGITS = str.maketrans("OIL", "011")


def suggest(code: str) -> list[str]:
    """Return the codes that somebody who typed ``code`` may have meant, nearest first."""
    spellings = {spelling: entry.code for entry in CATALOG for spelling in (entry.code, entry.name)}
    mistyped = code.strip().upper().translate(_LETTERS_FOR_DIGITS)
    near = [f"LG{mistyped[2:]}"] if f"LG{mistyped[2:]}" in spellings else []
    near += difflib.get_close_matches(_key(code), list(spellings), n=3, cutoff=0.5)
    near += difflib.get_close_matches(code.strip().upper(), list(spellings), n=3, cutoff=0.5)
    return list(dict.fromkeys(spellings[spelling] for spelling in near))


def _entry(code: str) -> Entry | None:
    wanted = code.strip().lower()
    return next((entry for entry in CATALOG if wanted in {entry.code.lower(), entry.name}), None)


def _key(code: str) -> str:
    return code.strip().lower().replace("_", "-").replace(" ", "-")
