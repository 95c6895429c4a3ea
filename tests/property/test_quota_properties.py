"""What holds of quotas for every policy, every request and whatever is held. The oracle tells what is launched."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from functools import lru_cache
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livyguard.livy.wire import session_from
from livyguard.policy import way_out as ways
from livyguard.policy.at_most import ceiling_at_most
from livyguard.policy.decision import OVER_QUOTA
from livyguard.policy.executors import COUNT, MAX
from livyguard.policy.fold import fold
from livyguard.policy.footprint import SIDES, WEIGHTS, Footprint
from livyguard.policy.holding import footprint
from livyguard.policy.judge import judge
from livyguard.policy.model import Policy
from livyguard.policy.quota import AMOUNTS, Bound, Held, Usage, excesses
from livyguard.policy.request import Entry
from livyguard.policy.tags import ceiling_tag, tagged, tenant_tag
from livyguard.policy.tenancy import resolve
from livyguard.policy.way_out import way_out
from livyguard.sessions.ownership import Ownership
from livyguard.sessions.quota import Counting
from livyguard.sessions.rows import SessionRow
from tests.property.attempts import ATTEMPTS
from tests.property.cases import ALICE, BODIES, LIMITS, PLAINLY, READABLE, spelled, tables
from tests.property.oracle import launch

if TYPE_CHECKING:
    from livyguard.policy.decision import Decision
    from livyguard.policy.tenancy import Tenancy

LONG = settings(settings.get_profile("long"))
REQUESTS = BODIES | PLAINLY | PLAINLY | st.sampled_from(list(ATTEMPTS.values()))
TWO_SPELLINGS = READABLE.flatmap(lambda request: st.tuples(spelled(request), spelled(request)))
BESIDE = (
    "executor.memory_overhead",
    "executor.pyspark_memory",
    "executor.offheap_memory",
    "driver.memory_overhead",
)
QUOTA = st.fixed_dictionaries(
    {},
    optional={
        "sessions": st.sampled_from([1, 2, 3, 5, 9]),
        "executors": st.sampled_from([1, 2, 4, 8, 16, 40, 400]),
        "memory": st.sampled_from(["3g", "9000m", "40g", "192g", "2t"]),
        "cores": st.sampled_from([2, 5, 16, 64, 400]),
    },
)
MANAGERS = st.sampled_from(
    [
        {},
        {"manager": "yarn"},
        {"manager": "yarn", "minimum_allocation": "1g"},
        {"manager": "kubernetes"},
        {"manager": "glue"},
        {"manager": "standalone", "worker": {"cores": 4}},
    ]
)
DYNAMIC = st.sampled_from([{}, {"dynamic_allocation": True}, {"dynamic_allocation": False}])
DEFAULTS = st.sampled_from(
    [
        {},
        {},
        {"spark.executor.instances": "3"},
        {"spark.executor.memory": "2g", "spark.executor.cores": "2", "spark.driver.memory": "3g"},
        {"spark.dynamicAllocation.maxExecutors": "6", "spark.dynamicAllocation.initialExecutors": "5"},
        {"spark.executor.memoryOverheadFactor": "0.5", "spark.memory.offHeap.size": "1g"},
    ]
)


@st.composite
def held_to_quotas(draw: Any, quota: st.SearchStrategy[dict[str, Any]] = QUOTA) -> dict[str, Any]:
    """One policy with quotas as its file has it; half of them limit little else."""
    table = draw(tables(LIMITS if draw(st.booleans()) else st.just({})))
    tenant = table["tenant"][0] | {"quota": draw(quota), "team_quota": draw(quota)}
    cluster = draw(MANAGERS) | draw(DYNAMIC) | {"spark_defaults": draw(DEFAULTS)}
    return {"cluster": cluster, "tenant": [tenant]}


@st.composite
def usages(draw: Any, most: int = 6) -> Usage:
    ids = draw(st.lists(st.integers(0, 99), max_size=most, unique=True))
    return Usage(tuple(draw(sessions(number)) for number in sorted(ids)))


def sessions(number: int) -> st.SearchStrategy[Held]:
    return st.builds(
        Held,
        id=st.just(number),
        executors=st.integers(0, 6),
        memory_mib=st.sampled_from([0, 1408, 2816, 9000, 60_000]),
        cores=st.integers(0, 9),
        is_own=st.booleans(),
        assumed=st.sets(st.sampled_from(AMOUNTS[1:])).map(frozenset),
        is_idle=st.booleans(),
        idle_seconds=st.none() | st.integers(0, 9_999),
        is_this=st.booleans(),
    )


def policy_of(table: dict[str, Any]) -> Policy:
    return _validated(json.dumps(table))


@lru_cache(maxsize=32)
def _validated(table: str) -> Policy:
    return Policy.model_validate_json(table)


def tenancy_of(table: dict[str, Any]) -> Tenancy:
    return resolve(policy_of(table), ALICE)


def without_quotas(table: dict[str, Any]) -> dict[str, Any]:
    bare = copy.deepcopy(table)
    bare["tenant"][0] |= {"quota": {}, "team_quota": {}}
    return bare


def told_of(decision: Decision, table: dict[str, Any]) -> Footprint:
    return footprint(fold(decision.request).entries, tenancy_of(table))


def launched(body: Any, cluster: dict[str, Any]) -> dict[str, float]:
    """Return what comes of a body, by amount; nothing of one with which Spark does not start.

    Where nobody says whether executors are allocated dynamically, and nothing caps them, their number counts.
    A standalone cluster gives an executor all cores of a worker where nobody says how many.
    """
    usual = {"spark.executor.cores": cores} if (cores := cluster.get("worker", {}).get("cores")) else {}
    found = launch(
        body,
        manager=cluster.get("manager"),
        is_dynamic=cluster.get("dynamic_allocation", False),
        defaults={**usual, **cluster["spark_defaults"]},
        step=1024 if "minimum_allocation" in cluster else 1,
    )
    if found.faults:
        return {}
    amounts = {"executors": "executors.max", "memory": "session.memory", "cores": "session.cores"}
    return {"sessions": 1} | {amount: found.most[name] for amount, name in amounts.items()}


def check_never_over(table: dict[str, Any], body: Any, usage: Usage) -> None:
    decision = judge(policy_of(table), ALICE, body, usage=usage)
    if decision.request is None:
        return
    asked = launched(decision.request, table["cluster"])

    for bound in tenancy_of(table).quotas:
        assert usage.total(bound) + asked.get(bound.amount, 0) <= bound.most, bound.name


def check_the_most(table: dict[str, Any], body: Any, _usage: Usage) -> None:
    """What a quota counts of a request is no less than what is launched of it."""
    decision = judge(policy_of(without_quotas(table)), ALICE, body)
    if decision.request is None or fold(decision.request).doubts:
        return
    told = told_of(decision, table)
    asked = launched(decision.request, table["cluster"])

    for amount, most in (("executors", told.executors), ("memory", told.memory_mib), ("cores", told.cores)):
        assert most is None or asked.get(amount, 0) <= most, amount


def check_more_held(table: dict[str, Any], body: Any, usage: Usage) -> None:
    """More held turns no refusal into an answer, and its order makes no difference."""
    less = usage.without(one.id for one in usage.held[::2])
    before = judge(policy_of(table), ALICE, body, usage=less)
    one = judge(policy_of(table), ALICE, body, usage=usage)
    other = judge(policy_of(table), ALICE, body, usage=Usage(usage.held[::-1], usage.unowned))

    assert before.verdict != "deny" or one.verdict == "deny"
    assert (one.verdict, one.request, one.nearest, one.release) == (
        other.verdict,
        other.request,
        other.nearest,
        other.release,
    )


def check_never_clamps(table: dict[str, Any], body: Any, usage: Usage) -> None:
    """What fits is sent as without quotas; what does not is refused, and nothing is changed for a quota's sake."""
    free = judge(policy_of(without_quotas(table)), ALICE, body)
    held = judge(policy_of(table), ALICE, body, usage=usage)

    if held.verdict != "deny":
        assert held == free
    elif free.verdict != "deny":
        assert {violation.code for violation in held.violations} == {OVER_QUOTA}
        assert held.changes == free.changes
    assert judge(policy_of(table), ALICE, body) == judge(policy_of(table), ALICE, body, usage=Usage())


