"""One queue of YARN's as its scheduler tells of it: the capacity scheduler's default partition, or the fair scheduler.

The fields of the fair scheduler are those of Hadoop 2.7 to 3.4 (``FairSchedulerQueueInfo``), the drivers' share among
them since 3.0.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["READ", "Queue", "amount", "items", "root_of", "table"]

#: All that is read of answers of some ten KB a queue.
READ = frozenset(
    {
        *("scheduler", "schedulerInfo", "rootQueue", "queues", "childQueues", "queue", "queueName", "state"),
        *("capacities", "queueCapacitiesByPartition", "partitionName", "effectiveMaxResource", "configuredMinResource"),
        *("absoluteMaxCapacity", "absoluteUsedCapacity", "numActiveApplications", "numPendingApplications"),
        *("resourcesUsed", "memory", "AMResourceLimit", "usedAMResource", "userAMResourceLimit", "AMResourceUsed"),
        *(
            "users",
            "user",
            "username",
            "userLimitFactor",
            "effectiveMinResource",
            "resourceInformations",
            "resourceInformation",
            "name",
            "minimumAllocation",
        ),
        *("maxResources", "usedResources", "amMaxResources", "amUsedResources", "maxApps"),
        *("numActiveApps", "numPendingApps"),
    }
)
#: YARN writes the largest number there is where nothing is configured.
LARGEST = 2**31
_WHOLE = 100.0


def root_of(answer: Mapping[str, Any]) -> Queue | None:
    """Return the queue above all others, of an answer of ``/ws/v1/cluster/scheduler``; None where there are none."""
    told = table(answer, "scheduler", "schedulerInfo")
    if table(told, "rootQueue"):
        return FairQueue(table(told, "rootQueue"))
    return CapacityQueue(told) if told.get("queues") else None


class Queue(ABC):
    """One queue. What YARN does not tell is None; memory is in MiB.

    Args:
        told: YARN's words for it.
    """

    #: Where the queues below stand.
    _below: str
    #: The keys of how many applications run in it, and wait for it.
    _active: str
    _pending: str

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told

    @property
    def name(self) -> str:
        """Without its path."""
        return str(self._told.get("queueName")).rpartition(".")[2]

    @property
    def below(self) -> Sequence[Queue]:
        """The queues that it is divided into; one alone may stand there bare."""
        found = self._told.get(self._below)
        if isinstance(found, dict) and "queueName" not in found:
            found = found.get("queue")
        return [type(self)(each) for each in items(found)]

    @property
    def state(self) -> str | None:
        """``RUNNING``, ``STOPPED``."""
        state = self._told.get("state")
        return state if isinstance(state, str) else None

    @property
    def active(self) -> int | None:
        """How many applications run in it."""
        return amount(self._told.get(self._active))

    @property
    def pending(self) -> int | None:
        """How many applications wait for it."""
        return amount(self._told.get(self._pending))

    @property
    @abstractmethod
    def most(self) -> int | None:
        """What it may ever hold."""

    @property
    @abstractmethod
    def held(self) -> int | None:
        """What it holds."""

    @property
    @abstractmethod
    def drivers(self) -> tuple[int | None, int | None]:
        """What the drivers in it may hold together, and hold."""

    @abstractmethod
    def drivers_of(self, user: str | None) -> tuple[int | None, int | None]:
        """Return what the drivers of one user may hold, and hold."""

    @abstractmethod
    def left_to(self, user: str | None) -> int | None:
        """Return what all containers of one user may hold beyond what they hold, below 0 where they hold more."""

    @property
    @abstractmethod
    def running(self) -> int | None:
        """How many applications run in it, where the first of all may have a driver beyond the drivers' share."""

    @property
    @abstractmethod
    def step(self) -> int | None:
        """What a container is rounded up to."""

    @property
    @abstractmethod
    def is_closed(self) -> bool:
        """Has it as many applications as may run in it?"""

    def left(self, total: int | None = None) -> int | None:  # noqa: ARG002 - for whoever needs it
        """Return what it may still take, of a cluster with so much in all."""
        return None if self.most is None or self.held is None else self.most - self.held

    @property
    def used_share(self) -> float | None:
        """What it holds of what it may ever hold, 0 to 1."""
        most, held = self.most, self.held
        return held / most if most and held is not None else None


