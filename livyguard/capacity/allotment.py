"""What the people of one tenant may hold together at the most, and what they likely hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce
from math import ceil
from typing import TYPE_CHECKING

from livyguard.capacity.containers import Container, SessionSize, session_size
from livyguard.capacity.emr import EMR_TYPES, SPARK_DEFAULTS
from livyguard.capacity.load import Load
from livyguard.capacity.plan import full
from livyguard.policy.allocation import SPARK
from livyguard.policy.at_most import largest, largest_entries, most_generous_kind, unheld
from livyguard.policy.evaluate import weigh
from livyguard.policy.executors import MAX
from livyguard.policy.fold import fold
from livyguard.policy.holding import footprint
from livyguard.policy.lint.smallest import smallest
from livyguard.policy.merge import merge
from livyguard.policy.request import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.capacity.site import Site
    from livyguard.policy.lint.ground import Standpoint

__all__ = ["Allotment", "Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """What the people of one tenant hold together.

    Attributes:
        name: the tenant's, ``defaults`` for those whom none names.
        people: who work at once; None where nobody says how many there are, and ``team_quota`` alone bounds them.
        sessions_each: of one of them.
        executors_each: of one of them, over all their sessions; None where nothing bounds them.
        size: of a session: the largest containers that the limits let through, or those of a session for which nobody
            asks anything.
        sessions: of all of them.
        executors: of all of them; None where nothing bounds them.
        containers: of all of them on the workers, at the most; None where nothing bounds them.
        held: by all of them at the most, as the manager counts it: less than so many of these containers where quotas
            say so; None where nothing bounds it.
        untold: of ``driver`` and ``executor`` those of which neither the policy nor AWS says how large one is, on
            Glue's newer types: what is counted of these bounds nothing there.
    """

    name: str
    people: int | None
    sessions_each: int
    executors_each: int | None
    size: SessionSize
    sessions: int
    executors: int | None
    containers: int | None
    held: Container | None
    untold: frozenset[str] = frozenset()

    @property
    def load(self) -> Load | None:
        """The same as the planner counts it; None where nothing bounds it."""
        if self.executors is None or self.containers is None or self.held is None:
            return None
        return Load(self.size, self.sessions, self.executors, self.containers, self.held)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What somebody may hold, memory in MiB; None each where nothing says."""

    sessions: int | None = None
    executors: int | None = None
    memory: int | None = None
    cores: int | None = None

    def of(self, number: int | None) -> _Bounds:
        """Return what so many of them may hold."""
        return _Bounds(*(_times(each, number) for each in self._all))

    def within(self, other: _Bounds) -> _Bounds:
        """Return the tighter of both, amount by amount."""
        return _Bounds(*(_least(*pair) for pair in zip(self._all, other._all, strict=True)))

    def times(self, each: _Bounds) -> int:
        """Return how many times what each holds goes into them, the last one not whole; 0 where nothing tells."""
        pairs = ((most, own) for most, own in zip(self._all[1:], each._all[1:], strict=True) if own)
        return min((-(-most // own) for most, own in pairs if most is not None), default=0)

    @property
    def _all(self) -> tuple[int | None, ...]:
        return (self.sessions, self.executors, self.memory, self.cores)


@dataclass(frozen=True)
class Allotment:
    """A tenant, how many people it has, and where they work.

    Attributes:
        stand: somebody for whom the tenant's section holds.
        people: how many there are; None where only ``team_quota`` bounds them.
        site: the cluster.
    """

    stand: Standpoint
    people: int | None
    site: Site

    @cached_property
    def worst(self) -> Row:
        """Everybody holds all that limits and quotas let them hold, in containers as large as limits let them be."""
        each = 1 if self._person.sessions is None else self._person.sessions
        session = self._settled(self._session)
        person = self._settled(session.of(each).within(self._person))
        sessions = self._sessions_of_team(session) if self.people is None else self.people * each
        sessions = min(sessions, sessions if self._team.sessions is None else self._team.sessions)
        bounds = self._settled(person.of(self.people).within(session.of(sessions)).within(self._team))
        return Row(
            self.stand.section.name,
            self.people,
            each,
            person.executors,
            self.size,
            sessions,
            bounds.executors,
            self._containers(sessions, bounds),
            self._held(sessions, bounds),
            self._untold({name for entries in largest_entries(self.stand.tenancy) for name in entries}),
        )

    def likely(self, at_once: Fraction) -> Row:
        """Return what a share of the people holds, each in one session for which nobody asks anything.

        Args:
            at_once: the share, above 0 to 1.
        """
        worst = self.worst
        people = None if self.people is None else ceil(self.people * at_once)
        sessions = ceil(worst.sessions * at_once) if people is None else min(people, worst.sessions)
        each = _least(footprint(self._plain, self.stand.tenancy).executors, worst.executors_each)
        executors = _least(_times(each, sessions), worst.executors)
        containers, held = None, None
        if executors is not None and worst.containers is not None and worst.held is not None:
            containers = min(executors + (0 if self.size.driver is None else sessions), worst.containers)
            whole = full(self.site, self.plain_size, sessions, executors)
            held = Container(min(whole.memory_mib, worst.held.memory_mib), min(whole.cores, worst.held.cores))
        return replace(
            worst,
            people=people,
            sessions_each=1,
            executors_each=each,
            size=self.plain_size,
            sessions=sessions,
            executors=executors,
            containers=containers,
            held=held,
            untold=self._untold(set()),
        )

    @cached_property
    def size(self) -> SessionSize:
        """The largest driver and the largest executor; where nothing holds them, as nobody asks for more."""
        size = self._limited
        driver = None if size.driver is None else self._widened("driver", size.driver)
        return replace(size, driver=driver, executor=self._widened("executor", size.executor))

    @cached_property
    def _limited(self) -> SessionSize:
        """The largest that limits of their own let through, of all that have one."""
        found = [self._sized(entries) for entries in largest_entries(self.stand.tenancy)]
        return reduce(_larger, found, self.plain_size)

    @cached_property
    def plain_size(self) -> SessionSize:
        """Those of a session for which nobody asks anything."""
        return self._sized(self._plain)

    @property
    def unlimited(self) -> tuple[str, ...]:
        """The sizes that nothing holds, no limit of their own and none on all that is held, where they count."""
        most = self._whole
        return tuple(name for name in self._open if (most.cores if name.endswith(".cores") else most.memory) is None)

    def _untold(self, limited: set[str]) -> frozenset[str]:
        """Return the sides of which nobody says how large one is; ``limited``: sizes that have a limit."""
        kind = self.site.worker_type
        if kind is None or kind.executor_memory is not None:
            return frozenset()
        told = {*self._plain, *self.stand.tenancy.spark_defaults, *limited}
        return frozenset(side for side in ("driver", "executor") if f"{side}.memory" not in told)

    @property
    def is_cut(self) -> bool:
        """Do limits let containers through that are larger than a worker, and never start?"""
        return any(
            each is not None and self._cut(each) != each
            for entries in (*largest_entries(self.stand.tenancy), self._plain)
            for each in (self._asked(entries).driver, self._asked(entries).executor)
        )

    @property
    def says_sessions(self) -> bool:
        """Does a quota say how many sessions each may have?"""
        return self._person.sessions is not None

    @cached_property
    def _plain(self) -> Mapping[str, Entry]:
        tenancy, request = self.stand.tenancy, self.stand.start.request
        kind = {"kind": most_generous_kind(tenancy)}
        if request is None:
            return {**kind, **weigh(merge(tenancy.presets), replace(tenancy, quotas=()), is_lenient=True).entries}
        return {**kind, **fold(request).entries}

    @cached_property
    def _open(self) -> tuple[str, ...]:
        """The sizes that no limit of their own holds, where they count."""
        manager, found = self.site.manager, ["memory"]
        found += ["memory_overhead"] if manager in {"yarn", "kubernetes"} else []
        found += ["cores"] if self.site.counts_cores else []
        names = [f"executor.{each}" for each in found]
        if manager in {"yarn", "kubernetes"}:
            names += ["executor.pyspark_memory", "executor.offheap_memory"]
        if manager == "yarn" and self.site.deploy_mode == "client":
            names += [f"conf.spark.yarn.am.{'memoryOverhead' if '_' in each else each}" for each in found]
        elif self.site.deploy_mode == "cluster":
            names += [f"driver.{each}" for each in found]
        return () if self.site.worker_type is not None else unheld(self.stand.tenancy, names)

    @cached_property
    def _whole(self) -> _Bounds:
        """What everything that one session holds is held to, as far as the policy counts it as the cluster does."""
        most = self._session.within(self._person).within(self._team)
        return most if self._counts_as_the_policy else replace(most, memory=None)

    def _widened(self, side: str, container: Container) -> Container:
        """Return the largest container of a side where what no limit holds is held with all the rest of a session."""
        most, least, step = self._whole, smallest(self.stand.tenancy), self.site.step
        beside = (least.driver_mib, least.driver_cores) if side == "executor" else (least.executor_mib, 1)
        names = [name for name in self._open if name.startswith("executor.") == (side == "executor")]
        memory, cores = container.memory_mib, container.cores
        if most.memory is not None and any(not name.endswith(".cores") for name in names):
            memory = max(memory, -(-(most.memory - beside[0]) // step) * step)
        if most.cores is not None and any(name.endswith(".cores") for name in names):
            cores = max(cores, Fraction(most.cores - beside[1]))
        return self._cut(Container(memory, cores))

    def _sized(self, entries: Mapping[str, Entry]) -> SessionSize:
        """Return what a session takes; a container that is larger than a worker takes all of one."""
        size = self._asked(entries)
        return replace(
            size,
            driver=None if size.driver is None else self._cut(size.driver),
            executor=self._cut(size.executor),
        )

    def _asked(self, entries: Mapping[str, Entry]) -> SessionSize:
        site = self.site
        return session_size(entries, self._otherwise, site.manager, step=site.step, deploy_mode=site.deploy_mode)

    @cached_property
    def _otherwise(self) -> Mapping[str, Entry]:
        """What counts where nobody says a size: what the policy says of the cluster, its type's, Spark's own."""
        kind, tenancy = self.site.worker_type, self.stand.tenancy
        conf = {} if kind is None else kind.spark_defaults
        found: dict[str, Entry] = {**SPARK, **fold({"conf": conf}).entries, **self._of_emr}
        if self.site.manager == "standalone" and self.site.offered is not None and self.site.offered.cores >= 1:
            cores = int(self.site.offered.cores)
            found["executor.cores"] = Entry(cores, cores)
        return {**found, **tenancy.spark_defaults}

    def _cut(self, container: Container) -> Container:
        most = self.site.offered
        if most is None:
            return container
        cores = min(container.cores, most.cores) if self.site.counts_cores else container.cores
        return Container(min(container.memory_mib, most.memory_mib), cores)

    @cached_property
    def _session(self) -> _Bounds:
        """What one session may hold by the limits."""
        rules = self.stand.tenancy
        memory, cores = largest(rules.rule_for("session.memory")), largest(rules.rule_for("session.cores"))
        return _Bounds(1, largest(rules.rule_for(MAX)), memory, cores)

    @cached_property
    def _person(self) -> _Bounds:
        return self._quotas(is_team=False)

    @cached_property
    def _team(self) -> _Bounds:
        return self._quotas(is_team=True)

    def _quotas(self, *, is_team: bool) -> _Bounds:
        found: dict[str, int] = {}
        for bound in self.stand.tenancy.quotas:
            if bound.is_team == is_team:
                found[bound.amount] = min(bound.most, found.get(bound.amount, bound.most))
        return _Bounds(**found)

    def _sessions_of_team(self, session: _Bounds) -> int:
        """Return how many sessions at their most all members together may have, of whom nobody knows the number."""
        if self._team.sessions is not None:
            return self._team.sessions
        if session.executors is None:
            return 1
        one = full(self.site, self._limited, 1, session.executors)
        each = _Bounds(None, session.executors, one.memory_mib, ceil(one.cores)).within(session)
        return max(self._team.times(each), 1)

    def _settled(self, bounds: _Bounds) -> _Bounds:
        """Return bounds with the executors that all of them leave room for, of the smallest sizes that pass."""
        size = smallest(self.stand.tenancy)
        by_memory = None if bounds.memory is None else max(bounds.memory - size.driver_mib, 0) // size.executor_mib
        by_cores = None if bounds.cores is None else max(bounds.cores - size.driver_cores, 0) // size.executor_cores
        return replace(bounds, executors=_least(bounds.executors, by_memory, by_cores))

    def _containers(self, sessions: int, bounds: _Bounds) -> int | None:
        """Return how many containers run on the workers at the most; None where nothing bounds them."""
        if bounds.executors is None:
            return None
        number = bounds.executors + (0 if self.size.driver is None else sessions)
        if self.site.worker_type is None:
            return number
        # A worker there holds so many containers, however small.
        size = smallest(self.stand.tenancy)
        by_memory = None if bounds.memory is None else bounds.memory // min(size.driver_mib, size.executor_mib)
        by_cores = None if bounds.cores is None else bounds.cores // min(size.driver_cores, size.executor_cores)
        return _least(number, by_memory, by_cores)

    def _held(self, sessions: int, bounds: _Bounds) -> Container | None:
        """Return what so many take at the most, by their number or by quotas; None where nothing bounds them."""
        if bounds.executors is None:
            return None
        whole = full(self.site, self.size, sessions, bounds.executors)
        if not self._counts_as_the_policy:
            return whole
        driver = self.size.driver
        # What YARN holds for a driver that runs beside Livy counts towards no quota.
        apart = driver is not None and self.site.deploy_mode == "client"
        own = Container(0, Fraction(0)) if driver is None or not apart else self.site.granted(driver) * sessions
        step = self.site.step if self.site.manager == "yarn" else 1
        rounding = max(step - self.stand.tenancy.step, 0) * (sessions + bounds.executors)
        memory, cores = bounds.memory, bounds.cores if self.site.counts_cores else None
        return Container(
            whole.memory_mib if memory is None else min(whole.memory_mib, memory + rounding + own.memory_mib),
            whole.cores if cores is None else min(whole.cores, cores + own.cores),
        )

    @cached_property
    def _of_emr(self) -> Mapping[str, Entry]:
        """What EMR's Spark takes by itself, where the policy says that nodes are of EMR and not this."""
        cluster, said = self.stand.cluster, self.stand.tenancy.spark_defaults
        is_emr = cluster is not None and cluster.worker_type in EMR_TYPES
        entries = fold({"conf": dict(SPARK_DEFAULTS)}).entries if is_emr else {}
        return {name: each for name, each in entries.items() if name not in said}

    @property
    def _counts_as_the_policy(self) -> bool:
        """Does the policy reckon with overheads no smaller than this cluster's?"""
        is_alike = self.stand.tenancy.manager == "kubernetes" or self.site.manager != "kubernetes"
        return is_alike and not self._of_emr


def _larger(one: SessionSize, other: SessionSize) -> SessionSize:
    driver = one.driver if other.driver is None or one.driver is None else _outer(one.driver, other.driver)
    return SessionSize(driver, _outer(one.executor, other.executor), max(one.beside_livy_mib, other.beside_livy_mib))


def _outer(one: Container, other: Container) -> Container:
    return Container(max(one.memory_mib, other.memory_mib), max(one.cores, other.cores))


def _times(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one * other


def _least(*numbers: int | None) -> int | None:
    return min((number for number in numbers if number is not None), default=None)
