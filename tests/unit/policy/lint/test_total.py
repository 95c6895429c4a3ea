"""Lint and the policy's own tests answer for any valid policy, with JSON, and the same each time."""

from __future__ import annotations

import json
from datetime import datetime, timezone

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livyguard.capacity.lint import lint
from livyguard.errors import InvalidPolicy
from livyguard.policy.expectations import run
from livyguard.policy.layers import stacked
from livyguard.policy.model import Policy

NAMES = st.sampled_from(["alice", "bob-*", "*", "?", "[a-m]*", "root", "jovyan", "", "{user}", "é*"])
KEYS = st.sampled_from(
    [
        *("executors.max", "executors.count", "executor.memory", "executor.memory_overhead", "executor.cores", "queue"),
        *(
            "session.memory",
            "session.cores",
            "driver.memory",
            "jars",
            "idle_timeout",
            "dynamic_allocation",
            "proxy_user",
        ),
        *("conf.spark.executor.*", "conf.*", "conf.spark.hadoop.*.key", "conf.spark.hadoop.key.*", "conf.spark.ui.prt"),
        *("conf.spark.executor.instances", "conf.ui", "conf.livy.rsc.*"),
    ]
)
VALUES = st.sampled_from(["4g", "1", 0, 4, 10**9, "abc", True, "{user}", "", "a,b", "10m", "${x}", 0.5, "s3://t:p@h/*"])
SOME = st.lists(VALUES, max_size=3)
SIZES, COUNTS = st.sampled_from(["1g", "4g", "512m", "64g"]), st.sampled_from([1, 4, 40])


def _limit(values):
    return st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("min", "max", "default", "fixed"), values),
            **dict.fromkeys(("allow", "block"), st.lists(values, max_size=3)),
            "pattern": st.sampled_from(["", "a*", "s3://x/*", "[0-9]+g?", "{user}"]),
            **dict.fromkeys(("forbidden", "required"), st.booleans()),
            "on_violation": st.sampled_from(["clamp", "deny"]),
        },
    )


def _of_kind(key):
    """Return limits of values that suit the key, most of the time."""
    fitting = SIZES if "memory" in key else COUNTS
    bounds = st.fixed_dictionaries({}, optional={"min": fitting, "max": fitting, "default": fitting})
    alone = st.fixed_dictionaries({"max": fitting}) if key.startswith("session.") else bounds
    return st.tuples(st.just(key), alone | _limit(fitting) | _limit(VALUES))


