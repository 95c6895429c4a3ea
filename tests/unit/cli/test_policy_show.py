"""``livyguard policy show``: the policy in force by layers, and what it says of one person."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from livyguard.cli.main import cli

#: Some of these policies have quotas: what the machine's own SparkMagic is configured for must not be asked.
pytestmark = pytest.mark.usefixtures("own_home")

EXAMPLE = Path(__file__).parents[1] / "policy" / "example.toml"


def show(*arguments):
    return CliRunner().invoke(cli, ["policy", "show", *arguments])


def executable(*arguments):
    """Run the `livyguard` that pip installs; returns (exit code, output, errors)."""
    command = Path(sys.executable).with_name("livyguard")
    done = subprocess.run([command, "policy", "show", *arguments], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def layers(tmp_path, monkeypatch):
    """Two layers, one of them of two files, and a place where there is none."""
    operators, own, nowhere = tmp_path / "etc", tmp_path / "own", tmp_path / "nowhere"
    drop_ins = operators / "policy.d"
    drop_ins.mkdir(parents=True)
    own.mkdir()
    (operators / "policy.toml").write_text(
        'operators = { users = ["ops-*"], groups = ["platform"] }\ndecision_log = "/var/log/livyguard"\n'
        '[cluster.a]\nendpoints = ["http://a*"]\n[defaults]\nlimits."executors.max" = { max = 4 }\n'
        '[[tenant]]\nname = "one"\nusers = ["alice", "bob-*"]\ngroups = ["g"]\nlimits.queue = { fixed = "root.one" }\n'
        '[[grant]]\nuser = "x"\nlimits = {}\nuntil = 2099-01-01T00:00:00Z\n[[test]]\nexpect = {}\n'
    )
    (drop_ins / "10-two.toml").write_text(
        '[[tenant]]\nname = "two"\ninherits = "one"\ncluster = "a"\nusers = ["zoe"]\n'
    )
    (own / "policy.toml").write_text('[defaults]\nlimits."executors.max" = { max = 2 }\n')
    monkeypatch.setattr("livyguard.config.default_search_path", lambda *_: (operators, nowhere, own))
    monkeypatch.delenv("LIVYGUARD_POLICY", raising=False)
    return operators, own, nowhere


@pytest.fixture
def nothing(tmp_path, monkeypatch):
    places = (tmp_path / "etc", tmp_path / "own")
    monkeypatch.setattr("livyguard.config.default_search_path", lambda *_: places)
    monkeypatch.delenv("LIVYGUARD_POLICY", raising=False)
    return places


def test_the_policy_in_force_is_shown_layer_by_layer(layers):
    operators, own, nowhere = layers

    result = show("--json")

    assert result.exit_code == 0
    shown = json.loads(result.output)
    assert shown["searched"] == [str(operators), str(nowhere), str(own)]
    first, second = shown["layers"]
    assert first["source"] == str(operators)
    assert first["files"] == [str(operators / "policy.toml"), str(operators / "policy.d" / "10-two.toml")]
    assert first["operators"] == {"users": ["ops-*"], "groups": ["platform"]}
    assert (first["clusters"], first["decision_log"]) == (["a"], "/var/log/livyguard")
    assert (first["grants"], first["tests"]) == (1, 1)
    assert first["tenants"] == [
        {
            "name": "one",
            "users": ["alice", "bob-*"],
            "groups": ["g"],
            "cluster": None,
            "inherits": None,
            "limits": ["queue"],
            "file": str(operators / "policy.toml"),
        },
        {
            "name": "two",
            "users": ["zoe"],
            "groups": [],
            "cluster": "a",
            "inherits": "one",
            "limits": [],
            "file": str(operators / "policy.d" / "10-two.toml"),
        },
    ]
    assert (first["is_operators"], second["is_operators"]) == (True, False)
    assert second["files"] == [str(own / "policy.toml")]
    assert second["defaults"] == {"limits": ["executors.max"], "file": str(own / "policy.toml")}


def test_the_policy_in_force_is_read_as_a_table(layers):
    operators, own, _ = layers

    lines = show().output.splitlines()

    assert lines[0] == f"Policy        {operators}"
    assert "Operators     ops-*, group platform" in lines
    assert "Decision log  /var/log/livyguard" in lines
    order = [line.split()[1] for line in lines if line.strip().startswith(("1 ", "2 "))]
    assert order == ["one", "two"]
    assert any("alice, bob-*, group g" in line and "queue" in line for line in lines)
    assert any(line.strip().startswith("defaults  whoever no tenant matches") for line in lines)
    assert f"Policy        {own / 'policy.toml'} (adds limits to those above)" in lines


def test_a_policy_of_the_users_own_names_no_operators(tmp_path, monkeypatch):
    (tmp_path / "policy.toml").write_text('operators = { users = ["me"] }\n[defaults]\nlimits.ttl = { max = "8h" }\n')
    monkeypatch.setattr("livyguard.config.default_search_path", lambda *_: (tmp_path,))
    monkeypatch.setattr("livyguard.config.own_folder", lambda *_: tmp_path)
    monkeypatch.delenv("LIVYGUARD_POLICY", raising=False)

    (layer,) = json.loads(show("--json").output)["layers"]

    assert layer["files"] == [str(tmp_path / "policy.toml")]
    assert layer["operators"] == {"users": [], "groups": []}


def test_where_there_is_no_policy_it_is_said_where_it_was_looked_for(nothing):
    result = show()

    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "No policy is installed: nothing is limited. It is looked for in:",
        *(f"  {place}" for place in nothing),
    ]
    assert json.loads(show("--json").output) == {"layers": [], "searched": list(map(str, nothing))}


def test_where_there_is_no_policy_it_is_said_of_a_person_too(nothing):
    result = show("--user", "alice")

    assert result.exit_code == 0
    assert "No policy is installed: nothing is limited." in result.output
    assert str(nothing[0]) in result.output
    shown = json.loads(show("--user", "alice", "--json").output)
    assert (shown["tenant"], shown["searched"]) == (None, list(map(str, nothing)))


def test_the_real_command_says_which_tenant_and_why():
    code, output, errors = executable("--policy", str(EXAMPLE), "--user", "bob-2")

    assert (code, errors) == (0, "")
    assert 'Tenant      analysts (users: "bob-*" matches bob-2)' in output
    line = next(line for line in output.splitlines() if line.startswith("executors.max"))
    assert "at most 8" in line
    assert "analysts.limits.executors.max" in line
    assert "fixed" not in line


def test_each_limit_is_told_with_file_and_path(layers):
    operators, own, _ = layers

    shown = json.loads(show("--user", "alice", "--json").output)

    assert (shown["user"], shown["trust"], shown["tenant"]) == ("alice", "reported", "one")
    told = {limit["property"]: (limit["rule"], limit["file"]) for limit in shown["limits"]}
    assert told == {
        "executors.max": ("defaults.limits.executors.max", str(own / "policy.toml")),
        "queue": ("one.limits.queue", str(operators / "policy.toml")),
    }
    assert [layer["source"] for layer in shown["layers"]] == [str(operators), str(own / "policy.toml")]


def test_groups_trust_and_endpoint_count(layers):
    def told(*more):
        shown = json.loads(show("--json", *more).output)
        return shown["tenant"], shown["trust"], shown["cluster"]

    assert told("--user", "carol", "--group", "x", "--group", "g") == ("one", "reported", "a")
    assert told("--user", "zoe", "--endpoint", "http://a:8998") == ("two", "reported", "a")
    assert told("--user", "zoe", "--endpoint", "http://b:8998") == ("defaults", "reported", None)
    assert told("--user", "zoe", "--trust", "claimed")[1] == "claimed"


def test_a_folder_is_a_layer(layers):
    operators, _, _ = layers

    shown = json.loads(show("--policy", str(operators), "--json").output)

    assert [tenant["name"] for tenant in shown["layers"][0]["tenants"]] == ["one", "two"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--group", "g"), "--group tells of a person: add --user."),
        (("--trust", "claimed", "--endpoint", "http://a"), "--trust and --endpoint tells of a person"),
        (("--trust", "sworn", "--user", "a"), "'sworn' is not one of"),
        (("--policy", "/no/such/file"), "does not exist"),
        (("--usr", "a"), "No such option"),
    ],
)
def test_a_wrong_use_is_exit_2(nothing, arguments, told):
    result = show(*arguments)

    assert result.exit_code == 2
    assert told in result.output


def test_an_invalid_policy_is_exit_1_with_every_fault(tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text("a = 1\nb = 2\n")

    for more in ((), ("--user", "alice"), ("--json",)):
        code, output, errors = executable("--policy", str(policy), *more)
        assert (code, output) == (1, "")
        assert f"{policy}: a: unknown key" in errors
        assert f"{policy}: b: unknown key" in errors


def test_what_a_policy_says_is_made_harmless(tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text('[[tenant]]\nname = "a\\u001b[31m"\nusers = ["x\\u202e"]\n')

    for more in ((), ("--user", "x\u202e")):
        result = show("--policy", str(policy), *more)
        assert result.exit_code == 0
        assert "\x1b" not in result.output
        assert "\u202e" not in result.output
