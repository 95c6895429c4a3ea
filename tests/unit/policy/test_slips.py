"""Slips that Livy would answer with 400 are told before anything is created."""

from __future__ import annotations

import pytest

from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge

ALICE = Identity("alice", "reported", "a test")
LINES = '"executors.max" = { max = 8 }'


@pytest.mark.parametrize("value", [["a"], {}, [], {"b": {"c": 1}}])
def test_a_nested_value_in_conf_is_misshapen(limits, value):
    body = {"numExecutors": 2, "conf": {"spark.x": value, "k": "v"}}

    for decision in (limits(LINES, body), judge(None, ALICE, body)):
        (violation,) = decision.violations
        assert (violation.property, violation.what) == ("conf.spark.x", "is misshapen")
        assert violation.allowed == "a text, a number, true or false"
    assert limits(LINES, body).nearest == {"numExecutors": 2, "conf": {"k": "v"}}


def test_a_nested_value_is_told_once_though_a_limit_names_it(limits):
    decision = limits('"conf.spark.x" = { max = 4 }', {"conf": {"spark.x": [3]}})

    assert len(decision.violations) == 1


@pytest.mark.parametrize("field", ["numExecutor", "numexecutors", "executormemory", "Conf"])
def test_a_misspelt_field_is_told_with_the_right_one(limits, field):
    for decision in (limits(LINES, {field: 4}), judge(None, ALICE, {field: 4})):
        assert decision.verdict == "deny"
        assert decision.violations[0].property == field
        assert decision.violations[0].reason in {
            "Did you mean numExecutors?",
            "Did you mean executorMemory?",
            "Did you mean conf?",
        }
    assert limits(LINES, {field: 4}).nearest == {}


def test_a_field_unlike_any_is_told_what_livy_knows(limits):
    (violation,) = limits(LINES, {"zzz": 4}).violations

    assert "numExecutors, " in violation.allowed


def test_a_vendors_field_that_the_operator_uses_passes(limits):
    body = {"vendor": 4}

    assert limits(LINES, body, operator=[{"vendor": 1}]).request["vendor"] == 4
    assert limits(LINES, body, tenant="session_configs = { vendor = 1 }").request["vendor"] == 4
    assert judge(None, ALICE, body, operator=[{"vendor": 1}]).request == body


def test_what_null_asks_for_is_nothing(limits):
    assert limits(LINES, {"zzz": None}).verdict == "allow"
