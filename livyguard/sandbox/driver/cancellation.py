"""An interrupt that stops what runs: Python at once, a Spark job through Spark."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["cancellable"]

_RETRY_SECONDS = 0.2


def _waits_for_java(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("py4j."):
            return True
        frame = frame.f_back
    return False


@contextmanager
def cancellable(cancel_jobs: Callable[[], None]) -> Iterator[None]:
    """Take SIGINT while a statement runs.

    An exception thrown into the middle of a call to Java would leave the connection with a stale answer on it. So
    there the Spark jobs are cancelled instead, again and again (the job may not have begun yet), and the call
    returns with Spark's own exception; anywhere else ``KeyboardInterrupt`` is raised.

    Args:
        cancel_jobs: cancels the statement's Spark jobs; called on another thread.
    """
    done = threading.Event()

    def keep_cancelling() -> None:
        cancel_jobs()
        while not done.wait(_RETRY_SECONDS):
            cancel_jobs()

    def interrupted(_number: int, frame: FrameType | None) -> None:
        if not _waits_for_java(frame):
            raise KeyboardInterrupt
        threading.Thread(target=keep_cancelling, name="cancel-jobs", daemon=True).start()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        done.set()
        signal.signal(signal.SIGINT, before)
