"""A hint for a kernel that has no ``%%configure``: IPython's own, where ``%spark`` starts sessions and runs cells.

The catalogue speaks of the wrapper kernels' magics; here each ready cell becomes one that this kernel has.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.hints.model import Fix, Hint

__all__ = ["in_plain_kernel"]

_CONFIGURE = re.compile(r"%%configure(?: -f)?")
_NAME = "NAME"


def in_plain_kernel(hint: Hint, names: Sequence[str]) -> Hint:
    """Return the hint with cells and words of ``%spark``'s.

    Args:
        hint: as the catalogue has it.
        names: SparkMagic's names for the sessions of this notebook.
    """
    fixes = tuple(_fix(fix, names) for fix in hint.fixes)
    return replace(hint, title=_words(hint.title), cause=_words(hint.cause), fixes=fixes)


def _words(text: str) -> str:
    return _CONFIGURE.sub("%%spark config", text)


def _fix(fix: Fix, names: Sequence[str]) -> Fix:
    here = replace(fix, label=_words(fix.label))
    if fix.cell is None:
        return here
    name = names[0] if len(names) == 1 else _NAME
    first, _, body = fix.cell.partition("\n")
    if first.startswith("%%configure"):
        delete = f"`%spark delete -s {name}` and " if names else ""
        label = here.label.replace("It starts a new session and replaces", "It replaces")
        label = f"{label} Then {delete}`%spark add` start{'' if names else 's'} a session with it."
        return replace(here, label=label, cell=f"%%spark config\n{body}")
    if first.startswith("%%logs"):
        applicability = "manual" if name == _NAME else fix.applicability
        return replace(here, cell=f"%spark logs -s {name}", applicability=applicability)
    if first.startswith("%%local"):
        return replace(here, cell=body)
    if first == "%livy_recover":
        return replace(here, label=here.label.replace("run the cell again", "run `%spark add` and the cell again"))
    is_for_spark = not first.startswith("%")
    return replace(here, cell=f"%%spark{f' -s {name}' if names else ''}\n{fix.cell}") if is_for_spark else here
