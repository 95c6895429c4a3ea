"""The design's printed example, the verdicts, and how sources are merged."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge

ALICE = Identity("alice", "reported", "a test")


def test_the_printed_example(example):
    printed = judge(example, ALICE, {"numExecutors": 40}).to_json()

    changes = printed.pop("changes")
    assert printed == {
        "verdict": "clamp",
        "tenant": "analysts",
        "user": "alice",
        "request": {
            "driverMemory": "4g",
            "executorMemory": "8g",
            "numExecutors": 8,
            "queue": "root.analytics",
            "proxyUser": "alice",
            "conf": {
                "spark.dynamicAllocation.cachedExecutorIdleTimeout": "10m",
                "spark.dynamicAllocation.maxExecutors": "8",
            },
        },
        "violations": [],
    }
    assert changes[:2] == [
        {
            "property": "executors.max",
            "asked": 40,
            "given": 8,
            "code": "LG701",
            "rule": "analysts.limits.executors.max",
            "reason": "10 workers for 12 people",
        },
        {
            "property": "executor.memory",
            "asked": None,
            "given": "8g",
            "code": "LG701",
            "rule": "analysts.limits.executor.memory",
            "reason": None,
        },
    ]
    assert [(change["property"], change["asked"], change["given"]) for change in changes[2:]] == [
        ("driver.memory", None, "4g"),
        ("queue", None, "root.analytics"),
        ("proxy_user", None, "alice"),
        ("conf.spark.dynamicAllocation.cachedExecutorIdleTimeout", None, "10m"),
    ]


def test_the_fields_stand_in_a_fixed_order(example):
    request = judge(example, ALICE, {"queue": "x", "numExecutors": 40}).request

    assert list(request) == ["driverMemory", "executorMemory", "numExecutors", "queue", "proxyUser", "conf"]


def test_without_a_policy_everything_is_allowed_merged_and_folded():
    body = MappingProxyType({"numExecutors": "40", "conf": {"spark.a": 1}})

    decision = judge(None, ALICE, body, operator=[{"driverMemory": "1g"}, {"driverMemory": "2g"}])

    assert decision.to_json() == {
        "verdict": "allow",
        "tenant": None,
        "user": "alice",
        "request": {"driverMemory": "2g", "numExecutors": 40, "conf": {"spark.a": "1"}},
        "changes": [],
        "violations": [],
    }


@pytest.mark.parametrize("body", [[1], {"conf": [1]}])
def test_a_misshapen_body_is_denied_with_and_without_a_policy(example, body):
    for policy in (None, example):
        decision = judge(policy, ALICE, body)

        assert decision.verdict == "deny"
        assert decision.violations[0].property == "request"


def test_values_filled_in_are_no_clamp(example):
    decision = judge(example, ALICE, {})

    assert decision.verdict == "allow"
    assert {change.asked for change in decision.changes} == {None}


MERGED = """
[defaults]
session_configs = { driverMemory = "2g", name = "from defaults", jars = ["d.jar"] }
[[tenant]]
name = "team"
users = ["*"]
session_configs = { driverMemory = "3g", conf = { "spark.a" = "tenant", "spark.b" = "tenant" } }
[tenant.limits]
"driver.memory" = { default = "1g" }
"executor.memory" = { default = "1g" }
"executor.cores" = { default = 1 }
"""


def test_sources_are_merged_lowest_first(decide):
    operator = [
        {"executorMemory": "2g", "executorCores": 2, "name": "lowest", "conf": {"spark.c": "settings"}},
        {"executorCores": 3, "conf": {"spark.a": "settings"}},
    ]

    request = decide(MERGED, {"conf": {"spark.b": "user"}}, operator=operator).request

    assert request == {
        "name": "from defaults",
        "driverMemory": "3g",
        "executorMemory": "2g",
        "executorCores": 3,
        "jars": ["d.jar"],
        "conf": {"spark.a": "tenant", "spark.b": "user", "spark.c": "settings"},
    }


def test_lists_replace(decide):
    assert decide(MERGED, {"jars": ["u.jar"]}).request["jars"] == ["u.jar"]


def test_null_is_without_the_operators_value_and_keeps_the_limit(decide):
    request = decide(MERGED, {"driverMemory": None, "name": None, "conf": {"spark.a": None}}).request

    assert request["driverMemory"] == "1g"
    assert "name" not in request
    assert request["conf"] == {"spark.b": "tenant"}


def test_a_null_conf_is_without_the_operators_conf(decide):
    assert "conf" not in decide(MERGED, {"conf": None}).request


def test_an_empty_body_is_back_to_the_defaults(decide):
    assert decide(MERGED, {}) == decide(MERGED, {})
    assert decide(MERGED, {}).request["driverMemory"] == "3g"


def test_what_the_policy_prefers_is_told_with_its_place(decide):
    changes = decide(MERGED, {}).changes

    assert ("driver.memory", None, "3g", "team.session_configs.driver.memory") in [
        (change.property, change.asked, change.given, change.rule) for change in changes
    ]
    assert ("name", "defaults.session_configs.name") in [(change.property, change.rule) for change in changes]


def test_the_operators_own_values_are_lowered_without_a_clamp(limits):
    decision = limits(
        '"driver.memory" = { max = "2g", on_violation = "deny" }',
        {},
        tenant='session_configs = { driverMemory = "9g" }',
    )

    assert decision.verdict == "allow"
    assert decision.request == {"driverMemory": "2g"}
    assert [(change.asked, change.given) for change in decision.changes] == [(None, "2g")]


def test_an_operators_value_that_is_forbidden_is_left_out_and_named(limits):
    decision = limits('"conf.spark.x" = { forbidden = true }', {}, operator=[{"conf": {"spark.x": "1"}}])

    assert decision.verdict == "allow"
    assert decision.request == {}
    assert decision.notices == (
        "conf.spark.x of the operator's own settings is left out: team.limits.conf.spark.x forbids it.",
    )


def test_two_spellings_are_named_in_a_notice(limits):
    body = {"executorMemory": "1g", "conf": {"spark.executor.memory": "64g"}}

    decision = limits('"executor.memory" = { max = "8g" }', body)

    assert decision.verdict == "allow"
    assert decision.request == {"executorMemory": "1g"}
    assert "conf spark.executor.memory is left out" in decision.notices[0]


def test_a_denied_request_comes_with_the_nearest_that_passes(example):
    body = {
        "proxyUser": "bob",
        "numExecutors": 40,
        "executorMemory": "lots",
        "conf": {"spark.jars.packages": "io.delta:a:1,evil:b:2", "spark.hadoop.fs.s3a.secret.key": "s3cr3t"},
    }

    decision = judge(example, ALICE, body)

    assert decision.verdict == "deny"
    assert decision.request is None
    assert [violation.property for violation in decision.violations] == [
        "executor.memory",
        "proxy_user",
        "conf.spark.hadoop.fs.s3a.secret.key",
        "conf.spark.jars.packages",
    ]
    assert decision.nearest == {
        "numExecutors": 8,
        "proxyUser": "alice",
        "conf": {"spark.jars.packages": "io.delta:a:1"},
    }
    assert judge(example, ALICE, decision.nearest).verdict == "allow"
    assert "s3cr3t" not in repr(decision)


def test_where_nothing_would_pass_there_is_no_nearest(limits):
    assert limits('"kind" = { required = true }', {}).nearest is None


def test_a_decision_depends_on_nothing_else(example):
    body = {"conf": {"spark.b": 1, "spark.a": 2}, "numExecutors": 4}
    turned = {"numExecutors": 4, "conf": {"spark.a": 2, "spark.b": 1}}

    assert judge(example, ALICE, body) == judge(example, ALICE, turned)
    assert list(judge(example, ALICE, body).request["conf"]) == list(judge(example, ALICE, turned).request["conf"])
