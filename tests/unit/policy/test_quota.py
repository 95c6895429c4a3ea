"""What quotas hold for whom, and how much of them is left."""

from __future__ import annotations

import pytest

from livyguard.policy.footprint import Footprint, Sizes
from livyguard.policy.identity import Identity
from livyguard.policy.layers import stacked
from livyguard.policy.model import parse
from livyguard.policy.quota import Bound, Held, Usage, excesses, in_order, room
from livyguard.policy.tenancy import resolve

ALICE = Identity("alice", "reported", "a test")
SIZE = Sizes(driver_mib=1408, executor_mib=2432, driver_cores=1, executor_cores=2)
USAGE = Usage((Held(1, executors=4, memory_mib=10_000, cores=9), Held(2, executors=3, is_own=False)))


def quotas_of(*layers):
    policy = stacked([parse(text, source=f"{place}.toml") for place, text in enumerate(layers)])
    return resolve(policy, ALICE).quotas


def said(*layers):
    return {bound.name: (bound.most, bound.rule) for bound in quotas_of(*layers)}


def bound(amount, most, *, is_team=False):
    return Bound(amount, most, is_team, "team.quota")


TENANTS = """
[defaults]
quota = { sessions = 3, executors = 8 }
team_quota = { executors = 40 }
[[tenant]]
name = "all"
quota = { memory = "64g", executors = 4 }
[[tenant]]
name = "team"
users = ["alice"]
inherits = "all"
quota = { executors = 16 }
"""


def test_of_each_amount_the_tenants_own_counts_else_its_parents_else_the_defaults():
    assert said(TENANTS) == {
        "quota.sessions": (3, "defaults.quota.sessions"),
        "quota.executors": (16, "team.quota.executors"),
        "quota.memory": (65_536, "all.quota.memory"),
        "team_quota.executors": (40, "defaults.team_quota.executors"),
    }


def test_of_all_layers_the_smallest_counts_and_the_first_of_equal_ones():
    first = "[defaults.quota]\nexecutors = 8\nsessions = 2\ncores = 9"
    second = "[defaults.quota]\nexecutors = 4\nsessions = 2\ncores = 90\n[defaults.team_quota]\nexecutors = 6"

    assert [(each.name, each.most, each.source) for each in quotas_of(first, second)] == [
        ("quota.sessions", 2, "0.toml"),
        ("quota.executors", 4, "1.toml"),
        ("quota.cores", 9, "0.toml"),
        ("team_quota.executors", 6, "1.toml"),
    ]


def test_without_quotas_none_hold():
    assert said("[defaults]\nidle = { after = '5m' }") == {}


def test_they_are_told_the_users_first():
    told = [bound("cores", 1, is_team=True), bound("memory", 1), bound("sessions", 1, is_team=True), bound("cores", 1)]

    assert [each.name for each in in_order(told)] == [
        "quota.memory",
        "quota.cores",
        "team_quota.sessions",
        "team_quota.cores",
    ]


def test_an_amount_is_written_as_in_the_policy():
    assert bound("executors", 16).write(16) == 16
    assert bound("memory", 0).write(196_608) == "192g"
    assert bound("memory", 0).write(5000) == "5000m"


def test_a_user_holds_what_is_theirs_and_a_team_everybodys():
    assert USAGE.total(bound("executors", 9)) == 4
    assert USAGE.total(bound("executors", 9, is_team=True)) == 7
    assert USAGE.total(bound("sessions", 9, is_team=True)) == 2
    assert USAGE.total(bound("memory", 9)) == 10_000
    assert USAGE.total(bound("cores", 9)) == 9


def test_a_session_that_is_replaced_is_not_counted():
    assert USAGE.without([1, 99]) == Usage(USAGE.held[1:])


def test_where_nobody_looked_what_may_be_freed_nothing_is_idle():
    usage = Usage((Held(1, 4, is_idle=True, idle_seconds=9), Held(2)), unowned=3)

    assert usage.unfreed() == Usage((Held(1, 4, idle_seconds=9), Held(2)), unowned=3)


@pytest.mark.parametrize(
    ("quota", "asked", "is_exceeded"),
    [
        (bound("executors", 8), Footprint(4), False),
        (bound("executors", 8), Footprint(5), True),
        (bound("executors", 8), Footprint(None), True),
        (bound("executors", 11, is_team=True), Footprint(4), False),
        (bound("executors", 11, is_team=True), Footprint(5), True),
        (bound("sessions", 2), Footprint(), False),
        (bound("sessions", 1), Footprint(), True),
        (bound("memory", 15_000), Footprint(1, 5000), False),
        (bound("memory", 15_000), Footprint(1, 5001), True),
        (bound("cores", 10), Footprint(1, 1, 2), True),
    ],
)
def test_what_comes_to_more_than_a_quota_exceeds_it_and_so_does_what_has_no_bound(quota, asked, is_exceeded):
    assert bool(excesses([quota], USAGE, asked)) is is_exceeded


def test_nothing_less_than_nothing_is_left():
    (excess,) = excesses([bound("executors", 3)], USAGE, Footprint(1))

    assert (excess.held, excess.asked, excess.left) == (4, 1, 0)


@pytest.mark.parametrize(
    ("quotas", "most"),
    [
        ([], None),
        ([bound("sessions", 2)], None),
        ([bound("sessions", 1)], -1),
        ([bound("executors", 10)], 6),
        ([bound("executors", 10), bound("executors", 9, is_team=True)], 2),
        ([bound("executors", 4)], 0),
        ([bound("executors", 3)], -1),
        ([bound("memory", 10_000 + 1408 + 3 * 2432)], 3),
        ([bound("memory", 10_000 + 1407 + 3 * 2432)], 2),
        ([bound("memory", 10_000 + 1000)], -1),
        ([bound("cores", 9 + 1 + 5)], 2),
        ([bound("cores", 9 + 1 + 5), bound("sessions", 1)], -1),
    ],
)
def test_the_room_is_what_the_tightest_quota_leaves(quotas, most):
    assert room(quotas, USAGE, SIZE) == most


def test_there_is_no_telling_the_room_where_a_size_is_not_known():
    assert room([bound("executors", 8), bound("memory", 90_000)], USAGE, Sizes(None, 1, 1, 1)) is None
    assert room([bound("cores", 90)], USAGE, Sizes(1, 1, 1, None)) is None


def test_a_user_has_the_smallest_of_all_layers_and_a_team_one_of_each():
    first = "[defaults.quota]\nsessions = 2\n[defaults.team_quota]\nsessions = 6\nexecutors = 9"
    second = "[defaults.quota]\nsessions = 3\n[defaults.team_quota]\nsessions = 8"

    assert [(each.name, each.most, each.layer) for each in quotas_of(first, second)] == [
        ("quota.sessions", 2, 0),
        ("team_quota.sessions", 6, 0),
        ("team_quota.sessions", 8, 1),
        ("team_quota.executors", 9, 0),
    ]


def test_a_teams_quota_counts_the_members_by_its_own_layer_and_all_that_is_the_users():
    bobs, zoes = (Held(number, is_own=False, layers=frozenset({number})) for number in (0, 1))
    usage = Usage((bobs, zoes, Held(5)))

    for layer, ids in ((0, [0, 5]), (1, [1, 5]), (2, [5])):
        team = Bound("sessions", 9, is_team=True, rule="", layer=layer)
        assert [one.id for one in usage.counted(team)] == ids
    assert [one.id for one in usage.counted(Bound("sessions", 9, is_team=False, rule=""))] == [5]
