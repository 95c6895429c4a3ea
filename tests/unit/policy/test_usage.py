"""What is held of each quota, as ``%livy_policy`` and ``livyguard policy show`` tell it."""

from __future__ import annotations

import json

import pytest

from livyguard.policy.footprint import Footprint
from livyguard.policy.identity import Identity
from livyguard.policy.layers import stacked
from livyguard.policy.model import parse
from livyguard.policy.quota import Held, Usage
from livyguard.policy.report import report

POLICY = """
[[tenant]]
name = "analysts"
users = ["alice", "bob"]
quota = { sessions = 3, executors = 16, memory = "192g" }
team_quota = { executors = 20, cores = 64 }
"""
ALICE = Identity("alice", "reported", "a test")
OWN = Held(37, executors=4, memory_mib=40_000, cores=9)
LARGE = Held(41, executors=8, memory_mib=80_000, cores=17)
BOBS = Held(42, executors=12, memory_mib=90_000, cores=30, is_own=False)


@pytest.fixture
def told():
    """Return what is told alice by quota, where something is held."""

    def told(*held, unowned=0, policy=POLICY):
        shown = report(parse(policy, source="policy.toml"), ALICE, usage=Usage(held, unowned))
        return {each.quota: each for each in shown.usage}

    return told


def test_every_quota_is_told_with_what_is_held_of_it_and_what_is_left(told):
    found = told(OWN, LARGE, BOBS)

    assert {name: (each.held, each.most, each.left, each.sessions) for name, each in found.items()} == {
        "quota.sessions": (2, 3, 1, 2),
        "quota.executors": (12, 16, 4, 2),
        "quota.memory": (120_000, 192 * 1024, 192 * 1024 - 120_000, 2),
        "team_quota.executors": (24, 20, 0, 3),
        "team_quota.cores": (56, 64, 8, 3),
    }


def test_a_quota_is_told_with_its_unit_its_rule_and_its_file(told):
    found = told()

    assert [each.unit for each in found.values()] == ["sessions", "executors", "MiB", "executors", "cores"]
    assert [each.whose for each in found.values()] == ["user"] * 3 + ["team"] * 2
    assert (found["quota.memory"].rule, found["quota.memory"].file) == ("analysts.quota.memory", "policy.toml")


def test_what_is_assumed_is_told_of_the_amount_that_it_is_assumed_of(told):
    doubtful = Held(41, executors=8, assumed=frozenset({"executors"}))

    found = told(OWN, doubtful)

    assert {name: each.assumed for name, each in found.items() if each.assumed} == {
        "quota.executors": 1,
        "team_quota.executors": 1,
    }


def test_what_the_cluster_says_is_told_beside_and_counted_nowhere(told):
    running = Held(37, executors=4, memory_mib=40_000, cores=9, held_now=Footprint(3, 9_000, 5))
    unasked = Held(41, executors=8)
    silent = Held(43, executors=1, held_now=Footprint())

    found = told(running, unasked, silent)

    assert {name: each.held_now for name, each in found.items()} == {
        "quota.sessions": None,
        "quota.executors": 3,
        "quota.memory": 9_000,
        "team_quota.executors": 3,
        "team_quota.cores": 5,
    }
    assert found["quota.executors"].held == 13
    assert all(each.held_now is None for each in told(unasked, silent).values())


def test_the_json_says_for_whom_and_how_many_sessions_are_nobodys():
    policy = parse(POLICY, source="policy.toml")

    shown = json.loads(json.dumps(report(policy, ALICE, usage=Usage((OWN,), unowned=3)).to_json()))

    assert shown["usage"][1] == {
        "quota": "quota.executors",
        "amount": "executors",
        "for": "user",
        "unit": "executors",
        "held": 4,
        "most": 16,
        "left": 12,
        "held_now": None,
        "rule": "analysts.quota.executors",
        "file": "policy.toml",
        "sessions": 1,
        "assumed": 0,
    }
    assert shown["usage"][3]["for"] == "team"
    assert (shown["unowned"], shown["usage_fault"]) == (3, None)
    assert shown["quota"] == {"sessions": 3, "executors": 16, "memory": "192g"}


@pytest.mark.parametrize("policy", [POLICY, None])
def test_where_nothing_was_read_nothing_is_told(policy):
    shown = report(policy and parse(policy, source="policy.toml"), ALICE).to_json()

    assert (shown["usage"], shown["unowned"], shown["usage_fault"]) == (None, None, None)


def test_a_policy_without_a_file_names_none():
    shown = report(parse(POLICY, source=""), ALICE, usage=Usage())

    assert {each.file for each in shown.usage} == {None}


def test_of_teams_of_several_layers_each_is_told_with_what_its_own_members_hold():
    later = '[[tenant]]\nname = "mine"\nusers = ["alice"]\nteam_quota = { executors = 15 }'
    policy = stacked([parse(POLICY, source="policy.toml"), parse(later, source="own.toml")])

    shown = report(policy, ALICE, usage=Usage((OWN, BOBS)))

    assert [(each.held, each.most, each.file) for each in shown.usage if each.quota == "team_quota.executors"] == [
        (16, 20, "policy.toml"),
        (4, 15, "own.toml"),
    ]
    assert shown.team_quota == {"executors": 15, "cores": 64}
