"""Attempts to get past a policy, each judged by what Livy and Spark would launch of the answer."""

from __future__ import annotations

import pytest

from livyguard.errors import InvalidBody
from livyguard.policy.body import parse_body
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import Policy
from tests.property.attempts import ATTEMPTS, TWICE
from tests.property.oracle import excesses, launch

ALICE = Identity("alice", "reported", "a test")
#: Limits as the policy has them, and as the oracle knows them: in MiB, bytes, numbers, texts, expressions.
STRICT = (
    {
        "executors.max": {"max": 8, "default": 5},
        "executor.memory": {"max": "16g", "default": "8g"},
        "executor.cores": {"max": 4},
        "executor.memory_overhead": {"max": "2g"},
        "executor.pyspark_memory": {"max": "1g"},
        "executor.offheap_memory": {"max": "1g"},
        "driver.memory": {"max": "8g"},
        "driver.cores": {"max": 2},
        "driver.memory_overhead": {"max": "2g"},
        "queue": {"fixed": "root.team"},
        "proxy_user": {"fixed": "{user}"},
        "kind": {"allow": ["pyspark", "spark"], "default": "pyspark"},
        "jars": {"pattern": r"good\.jar"},
        "py_files": {"pattern": r"good\.py"},
        "files": {"pattern": r"good\.txt"},
        "archives": {"pattern": r"good\.zip"},
        "conf.spark.jars.packages": {"pattern": r"io\.delta:.*"},
        "conf.spark.hadoop.fs.s3a.*.key": {"forbidden": True},
    },
    {
        **dict.fromkeys(("executors.max", "executors.count", "executors.min", "executors.initial"), 8),
        "executor.memory": 16384,
        "executor.cores": 4,
        "executor.memory_overhead": 2048,
        "executor.pyspark_memory": 1024,
        "executor.offheap_memory": 2**30,
        "driver.memory": 8192,
        "driver.cores": 2,
        "driver.memory_overhead": 2048,
        "queue": "root.team",
        "proxy_user": "alice",
        "jars": r"good\.jar",
        "pyFiles": r"good\.py",
        "files": r"good\.txt",
        "archives": r"good\.zip",
        "packages": r"io\.delta:.*",
        "conf.spark.hadoop.fs.s3a.*.key": r"\s*spark\.hadoop\.\s*fs\.s3a\..*key\s*",
    },
)
SESSION = (
    {"session.memory": {"max": "100g"}, "session.cores": {"max": 40}},
    {"session.memory": 102_400, "session.cores": 40},
)
#: One computed limit alone: the other must not be what refuses.
MEMORY_ALONE = ({"session.memory": {"max": "100g"}}, {"session.memory": 102_400})
CORES_ALONE = ({"session.cores": {"max": 40}}, {"session.cores": 40})
LIMITS = {"strict": STRICT, "session": SESSION, "memory": MEMORY_ALONE, "cores": CORES_ALONE}


def policy(limits, manager, is_dynamic, **tenant):
    cluster = {"manager": manager, "dynamic_allocation": is_dynamic}
    rules = {"name": "team", "users": ["*"], "limits": limits, **tenant}
    given = {name: value for name, value in cluster.items() if value is not None}
    return Policy.model_validate({"cluster": given, "tenant": [rules]})


CLUSTERS = [
    ("yarn", True),
    ("yarn", False),
    ("yarn", None),
    ("kubernetes", None),
    ("standalone", None),
    (None, None),
]
POLICIES = [
    (policy(limits, manager, is_dynamic), plain, manager, is_dynamic)
    for limits, plain in LIMITS.values()
    for manager, is_dynamic in CLUSTERS
] + [
    (policy(STRICT[0], None, None, **more), STRICT[1], None, None)
    for more in ({"on_violation": "deny"}, {"unlisted": "deny"})
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_nothing_gets_past_the_policy(attempt):
    for held, plain, manager, is_dynamic in POLICIES:
        decision = judge(held, ALICE, ATTEMPTS[attempt])
        told = f"{manager} {is_dynamic} {decision.request}"

        if decision.request is not None:
            found = launch(decision.request, manager=manager, is_dynamic=is_dynamic)
            assert excesses(found, plain) == [], told
            assert decision.verdict == "allow" or found.faults == [], told
        if decision.nearest is not None:
            again = judge(held, ALICE, decision.nearest)
            found = launch(again.request, manager=manager, is_dynamic=is_dynamic)
            assert again.verdict == "allow"
            assert excesses(found, plain) == [], told


def test_every_attempt_gets_past_no_policy_at_all_or_is_none():
    """The corpus is worth its name: without limits, most of it exceeds them."""
    bold = [body for body in ATTEMPTS.values() if excesses(launch(body), {**STRICT[1], **SESSION[1]})]

    assert len(ATTEMPTS) >= 250
    assert len(bold) >= 150


@pytest.mark.parametrize("text", TWICE)
def test_a_key_that_stands_there_twice_is_refused(text):
    with pytest.raises(InvalidBody, match="Named more than once"):
        parse_body(text)


def test_a_policy_that_limits_nothing_is_seen_through_by_the_oracle():
    everything = {**STRICT[1], **SESSION[1]}
    open_policy = policy({"name": {"allow": ["x"], "default": "x"}}, None, None)

    decision = judge(open_policy, ALICE, {"numExecutors": 400, "executorMemory": "99g"})

    assert {told.split(":")[0] for told in excesses(launch(decision.request), everything)} >= {
        "executors.max",
        "executor.memory",
        "session.memory",
        "session.cores",
    }
