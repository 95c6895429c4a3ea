"""The text of a first policy: it reads, does what it says, and what is commented out reads too."""

from __future__ import annotations

import re
from dataclasses import astuple, replace

import pytest

from livyguard.capacity.lint import lint
from livyguard.capacity.workers import WORKER_TYPES
from livyguard.policy.expectations import run
from livyguard.policy.fold import fold
from livyguard.policy.holding import footprint
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse
from livyguard.policy.notes import notes
from livyguard.policy.quota import Held, Usage
from livyguard.policy.share import Nodes, Share
from livyguard.policy.starter import starter
from livyguard.policy.tenancy import resolve
from livyguard.policy.units import MIB, read_size

MEMBERS = ("alice", "bob", 'o\'neil "ed"')


def share(users=3, workers=18, name="G.1X", manager="glue", team=None, members=()):
    kind = WORKER_TYPES[name]
    return Share(
        workers=workers,
        worker_type=name,
        containers=kind.containers(workers),
        users=users,
        executors=kind.containers(workers) // users - 1,
        executor_memory=kind.executor_memory,
        executor_cores=kind.executor_cores,
        driver_memory=kind.driver_memory,
        manager=manager,
        is_dynamic=manager == "glue",
        members=members,
        name=team,
    )


def nodes(users=10, manager="yarn", members=(), **changed):
    own = Nodes(57_344, 16, 1_024 if manager == "yarn" else None, driver_mib=2_048, executor_mib=9_216)
    return Share(
        workers=10,
        worker_type=None,
        containers=users * 6,
        users=users,
        executors=5,
        executor_memory="8g",
        executor_cores=4,
        driver_memory="1g",
        manager=manager,
        members=members,
        nodes=replace(own, **changed),
    )


SHARES = [
    nodes(),
    nodes(members=MEMBERS, users=3),
    nodes(executor_mib=10_240, spark_defaults={"spark.executor.memoryOverheadFactor": "0.1875"}),
    nodes(manager="kubernetes", executor_mib=11_469, driver_mib=1_434, driver_cores=2),
    nodes(manager="standalone", cores=None, driver_mib=1_408, executor_mib=9_011, holds_drivers=False),
    *(share(*each) for each in [(3, 18), (10, 60), (50, 300), (1, 2), (2, 4)]),
    *(share(4, 40, kind, manager) for kind in WORKER_TYPES for manager in ("glue", "yarn", "kubernetes", "standalone")),
    share(members=MEMBERS),
    share(members=MEMBERS, team="risk & fraud"),
    share(members=MEMBERS, name="R.2X"),
    share(1, 2, members=("somebody-else",), manager="yarn", team="risk"),
    share(team="analytics"),
]


def decide(policy, user, body, usage=None):
    return judge(policy, Identity(user, "reported", "a test"), body, usage=usage)


@pytest.mark.parametrize("given", SHARES)
def test_its_own_tests_pass(given):
    tried = run(parse(starter(given), source="p"))

    assert [each.to_json() for each in tried if not each.passed] == []
    is_sized = given.executor_memory is not None
    has_two = is_sized and given.nodes is None
    assert len(tried) == 3 + is_sized + (has_two and given.executors > 2) + bool(given.members)


@pytest.mark.parametrize("given", SHARES)
def test_it_lints_clean(given):
    assert lint(parse(starter(given), source="p"), now=0) == ()


@pytest.mark.parametrize("given", SHARES)
def test_all_people_at_their_most_fit_the_workers(given):
    policy = parse(starter(given), source="p")
    people = given.members or [f"user{number}" for number in range(given.users)]

    held = 0
    for user in people:
        decision = decide(policy, user, {"numExecutors": 10_000, "executorMemory": "1t", "driverMemory": "1t"})
        sent = fold(decision.request).entries
        assert sent["executor.memory"].raw == (given.executor_memory or "1t")
        assert sent["driver.memory"].raw == (given.driver_memory or "1t")
        held += 1 + int(sent["executors.max"].raw)

    assert held <= given.containers
    if given.nodes is None:
        assert held + given.users > given.containers, "one more executor each would not fit"


@pytest.mark.parametrize(
    "given", [each for each in SHARES if each.executors > 2 and each.executor_memory and not each.nodes]
)
@pytest.mark.parametrize("first", [1, -2])
def test_two_notebooks_of_one_person_at_their_most_fit_the_share(given, first):
    policy = parse(starter(given), source="p")
    user = given.members[0] if given.members else "alice"
    executors = first % given.executors
    largest = {"executorMemory": "1t", "driverMemory": "1t"}
    body = {**largest, "conf": {"spark.dynamicAllocation.maxExecutors": executors}}
    held = held_by(policy, user, decide(policy, user, body).request)
    assert held.executors == executors

    second = decide(policy, user, {**largest, "numExecutors": 10_000}, usage=Usage((held,)))

    assert second.verdict == "deny"
    left = decide(policy, user, second.nearest, usage=Usage((held,))).request
    both = held_by(policy, user, left)
    own = policy.tenant[0] if policy.tenant else policy.defaults
    assert held.memory_mib + both.memory_mib <= read_size(own.limits["session.memory"].max, MIB)


