"""SparkMagic's own words, kept beside ours: the first line as a sentence, and the log that it writes behind it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.redaction import excerpt, redact
from livyguard.sparkmagic.route import failure, first_line, plainly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.errors import CellFailure
    from livyguard.hints.model import Hint
    from livyguard.ports import Display

__all__ = ["behind", "hints_of", "told", "whole", "with_hint", "without_page"]

#: Lines of a log that are shown in a cell: its end says why a session ended.
_SHOWN = 20
_PAGE = re.compile(r"with error payload:\s{0,9}<")


def without_page(text: str) -> str:
    """Leave out a page of HTML that SparkMagic quotes, and end as a sentence does."""
    said, _, page = text.partition(" with error payload:")
    shown = said if page.lstrip().startswith("<") or not page.strip() else text
    return shown if shown.endswith((".", "!", "?", '"', "}")) else f"{shown}."


def hints_of(text: str, session_id: int | None = None) -> list[Hint]:
    """Return what explains a request that failed, by its text; how to recover only where a session is lost by it."""
    hints = diagnose(Case(error=text, session_id=session_id))
    if not hints or hints[0].family == "LG1":
        return hints
    return diagnose(Case(error=text, session_id=session_id, is_cleared=True))


def with_hint(error: Exception, display: Display) -> Exception:
    """Return an error of SparkMagic's, whole, with its hint behind it: of a request that fails no cell by itself."""
    error.args = (display.failure(redact(str(error)), hints_of(first_line(error))),)
    return plainly(error)


def whole(error: Exception, more: str) -> str:
    """Return all that SparkMagic says, redacted and nothing left out, and what livyguard adds behind it."""
    said = redact(str(error))
    return f"{said}\n{more}" if "\n" in said else f"{said} {more}"


def behind(error: Exception) -> str:
    """Return what SparkMagic says behind its first line, to stand below a hint; nothing where that is all it says.

    At most the last twenty lines, with the number of those before them; redacted, and each of a sane length. A page of
    HTML is left out: it is somebody else's, and a hint quotes its title.
    """
    said = str(error)
    lines = [line for line in said.splitlines()[1:] if line.strip()]
    if not lines or _PAGE.search(said):
        return ""
    left_out = len(lines) - _SHOWN
    head = (
        f"SparkMagic's log, its last {_SHOWN} lines ({left_out} before them):" if left_out > 0 else "SparkMagic's log:"
    )
    return "\n".join(("", "", head, *(f"  {excerpt(line)}" for line in lines[-_SHOWN:])))


def told(
    error: Exception,
    kind: type[CellFailure],
    happened: str,
    added: str,
    hints: Sequence[Hint],
    display: Display,
    *,
    fails_cell: bool,
    ran: str = "",
) -> BaseException:
    """Return what fails the cell, or SparkMagic's own error, whole, with the hint where that is not wanted.

    Args:
        error: SparkMagic's.
        kind: what fails the cell.
        happened: SparkMagic's words as somebody reads them; the rest of them follows the hint.
        added: what livyguard says behind them.
        hints: what explains it.
        display: writes the hints.
        fails_cell: whether the cell is to fail.
        ran: what had run in the session.
    """
    if fails_cell:
        return failure(kind(display.failure(redact(f"{happened} {added}"), hints) + ran + behind(error)))
    error.args = (display.failure(whole(error, added), hints) + ran,)
    return plainly(error)
