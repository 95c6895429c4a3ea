"""What the doctor asks of a ResourceManager: three GETs."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from livyguard.doctor.ports import Manager, QueueFacts
from livyguard.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import requests

    from livyguard.yarn.client import ResourceManager

__all__ = ["Probe"]

_CLUSTER = "/ws/v1/cluster"
OK = 200
_WHOLE = 100.0


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
        scheduler = self._object("/scheduler", "scheduler").get("schedulerInfo")
        if not isinstance(scheduler, dict):
            return []
        if isinstance(scheduler.get("rootQueue"), dict):
            return list(_fair(scheduler["rootQueue"]))
        return list(_capacity(scheduler, "root", self._total_mib))

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


def _below(queue: Mapping[str, Any], key: str = "queues") -> list[Mapping[str, Any]]:
    """Return the queues below one; one alone may stand there bare."""
    found = queue.get(key)
    found = found.get("queue") if isinstance(found, dict) else found
    items = found if isinstance(found, list) else [found]
    return [item for item in items if isinstance(item, dict)]


def _capacity(queue: Mapping[str, Any], path: str, total: int | None) -> Iterator[QueueFacts]:
    """Return the leaves of the capacity scheduler, whose shares are of the whole cluster, in percent."""
    children = _below(queue)
    for child in children:
        yield from _capacity(child, f"{path}.{child.get('queueName')}", total)
    most, used = _share(queue.get("absoluteMaxCapacity")), _share(queue.get("absoluteUsedCapacity"))
    if children or path == "root":
        return
    known = most is not None and used is not None and most > 0
    yield QueueFacts(
        path,
        state=queue.get("state") if isinstance(queue.get("state"), str) else None,
        used_share=(used or 0.0) / (most or 1.0) if known else None,
        free_mib=int(((most or 0.0) - (used or 0.0)) * total) if known and total is not None else None,
        pending=_number(queue.get("numPendingApplications")),
    )


def _fair(queue: Mapping[str, Any]) -> Iterator[QueueFacts]:
    """Return the leaves of the fair scheduler, which names them by their whole path."""
    children = _below(queue, "childQueues")
    for child in children:
        yield from _fair(child)
    if children:
        return
    most, used = _memory(queue.get("maxResources")), _memory(queue.get("usedResources"))
    known = most is not None and used is not None and most > 0
    yield QueueFacts(
        str(queue.get("queueName")),
        used_share=(used or 0) / (most or 1) if known else None,
        free_mib=(most or 0) - (used or 0) if known else None,
        pending=_number(queue.get("numPendingApps")),
    )


def _memory(resources: object) -> int | None:
    return _number(resources.get("memory")) if isinstance(resources, dict) else None


def _share(percent: object) -> float | None:
    is_one = isinstance(percent, (int, float)) and not isinstance(percent, bool) and percent == percent  # noqa: PLR0124 - not NaN
    return float(percent) / _WHOLE if is_one else None  # type: ignore[arg-type]


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None
