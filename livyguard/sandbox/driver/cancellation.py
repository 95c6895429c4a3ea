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
    there the Spark jobs are cancelled instead, and the call returns with Spark's own exception; anywhere else
    ``KeyboardInterrupt`` is raised. Both are tried again and again: the job may not have begun yet, or the call may
    only have been a garbage collection.

    Args:
        cancel_jobs: cancels the statement's Spark jobs; called on another thread.
    """
    over = threading.Event()
    main = threading.get_ident()
    insisting: list[threading.Thread] = []

    def insist() -> None:
        cancel_jobs()
        while not over.wait(_RETRY_SECONDS):
            signal.pthread_kill(main, signal.SIGINT)
            cancel_jobs()

    def interrupted(_number: int, frame: FrameType | None) -> None:
        if over.is_set():
            return
        if not _waits_for_java(frame):
            over.set()
            raise KeyboardInterrupt
        if not insisting:
            insisting.append(threading.Thread(target=insist, name="cancel-jobs", daemon=True))
            insisting[0].start()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        over.set()
        for thread in insisting:
            thread.join()
        signal.signal(signal.SIGINT, before)