class CapacityQueue(Queue):
    """A queue of the capacity scheduler."""

    _below, _active, _pending = "queues", "numActiveApplications", "numPendingApplications"

    @property
    def most(self) -> int | None:
        return _memory(self._partition, "effectiveMaxResource")

    @property
    def held(self) -> int | None:
        """What it holds; of the root, of which YARN does not say it, what the queues below it hold."""
        if "resourcesUsed" in self._told:
            return _memory(self._told, "resourcesUsed")
        below = [each.held for each in self.below]
        return sum(each for each in below if each is not None) if below and None not in below else None

    @property
    def drivers(self) -> tuple[int | None, int | None]:
        return _memory(self._told, "AMResourceLimit"), _memory(self._told, "usedAMResource")

    def drivers_of(self, user: str | None) -> tuple[int | None, int | None]:
        theirs = self._of(user)
        return _memory(self._told, "userAMResourceLimit"), 0 if theirs is None else _memory(theirs, "AMResourceUsed")

    def left_to(self, user: str | None) -> int | None:
        """Return what the factor of the queue's own capacity leaves a user; what YARN tells as the limit only grows."""
        factor, own = self._told.get("userLimitFactor"), _memory(self._partition, "effectiveMinResource")
        theirs = self._of(user)
        held = 0 if theirs is None else _memory(theirs, "resourcesUsed")
        if own is None or held is None or not isinstance(factor, float | int) or not 0 <= factor < LARGEST:
            return None
        return int(factor * own) - held

    def _of(self, user: str | None) -> Mapping[str, Any] | None:
        known = items(table(self._told, "users").get("user"))
        return next((each for each in known if each.get("username") == user), None)

    @property
    def running(self) -> int | None:
        return self.active

    @property
    def step(self) -> int | None:
        kinds = table(self._partition, "configuredMinResource", "resourceInformations").get("resourceInformation")
        steps = (amount(kind.get("minimumAllocation")) for kind in items(kinds) if kind.get("name") == "memory-mb")
        return next((step for step in steps if step), None)

    @property
    def is_closed(self) -> bool:
        """Never: those who come too late are refused."""
        return False

    def left(self, total: int | None = None) -> int | None:
        """Return what it may still take; before Hadoop 3 it tells shares of the whole cluster alone."""
        known = super().left()
        most, used = self._shares
        if known is None and most and used is not None and total is not None:
            return int((most - used) * total)
        return known

    @property
    def used_share(self) -> float | None:
        """What it holds of what it may ever hold, by its own words: of each resource the scarcest counts."""
        most, used = self._shares
        return used / most if most and used is not None else super().used_share

    @property
    def _shares(self) -> tuple[float | None, float | None]:
        return _share(self._told.get("absoluteMaxCapacity")), _share(self._told.get("absoluteUsedCapacity"))

    @property
    def _partition(self) -> Mapping[str, Any]:
        found = items(table(self._told, "capacities").get("queueCapacitiesByPartition"))
        return next((each for each in found if not each.get("partitionName")), {})


class FairQueue(Queue):
    """A queue of the fair scheduler, which names each by its whole path."""

    _below, _active, _pending = "childQueues", "numActiveApps", "numPendingApps"

    @property
    def most(self) -> int | None:
        return _memory(self._told, "maxResources")

    @property
    def held(self) -> int | None:
        return _memory(self._told, "usedResources")

    @property
    def drivers(self) -> tuple[int | None, int | None]:
        """What the drivers may hold, as reckoned when one last asked; 0 where none ever did, or no limit is set."""
        return _memory(self._told, "amMaxResources") or None, _memory(self._told, "amUsedResources")

    def drivers_of(self, user: str | None) -> tuple[int | None, int | None]:  # noqa: ARG002 - the base's signature
        """Return that nobody knows: it has no such limit."""
        return None, None

    def left_to(self, user: str | None) -> int | None:  # noqa: ARG002 - likewise
        """Return that nobody knows: likewise."""
        return None

    @property
    def running(self) -> int | None:
        """None: its limit for drivers holds for the first one, too."""
        return None

    @property
    def step(self) -> int | None:
        """None: it tells it nobody."""
        return None

    @property
    def is_closed(self) -> bool:
        most = amount(self._told.get("maxApps"))
        return most is not None and self.active is not None and self.active >= most


def table(found: Any, *keys: str) -> Mapping[str, Any]:
    """Return the object at the end of a way through objects; an empty one where there is none."""
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def items(found: Any) -> Iterable[Mapping[str, Any]]:
    """Return the objects of a list; one alone may stand there by itself."""
    return [each for each in (found if isinstance(found, list) else [found]) if isinstance(each, dict)]


def amount(value: object) -> int | None:
    """Return a whole number; None for what is none, and for what stands for no limit."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST else None


def _memory(found: Mapping[str, Any], key: str) -> int | None:
    return amount(table(found, key).get("memory"))


def _share(percent: object) -> float | None:
    """Return a share of the whole; None for what is none: NaN and Infinity, too, which Java writes into JSON."""
    if not isinstance(percent, int | float) or isinstance(percent, bool) or not 0 <= percent < LARGEST:
        return None
    return percent / _WHOLE
