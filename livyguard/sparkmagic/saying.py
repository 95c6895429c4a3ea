"""SparkMagic's own words, kept beside ours: the first line as a sentence, and the log that it writes behind it."""

from __future__ import annotations

import re

from livyguard.hints.redaction import excerpt, redact

__all__ = ["behind", "whole", "without_page"]

#: Lines of a log that are shown in a cell: its end says why a session ended.
_SHOWN = 20
_PAGE = re.compile(r"with error payload:\s{0,9}<")


def without_page(text: str) -> str:
    """Leave out a page of HTML that SparkMagic quotes, and end as a sentence does."""
    said, _, page = text.partition(" with error payload:")
    shown = said if page.lstrip().startswith("<") or not page.strip() else text
    return shown if shown.endswith((".", "!", "?", '"', "}")) else f"{shown}."


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