def held_by(policy, user, body):
    """Return a session of that body as the quota counts it."""
    tenancy = resolve(policy, Identity(user, "reported", "a test"))
    return Held(0, *astuple(footprint(fold(body).entries, tenancy)))


def test_without_a_type_the_sizes_that_were_shared_out_are_everybodys():
    policy = parse(starter(nodes(driver_cores=2)), source="p")
    cluster, limits = policy.cluster[""], policy.defaults.limits

    assert (cluster.worker.memory, cluster.worker.cores, cluster.minimum_allocation) == ("56g", 16, "1g")
    assert (limits["session.memory"].max, limits["driver.cores"].default) == ("47g", 2)
    sent = decide(policy, "alice", {}).request
    assert (sent["executorMemory"], sent["executorCores"], sent["driverMemory"]) == ("8g", 4, "1g")
    assert starter(nodes()).startswith("# The policy: 10 workers of 56g and 16 cores, shared by 10 people at a time.")


def test_beside_livy_a_driver_is_in_nobodys_share():
    share = nodes(manager="standalone", cores=None, holds_drivers=False)

    assert "for 10 people 5 executors each, in one session each." in starter(share)
    assert (share.of_kind, share.each) == ("of 56g", "5 executors each")


def test_who_asks_for_nothing_leaves_something_for_a_second_notebook_once_there_is_a_default():
    text = starter(share()).replace("{ max = 5, reason", "{ max = 5, default = 2, reason")
    policy = parse(text, source="p")
    held = held_by(policy, "alice", decide(policy, "alice", {}).request)

    assert decide(policy, "alice", {}, usage=Usage((held,))).verdict == "allow"
    assert decide(policy, "alice", {}, usage=Usage((held, replace(held, id=1)))).verdict == "deny"


def test_one_executor_is_held_by_one_session():
    policy = parse(starter(share(1, 2)), source="p")

    assert policy.defaults.quota.sessions == 1


@pytest.mark.parametrize(("name", "heap", "container"), [("Standard", 5, 5.5), ("G.1X", 10, 11), ("G.2X", 20, 22)])
@pytest.mark.parametrize("members", [(), MEMBERS])
def test_overheads_take_nobody_elses_memory(name, heap, container, members):
    given = share(workers=40, name=name, members=members)
    policy = parse(starter(given), source="p")
    body = {"executorMemory": f"{heap}g", "numExecutors": 99, "conf": {"spark.executor.memoryOverhead": f"{heap}g"}}

    for user, executors in [("alice", given.executors), ("zoe", 1 if members else given.executors)]:
        decision = decide(policy, user, body)
        held = int(fold(decision.request).entries["executors.max"].raw) if decision.request else 0
        assert held * 2 * heap <= (executors + 1) * container
        plain = decide(policy, user, {"executorMemory": f"{heap}g", "driverMemory": f"{heap}g", "numExecutors": 99})
        assert int(fold(plain.request).entries["executors.max"].raw) == executors


@pytest.mark.parametrize("given", SHARES)
def test_what_is_commented_out_reads_too(given):
    text = starter(given)
    all_in_force = re.sub(r"(?m)^#(?=[^ #\n])", "", text)

    policy = parse(all_in_force, source="p")

    assert policy.operators.users
    assert policy.grant
    assert policy.tenant
    assert policy.cluster[""].dynamic_allocation is True


def test_who_is_not_named_has_one_executor():
    policy = parse(starter(share(members=MEMBERS)), source="p")

    assert policy.tenant[0].name == "team"
    assert policy.tenant[0].users == list(MEMBERS)
    decision = decide(policy, "zoe", {"numExecutors": 5})
    assert (decision.tenant, decision.request["numExecutors"]) == ("defaults", 1)


def test_a_number_of_people_holds_for_whoever_comes():
    policy = parse(starter(share()), source="p")

    assert policy.tenant == []
    assert decide(policy, None, {"numExecutors": 50}).request["numExecutors"] == 5
    assert decide(policy, "ec2-user", {"numExecutors": 50}).request["numExecutors"] == 5


def test_the_reason_is_told_to_those_who_ask_for_more():
    policy = parse(starter(share()), source="p")

    change = decide(policy, "alice", {"numExecutors": 50}).changes[0]

    assert change.reason == "18 workers shared by 3 people"


def test_one_worker_and_one_person_are_called_so():
    assert share(1, 1).reason == "1 worker shared by 1 person"


def test_dynamic_allocation_is_said_only_where_it_is_known():
    assert parse(starter(share()), source="p").cluster[""].dynamic_allocation is True
    assert parse(starter(share(manager="kubernetes")), source="p").cluster[""].dynamic_allocation is None


def test_a_resource_manager_is_offered_only_where_there_may_be_one():
    assert "resource_manager" in starter(share(manager="yarn"))
    assert "resource_manager" not in starter(share(manager="kubernetes"))


def test_the_team_heads_the_file():
    assert starter(share(team="risk")).startswith("# The policy of risk: 18 workers of type G.1X")


@pytest.mark.parametrize("given", SHARES)
def test_nothing_is_to_be_said_aloud_of_it(given):
    assert notes(parse(starter(given), source="p")) == ()


@pytest.mark.parametrize("given", SHARES)
def test_lines_are_short_enough_to_read(given):
    assert max(map(len, starter(given).splitlines())) <= 120
