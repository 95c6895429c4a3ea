"""LG82x: how many executors, how large, and whether the numbers can be had together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.policy.allocation import SPARK
from livyguard.policy.evaluate import weigh
from livyguard.policy.executors import COUNT, INITIAL, MAX, MIN, SPARK_DEFAULT
from livyguard.policy.fold import fold
from livyguard.policy.footprint import REQUESTS, overhead, sizes, value_of
from livyguard.policy.kinds import CORES, MEBIBYTES
from livyguard.policy.lint.finding import Check, Found
from livyguard.policy.lint.smallest import least, smallest
from livyguard.policy.lint.trials import NO_ROOM
from livyguard.policy.merge import merge
from livyguard.policy.properties import VIRTUAL
from livyguard.policy.request import Entry
from livyguard.policy.tenancy import has_dynamic_allocation
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.lint.ground import Ground, Standpoint
    from livyguard.policy.rules import Rule
    from livyguard.policy.tenancy import Tenancy

__all__ = ["CHECKS"]

_RESERVED = REQUESTS["executor"]


def _most(rule: Rule | None) -> Any:
    return None if rule is None else rule.most


def _size(mebibytes: int) -> str:
    return str(MEBIBYTES.write(mebibytes))


def _caps(each: Standpoint) -> bool:
    tenancy = each.tenancy
    is_limited = _most(tenancy.rule_for(MAX)) is not None or any(tenancy.rule_for(name) is not None for name in VIRTUAL)
    return is_limited or (has_dynamic_allocation(each.cluster) is not None and _is_bounded(tenancy))


def _is_bounded(tenancy: Tenancy) -> bool:
    """Tell whether a quota refuses a session that nothing bounds."""
    return any(each.amount != "sessions" for each in tenancy.quotas)


def _uncapped(ground: Ground) -> Iterator[Found]:
    for each in _of_the_operator(ground):
        if not _caps(each):
            yield Found(
                each.section.at(),
                f"No limit holds the executors of {each.whom}: one session can take the whole cluster.",
                'Give limits."executors.max" a max, in [defaults] or in the tenant.',
            )


def _borrowed(ground: Ground) -> Iterator[Found]:
    for each in _of_the_operator(ground):
        rule = each.tenancy.books[0].rules.get(MAX)
        if each.section.place is None and rule is not None and not rule.path.startswith("defaults."):
            yield Found(
                each.section.at(),
                f"[defaults] says no executors.max: whom no tenant names gets the tightest of all tenants',"
                f" {_most(rule)} by {rule.path}.",
                'Give [defaults] a limits."executors.max" of its own.',
            )


def _of_the_operator(ground: Ground) -> Iterator[Standpoint]:
    """Yield who stands in the operator's own sections, but not on a machine without a cluster."""
    for each in ground.standpoints:
        if each.section.layer is ground.layers[0] and each.tenancy.manager != "local":
            yield each


def _idle_caps(ground: Ground) -> Iterator[Found]:
    for each in ground.standpoints:
        yield from _beyond_session(ground, each)
        yield from _beyond_cluster(ground, each)
        yield from _beyond_ceiling(ground, each.tenancy)
        yield from _beyond_one_executor(ground, each.tenancy)


def _cannot(where: str, said: str, because: str) -> Found:
    return Found(where, f"{said} is never reached: {because}.", "Lower it to what can be had, or raise the other.")


