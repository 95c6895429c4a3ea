"""Which sessions a quota counts, for whom, and as how large."""

from __future__ import annotations

import pytest

from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.decision import OVER_QUOTA
from livyguard.policy.footprint import bearing
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse
from livyguard.policy.quota import Bound, Held
from livyguard.policy.states import COUNTED
from livyguard.policy.tenancy import resolve, resolve_member
from livyguard.sessions.model import ABANDONED, ENDED, STARTING
from livyguard.sessions.ownership import ownership
from livyguard.sessions.quota import Counting
from livyguard.sessions.rows import SessionRow
from livyguard.testing import a_session, an_application, an_entry

POLICY = """
[[tenant]]
name = "grouped"
groups = ["analytics"]
quota = { executors = 3 }
team_quota = { executors = 9 }
[[tenant]]
name = "analysts"
users = ["alice", "bob", "alice@*"]
quota = { executors = 16, memory = "64g" }
team_quota = { executors = 40 }
limits."executors.max" = { max = 8 }
limits."session.memory" = { max = "32g" }
[[tenant]]
name = "others"
users = ["*"]
"""
SIZES = bearing({"numExecutors": 3, "executorMemory": "2g", "executorCores": 2, "driverMemory": "1g", "driverCores": 1})
TAG = "livyguard-0badcafe"
CEILING = "livyguard-ceiling-5-9000-11"
SIZED = {"sizes": SIZES}


def counting(policy=POLICY, user="alice", groups=(), **more):
    policy = parse(policy, source="p")
    tenancy = resolve(policy, Identity(user, "reported", "a test", frozenset(groups)))

    def member(owner, tags):
        theirs = resolve_member(policy, owner, tags)
        layers = tenancy.layers_with(theirs)
        return (theirs, layers) if layers else None

    return Counting(tenancy, member, frozenset(SHARED_ACCOUNTS), **more)


def a_row(number=3, state="idle", *, me="alice", entries=(), row=None, **fields):
    session = a_session(number, state, **fields)
    return SessionRow(session, ownership(session, me, entries), **(row or {}))


def usage_of(*rows, **more):
    return counting(**more).usage(rows)


def held_of(*rows, **more):
    return [(one.id, one.is_own) for one in usage_of(*rows, **more).held]


@pytest.mark.parametrize("state", ["not_started", "starting", "recovering", "idle", "running", "busy"])
def test_a_session_counts_while_it_holds_something_or_is_about_to(state):
    assert held_of(a_row(state=state, login="alice")) == [(3, True)]


@pytest.mark.parametrize("state", sorted({*ENDED, *ABANDONED, "shutting_down", "unknown", "IDLE", ""}))
def test_one_that_has_ended_or_failed_does_not(state):
    assert held_of(a_row(state=state, login="alice")) == []


def test_the_states_that_count_are_these():
    assert sorted(COUNTED) == sorted({*STARTING, "idle", "running", "busy"})


@pytest.mark.parametrize(
    ("fields", "held"),
    [
        ({"login": "alice"}, [(3, True)]),
        ({"login": "alice@EXAMPLE.COM"}, [(3, True)]),
        ({"login": "livy", "proxy_user": "alice"}, [(3, True)]),
        ({"login": "bob"}, [(3, False)]),
        ({"login": "livy", "proxy_user": "bob"}, [(3, False)]),
        ({"login": "zoe"}, []),
        ({"proxy_user": "bob"}, [(3, False)]),
    ],
)
def test_it_counts_for_its_owner_as_livy_names_them(fields, held):
    usage = usage_of(a_row(**fields))

    assert [(one.id, one.is_own) for one in usage.held] == held
    assert usage.unowned == 0


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"login": "livy"},
        {"login": "hadoop"},
        {"tags": frozenset({"livyguard-user-bob"})},
        {"tags": frozenset({"livyguard-user-alice"})},
        {"login": "jovyan", "tags": frozenset({"livyguard-user-alice"})},
    ],
)
def test_whose_owner_nobody_vouches_for_it_is_told_and_not_counted(fields):
    usage = usage_of(a_row(**fields))

    assert (usage.held, usage.unowned) == ((), 1)


def test_one_that_has_ended_is_no_unowned_one():
    assert usage_of(a_row(state="dead")).unowned == 0


def test_what_this_machine_created_is_ones_own_whoever_livy_names():
    row = a_row(login="livy", tags=frozenset({TAG}), entries=[an_entry(3, TAG, login="livy")])

    assert held_of(row) == [(3, True)]


