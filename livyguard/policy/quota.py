"""Quotas as values: what may be held over all live sessions, what is held, and how much is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from livyguard.policy.kinds import COUNT, MEBIBYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from livyguard.policy.footprint import Footprint, Sizes
    from livyguard.policy.model import Quota, Rules

__all__ = [
    "AMOUNTS",
    "NOTHING_HELD",
    "Amount",
    "Bound",
    "Excess",
    "Held",
    "Usage",
    "bounds",
    "excesses",
    "in_order",
    "room",
    "smallest",
]

Amount = Literal["sessions", "executors", "memory", "cores"]

AMOUNTS: tuple[Amount, ...] = ("sessions", "executors", "memory", "cores")


@dataclass(frozen=True, slots=True)
class Bound:
    """The most of one amount that one user, or all members of a tenant together, may hold over all live sessions.

    Attributes:
        most: a number; of memory in MiB.
        is_team: of all members together; else of each user.
        rule: dotted path in the policy, ``analysts.quota.executors``.
        source: the file that says it.
        layer: place of the policy's layer that sets it, which has a tenant of its own; 0 is the operator's.
    """

    amount: Amount
    most: int
    is_team: bool
    rule: str
    source: str = ""
    layer: int = 0

    @property
    def name(self) -> str:
        """Return it as a property: ``quota.executors``, ``team_quota.memory``."""
        return f"{'team_quota' if self.is_team else 'quota'}.{self.amount}"

    def write(self, number: int) -> int | str:
        """Return a number of this amount as the policy writes it: 16; ``192g`` for memory."""
        kind = MEBIBYTES if self.amount == "memory" else COUNT
        written: int | str = kind.write(number)
        return written


@dataclass(frozen=True, slots=True)
class Held:
    """One live session as a quota counts it: its ceiling, overheads included.

    Attributes:
        id: Livy's number.
        executors: number.
        memory_mib: driver and executors.
        cores: driver and executors.
        is_own: it is the user's, and counts in every layer; else another member's of a tenant.
        assumed: the amounts that nothing tells: they are the most that its owner may have.
        is_idle: nothing runs in it, and its owner may free it by its number.
        idle_seconds: for how long; None while it is not, and where nobody can say.
        is_this: this notebook's own.
        held_now: what the cluster says that it holds now, which no quota counts; None where it was not asked.
        layers: of another member's session the places of the layers by which its owner is of the user's tenant.
    """

    id: int
    executors: int = 0
    memory_mib: int = 0
    cores: int = 0
    is_own: bool = True
    assumed: frozenset[Amount] = frozenset()
    is_idle: bool = False
    idle_seconds: int | None = None
    is_this: bool = False
    held_now: Footprint | None = None
    layers: frozenset[int] = frozenset({0})

    def holds(self, amount: Amount) -> int:
        """Return how much of an amount it holds; of memory MiB."""
        return {"sessions": 1, "executors": self.executors, "memory": self.memory_mib, "cores": self.cores}[amount]

    def counts(self, bound: Bound) -> bool:
        """Tell whether it counts towards a quota: it is the user's, or a member's of the team by the same layer."""
        return self.is_own or (bound.is_team and bound.layer in self.layers)


@dataclass(frozen=True, slots=True)
class Usage:
    """What is held now at one Livy, by the user and by the other members of their tenant.

    Attributes:
        held: every session that counts, in the order of ids.
        unowned: how many live sessions are nobody's that is known; they are not counted.
    """

    held: tuple[Held, ...] = ()
    unowned: int = 0

    def counted(self, bound: Bound) -> tuple[Held, ...]:
        """Return what counts towards a quota: the user's own, or everybody's of the team in the quota's layer."""
        return tuple(one for one in self.held if one.counts(bound))

    def total(self, bound: Bound) -> int:
        """Return how much is held of a quota."""
        return sum(one.holds(bound.amount) for one in self.counted(bound))

    def without(self, ids: Iterable[int]) -> Usage:
        """Return what would be held once some sessions are gone."""
        gone = frozenset(ids)
        return Usage(tuple(one for one in self.held if one.id not in gone), self.unowned)

    def unfreed(self) -> Usage:
        """Return the same where nobody has looked what may be freed: a session that is idle may have work to do."""
        return Usage(tuple(replace(one, is_idle=False) for one in self.held), self.unowned)


