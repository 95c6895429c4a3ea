"""Which words a long text may hold: asked for hundreds of them, it reads the text once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Sieve"]

_DIGITS = b"0123456789"


class Sieve:
    """The shapes of a text's lines: without their digits the lines of a log are few, whatever its length.

    Ten thousand lines of a driver differ in their times, tasks and sizes mostly, and are some hundred shapes.

    Args:
        text: the text, one that holds a failure or none.
    """

    __slots__ = ("_shapes",)

    def __init__(self, text: str) -> None:
        self._shapes = b"\n".join(dict.fromkeys(_shape(text).split(b"\n")))

    def lets_pass(self, needles: Iterable[str]) -> bool:
        """Say whether one of the words may stand in the text: never no where one does.

        Args:
            needles: words without line ends; yes where there are none.
        """
        shapes = [_shape(needle) for needle in needles]
        return not shapes or any(shape in self._shapes for shape in shapes)


def _shape(text: str) -> bytes:
    # As bytes, since it takes a hundred times as long to drop characters from a text that is not all ASCII.
    return text.encode("utf-8", "surrogatepass").translate(None, _DIGITS)
