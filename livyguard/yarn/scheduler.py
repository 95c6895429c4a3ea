"""The ResourceManager's JSON on queues and nodes as what they have left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livyguard.capacity.queue import QueueRoom, named
from livyguard.yarn.queues import READ as OF_QUEUES
from livyguard.yarn.queues import amount, items, root_of, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from livyguard.yarn.queues import Queue

__all__ = ["Leaf", "free_of_nodes", "leaves", "queue_room", "slim"]

#: All that is read here.
READ = OF_QUEUES | {"nodes", "node", "availMemoryMB"}


def slim(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is read of a JSON object: an ``object_hook``."""
    return {key: value for key, value in found.items() if key in READ}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A queue that takes applications.

    Attributes:
        path: ``root.teams.a``.
        way: the queues from the root down to this one.
    """

    path: str
    way: tuple[Queue, ...]

    @property
    def queue(self) -> Queue:
        """The queue itself."""
        return self.way[-1]

    def free(self, total: int | None = None) -> int | None:
        """Return what it, and every queue above it, may still take, MiB; None where YARN does not tell.

        Args:
            total: what the whole cluster has, MiB; old versions tell shares of it.
        """
        return min((left for queue in self.way if (left := queue.left(total)) is not None), default=None)


def leaves(answer: Mapping[str, Any]) -> Sequence[Leaf]:
    """Return the queues of an answer of ``/ws/v1/cluster/scheduler``; none where the scheduler has none."""
    root = root_of(answer)
    return [] if root is None else list(_below(root, ()))


def _below(queue: Queue, above: tuple[Queue, ...]) -> Iterator[Leaf]:
    way, below = (*above, queue), queue.below
    for each in below:
        yield from _below(each, way)
    if not below and above:
        yield Leaf(".".join(("root", *(one.name for one in way[1:]))), way)


def queue_room(answer: Mapping[str, Any], name: str, user: str | None) -> QueueRoom | None:
    """Return what a leaf queue has left; None where the answer tells of no such queue, or it runs as many as it may.

    Args:
        answer: of ``/ws/v1/cluster/scheduler``.
        name: the queue's, with or without its path.
        user: whose share of the drivers is told beside the queue's.
    """
    known = {leaf.path: leaf for leaf in leaves(answer)}
    path = named(name, known)
    if path is None or any(queue.is_closed for queue in known[path].way):
        return None
    leaf = known[path]
    (limit, drivers), (user_limit, user_drivers) = leaf.queue.drivers, leaf.queue.drivers_of(user)
    return QueueRoom(
        name=leaf.queue.name,
        driver_limit=limit,
        drivers=drivers,
        user_limit=user_limit,
        user_drivers=user_drivers,
        user_free=leaf.queue.left_to(user),
        active=leaf.queue.running,
        free=leaf.free(),
        step=next((queue.step for queue in reversed(leaf.way) if queue.step is not None), None),
    )


def free_of_nodes(answer: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Return what each node that is up has free, MiB; None where the answer is no listing of nodes."""
    if "nodes" not in answer:
        return None
    found = items(table(answer, "nodes").get("node"))
    free = (amount(node.get("availMemoryMB")) for node in found if node.get("state") == "RUNNING")
    return tuple(each for each in free if each is not None)
