"""A cancelled statement: its Spark jobs are stopped. Its Python goes on to its end, as it does in Livy."""

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


@contextmanager
def cancellable(cancel_jobs: Callable[[], None]) -> Iterator[None]:
    """Take SIGINT while a statement runs: from then on its Spark jobs are cancelled, until it has ended.

    Again and again: the job may not have begun yet, and another one may follow.

    Args:
        cancel_jobs: cancels the statement's Spark jobs; called on another thread.
    """
    over = threading.Event()
    insisting: list[threading.Thread] = []

    def insist() -> None:
        cancel_jobs()
        while not over.wait(_RETRY_SECONDS):
            cancel_jobs()

    def interrupted(_number: int, _frame: FrameType | None) -> None:
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
