"""A line on the terminal that is rewritten in place, and taken away in the end."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from livyguard.views import starting
from livyguard.views.progress import phrase

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.hints.model import Hint
    from livyguard.hints.start import Start

__all__ = ["StartPen", "TerminalPen"]

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
        self.write(text, phrase("", seconds))

    def write(self, text: str, end: str = "") -> None:
        """Write a line over what it said before; what is wider than the terminal is cut before its end."""
        if self.is_there:
            line = _fit(text, _width() - 1 - len(end)) + end
            self._is_drawn = True
            click.echo(ERASE + line, nl=False, err=True, color=True)

    @property
    def is_there(self) -> bool:
        """Is there a terminal, and one that can rewrite a line?"""
        return sys.stderr.isatty() and os.environ.get("TERM", "").lower() not in DUMB

    def leave(self, text: str, seconds: int) -> None:  # noqa: ARG002 - a terminal keeps the result alone
        """Take the line away."""
        self.clear()

    def clear(self) -> None:
        """Take the line away, for what is said meanwhile; the next drawing brings it back."""
        if self._is_drawn:
            self._is_drawn = False
            click.echo(ERASE, nl=False, err=True, color=True)


def _fit(text: str, room: int) -> str:
    """Return the text, cut to so many columns: a line that wraps is not rewritten as one."""
    from rich.cells import cell_len, set_cell_size

    encoding = sys.stderr.encoding or "utf-8"
    text = text.encode(encoding, "backslashreplace").decode(encoding)  # as it is written where a character lacks
    if cell_len(text) > room:
        text = set_cell_size(text, max(room - 3, 0)).rstrip() + "..."
    return text


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or WIDTH
    except (OSError, ValueError):
        return WIDTH


class StartPen:
    """Draws how a start is going on a terminal's line; what it waits for stands above it, once for each reason.

    Args:
        pen: the terminal's one line.
        say: prints a hint above it.
    """

    def __init__(self, pen: TerminalPen, say: Callable[[Hint], None]) -> None:
        self._pen, self._say = pen, say
        self._said: str | None = None

    def draw(self, start: Start) -> None:
        """Write the line over what it said before; a new reason first, once all is known of it."""
        if start.hint is not None and start.is_whole and start.hint.code != self._said and self._pen.is_there:
            self._said = start.hint.code
            self._say(start.hint)
        self._pen.write(starting.line(start))

    def leave(self, start: Start) -> None:  # noqa: ARG002 - a terminal keeps the result alone
        """Take the line away."""
        self._pen.clear()
