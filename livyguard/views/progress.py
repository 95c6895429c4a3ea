"""The line that says how far a command is: when it is drawn, and what it says; a pen draws it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from livyguard.views.text import plain

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Line", "Pen", "phrase"]

#: Seconds that a command may take before it says how far it is, and between two drawings of the line.
DELAY, PAUSE = 1.0, 0.25


class Pen(Protocol):
    """Where a line is drawn. It may raise: the line then ends."""

    def draw(self, text: str, seconds: int) -> None:
        """Draw the line in place of what it said before; ``text`` is harmless."""

    def leave(self, text: str, seconds: int) -> None:
        """Leave what is to stand once the command is done; called once, and only after a drawing."""


class Line:
    """The ``Progress`` port: one line, from the second on that the command has taken.

    Nothing draws it but the calls of ``show`` and ``close``: it has no thread, and a command that is done within a
    second shows nothing. What comes quicker than four times a second is drawn by a later call, the last one by
    ``close``. A pen that fails ends the line and not the command.

    Args:
        pen: where it is drawn.
        now: returns seconds, from any start; they never go back.
    """

    def __init__(self, pen: Pen, now: Callable[[], float]) -> None:
        self._pen: Pen | None = pen
        self._now = now
        self._began = now()
        self._due = self._began + DELAY
        self._text = ""
        self._drawn: tuple[str, int] | None = None

    def show(self, text: str) -> None:
        """Say how far the command is; takes the place of what was said before."""
        self._text = text
        if self._pen is None or self._now() < self._due or (state := self._state()) == self._drawn:
            return
        self._drawn, self._due = state, self._now() + PAUSE
        try:
            self._pen.draw(*state)
        except Exception:  # noqa: BLE001 - whatever befalls a line is no fault of the command
            self._pen = None

    def close(self) -> None:
        """Leave the last state, where the line was drawn at all; once or often."""
        pen, self._pen = self._pen, None
        if pen is not None and self._drawn is not None:
            with suppress(Exception):
                pen.leave(*self._state())

    def _state(self) -> tuple[str, int]:
        return plain(self._text), int(self._now() - self._began)


def phrase(text: str, seconds: int) -> str:
    """Return what the line says, ``Releasing sessions: 37 of 100, 12 s``."""
    return f"{text}, {seconds} s"