def check_nearest(table: dict[str, Any], body: Any, usage: Usage) -> None:
    policy = policy_of(table)
    decision = judge(policy, ALICE, body, usage=usage)
    free = judge(policy_of(without_quotas(table)), ALICE, body)
    if decision.nearest is None:
        return
    again = judge(policy, ALICE, decision.nearest, usage=usage)
    assert again.verdict == "allow"

    if free.verdict == "deny":
        return
    asked, given = told_of(free, table), told_of(again, table)
    plain = judge(policy_of(without_quotas(table)), ALICE, _without_sizes(body))
    freely = [told_of(each, table).executors for each in (free, plain) if each.request is not None]
    if None not in freely:  # of smaller ones there may be room for more
        assert given.executors is None or given.executors <= max(freely)
    if _sizes(decision.nearest) == _sizes(free.request) and given.executors is not None:
        assert asked.memory_mib is None or given.memory_mib <= asked.memory_mib
        assert asked.cores is None or given.cores <= asked.cores
        is_standalone = table["cluster"].get("manager") == "standalone"  # counts cores, not executors
        if not is_standalone and (asked.executors is None or given.executors < asked.executors):
            more = judge(policy, ALICE, _with_executors(decision.nearest, given.executors + 1), usage=usage)
            assert more.verdict != "allow"


