"""Layers: every layer's limits hold, the last layer's preferences as far as those let them."""

from __future__ import annotations

from typing import Any

import pytest

from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.layers import stacked
from livyguard.policy.model import Policy, parse
from livyguard.policy.tenancy import is_operator, is_shared, resolve

ALICE = Identity("alice", "reported", "test", frozenset({"analytics"}))


def stack(*texts: str) -> Policy:
    return stacked([parse(text, source=f"{place}.toml") for place, text in enumerate(texts)])


def limits(*limits: str) -> Policy:
    return stack(*(f"[defaults.limits]\n{each}" for each in limits))


def sent(policy: Policy, body: Any, who: Identity = ALICE) -> Any:
    decision = judge(policy, who, body)
    assert decision.request is not None, decision.violations
    return decision.request


@pytest.mark.parametrize(
    ("layers", "body", "expected"),
    [
        (['"executors.max" = { max = 8 }', '"executors.max" = { max = 4 }'], {"numExecutors": 40}, 4),
        (['"executors.max" = { max = 4 }', '"executors.max" = { max = 8 }'], {"numExecutors": 40}, 4),
        (['"executors.max" = { max = 8 }', '"queue" = { fixed = "a" }'], {"numExecutors": 40}, 8),
        (['"executors.max" = { max = 8, default = 2 }', '"executors.max" = { max = 6, default = 3 }'], {}, 3),
        (['"executors.max" = { max = 4, default = 2 }', '"executors.max" = { default = 10 }'], {}, 4),
        (['"executors.max" = { max = 8, default = 5 }', '"executors.max" = { max = 3 }'], {}, 3),
        (['"executors.max" = { max = 9 }', '"executors.max" = { max = 3 }', '"executors.max" = { max = 5 }'], {}, 3),
    ],
)
def test_the_smallest_maximum_and_the_last_default_make_the_ceiling(layers: Any, body: Any, expected: int) -> None:
    conf = sent(limits(*layers), body)["conf"]

    assert conf["spark.dynamicAllocation.maxExecutors"] == str(expected)


@pytest.mark.parametrize(
    ("layers", "asked", "given"),
    [
        (['"executor.memory" = { max = "8g" }', '"executor.memory" = { max = "4096m" }'], "16g", "4g"),
        (['"executor.memory" = { min = "1g" }', '"executor.memory" = { min = "2g" }'], "512m", "2g"),
        (['"executor.memory" = { min = "1g" }', '"executor.memory" = { max = "2g" }'], "512m", "1g"),
        (['"executor.memory" = { max = "8g" }', '"executor.memory" = { min = "2g", default = "4g" }'], None, "4g"),
        (['"executor.memory" = { max = "3g" }', '"executor.memory" = { default = "4g" }'], None, "3g"),
        (['"executor.memory" = { default = "4g" }', '"executor.memory" = { max = "3g" }'], None, "3g"),
        (['"executor.memory" = { fixed = "4g" }', '"executor.memory" = { fixed = "3g" }'], "1g", "4g"),
    ],
)
def test_bounds_are_the_tightest_of_all_layers(layers: Any, asked: str | None, given: str) -> None:
    assert sent(limits(*layers), {} if asked is None else {"executorMemory": asked})["executorMemory"] == given


@pytest.mark.parametrize(
    ("layers", "asked", "given"),
    [
        (['"jars" = { allow = ["a", "b"] }', '"jars" = { allow = ["b", "c"] }'], ["a", "b", "c"], ["b"]),
        (['"jars" = { block = ["a"] }', '"jars" = { block = ["b"] }'], ["a", "b", "c"], ["c"]),
        (['"jars" = { pattern = "a.*" }', '"jars" = { pattern = ".*z" }'], ["az", "ab", "bz"], ["az"]),
        (['"jars" = { allow = ["a"] }', '"jars" = { forbidden = true }'], ["a"], None),
        (['"jars" = { allow = ["a"] }', '"jars" = { allow = ["b"] }'], ["a", "b"], None),
    ],
)
def test_an_item_passes_every_layer(layers: Any, asked: list[str], given: list[str] | None) -> None:
    assert sent(limits(*layers), {"jars": asked}).get("jars") == given


