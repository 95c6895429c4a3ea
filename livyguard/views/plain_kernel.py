"""A hint, or its page, for a kernel that has no ``%%configure``: IPython's own, where ``%spark`` starts sessions.

The catalogue speaks of the wrapper kernels' magics; here each ready cell becomes one that this kernel has.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.hints.model import Fix, Hint

__all__ = ["in_plain_kernel", "page_in_plain_kernel"]

_NAME = "NAME"
#: What is said of the wrapper kernels, and what is so here; a space may be the end of a line.
_HERE = tuple(
    (re.compile(said.replace(" ", r"\s+")), here)
    for said, here in (
        (r"%%configure(?: -f)?", "%%spark config"),
        (r" \(`%%local`\)", ""),
        (r"`%%logs`", f"`%spark logs -s {_NAME}`"),
        (r"`%%sql`", "`%%spark -c sql`"),
        (r"the next (?:Spark )?cell starts", "`%spark add` starts"),
        (r"`%livy_recover`,? (?:and|then) the (cells?\b)", r"`%livy_recover`, `%spark add` and the \1"),
    )
)
_SETTINGS_HERE = f"""
## In this kernel

`%%spark config` says what sessions have that `%spark add` starts from then on. One that is there keeps what it has;
`%spark delete -s {_NAME}` ends it.
"""


def in_plain_kernel(hint: Hint, names: Sequence[str]) -> Hint:
    """Return the hint with cells and words of ``%spark``'s.

    Args:
        hint: as the catalogue has it.
        names: SparkMagic's names for the sessions of this notebook.
    """
    fixes = tuple(_fix(fix, names) for fix in hint.fixes)
    return replace(hint, title=_words(hint.title), cause=_words(hint.cause), fixes=fixes)


def page_in_plain_kernel(page: str) -> str:
    """Return the long form of a code with the magics of this kernel, and how its sessions get their settings."""
    asks_for_settings = "%%configure -f" in page
    return f"{_words(page)}{_SETTINGS_HERE if asks_for_settings else ''}"


def _words(text: str) -> str:
    for said, here in _HERE:
        text = said.sub(here, text)
    return text


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
    applicability = "manual" if len(names) > 1 else fix.applicability
    cell = f"%%spark{f' -s {name}' if names else ''}\n{fix.cell}"
    return replace(here, cell=cell, applicability=applicability) if is_for_spark else here