LIMITS = st.lists(KEYS.flatmap(_of_kind), max_size=5).map(dict)
BODY = st.dictionaries(
    st.sampled_from(["executorMemory", "numExecutors", "conf", "queue", "idleTimeout", "spark.ui.port", "x"]),
    VALUES
    | st.dictionaries(st.sampled_from(["spark.executor.memory", "spark.a.token", "a"]), VALUES | SOME, max_size=2),
    max_size=3,
)
AMOUNT = st.sampled_from([0, 1, 4, 40, 2**31 - 1])
QUOTA = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(("sessions", "executors", "cores"), AMOUNT), "memory": SIZES | st.just("9999p")}
)
RULES = {
    "limits": LIMITS,
    "session_configs": BODY,
    "idle": st.fixed_dictionaries({"after": st.sampled_from(["30m", "2h", 0])}),
    "unlisted": st.sampled_from(["allow", "deny"]),
    "on_violation": st.sampled_from(["clamp", "deny"]),
    **dict.fromkeys(("quota", "team_quota"), QUOTA),
}
MEMBERS = {"users": st.lists(NAMES, max_size=3), "groups": st.lists(NAMES, max_size=2)}
TENANT = st.fixed_dictionaries({}, optional={**RULES, **MEMBERS, "cluster": st.sampled_from(["a", "b"])})
CLUSTER = st.fixed_dictionaries(
    {},
    optional={
        "endpoints": st.lists(st.sampled_from(["http://a*", "http://*/", "http://*-b", "*", ""]), max_size=2),
        "workers": st.sampled_from([0, 3, 16**5000]),
        "resource_manager": st.sampled_from(["http://rm:8088", "rm:8088", ",", "", "http://[", "http://a:b@rm"]),
        "history_server": st.sampled_from(["https://shs", "shs", "", "\x00"]),
        "worker": st.sampled_from([{}, {"memory": "1g"}, {"cores": 2, "memory": "64g"}]),
        "spark_defaults": st.dictionaries(st.sampled_from(["spark.executor.memory", "spark.executr.cores"]), VALUES),
    },
)
MOMENT = st.sampled_from([datetime.min.replace(tzinfo=timezone.utc), datetime.max, datetime(2027, 1, 1)])  # noqa: DTZ001, DTZ901
GRANT = st.fixed_dictionaries({"user": NAMES, "limits": LIMITS, "until": MOMENT})
EXPECTED = st.dictionaries(
    KEYS | st.sampled_from(["verdict", "tenant", "violations", "absent", "release", "largest", "executors", ""]),
    VALUES
    | SOME
    | st.lists(st.sampled_from([0, 1, 16**5000]), max_size=2)
    | MOMENT
    | st.floats()
    | st.dictionaries(st.just("max"), VALUES)
    | st.just(16**5000),
    max_size=3,
)
HELD = st.fixed_dictionaries(
    {},
    optional={
        "user": NAMES,
        "groups": st.lists(NAMES, max_size=1),
        "state": st.sampled_from(["idle", "busy", "dead"]),
        "executors": AMOUNT,
        "memory": SIZES,
    },
)
ASKED = st.fixed_dictionaries({"request": BODY | st.just({"numExecutors": 16**5000})}, optional={"user": NAMES})
TEST = st.fixed_dictionaries(
    {"expect": EXPECTED, "request": BODY},
    optional={"user": NAMES, "at": MOMENT, "holding": st.lists(HELD | ASKED, max_size=3)},
)
POLICY = st.fixed_dictionaries(
    {},
    optional={
        "shared_accounts": st.lists(NAMES, max_size=1),
        "operators": st.fixed_dictionaries({}, optional=MEMBERS),
        "defaults": st.fixed_dictionaries({}, optional=RULES),
        "tenant": st.lists(TENANT, max_size=3),
        "grant": st.lists(GRANT, max_size=2),
        "test": st.lists(TEST, max_size=2),
    },
)


def _policy(table, clusters, source):
    """Return a policy, leaving out what is no valid limit."""
    tenants = [{**each, "name": f"t{place}"} for place, each in enumerate(table.get("tenant", []))]
    table = {**table, "cluster": clusters, "tenant": tenants}
    for section in [*tenants, *([table["defaults"]] if "defaults" in table else []), *table.get("grant", [])]:
        section["limits"] = {key: limit for key, limit in section.get("limits", {}).items() if _is_valid(key, limit)}
    return Policy.model_validate(table).named(source, {})


def _is_valid(key, limit):
    try:
        Policy.model_validate({"defaults": {"limits": {key: limit}}})
    except (ValueError, InvalidPolicy):
        return False
    return True


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(POLICY, min_size=1, max_size=2), st.dictionaries(st.sampled_from("ab"), CLUSTER, max_size=2), st.data())
def test_lint_and_tests_answer_for_any_policy(tables, clusters, data):
    policy = stacked([_policy(table, clusters, f"layer{place}") for place, table in enumerate(tables)])
    now = data.draw(st.sampled_from([None, 1_800_000_000.0]))

    found, tried = lint(policy, now=now), run(policy)

    assert lint(policy, now=now) == found
    assert run(policy) == tried
    assert json.dumps([each.to_json() for each in found])
    assert json.dumps([each.to_json() for each in tried])
    assert all(": " in each.where and each.message.endswith(".") and each.fix.endswith(".") for each in found)
    assert "t:p@" not in str(found)
