"""``[[test]]`` blocks: what a policy says of itself, held against what it does."""

from __future__ import annotations

import json

import pytest

from livyguard.policy.expectations import run
from livyguard.policy.layers import stacked
from livyguard.policy.model import parse

TEAM = """
[defaults]
limits."executors.max" = { max = 4, default = 2 }
[[tenant]]
name = "team"
users = ["alice", "carol"]
groups = ["data"]
session_configs = { conf = { "spark.ui.port" = "4040", "spark.network.timeout" = "10m" } }
[tenant.limits]
"executors.max" = { max = 8, default = 5 }
"executor.memory" = { max = "16g", default = "8g" }
"proxy_user" = { fixed = "{user}" }
"jars" = { block = ["s3://bad"] }
"conf.spark.app.token" = { forbidden = true, on_violation = "deny" }
[[grant]]
user = "carol"
until = 2026-12-24T18:00:00Z
limits."executors.max" = { max = 20 }
"""


def outcome(expect, request="{}", *, user="alice", more=""):
    text = f'{TEAM}\n[[test]]\nuser = "{user}"\n{more}\nrequest = {request}\nexpect = {expect}\n'
    (only,) = run(parse(text, source="policy.toml"))
    return only


def test_the_designs_own_test_passes(example):
    assert [(each.name, each.passed) for each in run(example)] == [("test[0] alice", True)]


@pytest.mark.parametrize(
    ("expect", "request_"),
    [
        ('{ verdict = "clamp", tenant = "team", "executors.max" = 8 }', "{ numExecutors = 40 }"),
        ('{ "executor.memory" = "8192m", "executors.max" = "5" }', "{}"),
        ('{ executorMemory = "8g", "conf.spark.executor.memory" = "8g" }'.replace('executorMemory = "8g", ', ""), "{}"),
        ('{ "conf.spark.ui.port" = 4040, "conf.spark.network.timeout" = "600s" }', "{}"),
        ('{ "proxy_user" = "alice" }', "{}"),
        ('{ jars = ["s3://a", "s3://b"] }', '{ jars = "s3://a, s3://bad,s3://b" }'),
        ('{ verdict = "deny", violations = ["conf.spark.app.token"] }', '{ conf = { "spark.app.token" = "x" } }'),
        ('{ violations = [], absent = ["queue", "conf.spark.hadoop.*"] }', "{}"),
        ('{ verdict = "deny", violations = ["executorMemroy"] }', '{ executorMemroy = "8g" }'),
        ('{ violations = ["conf.spark.executor.memory"] }', '{ executorMemory = "lots" }'),
        ('{ verdict = "deny", absent = ["queue"] }', '{ executorMemory = "lots" }'),
    ],
)
def test_what_is_as_expected_passes(expect, request_):
    assert outcome(expect, request_).mismatches == ()


@pytest.mark.parametrize(
    ("expect", "property_", "expected", "got"),
    [
        ('{ verdict = "allow" }', "verdict", "allow", "clamp"),
        ('{ tenant = "defaults" }', "tenant", "defaults", "team"),
        ('{ "executors.max" = 40 }', "executors.max", 40, "8"),
        ('{ "executor.memory" = "8193m" }', "executor.memory", "8193m", "8g"),
        ('{ "conf.spark.ui.port" = "4041" }', "conf.spark.ui.port", "4041", "4040"),
        ('{ queue = "root" }', "queue", "root", None),
        ('{ violations = ["queue"] }', "violations", ["queue"], []),
        ('{ absent = ["proxy_user"] }', "absent", "proxy_user", "alice"),
        ('{ absent = ["conf.spark.ui.*"] }', "absent", "conf.spark.ui.*", "4040"),
    ],
)
def test_what_differs_is_told_with_both_values(expect, property_, expected, got):
    (mismatch,) = outcome(expect, "{ numExecutors = 40 }").mismatches

    assert (mismatch.property, mismatch.expected, mismatch.got, mismatch.fault) == (property_, expected, got, None)