def test_a_scalar_that_does_not_pass_becomes_the_last_default_that_passes_every_layer() -> None:
    policy = limits(
        '"queue" = { allow = ["a", "b"], default = "a" }',
        '"queue" = { allow = ["b", "c"], default = "b" }',
        '"queue" = { default = "c" }',
    )

    assert sent(policy, {"queue": "z"})["queue"] == "b"
    assert sent(policy, {})["queue"] == "b"


def test_layers_that_leave_nothing_are_refused_with_the_two_that_contradict_each_other() -> None:
    policy = limits('"queue" = { fixed = "a" }', '"queue" = { pattern = "b.*" }')

    decision = judge(policy, ALICE, {"queue": "b1"})

    assert decision.verdict == "deny"
    assert [(each.property, each.what, each.reason) for each in decision.violations] == [
        ("queue", "cannot be met", "defaults.limits.queue (0.toml) and defaults.limits.queue (1.toml) leave no value.")
    ]


@pytest.mark.parametrize("body", [{}, {"executorMemory": "4g"}, {"executorMemory": "1g"}])
def test_a_minimum_above_another_layers_maximum_is_refused(body: Any) -> None:
    policy = limits('"executor.memory" = { max = "2g" }', '"executor.memory" = { min = "3g", default = "3g" }')

    assert judge(policy, ALICE, body).verdict == "deny"


@pytest.mark.parametrize(
    "layers",
    [
        ['"executors.max" = { fixed = 8 }', '"executors.max" = { max = 4 }'],
        ['"executors.max" = { max = 4 }', '"executors.max" = { fixed = 8 }'],
        ['"executors.max" = { max = 4 }', '"executors.max" = { min = 6 }'],
    ],
)
def test_numbers_of_executors_that_cannot_be_had_together_are_refused(layers: list[str]) -> None:
    decision = judge(limits(*layers), ALICE, {"numExecutors": 4})

    assert [(each.property, each.what) for each in decision.violations] == [("executors.max", "cannot be met")]


def test_what_is_required_by_one_and_forbidden_by_another_is_refused() -> None:
    policy = limits('"queue" = { required = true }', '"queue" = { forbidden = true }')

    assert judge(policy, ALICE, {"queue": "a"}).verdict == "deny"
    assert judge(policy, ALICE, {}).verdict == "deny"


def test_what_is_fixed_by_one_and_forbidden_by_another_is_refused() -> None:
    policy = limits('"queue" = { fixed = "a" }', '"queue" = { forbidden = true }')

    assert judge(policy, ALICE, {}).verdict == "deny"
    assert judge(policy, ALICE, {"queue": "a"}).verdict == "deny"


def test_what_one_layer_forbids_but_for_its_own_value_passes_there() -> None:
    policy = limits('"queue" = { fixed = "a", forbidden = true }', '"queue" = { pattern = "a" }')

    assert sent(policy, {"queue": "b"})["queue"] == "a"


def test_a_rule_that_forbids_but_for_its_own_value_puts_that_in() -> None:
    assert sent(limits('"queue" = { fixed = "a", forbidden = true }'), {"queue": "b"})["queue"] == "a"


def test_a_value_that_one_layer_fixes_and_another_cannot_read_is_refused() -> None:
    policy = limits('"conf.spark.x.y" = { fixed = "auto" }', '"conf.spark.x.y" = { max = 20 }')

    assert judge(policy, ALICE, {}).verdict == "deny"


def test_deny_if_any_layer_says_so() -> None:
    policy = limits('"executor.memory" = { max = "8g" }', '"executor.memory" = { max = "9g", on_violation = "deny" }')

    assert judge(policy, ALICE, {"executorMemory": "16g"}).verdict == "deny"


