"""What is held of each quota, as a value: for ``%livy_policy`` and ``livyguard policy show``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from livyguard.policy.footprint import Footprint
    from livyguard.policy.quota import Amount, Bound, Held, Usage
    from livyguard.policy.tenancy import Tenancy

__all__ = ["QuotaReport", "used"]

Unit = Literal["sessions", "executors", "MiB", "cores"]


@dataclass(frozen=True, slots=True)
class QuotaReport:
    """What is held of one amount, by the user or by all members of their tenant, at one Livy.

    Attributes:
        quota: as a property: ``quota.executors``, ``team_quota.memory``.
        amount: ``sessions``, ``executors``, ``memory`` or ``cores``.
        whose: ``user`` or ``team``.
        unit: of the numbers.
        held: the ceilings of all sessions that count, overheads included.
        most: what may be held.
        left: 0 where more is held than that.
        held_now: what the cluster says that these sessions hold now, as far as it tells; None where it does not. It is
            shown alone: a quota counts what a session can hold.
        rule: dotted path in the policy.
        file: where that path stands; None where it is not known.
        sessions: how many count.
        assumed: of how many of these nothing tells this amount, so that the most that their owners may have is counted.
    """

    quota: str
    amount: Amount
    whose: Literal["user", "team"]
    unit: Unit
    held: int
    most: int
    left: int
    held_now: int | None
    rule: str
    file: str | None
    sessions: int
    assumed: int

    def to_json(self) -> dict[str, Any]:
        """Return one object with the attributes as its keys; ``whose`` is called ``for``."""
        return {"for" if name == "whose" else name: value for name, value in asdict(self).items()}


def used(tenancy: Tenancy, usage: Usage) -> tuple[QuotaReport, ...]:
    """Return what is held of every quota that holds for somebody, in the order of the tenancy.

    Of a team's amount there is one of each layer that says it, told apart by its rule and its file.
    """
    return tuple(_report(bound, usage) for bound in tenancy.quotas)


def _report(bound: Bound, usage: Usage) -> QuotaReport:
    counted, held = usage.counted(bound), usage.total(bound)
    return QuotaReport(
        quota=bound.name,
        amount=bound.amount,
        whose="team" if bound.is_team else "user",
        unit="MiB" if bound.amount == "memory" else bound.amount,
        held=held,
        most=bound.most,
        left=max(bound.most - held, 0),
        held_now=_now(bound, counted),
        rule=bound.rule,
        file=bound.source or None,
        sessions=len(counted),
        assumed=sum(bound.amount in one.assumed for one in counted),
    )


def _now(bound: Bound, counted: tuple[Held, ...]) -> int | None:
    told = [_part(bound.amount, one.held_now) for one in counted if one.held_now is not None]
    known = [number for number in told if number is not None]
    return sum(known) if known else None


def _part(amount: Amount, now: Footprint) -> int | None:
    return {"sessions": None, "executors": now.executors, "memory": now.memory_mib, "cores": now.cores}[amount]
