"""How many workers hold sessions of several sizes at once, which quotas may hold to less than their number says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.capacity.packing import fewest_workers, most_on, together
from livyguard.capacity.plan import Need, full, limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.capacity.containers import Container, SessionSize
    from livyguard.capacity.packing import Amounts, Lot
    from livyguard.capacity.site import Site

__all__ = ["Load", "least_workers", "needed"]


@dataclass(frozen=True, slots=True)
class Load:
    """Sessions of one size.

    Attributes:
        size: of each; no container is larger than a worker.
        sessions: how many.
        executors: of all of them.
        containers: of all of them on the workers, at the most, which may be less than drivers and executors.
        held: the most that they take together, which may be less than so many containers of that size.
    """

    size: SessionSize
    sessions: int
    executors: int
    containers: int
    held: Container


def needed(site: Site, loads: Sequence[Load]) -> Need:
    """Return how many workers hold them all, in whatever order they start and however many are smaller than theirs.

    Args:
        site: the cluster.
        loads: one or more.
    """
    drivers, executors = _drivers(site, loads), _executors(site, loads)
    total = _together(site, loads, [*drivers, *executors])
    apart = _containers(site, drivers, together(drivers)) if site.drivers_apart else 0
    shared = executors if site.drivers_apart else [*drivers, *executors]
    sessions = sum(number for _, number in drivers)
    own = tuple(map(min, together(drivers), total)) if drivers else ()
    workers = apart + _containers(site, shared, total) + site.spare
    bounds = {"containers": workers, **limits(site, total, own, sessions, workers)}
    bound_by = max(bounds, key=lambda name: bounds[name])
    return Need(bounds[bound_by], apart, bound_by)


def least_workers(site: Site, loads: Sequence[Load]) -> int:
    """Return the workers below which they do not fit, however well they are placed."""
    lots = [*_drivers(site, loads), *_executors(site, loads)]
    total = _together(site, loads, lots)
    by_amount = max(-(-held // room) for held, room in zip(total, site.room, strict=True) if room)
    if site.worker_type is not None:
        return by_amount + site.spare
    whole = [each for each in loads if each.held == full(site, each.size, each.sessions, each.executors)]
    sure = [*_drivers(site, whole), *_executors(site, whole)]
    by_number = max((-(-number // most_on(site.room, each)) for each, number in sure), default=0)
    return max(by_amount, by_number) + site.spare


def _drivers(site: Site, loads: Sequence[Load]) -> list[Lot]:
    return [
        (site.takes(each.size.driver), each.sessions)
        for each in loads
        if each.size.driver is not None and each.sessions
    ]


def _executors(site: Site, loads: Sequence[Load]) -> list[Lot]:
    return [(site.takes(each.size.executor), each.executors) for each in loads if each.executors]


def _together(site: Site, loads: Sequence[Load], lots: Sequence[Lot]) -> Amounts:
    """Return what all take at the most, in everything that is counted."""
    if site.worker_type is not None:
        return (sum(each.containers for each in loads),)
    total = together(lots) or tuple(0 for _ in site.room)
    held = tuple(map(sum, zip(*(site.takes(each.held) for each in loads), strict=True)))
    return tuple(map(min, total, held))


def _containers(site: Site, lots: Sequence[Lot], total: Amounts) -> int:
    """Return the better of two bounds, each of which holds: by the number of containers, and by all that they take."""
    if not lots:
        return 0
    by_number = fewest_workers(site.room, lots)
    assert by_number is not None, "a container is larger than a worker"  # noqa: S101 - the caller's business
    return min(by_number, _by_amount(site.room, lots, total))


def _by_amount(room: Amounts, lots: Sequence[Lot], total: Amounts) -> int:
    """Return workers of which one always has a place left for another container.

    A worker that has none is filled, in something, beyond what the largest container leaves; all that they take fills
    only so many of them.
    """
    largest: Amounts = tuple(max(amounts) for amounts in zip(*(each for each, _ in lots), strict=True))
    return 1 + sum(max(held - own, 0) // (each - own + 1) for each, own, held in zip(room, largest, total, strict=True))
