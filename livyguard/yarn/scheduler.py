"""The ResourceManager's JSON on queues and nodes as what they have left: the capacity scheduler's default partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.capacity.queue import QueueRoom

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["free_of_nodes", "queue_room", "slim"]

#: All that is read here of answers of some ten KB a queue.
READ = frozenset(
    {
        *("scheduler", "schedulerInfo", "queues", "queue", "queueName", "numActiveApplications"),
        *("capacities", "queueCapacitiesByPartition", "partitionName", "effectiveMaxResource", "configuredMinResource"),
        *("resourcesUsed", "memory", "AMResourceLimit", "usedAMResource", "userAMResourceLimit", "AMResourceUsed"),
        *("users", "user", "username", "resourceInformations", "resourceInformation", "name", "minimumAllocation"),
        *("nodes", "node", "state", "availMemoryMB"),
    }
)
#: YARN writes the largest number there is where nothing is configured.
LARGEST = 2**31


def slim(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is read of a JSON object: an ``object_hook``."""
    return {key: value for key, value in found.items() if key in READ}


def queue_room(answer: Mapping[str, Any], name: str, user: str | None) -> QueueRoom | None:
    """Return what a leaf queue has left; None where the answer tells of no such queue, or of another scheduler.

    Args:
        answer: of ``/ws/v1/cluster/scheduler``.
        name: the queue's, with or without its path.
        user: whose share of the drivers is told beside the queue's.
    """
    root = _at(answer, "scheduler", "schedulerInfo")
    way = _way(root, name.split(".")) or _way(root, name.split(".")[-1:])
    if way is None:
        return None
    leaf, theirs = way[-1], _user(way[-1], user)
    return QueueRoom(
        name=str(leaf.get("queueName")),
        driver_limit=_memory(leaf, "AMResourceLimit"),
        drivers=_memory(leaf, "usedAMResource"),
        user_limit=_memory(leaf, "userAMResourceLimit"),
        user_drivers=_memory(theirs, "AMResourceUsed") if theirs else 0,
        active=_amount(leaf.get("numActiveApplications")),
        free=min((left for left in map(_left, way) if left is not None), default=None),
        step=next((step for step in map(_step, reversed(way)) if step is not None), None),
    )


def free_of_nodes(answer: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Return what each node that is up has free, MiB; None where the answer is no listing of nodes."""
    if "nodes" not in answer:
        return None
    found = _items(_at(answer, "nodes").get("node"))
    free = (_amount(node.get("availMemoryMB")) for node in found if node.get("state") == "RUNNING")
    return tuple(each for each in free if each is not None)


def _way(queue: Mapping[str, Any], path: list[str]) -> list[Mapping[str, Any]] | None:
    """Return the queues from one down to the leaf whose last names are those of the path."""
    for below in _items(_at(queue, "queues").get("queue")):
        rest = _way(below, path)
        if rest is not None:
            return [queue, *rest]
        is_leaf = not _at(below, "queues")
        names = [str(queue.get("queueName")), str(below.get("queueName"))]
        if is_leaf and names[-len(path) :] == path[-2:]:
            return [queue, below]
    return None


def _left(queue: Mapping[str, Any]) -> int | None:
    """Return what a queue may still take."""
    most, held = _memory(_partition(queue), "effectiveMaxResource"), _held(queue)
    return None if most is None or held is None else most - held


def _held(queue: Mapping[str, Any]) -> int | None:
    """Return what a queue holds; of the root, of which YARN does not say it, what the queues below it hold."""
    if "resourcesUsed" in queue:
        return _memory(queue, "resourcesUsed")
    below = [_held(each) for each in _items(_at(queue, "queues").get("queue"))]
    return sum(each for each in below if each is not None) if below and None not in below else None


def _partition(queue: Mapping[str, Any]) -> Mapping[str, Any]:
    found = _items(_at(queue, "capacities").get("queueCapacitiesByPartition"))
    return next((each for each in found if not each.get("partitionName")), {})


def _step(queue: Mapping[str, Any]) -> int | None:
    kinds = _items(_at(_partition(queue), "configuredMinResource", "resourceInformations").get("resourceInformation"))
    steps = (_amount(kind.get("minimumAllocation")) for kind in kinds if kind.get("name") == "memory-mb")
    return next((step for step in steps if step), None)


def _user(queue: Mapping[str, Any], user: str | None) -> Mapping[str, Any] | None:
    found = _items(_at(queue, "users").get("user"))
    return next((each for each in found if each.get("username") == user), None)


def _memory(found: Mapping[str, Any], key: str) -> int | None:
    return _amount(_at(found, key).get("memory"))


def _at(found: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _items(found: Any) -> Iterable[Mapping[str, Any]]:
    """Return the objects of a list; one alone may stand there by itself."""
    return [each for each in (found if isinstance(found, list) else [found]) if isinstance(each, dict)]


def _amount(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST else None
