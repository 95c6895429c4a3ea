"""``livyguard policy lint`` and ``livyguard policy test``: what they print, and their exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from livyguard.cli.main import cli

#: A default outside its own range is a fault; a tenant whom nobody can be is a warning at least.
FAULTY = '[cluster]\ndynamic_allocation = true\n[defaults.limits]\n"executors.max" = { max = 4, default = 9 }\n'
CLEAN = '[cluster]\ndynamic_allocation = true\n[defaults.limits]\n"executors.max" = { max = 4, default = 2 }\n'
GOOD_TEST = (
    '[[test]]\nname = "forty are four"\nuser = "a"\nrequest = { numExecutors = 40 }\n'
    'expect = { verdict = "clamp", "executors.max" = 4 }\n'
)
BAD_TEST = (
    '[[test]]\nname = "forty are eight"\nuser = "a"\nrequest = { numExecutors = 40 }\n'
    'expect = { verdict = "maybe", "executors.max" = 8, queue = "root.a" }\n'
)


@pytest.fixture
def policy(tmp_path):
    file = tmp_path / "policy.toml"

    def policy(text):
        file.write_text(text, encoding="utf-8")
        return str(file)

    return policy


def run(command, *arguments):
    return CliRunner().invoke(cli, ["policy", command, *arguments])


def executable(command, *arguments):
    """Run the `livyguard` that pip installs; returns (exit code, output, errors)."""
    done = subprocess.run(
        [Path(sys.executable).with_name("livyguard"), "policy", command, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LIVYGUARD_POLICY": ""},
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_the_real_command_tells_every_fault_with_its_way_out(policy):
    code, output, errors = executable("lint", file := policy(FAULTY))

    assert (code, errors) == (1, "")
    first, message, fix, *_, last = output.splitlines()
    assert first.split()[:2] == ["fault", found_in(output)]
    assert file in first
    assert "defaults.limits.executors.max" in first
    assert "9" in message
    assert fix.strip().startswith("fix  ")
    assert last == f"1 fault. More: livyguard explain {found_in(output)}"


def found_in(output):
    return next(word for word in output.split() if word.startswith("LG8"))


def test_findings_are_objects_with_json(policy):
    result = run("lint", policy(FAULTY), "--json")

    (found,) = [each for each in json.loads(result.output) if each["severity"] == "fault"]
    assert result.exit_code == 1
    assert set(found) == {"code", "severity", "where", "message", "fix"}


def test_a_policy_that_means_what_it_says_is_clean(policy):
    result = run("lint", policy(CLEAN))
    printed = run("lint", policy(CLEAN), "--json")

    assert (result.exit_code, result.output) == (0, "Lint has nothing to say.\n")
    assert (printed.exit_code, json.loads(printed.output)) == (0, [])


def test_a_warning_alone_is_exit_0(policy):
    result = run("lint", policy(""), "--json")

    severities = {each["severity"] for each in json.loads(result.output)}
    assert severities
    assert "fault" not in severities
    assert result.exit_code == 0


def test_a_folder_is_linted_as_one_layer(policy, tmp_path):
    policy(CLEAN)
    drop_in = tmp_path / "policy.d" / "10-more.toml"
    drop_in.parent.mkdir()
    drop_in.write_text(FAULTY)

    result = run("lint", str(tmp_path), "--json")

    assert result.exit_code == 1
    assert any(str(drop_in) in each["where"] for each in json.loads(result.output))


@pytest.mark.parametrize("command", ["lint", "test"])
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_an_invalid_policy_is_exit_1_with_every_fault(policy, command, more):
    code, output, errors = executable(command, policy("a = 1\nb = 2\n"), *more)

    assert (code, output) == (1, "")
    assert "a: unknown key" in errors
    assert "b: unknown key" in errors


@pytest.mark.parametrize("command", ["lint", "test"])
def test_the_policy_in_force_is_taken_where_none_is_named(command, policy, tmp_path, monkeypatch):
    policy(FAULTY + BAD_TEST)
    monkeypatch.setattr("livyguard.config.default_search_path", lambda *_: (tmp_path,))
    monkeypatch.delenv("LIVYGUARD_POLICY", raising=False)

    assert run(command).exit_code == 1


@pytest.mark.parametrize("command", ["lint", "test"])
def test_where_there_is_none_a_file_is_asked_for(command, tmp_path, monkeypatch):
    monkeypatch.setattr("livyguard.config.default_search_path", lambda *_: (tmp_path / "etc",))
    monkeypatch.delenv("LIVYGUARD_POLICY", raising=False)

    result = run(command)

    assert result.exit_code == 2
    assert f"Name a file. One is looked for in {tmp_path / 'etc'}." in " ".join(result.output.split())


@pytest.mark.parametrize("command", ["lint", "test"])
@pytest.mark.parametrize("arguments", [("/no/such/file",), ("a", "b"), ("--nonsense",)])
def test_a_wrong_use_is_exit_2(command, arguments):
    assert run(command, *arguments).exit_code == 2


def test_the_real_command_runs_the_tests_of_a_policy(policy):
    code, output, errors = executable("test", policy(CLEAN + GOOD_TEST))

    assert (code, errors) == (0, "")
    assert output.splitlines() == ["passed   forty are four", "", "1 passed."]


def test_what_fails_is_told_with_what_came_out(policy):
    result = run("test", file := policy(CLEAN + GOOD_TEST + BAD_TEST))

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "passed   forty are four",
        f"FAILED   forty are eight  ({file}: test[1])",
        '         verdict = "maybe": a verdict is allow, clamp or deny.',
        '         executors.max: 8 is expected, it is "4".',
        '         queue: "root.a" is expected, nothing is sent.',
        "",
        "1 failed, 1 passed.",
    ]


def test_what_a_quota_refuses_against_expectation_is_told_with_its_reason(policy):
    quota = '[defaults]\nquota = { executors = 6 }\nlimits."executors.max" = { max = 4 }\n'
    test = '[[test]]\nuser = "alice"\nholding = [%s]\nexpect = { verdict = "allow", release = [1] }\n'

    result = run("test", file := policy(quota + test % '{ executors = 4, idle = "52m" }' + test % "{ jars = 3 }"))

    assert result.exit_code == 1
    head, verdict, release, refused, unclear, why, _, counts = result.output.splitlines()
    assert head == f"FAILED   test[0] alice  ({file}: test[0])"
    assert verdict == '         verdict: "allow" is expected, it is "deny".'
    assert release == "         release: [1] is expected, it is [0]."
    assert refused.startswith("         It is refused: quota.executors would be exceeded: You hold 4 of 6 executors; ")
    assert unclear == f"FAILED   test[1] alice  ({file}: test[1])"
    assert why == "         holding[0]: the policy refuses such a session: jars cannot be read."
    assert counts == "2 failed, 0 passed."


def test_outcomes_are_objects_with_json(policy):
    result = run("test", policy(CLEAN + GOOD_TEST + BAD_TEST), "--json")

    passed, failed = json.loads(result.output)
    assert result.exit_code == 1
    assert (passed["name"], passed["passed"], passed["mismatches"]) == ("forty are four", True, [])
    assert [each["property"] for each in failed["mismatches"]] == ["verdict", "executors.max", "queue"]


def test_a_policy_without_tests_says_so(policy):
    result = run("test", policy(CLEAN))
    printed = run("test", policy(CLEAN), "--json")

    assert (result.exit_code, result.output) == (0, "No [[test]] stands in the policy: nothing was tried.\n")
    assert (printed.exit_code, json.loads(printed.output)) == (0, [])


def test_what_a_policy_says_is_made_harmless(policy):
    result = run("test", policy(CLEAN + '[[test]]\nname = "\\u001b[31m"\nexpect = { queue = "\\u202e" }\n'))

    assert result.exit_code == 1
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
