"""What README.md shows is what the project does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from livyguard.cli.main import COMMANDS, cli
from livyguard.magics.livyguard import LivyGuard

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def block(language):
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)
    return found


def test_the_policy_of_the_readme_decides_as_the_readme_says(tmp_path):
    policy = tmp_path / "policy.toml"
    policy.write_text(block("toml"))

    result = CliRunner().invoke(
        cli,
        ["policy", "check", "--policy", str(policy), "--user", "alice", "--json", "-"],
        input='{"numExecutors": 40}',
    )

    assert result.exit_code == 0, result.output
    decided = json.loads(result.output)
    shown = json.loads(block("json"))
    assert {name: decided[name] for name in shown} == shown
    assert decided["violations"] == []


def test_every_magic_is_in_its_table():
    named = set(re.findall(r"`%{1,2}(livy_\w+)", README))

    assert named == {name for table in LivyGuard.magics.values() for name in table}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_in_its_table(command):
    assert f"`livyguard {command}" in README


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`?livyguard (\w+)(?: --|`| \[| CODE| check)", README))))
def test_every_command_that_is_named_exists(command):
    assert command in COMMANDS


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", README))))
def test_every_make_target_that_is_named_exists(target):
    makefile = (Path(__file__).parents[1] / "Makefile").read_text("utf-8")

    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


@pytest.mark.parametrize("file", sorted(set(re.findall(r"\]\((\w[\w./-]*)\)", README))))
def test_every_linked_file_exists(file):
    assert (Path(__file__).parents[1] / file).exists()
