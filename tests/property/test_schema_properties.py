"""Whatever livyguard reads as a policy, the JSON Schema takes too."""

from __future__ import annotations

import json

import jsonschema
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from livyguard.policy.model import Policy
from livyguard.policy.properties import ALIASES, DOORS, PROPERTIES, VIRTUAL
from livyguard.policy.schema import schema

VALIDATOR = jsonschema.Draft202012Validator(schema())


def takes(table):
    return VALIDATOR.is_valid(json.loads(json.dumps(table, default=lambda each: each.isoformat())))


def reads(table):
    try:
        Policy.model_validate(table)
    except ValidationError:
        return False
    return True


VALUES = st.sampled_from(
    [
        *(8, 0, -1, 8.0, 1.5, True, False, "8", " 8 ", "+8", "-0", "1.5", "8x", "", "x", "root.a", "{user}", "a,b"),
        *("8g", "8192M", "512mb", " 1T", "0b", "30m", "90S", "2min", "-1s", "-1us", "-0", "5us", "true", " False"),
        *([], ["a"], ["a,b", "c"], [1]),
    ]
)
LIMIT_FIELDS = {
    **dict.fromkeys(["min", "max", "default", "fixed"], VALUES),
    **dict.fromkeys(["allow", "block"], st.lists(VALUES, max_size=2)),
    **dict.fromkeys(["forbidden", "required"], st.sampled_from([True, False, "x"])),
    "pattern": st.sampled_from(["a.*", "(", 3]),
    "on_violation": st.sampled_from(["clamp", "deny", "warn"]),
    **dict.fromkeys(["reason", "contact", "cluster"], st.sampled_from(["x", "", 3])),
    "maximum": st.just(1),
}
LIMITED = st.sampled_from(
    [
        *PROPERTIES,
        *VIRTUAL,
        *(f"conf.{key}" for key in (*ALIASES, *DOORS)),
        *("conf.spark.ui.port", "conf.spark.*.timeout", "conf.*", "conf.x", "zzz", "queues"),
    ]
)


def some_of(fields, most=3):
    """Tables with up to so many of the given fields."""
    names = st.lists(st.sampled_from(sorted(fields)), unique=True, max_size=most)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: fields[name] for name in chosen}))


LIMITS = st.dictionaries(LIMITED, some_of(LIMIT_FIELDS), max_size=2)
NAMES = st.lists(st.sampled_from(["a", "b-*", ""]), max_size=2)
WHOLE = st.sampled_from([0, 3, -1, "3", True, 2**31])
QUOTA = some_of({"sessions": WHOLE, "executors": WHOLE, "cores": WHOLE, "memory": VALUES, "x": WHOLE})
BODY = st.dictionaries(st.sampled_from(["numExecutors", "conf", "x"]), VALUES | st.just({"a": 1}), max_size=2)
RULES = {
    "on_violation": st.sampled_from(["clamp", "deny"]),
    "idle": some_of({"after": VALUES}),
    "limits": LIMITS,
    "session_configs": BODY,
    "quota": QUOTA,
    "team_quota": QUOTA,
    "unlisted": st.sampled_from(["allow", "deny"]),
}
TENANT = {**RULES, "users": NAMES, "groups": NAMES, "cluster": st.just("a"), "inherits": st.just("b")}
CLUSTER = {
    "endpoints": NAMES,
    "manager": st.sampled_from(["yarn", "glue", "local", "mesos"]),
    "resource_manager": st.just("http://rm"),
    "resource_manager_auth": st.sampled_from(["none", "simple", "kerberos", "basic"]),
    "history_server": st.just("http://shs") | WHOLE,
    "workers": WHOLE,
    "worker": some_of({"cores": WHOLE, "memory": VALUES}),
    "worker_type": st.just("G.1X"),
    "minimum_allocation": VALUES,
    "dynamic_allocation": st.sampled_from([True, False, "true"]),
    "spark_defaults": BODY,
}
MOMENTS = st.datetimes() | st.dates() | st.just("2026-12-24T18:00:00Z") | st.just("never")
GRANT = {"reason": st.just("x"), "until": MOMENTS}
HOLDING = {
    "user": st.just("x") | WHOLE,
    "groups": NAMES,
    "state": st.sampled_from(["idle", "busy", "ide"]),
    **dict.fromkeys(["idle", "memory"], VALUES),
    **dict.fromkeys(["executors", "cores"], WHOLE),
    "request": BODY,
    **dict.fromkeys(["numExecutors", "conf", "spark.x", "livy.y", "zzz"], VALUES),
}
TEST = {
    "holding": st.lists(some_of(HOLDING), max_size=2),
    "name": st.just("x"),
    "user": st.just("x"),
    "groups": NAMES,
    "trust": st.sampled_from(["reported", "claimed", "sworn"]),
    "endpoint": st.just("http://a"),
    "at": MOMENTS,
    "request": BODY,
}
POLICY = {
    "version": st.sampled_from([1, 2, "1"]),
    "requires_livyguard": st.just(">=0.1"),
    "shared_accounts": NAMES,
    "operators": some_of({"users": NAMES, "groups": NAMES}),
    "cluster": some_of({**CLUSTER, "a": some_of(CLUSTER), "b": st.just({})}),
    "defaults": some_of(RULES),
    "tenant": st.lists(some_of(TENANT).map(lambda each: {"name": "a", **each}), max_size=2),
    "grant": st.lists(some_of(GRANT).map(lambda each: {"user": "a", "limits": {}, **each}), max_size=1),
    "test": st.lists(some_of(TEST).map(lambda each: {"expect": {}, **each}), max_size=1),
}


@given(policy=some_of(POLICY, most=4))
def test_it_takes_every_policy_that_livyguard_reads(policy):
    assert takes(policy) or not reads(policy)


@given(item=some_of(HOLDING))
@example(item={"idle": "-1us"})
@example(item={"idle": "-0us"})
@example(item={"idle": " 5 "})
def test_it_takes_every_session_that_livyguard_reads_in_a_test(item):
    policy = {"test": [{"expect": {}, "holding": [item]}]}

    assert takes(policy) or not reads(policy)


@given(key=LIMITED, limit=some_of(LIMIT_FIELDS, most=2))
def test_it_takes_every_limit_that_livyguard_reads(key, limit):
    policy = {"defaults": {"limits": {key: limit}}}

    assert takes(policy) or not reads(policy)