def test_of_somebody_else_this_machines_ledger_proves_nothing():
    row = a_row(login="livy", tags=frozenset({TAG}), entries=[an_entry(3, TAG, login="livy")])

    assert usage_of(row, is_me=False).unowned == 1


def test_a_short_name_is_the_same_person_in_a_realm_and_two_realms_are_two():
    rows = [a_row(1, login="alice"), a_row(2, login="alice@A"), a_row(4, login="alice@B")]

    assert held_of(*rows, user="alice@A") == [(1, True), (2, True), (4, False)]


def test_a_user_whom_nobody_names_owns_what_is_proven_alone():
    rows = [a_row(1, me=None), a_row(2, me=None, tags=frozenset({TAG}), entries=[an_entry(2, TAG)])]

    usage = usage_of(*rows, user=None)

    assert [(one.id, one.is_own) for one in usage.held] == [(2, True)]
    assert usage.unowned == 1


def test_who_belongs_by_a_group_is_known_by_the_sessions_own_tag():
    rows = [a_row(1, login="zoe"), a_row(2, login="zoe", tags=frozenset({"livyguard-tenant-grouped"}))]

    assert held_of(*rows, user="yan", groups=["analytics"]) == [(2, False)]


def test_a_tag_of_a_tenant_without_groups_makes_nobody_a_member():
    assert held_of(a_row(login="zoe", tags=frozenset({"livyguard-tenant-analysts"}))) == []


def test_they_are_told_in_the_order_of_their_numbers():
    assert held_of(a_row(9, login="bob"), a_row(2, login="alice")) == [(2, True), (9, False)]


def test_livys_own_fields_tell_how_large_it_is():
    (held,) = usage_of(a_row(login="alice", sizes=SIZES)).held

    assert held == Held(3, 3, 1024 + 384 + 3 * (2048 + 384), 1 + 3 * 2, is_idle=True)


@pytest.mark.parametrize(
    ("cluster", "executors"),
    [
        ("", 6),
        ("[cluster]\ndynamic_allocation = false", 3),
        ("[cluster]\ndynamic_allocation = true", 6),
    ],
)
def test_what_the_policy_says_of_the_cluster_counts_with_them(cluster, executors):
    sizes = bearing({"numExecutors": 3, "conf": {"spark.dynamicAllocation.maxExecutors": 6}})

    (held,) = usage_of(a_row(login="alice", sizes=sizes), policy=f"{cluster}\n{POLICY}").held

    assert held.executors == executors


def test_yarn_rounds_what_is_counted_up():
    cluster = '[cluster]\nmanager = "yarn"\nminimum_allocation = "1g"'

    (held,) = usage_of(a_row(login="alice", sizes=SIZES), policy=f"{cluster}\n{POLICY}").held

    assert held.memory_mib == 2048 + 3 * 3072


@pytest.mark.parametrize(
    "fields",
    [
        {"tags": frozenset({CEILING}), "login": "alice"},
        {"login": "alice", "row": {"application": an_application(tags=frozenset({CEILING}))}},
        {"app_id": "application_1", "entries": [an_entry(3, TAG, app_id="application_1", ceiling="5-9000-11")]},
    ],
    ids=["the session's tags", "the application's tags", "the ledger"],
)
def test_where_livy_shows_no_sizes_livyguards_own_note_tells(fields):
    (held,) = usage_of(a_row(**fields)).held

    assert (held.executors, held.memory_mib, held.cores, held.assumed) == (5, 9000, 11, frozenset())


def test_livys_own_fields_come_first_and_what_nobody_asked_for_is_what_spark_takes_by_itself():
    sizes = bearing({"numExecutors": 3, "executorCores": 2})

    (held,) = usage_of(a_row(login="alice", sizes=sizes, tags=frozenset({CEILING}))).held

    assert (held.executors, held.memory_mib, held.cores) == (3, 4 * (1024 + 384), 1 + 3 * 2)
    assert held.assumed == frozenset()


def test_the_tags_tell_the_executors_that_livys_own_fields_leave_open():
    (held,) = usage_of(a_row(login="alice", sizes=bearing({"executorCores": 2}), tags=frozenset({CEILING}))).held

    assert (held.executors, held.memory_mib, held.cores, held.assumed) == (5, 9000, 11, frozenset())


