"""The cheapest way out of a quota that is used up: which of one's own idle sessions have to go."""

from __future__ import annotations

from itertools import combinations, islice
from typing import TYPE_CHECKING

from livyguard.policy.quota import excesses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from livyguard.policy.footprint import Footprint
    from livyguard.policy.quota import Bound, Excess, Held, Usage

__all__ = ["way_out"]

#: So many sets are tried at most; then the largest sessions are taken one by one.
MOST_TRIED = 20_000


def way_out(quotas: Sequence[Bound], usage: Usage, asked: Footprint) -> tuple[Held, ...]:
    """Return the fewest of the user's own idle sessions that make room for another, longest idle first.

    Of several such sets the one whose sessions have been idle longest; this notebook's own session only where nothing
    else helps.

    Args:
        quotas: that hold.
        usage: what is held now.
        asked: what the other can hold.

    Returns:
        The sessions; none where there is room already, and where all of them would not be enough.
    """
    idle = sorted((one for one in usage.held if one.is_own and one.is_idle), key=_reluctance)

    def fits(gone: Sequence[Held]) -> bool:
        return not excesses(quotas, usage.without(one.id for one in gone), asked)

    if fits(()) or not fits(idle):
        return ()
    tried = islice((chosen for count in range(1, len(idle) + 1) for chosen in combinations(idle, count)), MOST_TRIED)
    return next((chosen for chosen in tried if fits(chosen)), None) or tuple(_one_by_one(quotas, usage, asked, idle))


def _reluctance(one: Held) -> tuple[bool, int, int]:
    return one.is_this, -(one.idle_seconds or 0), one.id


def _one_by_one(quotas: Sequence[Bound], usage: Usage, asked: Footprint, idle: Sequence[Held]) -> Iterator[Held]:
    """Yield sessions that together make room, in the order of reluctance; the largest are chosen first."""
    chosen: set[int] = set()
    while over := excesses(quotas, usage.without(chosen), asked):
        left = [one for one in idle if one.id not in chosen]
        largest = max(left, key=lambda one: sum(min(one.holds(each.bound.amount) / _surplus(each), 1) for each in over))
        chosen.add(largest.id)
    for one in reversed(idle):
        if one.id in chosen and not excesses(quotas, usage.without(chosen - {one.id}), asked):
            chosen.remove(one.id)
    yield from (one for one in idle if one.id in chosen)


def _surplus(over: Excess) -> int:
    """Return by how much a quota is exceeded, 1 or more."""
    return over.held + (over.asked or 0) - over.bound.most