def _sizes(body: Any) -> dict[str, Any]:
    entries = fold(body).entries
    return {name: entries[name].value for name in entries if name.startswith(SIDES) or name in WEIGHTS}


def _without_sizes(body: Any) -> dict[str, Any]:
    request = fold(body)
    kept = {name: given for name, given in request.entries.items() if name not in _sizes(body)}
    return replace(request, entries=kept).to_body()


def _with_executors(body: Any, number: int) -> dict[str, Any]:
    request = fold(body)
    names = [name for name in request.entries if name.startswith("executors.")]
    more = {name: Entry(number, number) for name in names if name in {MAX, COUNT}} or {COUNT: Entry(number, number)}
    return replace(request, entries={**request.entries, **more}).to_body()


def check_counted(table: dict[str, Any], body: Any, _usage: Usage) -> None:
    """A session that was let through is counted, once Livy lists it, as it was before it was asked for.

    But for one that asks for no executors at all: Livy lists 0 as if nobody had asked, so it may count as more.
    """
    decision = judge(policy_of(table), ALICE, body)
    if decision.request is None:
        return
    tenancy, told = tenancy_of(table), told_of(decision, table)
    tags = [tag for tag in (ceiling_tag(told), tenant_tag(tenancy.name)) if tag is not None]

    held = counted(as_listed(tagged(decision.request, "livyguard-0badcafe", "alice", further=tags)), tenancy)

    for amount, before in (("executors", told.executors), ("memory", told.memory_mib), ("cores", told.cores)):
        after = held.holds(amount)
        is_none_asked = decision.request.get("numExecutors") == 0
        assert before is None or after == before or (is_none_asked and after > before), amount
        assert (before is None) == (amount in held.assumed) or is_none_asked


def as_listed(body: dict[str, Any]) -> dict[str, Any]:
    """Return what Livy lists from 0.8 on of a session that was posted: 0 and null where nobody asked."""
    return {
        "id": 3,
        "state": "idle",
        "owner": "alice",
        "kind": body.get("kind", "shared"),
        "driverMemory": body.get("driverMemory"),
        "driverCores": body.get("driverCores", 0),
        "executorMemory": body.get("executorMemory"),
        "executorCores": body.get("executorCores", 0),
        "numExecutors": body.get("numExecutors", 0),
        "conf": body.get("conf", {}),
    }


def counted(answer: dict[str, Any], tenancy: Tenancy) -> Held:
    row = SessionRow(session_from(answer, "http://livy"), Ownership("alice", "owner", mine=True))  # type: ignore[arg-type]
    (held,) = Counting(tenancy, lambda *_: None, frozenset()).usage([row]).held
    return held


def check_assumed(table: dict[str, Any], body: Any, _usage: Usage) -> None:
    """A session of which nobody tells the sizes is counted as no smaller than any that is let through.

    But for memory beside a heap, which somebody asked for and no limit bounds: of that nothing is assumed.
    """
    decision = judge(policy_of(table), ALICE, body)
    if decision.request is None:
        return
    tenancy, told = tenancy_of(table), told_of(decision, table)
    limits = ceiling_at_most(tenancy)

    held = counted({"id": 3, "state": "idle", "owner": "alice"}, tenancy)

    assert held.assumed == {"executors", "memory", "cores"}
    bounded = {bound.amount for bound in tenancy.quotas}
    names = fold(decision.request).entries.keys()
    is_beside = any(name in WEIGHTS or (name in BESIDE and tenancy.rule_for(name) is None) for name in names)
    for amount, most, asked in (
        ("executors", limits.executors, told.executors),
        ("memory", limits.memory_mib, told.memory_mib),
        ("cores", limits.cores, told.cores),
    ):
        if amount == "memory" and is_beside:
            continue
        if most is not None:
            assert asked is not None
            assert asked <= most, amount
        if amount in bounded or most is not None:
            assert asked is not None
            assert asked <= held.holds(amount)


def check_spelling(table: dict[str, Any], bodies: tuple[Any, Any], usage: Usage) -> None:
    one, other = (judge(policy_of(table), ALICE, body, usage=usage) for body in bodies)

    assert (one.verdict, one.request, one.nearest, one.release) == (
        other.verdict,
        other.request,
        other.nearest,
        other.release,
    )