def test_a_size_that_shows_only_when_spark_starts_is_not_told_by_spark_defaults():
    policy = f'[cluster]\nspark_defaults = {{ "spark.executor.memory" = "1g" }}\n{POLICY}'
    sizes = bearing({"numExecutors": 3, "executorMemory": "${env:M}", "driverMemory": "1g"})

    (held,) = usage_of(a_row(login="alice", sizes=sizes), policy=policy).held

    assert held.assumed == {"memory"}
    assert held.memory_mib == 32 * 1024


def test_whether_spark_starts_one_or_two_where_nobody_said_a_number_the_tag_tells():
    sizes = bearing({"numExecutors": 0, "conf": {"spark.dynamicAllocation.maxExecutors": 1}})
    tags = [frozenset({f"livyguard-ceiling-{number}-9000-3"}) for number in (1, 2)]

    usage = usage_of(*[a_row(number, login="alice", sizes=sizes, tags=each) for number, each in enumerate(tags)])

    assert [one.executors for one in usage.held] == [1, 2]


def test_a_broken_note_in_the_ledger_tells_nothing():
    entry = an_entry(3, TAG, app_id="application_1", ceiling="5-lots-11")

    (held,) = usage_of(a_row(app_id="application_1", entries=[entry])).held

    assert held.assumed == {"executors", "memory", "cores"}


def test_what_nothing_tells_is_the_most_that_limits_and_quotas_leave_and_marked():
    (held,) = usage_of(a_row(login="bob")).held

    assert (held.executors, held.memory_mib, held.cores) == (8, 32 * 1024, 0)
    assert held.assumed == {"executors", "memory", "cores"}


def test_without_limits_the_smallest_quota_is_the_most():
    (held,) = usage_of(a_row(login="zoe"), user="zoe", policy="[defaults.quota]\nexecutors = 6\ncores = 9").held

    assert (held.executors, held.memory_mib, held.cores) == (6, 0, 9)


@pytest.mark.parametrize(
    ("fields", "is_idle"),
    [
        ({"login": "alice"}, True),
        ({"login": "alice", "state": "busy"}, False),
        ({"login": "alice", "state": "starting"}, False),
        ({"login": "alice", "row": {"at_work": "yes"}}, False),
        ({"login": "alice", "row": {"at_work": "perhaps"}}, True),
        ({"login": "alice@EXAMPLE.COM"}, False),
        ({"login": "bob"}, False),
    ],
)
def test_only_what_is_provenly_mine_and_has_no_work_may_be_offered_for_release(fields, is_idle):
    (held,) = usage_of(a_row(**fields)).held

    assert held.is_idle is is_idle


def test_for_how_long_it_is_idle_and_whether_it_is_this_notebooks_is_kept():
    (held,) = usage_of(a_row(login="alice", row={"quiet_seconds": 3120, "this_notebook": True})).held

    assert (held.idle_seconds, held.is_this) == (3120, True)


def test_what_the_cluster_says_that_it_holds_now_is_shown_and_not_counted():
    application = an_application(containers=2, memory_mib=2000, cores=2)

    (held,) = usage_of(a_row(login="alice", sizes=SIZES, row={"application": application})).held

    assert (held.held_now.executors, held.executors) == (1, 3)


def test_nothing_of_others_sessions_is_told_but_numbers():
    names = ["<b>hostile</b>", "s3cr3t-project", "application_7_0042"]
    rows = [
        a_row(number, login="bob", name=names[1], app_id=names[2], tags=frozenset({f"livyguard-{names[0]}"}))
        for number in (71_717, 81_818)
    ]
    rows.append(a_row(91_919, login="bob", row={"application": an_application(name=names[1])}))
    policy = parse(POLICY, source="p")
    usage = usage_of(*rows)

    decision = judge(policy, Identity("alice", "reported", "a test"), {"numExecutors": 99}, usage=usage)
    tight = judge(policy, Identity("alice", "reported", "a test"), {"numExecutors": 8}, usage=usage_of(*rows, *rows))

    told = [violation for each in (decision, tight) for violation in each.violations]
    assert {violation.code for violation in told} == {OVER_QUOTA}
    assert [violation.property for violation in tight.violations] == ["team_quota.executors"]
    for word in (*names, "bob", "71717", "81818", "91919"):
        assert word not in repr(told)


def test_a_bound_of_the_team_counts_both():
    usage = usage_of(a_row(1, login="alice", **SIZED), a_row(2, login="bob", **SIZED))

    assert usage.total(Bound("executors", 9, is_team=True, rule="")) == 6
    assert usage.total(Bound("executors", 9, is_team=False, rule="")) == 3
