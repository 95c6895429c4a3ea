"""No check takes for ever: whatever hangs, drips or never answers is left behind after some seconds."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Budget", "Overdue", "within"]

Answer = TypeVar("Answer")


class Overdue(Exception):
    """It was not done in time. The thread that does it is left to end by itself; it holds no process back."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not done within {seconds:.0f} s")
        self.seconds = seconds


def within(seconds: float, call: Callable[[], Answer]) -> Answer:
    """Return what a call returns, or raise what it raises.

    A time-out of a socket counts anew with every byte, and looking a name up has none: the call runs in a thread.

    Raises:
        Overdue: it takes longer.
    """
    done = threading.Event()
    answer: dict[str, Any] = {}

    def run() -> None:
        try:
            answer["value"] = call()
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            answer["error"] = error
        done.set()

    threading.Thread(target=run, name="livyguard doctor", daemon=True).start()
    if not done.wait(max(seconds, 0.0)):
        raise Overdue(seconds)
    if "error" in answer:
        raise answer["error"]
    value: Answer = answer["value"]
    return value


class Budget:
    """Seconds that may be spent on one server, all its checks together."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self.whole = seconds
        self.left = seconds
        self._now = now

    def spend(self, seconds: float, call: Callable[[], Answer]) -> Answer:
        """Return what a call returns, in so many seconds at most, or what is left. Raises Overdue."""
        started = self._now()
        try:
            return within(min(seconds, self.left), call)
        finally:
            self.left = max(self.left - (self._now() - started), 0.0)
