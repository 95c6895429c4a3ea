"""How often one question is sent: again after a fault that may pass, or once, where somebody watches every second."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["SECOND", "asking_once", "asks_once"]

#: Seconds between two requests of whoever asks once.
SECOND = 1.0
_ONCE: ContextVar[bool] = ContextVar("livyguard_asks_once", default=False)


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
