"""How many workers people need, and what a number of workers gives them.

Everybody works at once, each in one session: a driver and so many executors. What a plan promises holds in whatever
order the sessions start, and wherever the manager places their containers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.capacity.packing import carefully, fewest_workers, most_on, together

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from livyguard.capacity.containers import Container, SessionSize
    from livyguard.capacity.packing import Amounts, Lot
    from livyguard.capacity.site import Site

__all__ = [
    "MOST",
    "Need",
    "Plan",
    "executors_each",
    "full",
    "largest_that",
    "limits",
    "most_users",
    "need",
    "plan",
    "with_care",
]

#: Of people, of executors each and of workers: beyond any cluster there is.
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Need:
    """How many workers hold sessions.

    Attributes:
        workers: all of them.
        for_drivers: of these, those that hold drivers alone; 0 where drivers and executors share.
        bound_by: what decides: ``containers``, how many a worker holds; ``queue``, what YARN lets it hold; ``drivers``,
            what YARN lets drivers hold of that.
    """

    workers: int
    for_drivers: int = 0
    bound_by: str = "containers"


@dataclass(frozen=True, slots=True)
class Plan:
    """People, what each of them may have, and the workers for it.

    Attributes:
        site: the cluster.
        size: of one session's driver and executors.
        users: people who work at once.
        executors: of each of them at the most.
        workers: that there are, or would be.
        need: what the people need.
    """

    site: Site
    size: SessionSize
    users: int
    executors: int
    workers: int
    need: Need

    @property
    def fits(self) -> bool:
        """Are there as many workers as are needed?"""
        return self.need.workers <= self.workers

    @property
    def containers(self) -> int:
        """How many containers run on the workers when everybody has everything."""
        return self.users * (self.executors + (self.size.driver is not None))

    @property
    def held(self) -> Container:
        """What they take together, as the manager counts it."""
        return full(self.site, self.size, self.users, self.users * self.executors)

    @property
    def offered(self) -> Container | None:
        """What the workers offer together: on Glue what their containers have; None where AWS does not say that."""
        kind = self.site.worker_type
        one = self.site.offered if kind is None else kind.container
        return None if one is None else one * (self.workers if kind is None else kind.containers(self.workers))

    @property
    def unused(self) -> Container | None:
        """What is left of that when everybody has everything; None where it does not fit, or nobody can say."""
        if self.offered is None or not self.fits:
            return None
        left = self.offered - self.held
        return left if left.memory_mib >= 0 else None


def full(site: Site, size: SessionSize, sessions: int, executors: int) -> Container:
    """Return what so many sessions take when each container is as large as can be, as the manager counts it."""
    total = site.granted(size.executor) * executors
    return total if size.driver is None else total + site.granted(size.driver) * sessions


def need(site: Site, size: SessionSize, users: int, executors: int) -> Need:
    """Return how many workers people need who all work at once.

    Args:
        site: where an executor and a driver fit on a worker.
        size: of one session's.
        users: 0 or more; YARN lets one driver run whatever its limit on them.
        executors: of each, 0 or more.
    """
    drivers, others = _lots(site, size, users, executors)
    apart = _workers(site, drivers) if site.drivers_apart else 0
    workers = apart + _workers(site, others if site.drivers_apart else drivers + others) + site.spare
    bounds = {"containers": workers, **_limits(site, drivers, others, workers)}
    bound_by = max(bounds, key=lambda name: bounds[name])
    return Need(bounds[bound_by], apart, bound_by)


def with_care(site: Site, size: SessionSize, users: int, executors: int) -> int:
    """Return a number of workers, as many as people need or fewer, on which there is a way to place all containers."""
    needed = need(site, size, users, executors).workers
    if size.driver is None or site.drivers_apart:
        return needed
    drivers, others = _lots(site, size, users, executors)
    workers = carefully(site.room, *drivers, *others) + site.spare
    return min(needed, max(workers, *_limits(site, drivers, others, workers).values()))


def _lots(site: Site, size: SessionSize, users: int, executors: int) -> tuple[list[Lot], list[Lot]]:
    drivers: list[Lot] = [] if size.driver is None else [(site.takes(size.driver), users)]
    return drivers, [(site.takes(size.executor), users * executors)]


def limits(site: Site, total: Amounts, drivers: Amounts, sessions: int, workers: int) -> dict[str, int]:
    """Return from how many workers on, these or more, YARN's limits let containers run: of the queue, of its drivers.

    Args:
        site: the cluster.
        total: what all containers take, in everything that is counted.
        drivers: likewise the drivers alone.
        sessions: how many these are; YARN lets one run whatever its limit.
        workers: from which on it is looked for.
    """
    return {
        "queue": _least(workers, lambda number: _is_within(total, site.queue_limit(number))),
        "drivers": _least(workers, lambda number: sessions <= 1 or _is_within(drivers, site.drivers_limit(number))),
    }


def _limits(site: Site, drivers: list[Lot], others: list[Lot], workers: int) -> dict[str, int]:
    users = sum(number for _, number in drivers)
    return limits(site, together(drivers + others), together(drivers), users, workers)


def _workers(site: Site, lots: Sequence[Lot]) -> int:
    found = fewest_workers(site.room, lots)
    assert found is not None, "a container is larger than a worker"  # noqa: S101 - the caller's business
    return found


def _is_within(held: Amounts, limit: Amounts | None) -> bool:
    return limit is None or all(own <= most for own, most in zip(held, limit, strict=True))


def plan(site: Site, size: SessionSize, users: int, executors: int, workers: int | None = None) -> Plan:
    """Return what people need; ``workers``: how many there are, else as many as are needed."""
    needed = need(site, size, users, executors)
    return Plan(site, size, users, executors, needed.workers if workers is None else workers, needed)


def executors_each(site: Site, size: SessionSize, users: int, workers: int) -> int:
    """Return the most executors that everybody may have at once; 0 where not even one is left for each.

    With it the plan fits into these workers, and with one more it does not.
    """
    most = workers * most_on(site.room, site.takes(size.executor)) // users
    return largest_that(lambda executors: need(site, size, users, executors).workers <= workers, most)


def most_users(site: Site, size: SessionSize, executors: int, workers: int) -> int:
    """Return for how many people at once there are that many executors each, 1 or more."""
    most = workers * most_on(site.room, site.takes(size.executor)) // executors
    return largest_that(lambda users: need(site, size, users, executors).workers <= workers, most)


def _least(least: int, holds: Callable[[int], bool]) -> int:
    """Return the least number, from one on, for which something holds that goes on to hold for larger ones."""
    most = least
    while not holds(most):
        least, most = most + 1, 2 * most + 1
    while least < most:
        middle = (least + most) // 2
        least, most = (least, middle) if holds(middle) else (middle + 1, most)
    return least


def largest_that(holds: Callable[[int], bool], most: int) -> int:
    """Return the largest number up to a bound for which something holds; 0 where it holds for none above 0."""
    least = 0
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if holds(middle) else (least, middle - 1)
    return least