@pytest.mark.parametrize(
    ("expect", "fault"),
    [
        ('{ verdikt = "allow" }', "no property; did you mean verdict"),
        ('{ "executor.memry" = "8g" }', "no property; did you mean executor.memory"),
        ("{ executors.max = 8 }", 'no property; the whole name stands in quotes, "executors.max" = …'),
        ("{ zzz = 8 }", "no property"),
        ("{ zzz = {} }", "no property"),
        ('{ verdict = "allowed" }', "a verdict is allow, clamp or deny"),
        ("{ verdict = [] }", "a verdict is allow, clamp or deny"),
        ('{ "session.memory" = "8g" }', "session.memory is computed from the others, and not sent"),
        ('{ "conf.spark.*" = "8g" }', "one key is wanted here, without * and ?"),
        ('{ "executor.memory" = "lots" }', "'lots' is not a size that Spark reads, such as 512m or 8g"),
        ('{ "executor.memory" = 2026-12-24 }', "'2026-12-24' is not a size that Spark reads, such as 512m or 8g"),
        ('{ violations = "queue" }', "violations is a list of properties"),
        ("{ absent = [1] }", "absent is a list of properties"),
        ('{ absent = ["queu"] }', "no property; did you mean queue"),
    ],
)
def test_an_expectation_that_makes_no_sense_fails_with_its_reason(expect, fault):
    (mismatch,) = outcome(expect).mismatches

    assert mismatch.fault == fault


def test_everything_that_differs_is_told_at_once():
    found = outcome('{ verdict = "deny", tenant = "x", queue = "root", zzz = 1 }')

    assert [each.property for each in found.mismatches] == ["verdict", "tenant", "queue", "zzz"]
    assert not found.passed


def test_grants_count_only_with_a_moment_and_until_their_end():
    request, expect = "{ numExecutors = 40 }", '{ "executors.max" = 20 }'

    assert not outcome(expect, request, user="carol").passed
    assert outcome(expect, request, user="carol", more="at = 2026-12-24T17:59:59Z").passed
    assert not outcome(expect, request, user="carol", more="at = 2026-12-24T18:00:00Z").passed


def test_groups_trust_and_endpoint_are_those_of_the_test():
    assert outcome('{ tenant = "team" }', user="zoe", more='groups = ["data"]').passed
    assert outcome('{ violations = ["proxy_user"] }', more='trust = "claimed"').passed
    cluster = '[cluster.a]\nendpoints = ["http://a"]\n[[tenant]]\nname = "x"\nusers = ["*"]\ncluster = "a"\n'
    test = '[[test]]\nuser = "u"\nendpoint = "http://%s"\nexpect = { tenant = "x" }\n'
    policy = parse(cluster + test % "a" + test % "b", source="policy.toml")

    assert [each.passed for each in run(policy)] == [True, False]


def test_a_test_is_called_by_its_name_else_by_its_place_and_user():
    text = '[[test]]\nname = "nobody"\nexpect = {}\n[[test]]\nexpect = {}\n[[test]]\nuser = "bob"\nexpect = {}\n'

    found = run(parse(text, source="policy.toml"))

    assert [each.name for each in found] == ["nobody", "test[1]", "test[2] bob"]
    assert [each.where for each in found] == [f"policy.toml: test[{place}]" for place in range(3)]


def test_the_tests_are_the_operators_and_judged_by_that_layer():
    first = parse(TEAM + '[[test]]\nuser = "alice"\nexpect = { "executors.max" = 5 }\n', source="a")
    later = parse(
        '[defaults]\nlimits."executors.max" = { max = 3 }\n[[test]]\nexpect = { verdict = "deny" }', source="b"
    )

    assert [each.passed for each in run(stacked([first, later]))] == [True]


def test_an_outcome_is_json_whatever_stands_in_the_test():
    expect = '{ "executor.memory" = 2026-12-24T18:00:00Z, queue = 0x' + "f" * 5000 + ", name = [{ a = 12:00:00 }] }"

    found = outcome(expect, "{ conf = { when = 2026-12-24 }, name = 12:00:00 }").to_json()

    assert json.loads(json.dumps(found))["passed"] is False
    assert list(found) == ["name", "where", "passed", "mismatches", "refusals"]
    assert all(list(each) == ["property", "expected", "got", "fault"] for each in found["mismatches"])


def test_a_secret_is_not_shown():
    found = outcome('{ "conf.spark.app.token" = "hunter2" }', '{ conf = { "spark.app.token" = "hunter3" } }')

    assert not found.passed
    assert "hunter" not in str(found.to_json())
