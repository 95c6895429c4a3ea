"""Limits on what driver and executors come to together."""

from __future__ import annotations

import pytest

from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse

MAX = "spark.dynamicAllocation.maxExecutors"
BIG = {"driverMemory": "4g", "executorMemory": "16g", "numExecutors": 8}


def test_the_ceiling_is_lowered_to_the_largest_that_fits(limits):
    decision = limits('"session.memory" = { max = "96g" }', BIG)

    # driver 4096 + 409, executor 16384 + 1638 MiB
    assert decision.request["conf"][MAX] == "5"
    assert decision.request["numExecutors"] == 5
    assert [(each.property, each.asked, each.given, each.rule) for each in decision.changes] == [
        ("executors.max", 8, 5, "team.limits.session.memory"),
    ]


def test_the_tighter_of_two_limits_binds(limits):
    lines = '"session.memory" = { max = "96g" }\n"executors.max" = { max = 4, default = 3 }'

    decision = limits(lines, BIG)

    assert decision.request["conf"][MAX] == "4"
    assert {each.rule for each in decision.changes} == {"team.limits.executors.max"}


def test_both_lower_and_the_last_one_is_named(limits):
    lines = '"session.memory" = { max = "96g" }\n"executors.max" = { max = 20 }'

    decision = limits(lines, {**BIG, "numExecutors": 40})

    assert decision.request["numExecutors"] == 5
    assert [(each.property, each.asked, each.given) for each in decision.changes] == [
        ("executors.max", 40, 5),
    ]


def test_nothing_asked_fills_in_the_largest_that_fits(limits):
    decision = limits('"session.cores" = { max = 9 }', {"executorCores": 2})

    assert decision.verdict == "allow"
    assert decision.request == {"executorCores": 2, "numExecutors": 2, "conf": {MAX: "4"}}


def test_what_fits_is_left_alone(limits):
    body = {"numExecutors": 2, "conf": {MAX: "2"}}

    assert limits('"session.memory" = { max = "96g" }', body).changes == ()


def test_where_no_executor_fits_it_is_refused(limits):
    decision = limits('"session.memory" = { max = "8g" }', BIG)

    assert decision.verdict == "deny"
    assert decision.violations[0].property == "session.memory"
    assert decision.violations[0].allowed == "at most 8g"


def test_a_limit_that_denies_says_what_the_session_comes_to(limits):
    decision = limits('"session.memory" = { max = "96g", on_violation = "deny" }', BIG)

    assert [(each.property, each.asked, each.allowed) for each in decision.violations] == [
        ("session.memory", "148681m", "at most 96g")
    ]
    assert decision.nearest == {"driverMemory": "4g", "executorMemory": "16g", "numExecutors": 5}


def test_the_sizes_come_from_spark_defaults_where_the_request_is_silent(limits):
    above = '[cluster]\nspark_defaults = { "spark.executor.memory" = "10g", "spark.driver.memory" = "10g" }'

    assert limits('"session.memory" = { max = "60g" }', {}, above=above).request["conf"][MAX] == "4"


@pytest.mark.parametrize("field", ["executorMemory", "driverMemory", "executorCores"])
def test_a_size_that_is_known_only_when_spark_starts_is_refused(limits, field):
    decision = limits('"session.memory" = { max = "60g" }', {field: "${env:BIG}"})

    assert decision.verdict == "deny"
    assert "${…}" in decision.violations[0].reason


def test_java_options_that_cannot_be_read_are_refused_too(limits):
    body = {"conf": {"spark.driver.extraJavaOptions": "-Xmx${x}"}}

    decision = limits('"session.memory" = { max = "60g" }', body)

    assert decision.verdict == "deny"
    assert decision.violations[0].property == "conf.spark.driver.extraJavaOptions"
    assert decision.nearest == {}


@pytest.mark.parametrize(
    ("body", "asked", "nearest"),
    [
        ({"driverMemory": "100g", "queue": "a"}, "114048m", {"queue": "a"}),
        ({"executorMemory": "99g", "driverMemory": "1g"}, "112921m", {}),
        ({"conf": {"spark.driver.memory": "100g", "spark.x": "1"}}, "114048m", {"conf": {"spark.x": "1"}}),
    ],
)
def test_sizes_that_leave_no_room_are_told_with_the_sum_and_a_request_that_passes(body, asked, nearest):
    policy = parse('[defaults.limits]\n"session.memory" = { max = "96g" }', source="p")

    decision = judge(policy, Identity("alice", "reported", "test"), body)

    assert [(each.property, each.asked) for each in decision.violations] == [("session.memory", asked)]
    assert decision.nearest == nearest


def test_nobody_asked_for_the_policys_own_sizes_that_leave_no_room():
    text = '[defaults]\nsession_configs.driverMemory = "100g"\nlimits."session.memory" = { max = "96g" }'

    decision = judge(parse(text, source="p"), Identity("alice", "reported", "test"), {})

    assert [each.asked for each in decision.violations] == [None]
    assert decision.nearest is None
