"""What was read while a session waits, to say what it waits for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from livyguard.policy.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from livyguard.capacity.namespace import NamespaceRoom
    from livyguard.capacity.queue import QueueRoom
    from livyguard.policy.request import Entry
    from livyguard.policy.tenancy import Tenancy
    from livyguard.sessions.application import Application
    from livyguard.sessions.rows import SessionRow

__all__ = ["OF_A_QUEUE", "Found", "before", "left", "reason", "size"]

#: Codes of what a queue lets drivers hold; elsewhere the whole cluster is what is full.
OF_A_QUEUE = frozenset({"LG202", "LG203"})
# The capacity scheduler's words, and the fair scheduler's.
_ASKED = re.compile(r"(?:AM Resource Request = |\(Resource request: )<memory:(\d{1,12})")
_LIMIT = re.compile(r"Queue Resource Limit for AM = <memory:(\d{1,12})")
_USED = re.compile(r"Queue AM Resource Usage = <memory:(\d{1,12})")
_REASON = re.compile(r"([A-Z][A-Za-z]{2,40})(?=:|$)", re.MULTILINE)
_GIB = 1024


@dataclass(frozen=True, slots=True)
class Found:
    """What was read; empty or None each where it was not, or not yet.

    Attributes:
        code: of the hint.
        waiting: the application that waits.
        rows: the sessions of the Livy, with what each holds, but the one that starts.
        living: every application that holds, or waits for, something.
        room: what the queue has left.
        quota: what the quotas of the namespace leave, and
        fits: what they leave whoever gives the driver back that waits.
        cluster: what the policy says of the cluster.
        asked: what the user gave for the session, in Livy's shape.
        effective: what Livy was sent of what bears on its size, folded.
        is_listed: the listing was read: a row that is not there is no session.
        is_over: the session no longer waits: it did not start.
        place: the namespace that was read, on Kubernetes, whether or not the driver has a pod there.
    """

    code: str
    waiting: Application | None = None
    rows: Sequence[SessionRow] = ()
    living: Sequence[Application] = ()
    room: QueueRoom | None = None
    quota: NamespaceRoom | None = None
    fits: NamespaceRoom | None = None
    cluster: Tenancy | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)
    effective: Mapping[str, Entry] = field(default_factory=dict)
    is_listed: bool = False
    is_over: bool = False
    place: str = ""

    @property
    def is_of_queue(self) -> bool:
        """Is the queue what is full, and not the cluster?"""
        return self.code in OF_A_QUEUE and bool(self.queue)

    @property
    def queue(self) -> str:
        """Where the application waits, as YARN says; empty where it does not."""
        return (self.waiting.queue if self.waiting is not None else None) or ""

    @property
    def namespace(self) -> str:
        """Where its pods are, or would be, on Kubernetes; empty on YARN, and where nobody knows."""
        return (self.queue if self.waiting is not None and self.waiting.driver_pod is not None else "") or self.place

    @property
    def driver(self) -> int | None:
        """The driver's container that YARN was asked for, MiB."""
        return self._number(_ASKED)

    @property
    def left_for_drivers(self) -> int | None:
        """What drivers may still hold in the queue, MiB, below 0 where they hold more already."""
        if self.room is not None and self.room.left_for_drivers is not None:
            return self.room.left_for_drivers
        limit, used = self._number(_LIMIT), self._number(_USED)
        return None if limit is None or used is None else limit - used

    @property
    def around(self) -> list[SessionRow]:
        """The sessions that hold what is lacking: those of the queue, or all."""
        if not self.is_of_queue or not self.living:
            return list(self.rows)
        return [row for row in self.rows if row.application is not None and self.is_here(row.application)]

    def is_here(self, application: Application) -> bool:
        """Does it hold what is lacking? YARN tells a queue with its path, or without."""
        return not self.is_of_queue or _leaf(application.queue) == _leaf(self.queue)

    def _number(self, pattern: re.Pattern[str]) -> int | None:
        match = pattern.search(self.waiting.diagnostics) if self.waiting is not None else None
        return int(match[1]) if match else None


def before(application: Application, living: Iterable[Application]) -> int:
    """Return how many others were accepted in its queue before an application, and wait there, too.

    On Kubernetes: how many pods of Spark's that no node has taken are older than the driver's.
    """
    queue, mine = _leaf(application.queue), _place(application)
    if application.driver_pod is not None:
        others = (one for one in living if one.id != application.id)
        return sum(created < mine[0] for one in others for created in one.queued)
    return sum(
        one.state == "ACCEPTED" and not one.containers and _leaf(one.queue) == queue and _place(one) < mine
        for one in living
    )


def reason(application: Application) -> str | None:
    """Return Kubernetes' one word for why a driver's pod does not run, ``Unschedulable``; None where it says none."""
    match = _REASON.match(application.diagnostics) if application.driver_pod is not None else None
    return None if match is None or application.state != "Pending" else match[1]


def left(room: NamespaceRoom | None) -> str | None:
    """Return what quotas leave, ``2 cores, 4.0 GiB``; None where none bounds anything."""
    if room is None or not room.is_bounded:
        return None
    parts = [] if room.cores is None else [_cores(room.cores)]
    parts += [] if room.limit_cores is None else [f"limits of {_cores(room.limit_cores)}"]
    parts += [] if room.memory_mib is None else [size(max(room.memory_mib, 0))]
    parts += [] if room.pods is None else [counted(max(room.pods, 0), "pod")]
    return ", ".join(parts)


def _cores(amount: Decimal) -> str:
    told = max(amount, Decimal(0)).normalize()
    return f"{told:f} {'core' if told == 1 else 'cores'}"


def _place(application: Application) -> tuple[float, str]:
    return application.started or 0.0, application.id


def _leaf(queue: str | None) -> str:
    """Return a queue's name without its path."""
    return (queue or "").rpartition(".")[2]


def size(mib: int) -> str:
    """Return ``2.5 GiB``, ``512 MiB``."""
    return f"{mib / _GIB:.1f} GiB" if mib >= _GIB else f"{mib} MiB"
