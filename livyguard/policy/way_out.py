"""The cheapest way out of a quota that is used up: which of one's own idle sessions have to go."""

from __future__ import annotations

from itertools import combinations, islice
from typing import TYPE_CHECKING

from livyguard.policy.quota import excesses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from livyguard.policy.footprint import Footprint
    from livyguard.policy.quota import Amount, Bound, Held, Usage

__all__ = ["way_out"]

#: So many sets are tried at most, all of twelve sessions; then the largest sessions are taken one by one.
MOST_TRIED = 5_000


def way_out(quotas: Sequence[Bound], usage: Usage, asked: Footprint) -> tuple[Held, ...]:
    """Return the fewest of the user's own idle sessions that make room for another, longest idle first.

    Of several sets of that size one without this notebook's own session, and of those the one whose sessions have been
    idle longest.

    Args:
        quotas: that hold.
        usage: what is held now.
        asked: what the other can hold.

    Returns:
        The sessions; none where there is room already, and where all of them would not be enough.
    """
    needed: dict[Amount, int] = {}
    for each in excesses(quotas, usage, asked):
        if each.asked is None:
            return ()
        surplus = each.held + each.asked - each.bound.most
        needed[each.bound.amount] = max(needed.get(each.bound.amount, 0), surplus)
    idle = sorted((one for one in usage.held if one.is_own and one.is_idle), key=_reluctance)
    if not needed or not _is_enough(idle, needed):
        return ()
    tried = islice(_sets(idle, needed), MOST_TRIED)
    return next((chosen for chosen in tried if _is_enough(chosen, needed)), None) or _one_by_one(idle, needed)


def _reluctance(one: Held) -> tuple[bool, int, int]:
    return one.is_this, -(one.idle_seconds or 0), one.id


def _is_enough(gone: Sequence[Held], needed: Mapping[Amount, int]) -> bool:
    return all(sum(one.holds(amount) for one in gone) >= number for amount, number in needed.items())


def _sets(idle: Sequence[Held], needed: Mapping[Amount, int]) -> Iterator[tuple[Held, ...]]:
    """Return sets of sessions, smaller ones first, from the size on at which the largest sessions could be enough."""
    others, this = [one for one in idle if not one.is_this], [one for one in idle if one.is_this]
    sizes = (
        count
        for count in range(1, len(idle) + 1)
        if all(_largest(idle, amount, count) >= number for amount, number in needed.items())
    )
    return (
        (*chosen, *last)
        for count in sizes
        for own in range(min(len(this), count) + 1)
        for chosen in combinations(others, count - own)
        for last in combinations(this, own)
    )


def _largest(idle: Sequence[Held], amount: Amount, count: int) -> int:
    """Return how much so many of the sessions hold at most."""
    return sum(sorted((one.holds(amount) for one in idle), reverse=True)[:count])


def _one_by_one(idle: Sequence[Held], needed: Mapping[Amount, int]) -> tuple[Held, ...]:
    """Return sessions that make room, in the order of reluctance: the largest are chosen, the needless left again."""
    chosen: list[Held] = []
    while not _is_enough(chosen, needed):
        lacking = {amount: number - sum(one.holds(amount) for one in chosen) for amount, number in needed.items()}
        chosen.append(max((one for one in idle if one not in chosen), key=lambda one: _share(one, lacking)))
    for one in reversed(idle):
        rest = [each for each in chosen if each is not one]
        if _is_enough(rest, needed):
            chosen = rest
    return tuple(one for one in idle if one in chosen)


def _share(one: Held, lacking: Mapping[Amount, int]) -> float:
    """Return how much of what is lacking a session would give back, of each amount as a share."""
    return sum(min(one.holds(amount) / number, 1) for amount, number in lacking.items() if number > 0)
