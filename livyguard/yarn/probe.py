"""What the doctor asks of a ResourceManager: three GETs."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from livyguard.doctor.ports import Manager, QueueFacts
from livyguard.errors import ClusterError
from livyguard.yarn.scheduler import leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import requests

    from livyguard.yarn.client import ResourceManager

__all__ = ["Probe"]

_CLUSTER = "/ws/v1/cluster"
OK = 200


class Probe:
    """Implements :class:`livyguard.doctor.ports.ManagerProbe`.

    Args:
        manager: who is asked, by its own log-in.
        now: seconds since the epoch on this machine's clock.
    """

    def __init__(self, manager: ResourceManager, now: Callable[[], float] = time.time) -> None:
        self._manager = manager
        self._now = now
        self._skew: float | None = None
        self._total_mib: int | None = None

    @property
    def place(self) -> str:
        """What is asked, in words."""
        return self._manager.place

    def info(self) -> Manager:
        """Ask whether it is there, and how many nodes work. Raises ClusterError."""
        about = self._object("/info", "clusterInfo")
        metrics = self._object("/metrics", "clusterMetrics")
        self._total_mib = _number(metrics.get("totalMB"))
        version = about.get("hadoopVersion")
        return Manager(
            self._manager.place,
            version if isinstance(version, str) else None,
            _number(metrics.get("activeNodes")),
            _number(metrics.get("availableMB")),
        )

    def queues(self) -> Sequence[QueueFacts]:
        """Return the queues that take applications; none where the scheduler has none. Raises ClusterError."""
        told = {"scheduler": self._object("/scheduler", "scheduler")}
        return [
            QueueFacts(
                leaf.path,
                state=leaf.queue.state,
                used_share=leaf.queue.used_share,
                free_mib=leaf.free(self._total_mib),
                pending=leaf.queue.pending,
            )
            for leaf in leaves(told)
        ]

    def skew(self) -> float | None:
        """Return how many seconds its clock is ahead of ours, by the last answer's ``Date``; None without one."""
        return self._skew

    def _object(self, path: str, name: str) -> dict[str, Any]:
        answer = self._manager._transport.request("GET", f"{_CLUSTER}{path}")  # noqa: SLF001 - its own package
        self._note(answer)
        if answer.status_code != OK:
            raise self._manager._refusal(f"to show {_CLUSTER}{path}", answer)  # noqa: SLF001
        try:
            content = answer.json()
        except (ValueError, RecursionError):
            content = None
        found = content.get(name) if isinstance(content, dict) else None
        if not isinstance(found, dict):
            message = f"{self._manager.url} answers {_CLUSTER}{path} as no ResourceManager does."
            raise ClusterError(message)
        return found

    def _note(self, answer: requests.Response) -> None:
        try:
            told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        except (KeyError, ValueError, TypeError, OverflowError):
            return
        self._skew = told + 0.5 - (self._now() - answer.elapsed.total_seconds() / 2)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None
