"""Dated exceptions."""

from __future__ import annotations

import pytest

GRANTED = """
[[tenant]]
name = "team"
users = ["*"]
limits."executors.max" = { max = 8, default = 5, reason = "shared", contact = "ops@example.com" }
[[grant]]
user = "carol"
until = 2026-12-24T18:00:00Z
reason = "quarter close"
[grant.limits]
"executors.max" = { max = 20 }
"driver.memory" = { max = "8g" }
[[grant]]
user = "dave"
until = 2026-12-24T18:00:00Z
limits."executors.max" = { max = 10 }
"""
UNTIL = 1_798_135_200.0


@pytest.mark.parametrize(
    ("user", "now", "most"),
    [
        ("carol", UNTIL - 1, "20"),
        ("carol", UNTIL, "8"),
        ("carol", None, "8"),
        ("dave", UNTIL - 1, "10"),
        ("alice", UNTIL - 1, "8"),
        (None, UNTIL - 1, "8"),
        ("jovyan", UNTIL - 1, "8"),
    ],
)
def test_a_grant_raises_a_limit_for_one_user_until_its_end(decide, user, now, most):
    request = decide(GRANTED, {"numExecutors": 40}, user=user, now=now).request

    assert request["conf"]["spark.dynamicAllocation.maxExecutors"] == most


def test_the_rest_of_the_limit_stays(decide):
    decision = decide(GRANTED, {}, user="carol", now=UNTIL - 1)

    assert decision.request["conf"]["spark.dynamicAllocation.maxExecutors"] == "5"
    assert (decision.changes[0].rule, decision.changes[0].reason, decision.changes[0].contact) == (
        "grant[0].limits.executors.max",
        "quarter close",
        "ops@example.com",
    )


def test_a_grant_without_a_reason_keeps_the_limits(decide):
    assert decide(GRANTED, {}, user="dave", now=0.0).changes[0].reason == "shared"


def test_a_grant_may_limit_what_nothing_else_does(decide):
    assert decide(GRANTED, {"driverMemory": "9g"}, user="carol", now=0.0).request["driverMemory"] == "8g"
