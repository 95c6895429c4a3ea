"""A line on the terminal that is rewritten in place, and taken away in the end."""

from __future__ import annotations

import os
import sys

import click

from livyguard.views.progress import phrase

__all__ = ["TerminalPen"]

#: Back to the first column, and the line erased.
ERASE = "\r\x1b[2K"
#: What $TERM says of a terminal that cannot rewrite a line, or of which nothing is known.
DUMB = frozenset({"", "dumb", "unknown"})
WIDTH = 80


class TerminalPen:
    """Draws on standard error, where that is a terminal: a pipe, a file and cron see nothing.

    The cursor is never hidden and no colour is used, so that whatever ends the command leaves the terminal as it was.
    """

    def __init__(self) -> None:
        self._is_drawn = False

    def draw(self, text: str, seconds: int) -> None:
        """Write the line over what it said before; what is wider than the terminal is cut before its seconds."""
        if sys.stderr.isatty() and os.environ.get("TERM", "").lower() not in DUMB:
            line = _fit(text, seconds, _width())
            self._is_drawn = True
            click.echo(ERASE + line, nl=False, err=True, color=True)

    def leave(self, text: str, seconds: int) -> None:  # noqa: ARG002 - a terminal keeps the result alone
        """Take the line away."""
        self.clear()

    def clear(self) -> None:
        """Take the line away, for what is said meanwhile; the next drawing brings it back."""
        if self._is_drawn:
            self._is_drawn = False
            click.echo(ERASE, nl=False, err=True, color=True)


def _fit(text: str, seconds: int, width: int) -> str:
    """Return the line, cut to less than the terminal's width: a line that wraps is not rewritten as one."""
    from rich.cells import cell_len, set_cell_size

    encoding = sys.stderr.encoding or "utf-8"
    text = text.encode(encoding, "backslashreplace").decode(encoding)  # as it is written where a character lacks
    room = width - 1 - len(phrase("", seconds))
    if cell_len(text) > room:
        text = set_cell_size(text, max(room - 3, 0)).rstrip() + "..."
    return phrase(text, seconds)


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH
