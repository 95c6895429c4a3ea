"""The hint of a check: one of the doctor's own codes, or what the catalogue knows of a text."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from livyguard.hints.catalog.doctor import ENTRIES
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.model import Evidence, Fix, Hint
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["AGAIN", "advice", "edit", "known"]

AGAIN = Fix("Look again, once it is mended.", cell="%livy_doctor", terminal="livyguard doctor")

_ENTRIES = {entry.code: entry for entry in ENTRIES}


def advice(code: str, cause: str, *fixes: Fix, seen: Iterable[tuple[str, str]] = ()) -> Hint:
    """Return the hint of one of the doctor's own codes.

    Args:
        code: ``LG967``.
        cause: why, a sentence or two.
        fixes: what to do, the best first.
        seen: ``(line, source)`` of what it rests on.
    """
    entry = _ENTRIES[code]
    return Hint(
        code=code,
        name=entry.name,
        title=f"{entry.title[:1].upper()}{entry.title[1:]}",
        cause=excerpt(cause, longest=1_000),
        evidence=tuple(Evidence(excerpt(line), source) for line, source in seen),
        fixes=fixes,
        severity=entry.severity,
    )


def known(text: str, endpoint: str | None = None) -> Hint | None:
    """Return what the catalogue says of a failure's text; None where it does not know it."""
    return next(iter(diagnose(Case(error=text, endpoint=endpoint, is_cleared=True))), None)


def edit(label: str, file: str) -> Fix:
    """Return the fix that is made in a file by hand."""
    return Fix(label, command=f"${{EDITOR:-vi}} {shlex.quote(file)}", applicability="manual")
