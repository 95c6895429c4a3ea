"""Whether what a policy lets people hold fits the cluster: at the worst, and as it will likely be."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from livyguard.capacity.allotment import Allotment, Row
from livyguard.capacity.amounts import percent
from livyguard.capacity.described import described
from livyguard.capacity.load import least_workers, needed
from livyguard.capacity.roster import DEFAULTS, counted_people
from livyguard.capacity.site import AM_SHARE
from livyguard.errors import InvalidInput
from livyguard.policy.lint.ground import Ground
from livyguard.policy.units import shown, shown_name
from livyguard.policy.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from livyguard.capacity.containers import Container
    from livyguard.capacity.plan import Need
    from livyguard.capacity.site import Site
    from livyguard.policy.lint.ground import Standpoint
    from livyguard.policy.model import Policy

__all__ = ["Case", "PolicyFit", "Row", "fit_of", "fits", "standpoints"]


@dataclass(frozen=True, slots=True)
class Case:
    """What all people hold together, and what that takes.

    Attributes:
        rows: tenant by tenant, in the order of the policy, ``defaults`` last; without tenants of nobody.
        workers: that there are.
        need: of workers; None where nothing bounds it: one session can take everything.
        least: workers below which it does not fit, however well the manager places the containers.
    """

    rows: tuple[Row, ...]
    workers: int
    need: Need | None
    least: int | None

    @property
    def people(self) -> int | None:
        """Who work at once; None where nobody says how many some tenant has."""
        known = [row.people for row in self.rows if row.people is not None]
        return sum(known) if len(known) == len(self.rows) else None

    @property
    def sessions(self) -> int:
        """All of them."""
        return sum(row.sessions for row in self.rows)

    @property
    def executors(self) -> int | None:
        """All of them; None where nothing bounds them."""
        known = [row.executors for row in self.rows if row.executors is not None]
        return sum(known) if len(known) == len(self.rows) else None

    @property
    def drivers(self) -> int:
        """Drivers, or application masters, on the workers."""
        return sum(row.sessions for row in self.rows if row.size.driver is not None)

    @property
    def containers(self) -> int | None:
        """Drivers and executors on the workers, at the most; None where nothing bounds them."""
        known = [row.containers for row in self.rows if row.containers is not None]
        return sum(known) if len(known) == len(self.rows) else None

    @property
    def held(self) -> Container | None:
        """What all containers take together; None where nothing bounds it."""
        known = [row.held for row in self.rows if row.held is not None]
        return reduce(add, known) if len(known) == len(self.rows) else None

    @property
    def is_told(self) -> bool:
        """Does somebody say how large all of the containers are? AWS does not, of Glue's newer types."""
        return not any(row.untold for row in self.rows)

    @property
    def fits(self) -> bool:
        """Are there as many workers as are needed, in whatever order the sessions start?"""
        return self.need is not None and self.need.workers <= self.workers


@dataclass(frozen=True, slots=True)
class PolicyFit:
    """A policy against its cluster.

    Attributes:
        site: the cluster.
        workers: that there are.
        at_once: share of the people who likely work at the same time.
        worst: everybody holds all that limits and quotas let them hold.
        likely: so many of the people have one session each, as a body of ``{}`` gets it.
        notes: sentences on what was taken for granted.
        is_held: a limit holds each size that counts, so that nobody can have more than the worst case.
    """

    site: Site
    workers: int
    at_once: Fraction
    worst: Case
    likely: Case
    notes: tuple[str, ...] = ()
    is_held: bool = True

    @property
    def offered(self) -> Container | None:
        """What the workers offer together; None on Glue, which counts containers."""
        return None if self.site.offered is None else self.site.offered * self.workers


def fits(
    policy: Policy,
    *,
    people: Mapping[str, int] | None = None,
    at_once: Fraction = Fraction(1, 2),
    site: Site | None = None,
    workers: int | None = None,
    cluster: str | None = None,
) -> PolicyFit:
    """Return whether the policy's worst case and its likely case fit.

    Args:
        policy: valid, with the layers that are stacked on it; dated grants do not count.
        people: by tenant's name, ``defaults`` too, how many people its globs and groups stand for, beside those whom
            it names.
        at_once: above 0 to 1.
        site: the cluster; None for what the policy says of it, of YARN with its own limit on drivers.
        workers: that there are; None for what the policy says.
        cluster: which of the policy's; None where it describes one.

    Raises:
        InvalidInput: with every fault: people whom nobody counted, by tenant; a name of none; no cluster told.
    """
    faults: list[str] = []
    ground = Ground(policy, None)
    name = _chosen(ground, cluster, faults)
    told = ground.clusters.get(name)
    site = described(told, am_share=AM_SHARE) if site is None else site
    workers = (None if told is None else told.workers) if workers is None else workers
    if site is None:
        faults.append("What a worker offers is not told: say --worker-type or --worker-memory, or worker in [cluster].")
    if not workers:
        faults.append("How many workers there are is not told: say --workers, or workers in [cluster].")
    stands = standpoints(ground, name)
    numbers = counted_people(ground, stands, dict(people or {}), faults)
    if faults or site is None or not workers:
        raise InvalidInput("\n".join(faults))
    allotments = [Allotment(each, number, site) for each, number in zip(stands, numbers, strict=True) if number != 0]
    if not allotments:
        raise InvalidInput(f"The policy counts nobody: say how many work under [defaults], --people {DEFAULTS}=10.")
    return fit_of(allotments, at_once, workers)


