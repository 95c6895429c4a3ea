"""Lint with what the planner adds: LG827 and LG828, whether what people may hold fits the cluster of the policy.

What a policy says is looked over in :mod:`livyguard.policy.lint`, which knows no cluster manager's arithmetic.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from livyguard.capacity.allotment import Allotment
from livyguard.capacity.described import described
from livyguard.capacity.fits import standpoints
from livyguard.capacity.load import least_workers
from livyguard.capacity.roster import has_team_alone, named_people
from livyguard.policy import lint as of_policy
from livyguard.policy.lint.finding import Check, Found, some
from livyguard.policy.units import shown_name
from livyguard.policy.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from livyguard.capacity.allotment import Row
    from livyguard.capacity.site import Site
    from livyguard.policy.lint import Finding
    from livyguard.policy.lint.ground import Ground
    from livyguard.policy.model import Policy

__all__ = ["CHECKS", "lint"]

#: Of the people, who likely work at the same time.
AT_ONCE = Fraction(1, 2)


def lint(policy: Policy, *, now: float | None = None) -> tuple[Finding, ...]:
    """Return all that lint has to say, as :func:`livyguard.policy.lint.lint` does, of the cluster too."""
    return of_policy.lint(policy, now=now, checks=CHECKS)


def _crowded(ground: Ground) -> Iterator[Found]:
    """Yield clusters too small for half of the people, each with one session for which nobody asks anything."""
    for name, site, workers, tenants in _clusters(ground):
        rows = _bounded(each.likely(AT_ONCE) for each in tenants)
        if (least := _least(site, rows)) > workers:
            yield Found(
                _where(ground, name),
                f"{_half(rows, [each.worst for each in tenants])} at once, with one session each for which nobody asks"
                f" anything: {_told(rows, least, workers)}.",
                "Lower executors.max or its default, or add workers.",
            )


def _promised_twice(ground: Ground) -> Iterator[Found]:
    """Yield clusters on which quotas cannot all be used at once, and half of the people still have their sessions."""
    for name, site, workers, tenants in _clusters(ground):
        rows = _bounded(each.worst for each in tenants if each.stand.tenancy.quotas)
        likely = _bounded(each.likely(AT_ONCE) for each in tenants)
        if (least := _least(site, rows)) > workers >= _least(site, likely):
            yield Found(
                _where(ground, name),
                f"What quotas let {_whom(rows)} hold does not fit at once: {_told(rows, least, workers)}.",
                "Leave it so if they seldom all work at once, or lower quotas; livyguard plan --policy counts both.",
            )


def _clusters(ground: Ground) -> Iterator[tuple[str, Site, int, list[Allotment]]]:
    """Yield each cluster that the policy tells enough of, and its tenants as far as their people are counted."""
    for name, cluster in ground.clusters.items():
        site = described(cluster, step=1)
        if site is not None and cluster.workers:
            found = []
            for each in standpoints(ground, name):
                people = None if has_team_alone(ground, each) else named_people(ground, each)
                if people != 0:
                    found.append(Allotment(each, people, site))
            yield name, site, cluster.workers, found


def _bounded(rows: Iterator[Row]) -> list[Row]:
    """Return those that have a bound; LG821 tells of the others."""
    return [row for row in rows if row.load is not None]


def _least(site: Site, rows: Sequence[Row]) -> int:
    return least_workers(site, [load for row in rows if (load := row.load) is not None]) if rows else 0


def _where(ground: Ground, name: str) -> str:
    layer = ground.layers[0]
    return f"{layer.source_of('cluster')}: cluster{'.' if name else ''}{name}.workers"


def _number(rows: Sequence[Row]) -> int | None:
    """Return how many people there are; None where nobody says."""
    known = [row.people for row in rows if row.people is not None]
    return sum(known) if len(known) == len(rows) else None


def _whom(rows: Sequence[Row]) -> str:
    number = _number(rows)
    if number is None:
        return f"the people of {some(shown_name(row.name) for row in rows)}"
    return "the one person who is named" if number == 1 else f"the {number} people who are named"


def _half(rows: Sequence[Row], everybody: Sequence[Row]) -> str:
    number = _number(rows)
    who = f"{'Half' if number is None else number} of {_whom(everybody)}"
    return "The one person who is named does not fit" if _number(everybody) == 1 else f"{who} do not fit"


def _told(rows: Sequence[Row], least: int, workers: int) -> str:
    executors = sum(row.executors or 0 for row in rows)
    drivers = sum(row.sessions for row in rows if row.size.driver is not None)
    beside = f" and {counted(drivers, 'driver')}" if drivers else ""
    there = "there is 1" if workers == 1 else f"there are {workers}"
    return f"{counted(executors, 'executor')}{beside} take {counted(least, 'worker')} at the least, and {there}"


CHECKS: tuple[Check, ...] = (
    *of_policy.CHECKS,
    Check("LG827", "warning", _crowded),
    Check("LG828", "note", _promised_twice),
)