def _beyond_session(ground: Ground, each: Standpoint) -> Iterator[Found]:
    """Yield a number of executors beyond what ``session.*`` leaves room for, with the smallest sizes that pass."""
    own = each.tenancy.rule_for(MAX)
    if own is None or own.max is None or own.fixed is not None:
        return
    size = smallest(each.tenancy)
    parts = {
        "session.memory": (size.driver_mib, size.executor_mib),
        "session.cores": (size.driver_cores, size.executor_cores),
    }
    for name, (driver, executor) in parts.items():
        rule = each.tenancy.rule_for(name)
        if rule is not None and (fits := max(rule.max - driver, 0) // executor) < own.max:
            what = _size(executor) if name == "session.memory" else f"{executor} cores"
            because = f"{name} of {rule.kind.write(rule.max)} holds {fits} executors of {what}, the smallest that pass"
            yield _cannot(f"{ground.where(own)}.max", f"executors.max of {own.max}", because)


def _beyond_cluster(ground: Ground, each: Standpoint) -> Iterator[Found]:
    own, cluster = each.tenancy.rule_for(MAX), each.cluster
    if own is None or _most(own) is None or cluster is None or cluster.workers is None or cluster.worker is None:
        return
    if cluster.worker.memory is not None:
        executor = smallest(each.tenancy).executor_mib
        worker = MEBIBYTES.read(cluster.worker.memory)
        fits = cluster.workers * (worker // executor)
        if fits < _most(own):
            because = (
                f"{shown(cluster.workers)} workers of {_size(worker)} hold {fits} executors of {_size(executor)},"
                " the smallest that pass"
            )
            yield _cannot(f"{ground.where(own)}.{own.bounding}", f"executors.max of {_most(own)}", because)


def _beyond_ceiling(ground: Ground, tenancy: Tenancy) -> Iterator[Found]:
    ceiling = _most(tenancy.rule_for(MAX))
    for name in (COUNT, INITIAL, MIN):
        rule = tenancy.rules.get(name)
        if rule is not None and ceiling is not None and _most(rule) is not None and _most(rule) > ceiling:
            because = f"executors.max is {ceiling}"
            yield _cannot(f"{ground.where(rule)}.{rule.bounding}", f"{name} of {_most(rule)}", because)


def _beyond_one_executor(ground: Ground, tenancy: Tenancy) -> Iterator[Found]:
    """Yield a size with which a session of one executor is beyond ``session.memory``."""
    session = tenancy.rule_for("session.memory")
    size = smallest(tenancy)
    pairs = (("executor.memory", size.driver_mib, "driver"), ("driver.memory", size.executor_mib, "executor"))
    for name, other, what in pairs:
        rule = tenancy.rules.get(name)
        if session is None or rule is None or rule.max is None or rule.fixed is not None:
            continue
        if rule.max + other > session.max:
            because = f"session.memory is {_size(session.max)}, and the smallest {what} takes {_size(other)} of it"
            yield _cannot(f"{ground.where(rule)}.max", f"{name} of {_size(rule.max)}", because)


def _beyond_worker(ground: Ground) -> Iterator[Found]:
    for each in ground.standpoints:
        worker = None if each.cluster is None else each.cluster.worker
        if worker is not None and worker.memory is not None:
            memory = MEBIBYTES.read(worker.memory)
            for where, heap in _given(ground, each, "executor.memory"):
                whole = heap + _overhead(each.tenancy, heap)
                if whole > memory:
                    yield Found(
                        where,
                        f"An executor of {_size(heap)} takes {_size(whole)} with its overhead, and a worker has"
                        f" {_size(memory)}: it never starts.",
                        f"Give at most {_size(_largest(memory))}.",
                    )
        if worker is not None and worker.cores is not None:
            for where, cores, what in _asked_cores(ground, each):
                if cores > worker.cores:
                    yield Found(
                        where,
                        f"{what} is larger than a worker, which has {worker.cores}.",
                        f"Give at most {worker.cores}.",
                    )


def _asked_cores(ground: Ground, each: Standpoint) -> Iterator[tuple[str, Any, str]]:
    """Yield the cores that an executor asks for, each with its place and how it is told.

    Of Kubernetes it asks what it is to reserve, where that is said, and not its own cores.
    """
    is_reserved = False
    if each.tenancy.manager == "kubernetes":
        for where, said in _given(ground, each, _RESERVED):
            cores = value_of(_RESERVED, {_RESERVED: Entry(said if isinstance(said, str) else CORES.write(said), said)})
            if cores is not None:
                yield where, cores, f"An executor for which Kubernetes is to reserve {CORES.write(cores)} cores"
        sent = fold(each.start.request or {}).entries
        is_reserved = value_of(_RESERVED, sent, each.tenancy.spark_defaults) is not None
    if not is_reserved:
        for where, number in _given(ground, each, "executor.cores"):
            yield where, number, f"An executor of {number} cores"


def _given(ground: Ground, each: Standpoint, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the sizes that a rule gives, or lets through at most, and the one that is preset; each with its place."""
    rule = each.tenancy.rules.get(name)
    if rule is not None and not rule.forbidden:
        for part in ("fixed",) if rule.fixed is not None else ("max", "default"):
            if getattr(rule, part) is not None:
                yield f"{ground.where(rule)}.{part}", getattr(rule, part)
    preset = merge(each.tenancy.presets).entries.get(name)
    sent = fold(each.start.request or {}).entries.get(name)
    if preset is not None and sent is not None and sent.value == preset.value:
        yield ground.stating(preset, name).at("session_configs"), preset.value


def _overhead(tenancy: Tenancy, heap: int) -> int:
    """Return the overhead, MiB, that Spark adds to a heap where nobody asks for another."""
    rule = tenancy.rule_for("executor.memory_overhead")
    return int(rule.fixed) if rule is not None and rule.fixed is not None else int(least(rule, overhead(heap)))


def _largest(memory: int) -> int:
    """Return the largest heap, whole MiB, that fits with its overhead."""
    heap = memory * 10 // 11
    return heap if heap + overhead(heap) <= memory else max(memory - overhead(0), 0)


def _no_room(ground: Ground) -> Iterator[Found]:
    for each in ground.standpoints:
        for violation in each.start.violations:
            if violation.what == NO_ROOM:
                rule = each.tenancy.rules[violation.property]
                yield Found(
                    f"{ground.where(rule)}.max",
                    f"{rule.name} of {rule.kind.write(rule.max)} leaves no room for an executor: a driver and one"
                    f" executor of the sizes that {each.section.name} gets take {_pair(each, rule)}.",
                    f"Raise {rule.name}, or give smaller defaults for driver and executor.",
                )


def _pair(each: Standpoint, rule: Rule) -> str:
    """Return what a driver and one executor take, as Spark asks the cluster manager for them."""
    tenancy = each.tenancy
    entries = weigh(merge(tenancy.presets), tenancy).entries
    size = sizes(entries, {**SPARK, **tenancy.spark_defaults}, manager=tenancy.manager, step=tenancy.step)
    return str(rule.kind.write(size.memory(1) if rule.name == "session.memory" else size.cores(1)))


def _started(ground: Ground) -> Iterator[Found]:
    """Yield preferred numbers that nobody gets without asking: nothing says that dynamic allocation is on."""
    for each in _of_the_operator(ground):
        rule, request = each.tenancy.rule_for(MAX), each.start.request
        sent = {} if request is None else fold(request).entries
        is_dynamic = "dynamic_allocation" in sent and sent["dynamic_allocation"].value is True
        if rule is not None and rule.default is not None and COUNT in sent and MAX in sent and not is_dynamic:
            count, ceiling = sent[COUNT].value, sent[MAX].value
            is_said = COUNT in each.tenancy.rules or COUNT in merge(each.tenancy.presets).entries
            if count == SPARK_DEFAULT < ceiling and not is_said:
                yield Found(
                    f"{ground.where(rule)}.default",
                    f"A session for which nobody asks anything starts with {count} executors and not with {ceiling}:"
                    " [cluster] does not say that dynamic allocation is on.",
                    "Say dynamic_allocation = true in [cluster] if spark-defaults.conf does, or give"
                    ' limits."executors.count" a default.',
                )


CHECKS = (
    Check("LG821", "warning", _uncapped),
    Check("LG822", "note", _borrowed),
    Check("LG823", "warning", _idle_caps),
    Check("LG824", "warning", _beyond_worker),
    Check("LG825", "fault", _no_room),
    Check("LG826", "note", _started),
)
