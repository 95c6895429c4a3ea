"""A long log made short: which words it may hold, and the lines that tell something, found by reading it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["LONG", "Sieve"]

#: Lines from which on a log is made short.
LONG = 1_000
#: As many lines of one shape are kept from the start and from the end, and as many around one that holds a word.
_OF_A_SHAPE = 3
_AROUND = 10
#: Figures, decimal and hexadecimal: by these the lines of one message differ.
_FIGURES = b"0123456789abcdef"


class Sieve:
    """The shapes of a text's lines: without figures the lines of a log are few, whatever its length.

    Ten thousand lines of a driver differ in their times, tasks, hosts and sizes mostly, and are some hundred shapes.

    Args:
        log: the lines, one that holds a failure or none.
        beside: what else is told of the failure; its words pass as well.
    """

    __slots__ = ("_each", "_joined", "_log")

    def __init__(self, log: Sequence[str], beside: str = "") -> None:
        self._log = "\n".join(log)  # a line of Livy's may be several
        self._each = _shape(self._log).split(b"\n")
        self._joined = b"\n".join(dict.fromkeys((*self._each, *_shape(beside).split(b"\n"))))

    def lets_pass(self, words: Iterable[str]) -> bool:
        """Say whether one of the words may stand there: never no where one does.

        Args:
            words: without line ends; yes where there are none.
        """
        shapes = [_shape(word) for word in words]
        return not shapes or any(shape in self._joined for shape in shapes)

    def short(self, words: Iterable[str]) -> tuple[str, ...]:
        """Return the lines of the log; of a long one those that tell something, in their order.

        These are the first and the last of each shape, and every line that holds one of the words with what stands
        around it: the last mention of anything is still the last, and what is missing is more of the same.
        """
        lines = self._log.split("\n")
        if len(lines) < LONG:
            return tuple(lines)
        kept = _ends(self._each) | _ends(self._each, backwards=True)
        for number in self._holding(words, lines):
            kept.update(range(max(number - _AROUND, 0), min(number + _AROUND + 1, len(lines))))
        return tuple(lines[number] for number in sorted(kept))

    def _holding(self, words: Iterable[str], lines: Sequence[str]) -> list[int]:
        """Return the numbers of the lines that hold a word."""
        shapes = [(word, _shape(word)) for word in words]
        shapes = [(word, shape) for word, shape in shapes if shape in self._joined]
        may_hold = {each: [word for word, shape in shapes if shape in each] for each in set(self._each)}
        return [
            number
            for number, each in enumerate(self._each)
            if (some := may_hold[each]) and any(word in lines[number] for word in some)
        ]


def _shape(text: str) -> bytes:
    # As bytes, since it takes a hundred times as long to drop characters from a text that is not all ASCII.
    return text.encode("utf-8", "surrogatepass").translate(None, _FIGURES)


def _ends(shapes: Sequence[bytes], *, backwards: bool = False) -> set[int]:
    """Return the numbers of the first lines of each shape, or of the last."""
    seen: dict[bytes, int] = {}
    found = set()
    for number in range(len(shapes) - 1, -1, -1) if backwards else range(len(shapes)):
        count = seen.get(shapes[number], 0)
        if count < _OF_A_SHAPE:
            seen[shapes[number]] = count + 1
            found.add(number)
    return found
