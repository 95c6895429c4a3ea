"""Keys that launch a session otherwise than its properties say are refused where those are limited."""

from __future__ import annotations

import pytest

from livyguard.policy.fold import fold
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.launches import launched_otherwise
from livyguard.policy.layers import stacked
from livyguard.policy.merge import merge
from livyguard.policy.model import parse

ALICE = Identity("alice", "reported", "a test")

INSIDE = "livy.rsc.client.do-not-use.run-driver-in-process"
TEMPLATE = "spark.kubernetes.executor.podTemplateFile"
OF_YARN = "spark.executor.resource.memory-mb.amount"
DEVICE = "spark.yarn.resourceGpuDeviceName"


@pytest.mark.parametrize(
    ("conf", "lines"),
    [
        ({INSIDE: "true"}, '"proxy_user" = { fixed = "{user}" }'),
        ({INSIDE: "TRUE "}, '"driver.memory" = { max = "4g" }'),
        ({INSIDE.replace("-", "_"): True}, '"executors.max" = { max = 4 }'),
        ({f"spark.__livy__.{INSIDE}": "true"}, '"proxy_user" = { fixed = "{user}" }'),
        ({TEMPLATE: "s3a://mine/pod.yaml"}, '"executor.memory" = { max = "4g" }'),
        ({TEMPLATE: "s3a://mine/pod.yaml"}, '"session.cores" = { max = 4 }'),
        ({OF_YARN: 99999}, '"executor.memory" = { max = "4g" }'),
        ({OF_YARN: "99999"}, '"session.memory" = { max = "40g" }'),
        ({"spark.executor.resource.vcores.amount": "64"}, '"executor.cores" = { max = 4 }'),
        ({DEVICE: "memory-mb"}, '"executor.memory" = { max = "4g" }'),
        ({DEVICE: "${spark.mine}"}, '"driver.cores" = { max = 4 }'),
    ],
)
def test_it_is_refused_and_the_nearest_request_goes_without(limits, conf, lines):
    decision = limits(lines, {"conf": conf})

    assert decision.verdict == "deny"
    assert decision.violations[0].what == "cannot be judged"
    assert decision.nearest == {}


@pytest.mark.parametrize(
    "conf", [{INSIDE: "false"}, {DEVICE: "nvidia.com/gpu"}, {TEMPLATE: ""}, {"spark.executor.resource.gpu.amount": "2"}]
)
def test_what_launches_nothing_otherwise_passes(limits, conf):
    lines = '"executor.memory" = { max = "4g" }\n"proxy_user" = { fixed = "{user}" }'

    assert limits(lines, {"conf": conf}).verdict == "allow"


def test_it_passes_where_nothing_that_it_leaves_without_a_meaning_is_limited(limits):
    assert limits('"queue" = { fixed = "a" }', {"conf": {TEMPLATE: "/pod.yaml"}}).verdict == "allow"


def test_the_operator_may_preset_it(limits):
    tenant = f'session_configs = {{ conf = {{ "{TEMPLATE}" = "/etc/pod.yaml" }} }}'

    decision = limits('"executor.memory" = { max = "4g" }', {}, tenant=tenant)

    assert decision.request == {"conf": {TEMPLATE: "/etc/pod.yaml"}}


def test_null_takes_it_away_again():
    settings, own = fold({"conf": {TEMPLATE: "/pod.yaml"}}, ""), fold({"conf": {TEMPLATE: None}})

    assert merge([settings]).doubts
    assert merge([settings, own]).doubts == ()
    assert launched_otherwise(OF_YARN, None) is None


def test_no_conf_at_all_takes_it_away_too():
    assert merge([fold({"conf": {TEMPLATE: "/pod.yaml"}}, ""), fold({"conf": None})]).doubts == ()


def layer(name, extra="", lines='"executor.memory" = { max = "4g" }'):
    return parse(f'[[tenant]]\nname = "{name}"\nusers = ["*"]\n{extra}\n[tenant.limits]\n{lines}\n', source=name)


PRESET = f'session_configs = {{ conf = {{ "{TEMPLATE}" = "/etc/pod.yaml" }} }}'


def test_what_the_operator_presets_may_be_asked_for_in_so_many_words():
    policy = layer("team", PRESET)

    assert judge(policy, ALICE, {"conf": {TEMPLATE: "/etc/pod.yaml"}}).verdict == "allow"
    assert judge(policy, ALICE, {"conf": {TEMPLATE: "/mine/pod.yaml"}}).verdict == "deny"


def test_what_a_later_layer_presets_is_nobody_elses_word():
    stack = stacked([layer("team"), layer("own", PRESET)])

    assert judge(stack, ALICE, {}).verdict == "deny"


def test_a_preset_that_something_can_be_put_into_is_not_the_operators_word_alone():
    options = "-Xmx${spark.mine}"
    policy = layer(
        "team",
        f'session_configs = {{ conf = {{ "spark.driver.extraJavaOptions" = "{options}" }} }}',
        '"driver.memory" = { max = "4g" }',
    )

    assert judge(policy, ALICE, {"conf": {"spark.mine": "99g"}}).verdict == "deny"