CHECKS = [
    check_never_over,
    check_the_most,
    check_more_held,
    check_never_clamps,
    check_nearest,
    check_counted,
    check_assumed,
]
NAMED = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)


@NAMED
def test_it_holds_for_every_request(check: Any) -> None:
    given(held_to_quotas(), REQUESTS, usages())(check)()


def test_the_spelling_makes_no_difference() -> None:
    given(held_to_quotas(), TWO_SPELLINGS, usages())(check_spelling)()


@pytest.mark.long
@NAMED
def test_it_holds_for_thousands_of_requests(check: Any) -> None:
    LONG(given(held_to_quotas(), REQUESTS, usages())(check))()


@pytest.mark.long
def test_the_spelling_makes_no_difference_in_thousands_of_cases() -> None:
    LONG(given(held_to_quotas(), TWO_SPELLINGS, usages())(check_spelling))()


#: Nothing is limited here but one amount, which the oracle counts in numbers and MiB.
ALONE = [({"executors": 8}, 8), ({"memory": "20g"}, 20_480), ({"cores": 16}, 16)]
CLUSTERS = [
    {"manager": "yarn", "dynamic_allocation": True},
    {"manager": "yarn", "dynamic_allocation": False},
    {"manager": "kubernetes", "dynamic_allocation": True},
    {"manager": "standalone"},
    {},
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_nothing_gets_past_a_quota_that_stands_alone(attempt: str) -> None:
    for cluster, (quota, most) in product(CLUSTERS, ALONE):
        table = {"cluster": cluster, "tenant": [{"name": "team", "users": ["*"], "quota": quota}]}
        decision = judge(policy_of(table), ALICE, ATTEMPTS[attempt])
        nearest = None if decision.nearest is None else judge(policy_of(table), ALICE, decision.nearest).request
        (amount,) = quota

        for body in (decision.request, nearest):
            if body is not None:
                assert launched(body, {"spark_defaults": {}, **cluster}).get(amount, 0) <= most, (cluster, body)


BOUNDS = st.builds(
    lambda most, team: tuple(
        Bound(amount, number, is_team=is_team, rule="t")
        for is_team, numbers in ((False, most), (True, team))
        for amount, number in zip(AMOUNTS, numbers, strict=True)
        if number is not None
    ),
    *[st.tuples(*[st.none() | st.integers(1, 60)] * 4)] * 2,
)
ASKED = st.builds(Footprint, st.integers(0, 20), st.integers(0, 90_000), st.integers(0, 20))


def makes_room(chosen: tuple[Held, ...], quotas: tuple[Bound, ...], usage: Usage, asked: Footprint) -> bool:
    return not excesses(quotas, usage.without(one.id for one in chosen), asked)


@given(BOUNDS, usages(8), ASKED)
def test_the_way_out_is_the_smallest_set_of_ones_own_idle_sessions(
    quotas: tuple[Bound, ...], usage: Usage, asked: Footprint
) -> None:
    own = [one for one in usage.held if one.is_own and one.is_idle]
    enough = [
        chosen
        for count in range(len(own) + 1)
        for chosen in combinations(own, count)
        if makes_room(chosen, quotas, usage, asked)
    ]
    smallest = [chosen for chosen in enough if len(chosen) == len(enough[0])]

    found = way_out(quotas, usage, asked)

    if not enough or enough[0] == ():
        assert found == ()
        return
    assert set(found) <= set(own)
    assert makes_room(found, quotas, usage, asked)
    assert len(found) == len(enough[0])
    least = min(sum(one.is_this for one in chosen) for chosen in smallest)
    assert sum(one.is_this for one in found) == least
    best = min(_reluctance(chosen) for chosen in smallest if sum(one.is_this for one in chosen) == least)
    assert _reluctance(found) == best


def _reluctance(chosen: tuple[Held, ...]) -> list[tuple[bool, int, int]]:
    return sorted((one.is_this, -(one.idle_seconds or 0), one.id) for one in chosen)


@given(BOUNDS, usages(8), ASKED)
def test_where_there_are_too_many_sets_to_try_the_way_out_is_still_enough_and_nothing_in_it_needless(
    quotas: tuple[Bound, ...], usage: Usage, asked: Footprint
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways, "MOST_TRIED", 0)
        found = way_out(quotas, usage, asked)

    assert bool(found) == bool(way_out(quotas, usage, asked))
    if found:
        assert makes_room(found, quotas, usage, asked)
        for one in found:
            assert not makes_room(tuple(each for each in found if each != one), quotas, usage, asked)