def _chosen(ground: Ground, cluster: str | None, faults: list[str]) -> str:
    """Return the name of the cluster that is asked for, empty for the unnamed one."""
    named = [name for name in ground.clusters if name]
    if cluster is not None and cluster not in named:
        near = next(iter(get_close_matches(cluster, named, n=1)), None)
        meant = f"did you mean {near}?" if near else f"there is {', '.join(named)}." if named else "it names none."
        faults.append(f"The policy describes no cluster {shown(cluster)}; {meant}")
        return ""
    told = [name for name in named if ground.clusters[name].workers] or named
    if cluster is None and len(told) > 1:
        faults.append(f"The policy describes the clusters {', '.join(told)}: say which one, --cluster {told[0]}.")
    return cluster if cluster is not None else told[0] if told else ""


def standpoints(ground: Ground, cluster: str) -> list[Standpoint]:
    """Return somebody of each section of the operator's layer at one cluster; of ``[defaults]`` last."""
    here = ground.clusters.get(cluster)
    found = [each for each in ground.standpoints if each.section.layer is ground.layers[0] and each.cluster is here]
    return sorted(found, key=lambda each: each.section.place is None)


def fit_of(allotments: Sequence[Allotment], at_once: Fraction, workers: int) -> PolicyFit:
    """Return both cases of some tenants, one or more, who share a cluster."""
    site = allotments[0].site
    worst = _case(site, [each.worst for each in allotments], workers)
    likely = _case(site, [each.likely(at_once) for each in allotments], workers, worst.need)
    notes = [*_notes(allotments), *_of_drivers(site, (worst, likely))]
    is_held = not any(each.unlimited for each in allotments)
    return PolicyFit(site, workers, at_once, worst, likely, tuple(notes), is_held)


def _case(site: Site, rows: Sequence[Row], workers: int, most: Need | None = None) -> Case:
    """Return a case; ``most``: what one needs that holds at least as much, and fewer workers are enough for it."""
    loads = [load for row in rows if (load := row.load) is not None]
    if len(loads) < len(rows):
        return Case(tuple(rows), workers, None, None)
    need = needed(site, loads)
    if most is not None and most.workers < need.workers:
        need = most
    return Case(tuple(rows), workers, need, min(least_workers(site, loads), need.workers))


def _of_drivers(site: Site, cases: Iterable[Case]) -> Iterable[str]:
    """Yield what is to be said where YARN's limit on drivers decides in one of the cases."""
    if site.am_share is not None and any(each.need is not None and each.need.bound_by == "drivers" for each in cases):
        yield (
            f"YARN's limit on drivers decides: they may hold {percent(site.am_share)} of the queue "
            "(yarn.scheduler.capacity.maximum-am-resource-percent); --am-share says what it is on this cluster."
        )


def _notes(allotments: Sequence[Allotment]) -> Iterable[str]:
    """Yield what was taken for granted, of all tenants for which the same was in one sentence."""
    kind = allotments[0].site.worker_type
    if kind is not None and kind.is_for_streaming:
        yield f"AWS offers {kind.name} for streaming jobs alone."
    told: dict[tuple[str, str], list[str]] = {}
    for each in allotments:
        for sentence in _of_one(each):
            told.setdefault(sentence, []).append(shown_name(each.worst.name))
    yield from (before + ", ".join(names) + after for (before, after), names in told.items())


def _of_one(each: Allotment) -> Iterable[tuple[str, str]]:
    """Yield what was taken for granted of one tenant, before and after its name."""
    row = each.worst
    if each.people is None:
        told = f": counted is what team_quota lets all of them hold, {counted(row.sessions, 'session')} at the most."
        yield "How many people are at work is not told of ", told
    elif not each.says_sessions:
        yield "No quota says how many sessions one person may have: counted is one each, for ", "."
    if row.executors is None:
        yield "One session can take every worker, since nothing bounds the executors of ", "."
    if each.unlimited:
        *most, last = each.unlimited
        sizes = f"{', '.join(most)} and {last}" if most else last
        yield f"Nothing limits {sizes}: counted is what a session has for which nobody asks anything, for ", "."
    if each.is_cut:
        yield "Containers that are larger than a worker, and never start, pass the limits of ", "."
