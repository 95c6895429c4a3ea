"""How many equal workers hold containers in whatever order a cluster manager places them.

A manager places containers as they are asked for, each where it finds room, and moves none later. A plan therefore
asks for the worst: for no kind of container may there be a way to fill every worker so that another one of that kind
finds no place while some are still to come. A worker is an amount of everything that is counted (MiB of memory,
thousandths of a core), and so is a container.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "Amounts",
    "Lot",
    "carefully",
    "fewest_workers",
    "most_on",
    "together",
]

#: What is counted, in one order everywhere.
Amounts = tuple[int, ...]
#: Equal containers, and how many of them.
Lot = tuple[Amounts, int]
#: Parts of a worker in which containers are weighed; what is rounded is rounded to the safe side.
_GRAIN = 2**40
#: Parts of a worker, at the most, in which is looked for what fills it.
_CELLS = 4_096


def most_on(worker: Amounts, container: Amounts, others: int = 0, other: Amounts = ()) -> int:
    """Return how many containers of one kind fit on a worker beside some of another; -1 where those do not fit."""
    left = tuple(room - others * each for room, each in zip(worker, other or (0,) * len(worker), strict=True))
    if min(left) < 0:
        return -1
    return min(room // each for room, each in zip(left, container, strict=True) if each)


def together(lots: Sequence[Lot]) -> Amounts:
    """Return what all containers take; of none nothing, not even zeros."""
    return tuple(map(sum, zip(*(tuple(amount * number for amount in each) for each, number in lots), strict=True)))


def fewest_workers(worker: Amounts, lots: Sequence[Lot]) -> int | None:
    """Return how many workers hold all containers, in whatever order they are placed.

    One more container, or one more worker, never makes it fit worse.

    Args:
        worker: what one has.
        lots: the containers; each asks for something of what is counted.

    Returns:
        None where a container is larger than a worker.
    """
    merged: dict[Amounts, int] = {}
    for container, number in lots:
        merged[container] = merged.get(container, 0) + number
    kinds = [(container, number) for container, number in merged.items() if number]
    if any(most_on(worker, container) < 1 for container, _ in kinds):
        return None
    if not kinds:
        return 0
    if len(kinds) == 1:
        ((container, number),) = kinds
        return -(-number // most_on(worker, container))
    if len(kinds) == 2:  # noqa: PLR2004 - a driver and an executor
        return _of_two(worker, *kinds)
    return _of_many(worker, kinds)


def carefully(worker: Amounts, first: Lot, second: Lot) -> int:
    """Return how many workers are enough when containers of two kinds are placed with care: an upper bound.

    Each worker takes as many of one kind as fit on it, and the other kind fills what is left; the better way round.

    Args:
        worker: what one has; each container fits on it.
        first: containers of one kind.
        second: of the other.
    """
    return min(_one_after_another(worker, first, second), _one_after_another(worker, second, first))


def _one_after_another(worker: Amounts, first: Lot, second: Lot) -> int:
    (own, number), (other, others) = first, second
    each = most_on(worker, own)
    full, rest = divmod(number, each)
    filled = full + (rest > 0)
    beside = full * most_on(worker, other, each, own) + (most_on(worker, other, rest, own) if rest else 0)
    return filled + -(-max(others - beside, 0) // most_on(worker, other))


def _of_two(worker: Amounts, one: Lot, other: Lot) -> int:
    """Return the fewest workers for two kinds: the least number at which neither can be shut out by the other."""
    sides = [(one, other), (other, one)]
    curves = [(wanted[1], beside[1], _curve(worker, wanted[0], beside[0])) for wanted, beside in sides]
    least, most = 1, one[1] + other[1]
    while least < most:
        middle = (least + most) // 2
        if all(_surely(middle, number, curve) >= wanted for wanted, number, curve in curves):
            most = middle
        else:
            least = middle + 1
    return least


@lru_cache(maxsize=64)
def _curve(worker: Amounts, wanted: Amounts, beside: Amounts) -> list[tuple[int, int]]:
    """Return the corners of the lower convex hull of: so many of the other kind on a worker leave so many wanted ones.

    It is asked for again and again by whoever looks for the number that fits.
    """
    hull: list[tuple[int, int]] = []
    for number in range(most_on(worker, beside) + 1):
        point = number, most_on(worker, wanted, number, beside)
        while len(hull) > 1 and _turns_up(hull[-2], hull[-1], point) <= 0:
            hull.pop()
        hull.append(point)
    return hull


def _turns_up(first: tuple[int, int], middle: tuple[int, int], last: tuple[int, int]) -> int:
    (x, y), (u, v), (p, q) = first, middle, last
    return (u - x) * (q - y) - (p - x) * (v - y)


def _surely(workers: int, others: int, curve: list[tuple[int, int]]) -> int:
    """Return how many of the wanted kind fit at the least, however the others lie on the workers.

    The others spread as it hurts most: no way to spread them leaves less than the hull says of their average.
    """
    for (x, y), (u, v) in pairwise(curve):
        if others <= u * workers:
            return workers * y - (v - y) * (x * workers - others) // (u - x)
    return workers * curve[-1][1]


def _of_many(worker: Amounts, kinds: Sequence[Lot]) -> int:
    """Return enough workers for kinds of many sizes: the better of two bounds, neither of which is too low."""
    largest = tuple(max(sizes) for sizes in zip(*(container for container, _ in kinds), strict=True))
    number = sum(number for _, number in kinds)
    return min(_by_weight(worker, kinds), -(-number // most_on(worker, largest)))


def _by_weight(worker: Amounts, kinds: Sequence[Lot], cells: int = _CELLS) -> int:
    """Return workers by weight: a container weighs the share that it takes of what it takes most of.

    A worker that has no place for a container is filled beyond what leaves room for it, in something; what lies on it
    then weighs no less than the lightest set that fills it so far.
    """
    weights = [max(Fraction(each, room) for each, room in zip(size, worker, strict=True)) for size, _ in kinds]
    total = sum(-(-weight * number * _GRAIN // 1) for weight, (_, number) in zip(weights, kinds, strict=True))
    grains = [int(weight * _GRAIN) for weight in weights]
    filled = [_GRAIN] * len(kinds)
    for place, room in enumerate(worker):
        sizes = [size[place] for size, _ in kinds]
        if not any(sizes):
            continue
        lightest = _lightest(sizes, grains, room, cells)
        filled = [min(least, lightest(room - own)) if own else least for own, least in zip(sizes, filled, strict=True)]
    return max((total - grain) // least + 1 for grain, least in zip(grains, filled, strict=True))


def _lightest(sizes: Sequence[int], weights: Sequence[int], room: int, cells: int) -> Callable[[int], int]:
    """Return what tells the least weight of containers that together take more than so much, up to the room.

    The room is divided into equal cells, as many at the most as are given. What takes part of one counts as taking all
    of it, so that a set seems to fill a worker rather too soon than too late.
    """
    cell = max(gcd(*sizes), -(-room // cells))
    pairs = [(-(-size // cell), weight) for size, weight in zip(sizes, weights, strict=True) if size]
    least = [0]
    for taken in range(1, room // cell + 2):
        least.append(min(least[max(taken - size, 0)] + weight for size, weight in pairs))
    return lambda beyond: least[beyond // cell + 1]
