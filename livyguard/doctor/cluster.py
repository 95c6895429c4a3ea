"""What runs the cluster, and the queue that sessions go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.capacity.queue import named
from livyguard.doctor.advice import advice, known
from livyguard.doctor.model import FAILURE, OK, SKIPPED, WARNING, Finding
from livyguard.doctor.ports import Manager
from livyguard.hints.entry import FREE, LOOK
from livyguard.policy.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.doctor.ports import QueueFacts
    from livyguard.doctor.visit import Visit
    from livyguard.ports import Holders

__all__ = ["Standing", "manager", "queue", "silent"]

#: A queue that has less than this of what it may ever have is full, or nearly.
NEXT_TO_NOTHING = 0.05
#: The smallest session there is: a driver and one executor of 1 GiB each, overheads included.
SMALLEST_MIB = 2_816
#: A ticket that is missing or over is what to see to, whoever wants it.
_OF_TICKETS = frozenset({"LG601", "LG602"})
DEFAULT_QUEUE = "default"
_GIB = 1_024


class Standing:
    """What is asked of a cluster that is none of YARN's: whether it answers, no more."""

    def __init__(self, holders: Holders) -> None:
        self._holders = holders

    @property
    def place(self) -> str:
        """What is asked, in words."""
        return self._holders.place

    def info(self) -> Manager:
        """Ask who holds it. Raises ClusterError."""
        self._holders.living()
        return Manager(self._holders.place)

    def queues(self) -> Sequence[QueueFacts]:
        """Return none: there are no queues."""
        return ()

    def skew(self) -> float | None:
        """Return None: nobody tells its time."""
        return None


def silent(text: str) -> Finding:
    """Return that what runs the cluster does not answer; sessions go on without it."""
    cause = "Sessions are created and run all the same; why one waits and what each holds is not known."
    ticket = known(text)
    is_told = ticket is not None and ticket.code in _OF_TICKETS
    return Finding(FAILURE, text, ticket if is_told else advice("LG964", cause, LOOK, seen=[(text, "the cluster")]))


def manager(visit: Visit) -> Finding:
    """Ask what runs the cluster whether it is there."""
    probe = visit.manager = visit.at.manager()
    if probe is None:
        visit.blocked["yarn"] = "the policy names no ResourceManager"
        return Finding(SKIPPED, "the policy names no ResourceManager")
    found = probe.info()
    visit.free_mib = found.free_mib
    if found.active_nodes == 0:
        cause = "No node of the cluster works, so no session can start."
        return Finding(FAILURE, f"{found.place} answers; the cluster has no node", advice("LG966", cause, LOOK))
    nodes = "" if found.active_nodes is None else f", {counted(found.active_nodes, 'node')}"
    version = f", Hadoop {found.version}" if found.version else ""
    free = "" if found.free_mib is None else f", {found.free_mib / _GIB:.1f} GiB free"
    return Finding(OK, f"{found.place} answers{version}{nodes}{free}")


def queue(visit: Visit) -> Finding:
    """Look what the queue has left that a session without settings would go to."""
    queues = [] if visit.manager is None else visit.manager.queues()
    if not queues:
        return Finding(SKIPPED, "what runs the cluster tells of no queues")
    wanted = visit.at.queue() or DEFAULT_QUEUE
    by_path = {each.path: each for each in queues}
    path = named(wanted, by_path)
    if path is None:
        known = ", ".join(each.path for each in queues[:10])
        cause = f"Your sessions are sent to {wanted}, and YARN has no queue of that name. It has: {known}."
        return Finding(FAILURE, f"YARN has no queue {wanted}", advice("LG966", cause))
    found = by_path[path]
    if found.state not in {None, "RUNNING"}:
        cause = f"The queue {found.path} is {found.state}: it takes no new applications."
        return Finding(FAILURE, f"{found.path} is {found.state}", advice("LG966", cause))
    free = min((each for each in (found.free_mib, visit.free_mib) if each is not None), default=None)
    room = "" if free is None else f", {max(free, 0) / _GIB:.1f} GiB left"
    used = "" if found.used_share is None else f" {found.used_share:.0%} used"
    waiting = f", {counted(found.pending, 'application')} waiting" if found.pending else ""
    text = f"{found.path}:{used}{room}{waiting}".replace(":,", ":")
    is_full = found.used_share is not None and found.used_share > 1 - NEXT_TO_NOTHING
    if is_full or (free is not None and free < SMALLEST_MIB):
        cause = (
            f"The smallest session takes about {SMALLEST_MIB / _GIB:.1f} GiB; one that is asked for now has to wait."
        )
        return Finding(WARNING, text, advice("LG965", cause, LOOK, FREE))
    return Finding(OK, text)