def test_a_change_names_the_layer_that_binds() -> None:
    policy = stack(
        '[defaults.limits]\n"executors.max" = { max = 8, reason = "the cluster" }',
        '[[tenant]]\nname = "mine"\nusers = ["alice"]\nlimits."executors.max" = { max = 3, reason = "I want no more" }',
    )

    (change,) = [each for each in judge(policy, ALICE, {"numExecutors": 9}).changes if each.property == "executors.max"]

    assert (change.given, change.rule, change.reason) == (3, "mine.limits.executors.max", "I want no more")


def test_a_key_is_judged_by_each_layers_most_specific_limit() -> None:
    policy = limits(
        '"conf.spark.hadoop.*" = { forbidden = true }',
        '"conf.spark.hadoop.a" = { allow = ["1"] }\n"conf.spark.b" = { allow = ["1"] }',
    )

    assert "conf" not in sent(policy, {"conf": {"spark.hadoop.a": "1", "spark.hadoop.c": "1"}})
    assert sent(policy, {"conf": {"spark.b": "1"}})["conf"] == {"spark.b": "1"}


def test_a_layer_that_names_a_door_does_not_open_it_for_the_others() -> None:
    door = "spark.kubernetes.executor.request.cores"
    policy = limits('"executor.cores" = { max = 2 }', f'"conf.{door}" = {{ max = 64 }}')

    assert sent(policy, {"conf": {door: "16"}})["conf"] == {door: "2"}


@pytest.mark.parametrize("asked", ["25", "9m", "abc"])
def test_values_that_two_layers_know_as_different_kinds_pass_both_or_neither(asked: str) -> None:
    policy = limits('"conf.spark.x.y" = { max = 20 }', '"conf.spark.x.y" = { pattern = "[0-9]" }')

    assert judge(policy, ALICE, {"conf": {"spark.x.y": asked}}).verdict == "deny"
    assert sent(policy, {"conf": {"spark.x.y": "7"}})["conf"] == {"spark.x.y": "7"}


def test_a_key_that_one_layer_does_not_list_is_refused_though_another_names_it() -> None:
    policy = stack(
        'defaults.unlisted = "deny"\n[defaults.limits]\n"conf.spark.a" = { pattern = ".*" }',
        '[defaults]\nlimits."conf.spark.b" = { default = "1" }\nsession_configs.conf."spark.c" = "1"',
    )

    assert sent(stack('defaults.unlisted = "deny"\n[defaults.limits]\n"conf.spark.a" = { default = "1" }'), {}) == {
        "conf": {"spark.a": "1"}
    }
    assert [each.property for each in judge(policy, ALICE, {"conf": {"spark.b": "2"}}).violations] == [
        "conf.spark.b",
        "conf.spark.c",
    ]
    assert "spark.b" not in str(judge(policy, ALICE, {"conf": {"spark.c": None}}).request)


def test_settings_of_the_last_layer_come_over_the_others_as_far_as_the_limits_let_them() -> None:
    policy = stack(
        '[defaults]\nlimits."driver.memory" = { max = "4g" }\nsession_configs = { driverMemory = "1g", queue = "a" }',
        '[defaults]\nsession_configs = { driverMemory = "8g" }',
    )

    assert sent(policy, {}) == {"driverMemory": "4g", "queue": "a"}


def test_each_layer_has_tenants_of_its_own() -> None:
    policy = stack(
        '[[tenant]]\nname = "analysts"\ngroups = ["analytics"]\nlimits."executors.max" = { max = 8 }',
        '[[tenant]]\nname = "a"\nusers = ["al*"]\nlimits."executors.max" = { max = 6 }\nidle.after = "5m"',
    )

    tenancy = resolve(policy, ALICE)

    assert (tenancy.name, tenancy.why) == ("analysts", 'groups: "analytics" matches analytics')
    assert tenancy.idle_after == 300
    assert tenancy.rules["executors.max"].max == 6
    assert tenancy.rules["executors.max"].source == "1.toml"
    assert resolve(policy, Identity("alma", "claimed", "test")).name == "a"
    assert resolve(policy, Identity("bob", "claimed", "test")).why == "no tenant matches"


