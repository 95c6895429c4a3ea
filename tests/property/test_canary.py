"""A secret, whichever way it comes in, stands in nothing that is shown: only in the request that Livy is sent."""

from __future__ import annotations

import json
from functools import cache

import pytest
from click.testing import CliRunner

from livyguard.cli.policy import policy as command
from livyguard.errors import InvalidBody, InvalidPolicy
from livyguard.policy.body import parse_body
from livyguard.policy.fold import fold
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.merge import merge
from livyguard.policy.model import parse
from livyguard.policy.record import DecisionRecord
from livyguard.policy.tenancy import resolve
from livyguard.views import check as check_view
from livyguard.views import decision as decision_view

CANARY = "c4n4ry"
ALICE = Identity("alice", "reported", "a test")
LIVY = f"http://alice:{CANARY}@livy"
PASSWORD = f"password={CANARY}"
KEYS = [
    "spark.hadoop.fs.s3a.secret.key",
    "spark.my.token",
    "spark.executorEnv.DB_PASSWORD",
    "spark.yarn.appMasterEnv.API_TOKEN",
    "spark.hadoop.fs.s3a.bucket.b.access.key",
    " spark.hadoop. my.Secret ",
]
VALUES = [
    PASSWORD,
    f"-Dmy.password={CANARY} -Xmx99g",
    f"'-Djavax.net.ssl.trustStorePassword={CANARY}",
    f"-Dspark.my.token={CANARY}",
    f"-Dspark.executor.memory=token:{CANARY}",
    f"https://me:{CANARY}@repo/a.jar",
    f"https://me:{CANARY}@b@repo/a.jar,s3a://key:{CANARY}@bucket/b.jar",
    f"https://repo/a.jar?access_key={CANARY}",
    f"${{spark.my.secret}}{CANARY}",
]
PLACES = [
    "spark.executor.memory",
    "spark.executor.instances",
    "spark.dynamicAllocation.maxExecutors",
    "spark.dynamicAllocation.enabled",
    "spark.executor.memoryOverheadFactor",
    "spark.memory.offHeap.enabled",
    "spark.yarn.queue",
    "spark.cores.max",
    "spark.a.b",
    "spark.jars",
    "spark.jars.packages",
    "spark.yarn.dist.jars",
    "spark.executorEnv.SPARK_EXECUTOR_MEMORY",
    "spark.driver.extraJavaOptions",
    "spark.executorEnv.JAVA_TOOL_OPTIONS",
    "spark.task.cpus",
    "spark.kubernetes.executor.podTemplateFile",
    "spark.executor.resource.memory-mb.amount",
    "spark.yarn.resourceGpuDeviceName",
    "livy.rsc.server.connect.timeout",
    "livy.rsc.client.do-not-use.run-driver-in-process",
    "spark.unlisted",
]
BODIES = {
    **{f"{key}": {"conf": {key: CANARY}} for key in KEYS},
    **{f"{key} at the top": {key: CANARY} for key in KEYS},
    **{f"{key} nested": {"conf": {key: {"a": [CANARY]}}} for key in KEYS},
    **{f"{key}={value}": {"conf": {key: value}} for key in PLACES for value in VALUES},
    **{f"{key} as a list": {"conf": {key: [PASSWORD]}} for key in PLACES},
    **{
        f"{field}={value}": {field: value}
        for field in ("executorMemory", "numExecutors", "queue", "proxyUser", "kind", "name", "ttl", "jars", "unknown")
        for value in (PASSWORD, [PASSWORD], {"password": CANARY}, {"a": {"token": CANARY}}, f"https://a:{CANARY}@b/")
    },
    "an unknown field by its name": {"myToken": CANARY},
    "a secret as a key": {"conf": {PASSWORD: "1"}},
    "a secret as a field": {PASSWORD: 1},
    "a url as a key": {"conf": {f"spark.x.https://a:{CANARY}@b/": "1"}},
    "conf a text": {"conf": PASSWORD},
    "conf a list": {"conf": [{"password": CANARY}]},
    "a list": [{"password": CANARY}],
    "a text": PASSWORD,
    "two spellings": {"conf": {"spark.my.token": CANARY, " spark.my.token": CANARY}, "spark.my.token": CANARY},
    "deep": {"conf": {"spark.a": {"b": {"c": {"d": [{"secret": CANARY}]}}}}},
}
LIMITS = """
"executors.max" = { max = 4, default = 2 }
"executor.memory" = { max = "4g" }
"executor.cores" = { max = 2 }
"executor.memory_overhead" = { max = "1g" }
"session.memory" = { max = "40g" }
"queue" = { allow = ["a"] }
"jars" = { pattern = "good.*" }
"conf.spark.a.*" = { max = 4 }
"conf.spark.my.token" = { pattern = "x" }
"conf.spark.jars.packages" = { block = ["b"], on_violation = "deny" }
"conf.spark.*.secret" = { forbidden = true }
"""
PRESET = f'session_configs = {{ conf = {{ "spark.my.token" = "{CANARY}", "spark.b" = "https://a:{CANARY}@b/" }} }}'
POLICIES = {
    "none": None,
    "clamps": f'[[tenant]]\nname = "t"\nusers = ["*"]\n[tenant.limits]{LIMITS}',
    "denies": f'[[tenant]]\nname = "t"\nusers = ["*"]\n'
    f'on_violation = "deny"\nunlisted = "deny"\n[tenant.limits]{LIMITS}',
    "presets": f'[[tenant]]\nname = "t"\nusers = ["*"]\n{PRESET}\n[tenant.limits]{LIMITS}',
    "fixes": f'[defaults.limits]\n"conf.spark.my.token" = {{ fixed = "{CANARY}" }}\n'
    f'"conf.spark.hadoop.*.secret.key" = {{ default = "{CANARY}", allow = ["{CANARY}"] }}',
}


