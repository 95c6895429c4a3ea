"""``livyguard policy``, the group, and ``livyguard policy schema``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from livyguard.cli.main import cli
from livyguard.cli.policy import policy

COMMANDS = sorted(policy.commands)


def run(*arguments):
    return CliRunner().invoke(cli, ["policy", *arguments])


def executable(*arguments):
    """Run the `livyguard` that pip installs; returns (exit code, output, errors)."""
    command = Path(sys.executable).with_name("livyguard")
    environment = {**os.environ, "LIVYGUARD_POLICY": ""}
    done = subprocess.run([command, "policy", *arguments], capture_output=True, text=True, check=False, env=environment)
    return done.returncode, done.stdout, done.stderr


def test_the_schema_is_printed_whole():
    code, output, errors = executable("schema")

    assert (code, errors) == (0, "")
    document = json.loads(output)
    jsonschema.Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "executors.max" in document["$defs"]["Limits"]["properties"]


def test_an_argument_too_many_is_exit_2():
    result = run("schema", "policy.toml")

    assert result.exit_code == 2
    assert "unexpected extra argument" in result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command):
    result = run(command, "--help")

    assert result.exit_code == 0
    assert f"Example: livyguard policy {command}" in " ".join(result.output.split())


def test_the_list_of_commands_says_what_each_does_in_whole_sentences():
    listed = run("--help").output.partition("Commands:")[2].strip().splitlines()

    assert [line.split()[0] for line in listed] == COMMANDS
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


def test_an_unknown_command_is_told_with_the_nearest_name():
    result = run("shema")

    assert result.exit_code == 2
    assert "There is no command 'shema'. Did you mean 'schema'?" in result.output


def test_an_unknown_command_like_no_other_is_told_alone():
    result = run("xyzzy")

    assert result.exit_code == 2
    assert "There is no command 'xyzzy'.\n" in result.output
