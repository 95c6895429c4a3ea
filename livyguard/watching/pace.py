"""At most one request a second to each server, whoever watches a start."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livyguard.ports import Clock

__all__ = ["LIVY", "MANAGER", "SECOND", "Pace"]

#: The servers: Livy, and what manages its cluster, YARN or Kubernetes.
LIVY, MANAGER = "Livy", "manager"

#: Seconds between two requests to one server.
SECOND = 1.0


class Pace:
    """Knows when each server may be asked again.

    Args:
        clock: the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next: dict[str, float] = {}

    def may_ask(self, server: str) -> bool:
        """Tell whether a server may be asked now."""
        return self._clock.now() >= self._next.get(server, 0.0)

    def asked(self, server: str, requests: int = 1) -> None:
        """Note requests that are sent now: each has a second of its own, and nothing else is sent meanwhile."""
        self._next[server] = max(self._clock.now(), self._next.get(server, 0.0)) + requests * SECOND

    def wait(self, server: str) -> None:
        """Wait until a server may be asked, and note one request."""
        self._clock.sleep(max(self._next.get(server, 0.0) - self._clock.now(), 0.0))
        self.asked(server)
