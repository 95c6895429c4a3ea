"""The clock of what takes milliseconds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MILLISECONDS = 1_000


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the milliseconds that this thread held a processor, which other programs do not add to; and the result."""
    begun = time.thread_time()
    result = work()
    return (time.thread_time() - begun) * MILLISECONDS, result
