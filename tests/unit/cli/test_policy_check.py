"""``livyguard policy check``: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "policy" / "example.toml"


@pytest.fixture
def check(tmp_path):
    """Run the command as a person does; returns (exit code, output, errors)."""

    def check(*arguments, body=None, policy=EXAMPLE, stdin=None, environment=()):
        options = [] if policy is None else ["--policy", str(policy)]
        if body is not None:
            file = tmp_path / "body.json"
            file.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
            options.append(str(file))
        done = subprocess.run(
            [sys.executable, "-m", "livyguard.cli.main", "policy", "check", *options, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LIVYGUARD_POLICY": "", **dict(environment)},
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return check


def test_the_printed_example(check):
    code, output, _ = check("--user", "alice", "--json", body={"numExecutors": 40})

    printed = json.loads(output)
    assert code == 0
    assert list(printed) == ["verdict", "tenant", "user", "request", "changes", "violations"]
    assert printed["verdict"] == "clamp"
    assert printed["request"]["numExecutors"] == 8
    assert printed["changes"][0] == {
        "property": "executors.max",
        "asked": 40,
        "given": 8,
        "code": "LG701",
        "rule": "analysts.limits.executors.max",
        "reason": "10 workers for 12 people",
    }


def test_without_a_request_the_empty_one_is_judged(check):
    code, output, _ = check("--user", "alice", "--json")

    assert code == 0
    assert json.loads(output)["verdict"] == "allow"


def test_a_request_is_read_from_standard_input(check):
    code, output, _ = check("--user", "alice", "--json", "-", stdin='{"numExecutors": 40}')

    assert (code, json.loads(output)["verdict"]) == (0, "clamp")


def test_a_denial_is_exit_1(check):
    code, output, _ = check("--user", "alice", "--json", body={"proxyUser": "bob"})

    printed = json.loads(output)
    assert code == 1
    assert printed["request"] is None
    assert printed["violations"][0] == {
        "property": "proxy_user",
        "asked": "bob",
        "allowed": "alice",
        "code": "LG702",
        "rule": "analysts.limits.proxy_user",
        "reason": None,
    }


def test_a_claimed_name_is_not_put_in(check):
    code, output, _ = check("--user", "alice", "--trust", "claimed", "--json")

    assert code == 1
    assert json.loads(output)["violations"][0]["property"] == "proxy_user"


def test_groups_and_endpoints_count(check, tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(
        '[cluster.a]\nendpoints = ["http://a*"]\n[[tenant]]\nname = "t"\ngroups = ["g2"]\ncluster = "a"\n'
        '[cluster.b]\nendpoints = ["http://b*"]',
        encoding="utf-8",
    )
    more = ("--user", "x", "--group", "g1", "--group", "g2", "--json")

    assert json.loads(check(*more, "--endpoint", "http://a:8998", policy=policy)[1])["tenant"] == "t"
    assert json.loads(check(*more, "--endpoint", "http://b:8998", policy=policy)[1])["tenant"] == "defaults"


def test_a_clamp_is_read_as_a_table(check):
    code, output, errors = check("--user", "alice", body={"numExecutors": 40})

    assert code == 0
    assert output.startswith("clamp: tenant analysts, user alice\n")
    line = next(line for line in output.splitlines() if line.strip().startswith("executors.max"))
    assert line.split()[:3] == ["executors.max", "40", "8"]
    assert '"numExecutors": 8' in output
    assert errors == ""


def test_a_denial_has_its_five_parts_and_the_nearest_request(check):
    code, output, _ = check("--user", "alice", body={"proxyUser": "bob", "numExecutors": 40})

    assert code == 1
    for part in (
        "LG702 proxy_user is fixed",
        "asked    bob",
        "allowed  alice",
        "hint",
        "more     livyguard explain LG702",
    ):
        assert part in output
    nearest = output[output.index("The nearest request that passes:") :].split("\n", 1)[1]
    assert json.loads(nearest) == {"numExecutors": 8, "proxyUser": "alice"}


def test_secrets_are_never_printed(check):
    body = {"conf": {"spark.my.password": "hunter2", "spark.hadoop.fs.s3a.secret.key": "hunter2"}}

    for more in ((), ("--json",)):
        code, output, errors = check("--user", "zoe", *more, body=body)
        assert code == 0
        assert "hunter2" not in output + errors
        code, output, errors = check("--user", "alice", *more, body=body)
        assert code == 1
        assert "hunter2" not in output + errors


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"a": 1,\n "b": }', "line 2, column 7"),
        ("[1, 2]", "a list (line 1, column 1)"),
        ("\n\n  3", "a number (line 3, column 3)"),
        ("", "line 1, column 1"),
        ('{"numExecutors": 1, "numExecutors": 40}', "numExecutors"),
        ('{"conf": {"spark.a": 1, "spark.a": 2}}', "spark.a"),
        ("{" * 100_000, "line 1"),
        ("[" * 100_000, "line 1"),
        ('{"numExecutors": ' + "9" * 5_000 + "}", ""),
        ('{"numExecutors": NaN}', ""),
    ],
)
def test_a_body_that_is_no_json_object_is_exit_2_with_its_place(check, body, words):
    code, output, errors = check("--user", "alice", "--json", body=body)

    assert (code, output) == (2, "")
    assert words in errors


def test_a_body_in_another_encoding_is_exit_2(check, tmp_path):
    file = tmp_path / "latin.json"
    file.write_bytes(b'{"name": "\xe9"}')

    code, _, errors = check(str(file), "--user", "alice")

    assert code == 2
    assert "UTF-8" in errors


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--user",),
        ("--user", "a", "--trust", "sworn"),
        ("--user", "a", "--nonsense"),
        ("--user", "a", "/no/such/file"),
    ],
)
def test_a_wrong_use_is_exit_2(check, arguments):
    code, output, errors = check(*arguments)

    assert (code, output) == (2, "")
    assert errors


def test_a_policy_that_is_not_there_is_exit_2(check, tmp_path):
    assert check("--user", "alice", policy=tmp_path / "none.toml")[0] == 2


def test_an_invalid_policy_is_exit_1_with_every_fault(check, tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text('a = 1\nb = 2\n[defaults.limits]\n"executors.max" = { maximum = 3 }', encoding="utf-8")

    code, output, errors = check("--user", "alice", "--json", policy=policy)

    assert (code, output) == (1, "")
    assert "a: unknown key" in errors
    assert "b: unknown key" in errors
    assert "defaults.limits.executors.max.maximum: unknown key; did you mean max" in errors


def test_the_policy_in_force_is_taken_where_none_is_named(check):
    code, output, _ = check("--user", "alice", "--json", policy=None, environment={"LIVYGUARD_POLICY": str(EXAMPLE)})

    assert code == 0
    assert json.loads(output)["tenant"] == "analysts"


def test_no_policy_at_all_limits_nothing(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from livyguard.cli.policy import policy

    monkeypatch.setattr("livyguard.config.default_search_path", lambda: (tmp_path / "a.toml", tmp_path / "b.toml"))

    told = CliRunner().invoke(policy, ["check", "--user", "alice"])
    printed = CliRunner().invoke(policy, ["check", "--user", "alice", "--json"])

    assert told.output.startswith("No policy is installed: nothing is limited.")
    assert "allow: user alice" in told.output
    assert json.loads(printed.output)["tenant"] is None