@pytest.fixture(scope="module", params=POLICIES)
def policy(request):
    return read(request.param)


@cache
def read(name):
    return None if POLICIES[name] is None else parse(POLICIES[name], source="policy.toml")


@pytest.mark.parametrize("body", BODIES)
def test_it_stands_in_nothing_that_is_shown_of_a_decision(body):
    for name in POLICIES:
        assert shown(read(name), BODIES[body]) == [], name


def shown(policy, asked):
    """Return in what the secret is shown."""
    decision = judge(policy, ALICE, asked, operator=[{"conf": {"spark.their.token": CANARY}}])

    told = {
        "repr": repr(decision),
        "json": json.dumps({**decision.to_json(), "request": None}),
        "text": decision_view.text(decision),
        "html": decision_view.html(decision),
        "check": check_view.text(decision) + check_view.html(decision) + json.dumps(check_view.to_json(decision)),
        "record": DecisionRecord(
            0.0, ALICE, decision, asked, f"http://a:{CANARY}@livy", given=decision.request
        ).to_line(),
    }
    return [name for name, text in told.items() if CANARY in text]


@pytest.mark.parametrize("body", BODIES)
def test_it_stands_in_no_repr_on_the_way(body):
    folded = fold(BODIES[body])

    assert CANARY not in repr(folded) + repr(merge([folded, folded])) + repr(folded.doubts)


def test_it_stands_in_no_repr_of_a_policy(policy):
    if policy is not None:
        assert CANARY not in repr(policy) + str(policy) + repr(resolve(policy, ALICE))


@pytest.mark.parametrize(
    "text",
    [
        f'{{"{PASSWORD}": 1, "{PASSWORD}": 2}}',
        f'{{"password": "{CANARY}"',
        f'{{"password": {CANARY}}}',
        f'["{PASSWORD}"]',
        f'"{PASSWORD}"',
        f'{{"password": "{CANARY}", "a": 1e999}}',
        f'{{"password": "{CANARY}", "a": NaN}}',
    ],
)
def test_it_stands_in_no_message_about_a_body(text):
    with pytest.raises(InvalidBody) as raised:
        parse_body(text)

    assert CANARY not in str(raised.value) + repr(raised.value)