NOTHING_HELD = Usage()


@dataclass(frozen=True, slots=True)
class Excess:
    """A quota that a session would exceed.

    Attributes:
        held: without it.
        asked: what it can hold itself; None where nothing bounds it.
    """

    bound: Bound
    held: int
    asked: int | None

    @property
    def left(self) -> int:
        """Return how much may still be held, 0 or more."""
        return max(self.bound.most - self.held, 0)


def bounds(sections: Sequence[tuple[str, Rules]], source_of: Callable[[str], str]) -> tuple[Bound, ...]:
    """Return the quotas that one layer sets for one tenant.

    Args:
        sections: ``defaults``, then the tenants that it inherits from, the eldest first, itself last; of each amount
            the last that names it counts, as with limits.
        source_of: the file that states a section.
    """
    found: dict[tuple[bool, Amount], Bound] = {}
    for section, rules in sections:
        for name, said in (("quota", rules.quota), ("team_quota", rules.team_quota)):
            for amount in AMOUNTS:
                if (most := _most(said, amount)) is not None:
                    path, is_team = f"{section}.{name}.{amount}", name == "team_quota"
                    found[is_team, amount] = Bound(amount, most, is_team, path, source_of(section))
    return in_order(found.values())


def _most(said: Quota | None, amount: Amount) -> int | None:
    value = None if said is None else getattr(said, amount)
    return None if value is None else int(MEBIBYTES.read(value) if amount == "memory" else value)


def smallest(layers: Iterable[Iterable[Bound]]) -> tuple[Bound, ...]:
    """Return the quotas that hold by several layers together, each knowing its own.

    Of each amount that one user may hold the smallest, the first layer's of equal ones. Those of teams all hold: each
    layer has tenants of its own, so that each counts other members.
    """
    found: dict[Amount, Bound] = {}
    of_teams = []
    for bound in (replace(each, layer=place) for place, layer in enumerate(layers) for each in layer):
        before = found.get(bound.amount)
        if bound.is_team:
            of_teams.append(bound)
        elif before is None or bound.most < before.most:
            found[bound.amount] = bound
    return in_order([*found.values(), *of_teams])


def in_order(found: Iterable[Bound]) -> tuple[Bound, ...]:
    """Return quotas in the order in which they are told: the user's first, as :data:`AMOUNTS`, equal ones by layer."""
    return tuple(sorted(found, key=lambda each: (each.is_team, AMOUNTS.index(each.amount), each.layer)))


def excesses(quotas: Iterable[Bound], usage: Usage, asked: Footprint) -> tuple[Excess, ...]:
    """Return every quota that a further session would exceed.

    Args:
        quotas: that hold.
        usage: what is held without it.
        asked: the most that it can hold; an amount that is None has no bound, and fits into none.
    """
    wanted = {"sessions": 1, "executors": asked.executors, "memory": asked.memory_mib, "cores": asked.cores}
    found = (Excess(bound, usage.total(bound), wanted[bound.amount]) for bound in quotas)
    return tuple(each for each in found if each.asked is None or each.held + each.asked > each.bound.most)


def room(quotas: Iterable[Bound], usage: Usage, size: Sizes) -> int | None:
    """Return the most executors that a further session may have; below 0 where not even its driver fits.

    None where no quota bounds them, or their size is not known.
    """
    found = []
    for bound in quotas:
        left = bound.most - usage.total(bound)
        parts = {
            "sessions": (0, 0) if left > 0 else (1, 0),
            "executors": (0, 1),
            "memory": (size.driver_mib, size.executor_mib),
            "cores": (size.driver_cores, size.executor_cores),
        }
        base, each = parts[bound.amount]
        if base is None or each is None:
            return None
        if base > left:
            found.append(-1)
        elif each:
            found.append((left - base) // each)
    return min(found, default=None)
