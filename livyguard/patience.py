"""How often one question is sent: again after a fault that may pass, or once, where somebody watches every second."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PASSING_FAULTS", "PAUSES", "SECOND", "SHORT", "Pauses", "asking_once", "asks_once"]

#: Statuses of a server, or of what stands before it, that is busy and may answer in a second.
PASSING_FAULTS = frozenset({429, 502, 503, 504})
#: Seconds between two requests of whoever asks once.
SECOND = 1.0
#: Seconds until whoever watches asks again: after the first passing fault in a row, the second, …; after a refusal at
#: once the last.
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
#: Seconds that a passing fault takes at most; whoever watches waits for each.
SHORT = 5.0
_ONCE: ContextVar[bool] = ContextVar("livyguard_asks_once", default=False)


class Pauses:
    """Knows when a question that met a fault is asked again.

    Attributes:
        faults: how many it has met in a row.
    """

    def __init__(self) -> None:
        self.faults = 0
        self._until = 0.0

    def are_over(self, now: float) -> bool:
        """Tell whether it may be asked."""
        return now >= self._until

    def failed(self, asked: float, now: float, *, is_passing: bool) -> None:
        """Note a fault.

        Args:
            asked: when the question was sent, seconds.
            now: when the fault came, likewise.
            is_passing: it may be over in a second. One for which one waits long is taken for none such.
        """
        self.faults += 1
        tries = self.faults if is_passing and now - asked <= SHORT else len(PAUSES)
        self._until = now + PAUSES[min(tries, len(PAUSES)) - 1]

    def answered(self) -> None:
        """Note an answer: the next fault is the first again."""
        self.faults, self._until = 0, 0.0


@contextmanager
def asking_once() -> Iterator[None]:
    """Send each request of this thread once meanwhile: whoever watches asks again soon."""
    token = _ONCE.set(True)
    try:
        yield
    finally:
        _ONCE.reset(token)


def asks_once() -> bool:
    """Tell whether a request that meets a passing fault is not to be sent again, nor two in one second."""
    return _ONCE.get()