WRONG = {
    "configs as a text": f'[defaults]\nsession_configs = "{PASSWORD}"',
    "configs as a list": f'[defaults]\nsession_configs = ["{PASSWORD}"]',
    "an unknown key": f'[defaults]\nmy_password = "{CANARY}"',
    "a secret as a key": f'[defaults]\n"{PASSWORD}" = 1',
    "a limit of a secret": f'[defaults.limits]\n"conf.spark.my.token" = "{CANARY}"',
    "a fixed secret of another kind": f'[defaults.limits]\n"executor.memory" = {{ fixed = "{PASSWORD}" }}',
    "a list of secrets": f'[defaults.limits]\n"executor.cores" = {{ allow = ["{PASSWORD}"] }}',
    "a pattern": f'[defaults.limits]\n"conf.spark.my.token" = {{ pattern = "({PASSWORD}" }}',
    "a url": f'[cluster]\nresource_manager = 3\nendpoints = "https://a:{CANARY}@livy"',
    "spark defaults": f'[cluster]\nspark_defaults = "{PASSWORD}"',
    "a minimum": f'[defaults.limits]\n"conf.spark.my.token" = {{ min = "{CANARY}" }}',
    "a test": f'[[test]]\nuser = "a"\nrequest = "{PASSWORD}"\nexpect = {{ }}',
    "a manager": f'[cluster]\nmanager = "https://a:{CANARY}@b"',
    "a session of a test": f'[[test]]\nexpect = {{ }}\nholding = [{{ "{PASSWORD}" = 1, state = "{PASSWORD}" }}]',
    "a session's size": f'[[test]]\nexpect = {{ }}\nholding = [{{ idle = "{PASSWORD}", memory = "{PASSWORD}" }}]',
    "a session's keys": f'[[test]]\nexpect = {{ }}\nholding = [{{ "spark.{PASSWORD}" = 1, executors = 2 }}]',
    "a key said twice": (
        f'[[test]]\nexpect = {{ }}\nholding = [{{ "spark.{PASSWORD}" = 1, request = {{ "spark.{PASSWORD}" = 1 }} }}]'
    ),
    "a quota": f'[defaults]\nquota = {{ memory = "{PASSWORD}" }}',
    "no toml": f'[defaults]\nsession_configs = {{ conf = {{ "spark.my.token" = "{CANARY}" }}',
    "no toml within a text": f'password = "{CANARY}\n',
    "a time": f'[defaults]\nidle = {{ after = "{PASSWORD}" }}',
    "a moment": f'[[grant]]\nuser = "a"\nuntil = "{PASSWORD}"\nlimits = {{ }}',
    "a cluster": f'[[tenant]]\nname = "t"\ncluster = "{PASSWORD}"',
    "a parent": f'[[tenant]]\nname = "t"\ninherits = "{PASSWORD}"',
    "a requirement": f'requires_livyguard = "{PASSWORD}"',
}


@pytest.mark.parametrize("wrong", WRONG)
def test_it_stands_in_no_message_about_a_policy(wrong):
    with pytest.raises(InvalidPolicy) as raised:
        parse(WRONG[wrong], source="policy.toml")

    assert CANARY not in str(raised.value) + repr(raised.value)


@pytest.mark.parametrize("output", [[], ["--json"]])
@pytest.mark.parametrize("body", [*list(BODIES)[::20], "a secret as a key", "conf a text", "a list"])
@pytest.mark.parametrize("name", ["denies", "presets", "fixes"])
def test_it_stands_in_nothing_that_the_command_prints(tmp_path, name, body, output):
    file = tmp_path / "policy.toml"
    file.write_text(POLICIES[name], encoding="utf-8")

    ran = CliRunner().invoke(
        command, ["check", "--policy", str(file), "--user", "alice", *output, "-"], input=json.dumps(BODIES[body])
    )

    assert ran.output or ran.exception is not None
    assert CANARY not in ran.output + repr(ran.exception)


@pytest.mark.parametrize("wrong", WRONG)
def test_it_stands_in_nothing_that_the_command_says_of_an_invalid_policy(tmp_path, wrong):
    file = tmp_path / "policy.toml"
    file.write_text(WRONG[wrong], encoding="utf-8")

    ran = CliRunner().invoke(command, ["check", "--policy", str(file), "--user", "alice"])

    assert ran.exit_code != 0
    assert CANARY not in ran.output + str(ran.exception)