def test_whom_no_tenant_of_a_layer_matches_gets_the_tightest_of_that_layer() -> None:
    policy = stack(
        '[[tenant]]\nname = "a"\nusers = ["alice"]\nlimits."executors.max" = { max = 8 }',
        '[[tenant]]\nname = "b"\nusers = ["bob"]\nlimits."executors.max" = { max = 2 }',
    )

    assert resolve(policy, ALICE).rules["executors.max"].max == 2


def test_the_name_of_the_user_is_put_into_every_layers_rules() -> None:
    policy = limits('"proxy_user" = { fixed = "{user}" }', '"conf.spark.yarn.principal" = { fixed = "{user}@R" }')

    assert sent(policy, {}) == {"proxyUser": "alice", "conf": {"spark.yarn.principal": "alice@R"}}
    unknown = judge(policy, Identity("alice", "claimed", "test"), {})
    assert [each.property for each in unknown.violations] == ["proxy_user", "conf.spark.yarn.principal"]


def test_what_only_an_operator_may_say_counts_in_the_first_layer_alone() -> None:
    theirs = 'limits."executors.max" = { max = 20 }\nuntil = 2099-01-01T00:00:00Z'
    limit = '[defaults.limits]\n"executors.max" = { max = 4 }'
    policy = stack(
        f'shared_accounts = ["team"]\n{limit}\n[[grant]]\nuser = "bob"\n{theirs}',
        'decision_log = "log"\nshared_accounts = ["lab"]\noperators.users = ["alice"]\n'
        f'[[grant]]\nuser = "alice"\n{theirs}',
    )

    assert not is_operator(policy, ALICE)
    assert policy.decision_log is None
    assert is_shared(policy, "team")
    assert not is_shared(policy, "lab")
    assert resolve(policy, ALICE, now=0).rules["executors.max"].max == 4
    bob = resolve(policy, Identity("bob", "reported", "test"), now=0).rules["executors.max"]
    assert (bob.max, bob.source) == (20, "0.toml")


def test_the_clusters_are_the_operators() -> None:
    cluster = '[cluster]\ndynamic_allocation = true\nspark_defaults = { "spark.executor.cores" = "9" }'
    policy = stack('[defaults.limits]\n"executors.max" = { max = 4 }', cluster)

    assert resolve(policy, ALICE).is_dynamic is None
    assert sent(policy, {})["numExecutors"] == 2


def test_one_layer_is_itself() -> None:
    policy = parse("", source="p.toml")

    assert stacked([policy]) is policy
    assert policy.layers == (policy,)
    assert policy.source == "p.toml"


def test_stacking_leaves_the_layer_beneath_as_it_was() -> None:
    lower = parse('[defaults.limits]\n"executors.max" = { max = 8 }', source="a")
    resolve(lower, ALICE)

    upper = stacked([lower, parse('[defaults.limits]\n"executors.max" = { max = 2 }', source="b")])

    assert resolve(upper, ALICE).rules["executors.max"].max == 2
    assert resolve(lower, ALICE).rules["executors.max"].max == 8


def test_nobody_asked_for_what_one_layer_fixes_and_another_refuses() -> None:
    policy = limits('"executor.memory" = { fixed = "8g" }', '"executor.memory" = { max = "4g" }')

    (unasked,) = judge(policy, ALICE, {}).violations
    (asked,) = judge(policy, ALICE, {"executorMemory": "2g"}).violations

    assert (unasked.asked, asked.asked) == (None, "2g")
