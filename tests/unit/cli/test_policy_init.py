"""``livyguard policy init``: what it writes, where, and what it says of bad input."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from livyguard.cli.main import cli
from livyguard.policy.model import parse

PLAIN = ("--users", "3", "--workers", "18", "--worker-type", "G.1X")


def init(*arguments):
    return CliRunner().invoke(cli, ["policy", "init", *arguments])


def executable(*arguments, folder=None):
    """Run the `livyguard` that pip installs; returns (exit code, output, errors)."""
    command = Path(sys.executable).with_name("livyguard")
    done = subprocess.run(
        [command, "policy", "init", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("users", "workers", "kind", "executors"),
    [
        ("3", "18", "G.1X", 5),
        ("10", "60", "G.1X", 5),
        ("50", "300", "G.2X", 5),
        ("3", "10", "Standard", 5),
        (" 3 ", " 18 ", "G.1X", 5),
    ],
)
def test_everybody_gets_an_even_share(users, workers, kind, executors):
    result = init("--users", users, "--workers", workers, "--worker-type", kind)

    assert result.exit_code == 0
    policy = parse(result.output, source="p")
    assert policy.defaults.limits["executors.max"].max == executors
    assert policy.cluster[""].manager == "glue"
    assert policy.cluster[""].worker_type == kind


def test_names_become_a_tenant():
    result = init("--users", "alice, bob", "--workers", "10", "--worker-type", "G.1X", "--name", "risk")

    (tenant,) = parse(result.output, source="p").tenant
    assert (tenant.name, tenant.users) == ("risk", ["alice", "bob"])
    assert tenant.limits["executors.max"].max == 4


def test_one_name_is_a_name_and_no_number():
    result = init("--users", "alice", "--workers", "10", "--worker-type", "G.1X")

    assert parse(result.output, source="p").tenant[0].users == ["alice"]


def test_another_manager_is_said():
    result = init(*PLAIN, "--manager", "kubernetes")

    assert parse(result.output, source="p").cluster[""].manager == "kubernetes"


def test_the_real_command_writes_a_file_that_everybody_can_read(tmp_path):
    code, output, errors = executable(*PLAIN, "-o", "policy.toml", folder=tmp_path)

    assert (code, errors) == (0, "")
    assert output.splitlines() == [
        "Written: policy.toml",
        "Next: livyguard policy test policy.toml, then livyguard policy install policy.toml",
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["policy.toml"]
    file = tmp_path / "policy.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert file.read_text("utf-8") == init(*PLAIN).output


def test_a_file_that_is_there_stays(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text("mine")

    result = init(*PLAIN, "--output", str(file))

    assert result.exit_code == 2
    assert f"{file} is there already; it stays as it is. --force replaces it." in result.output
    assert file.read_text() == "mine"


def test_force_replaces_it(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text("mine")

    assert init(*PLAIN, "--output", str(file), "--force").exit_code == 0
    assert parse(file.read_text("utf-8"), source="p").defaults.limits


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")

    result = init(*PLAIN, "-o", str(tmp_path / "file" / "policy.toml"))

    assert result.exit_code == 1
    assert (
        result.output
        == f"Error: {tmp_path}/file/policy.toml cannot be written: a file stands where a folder is wanted.\n"
    )


def test_a_place_that_cannot_be_looked_at_is_one_sentence(tmp_path):
    name = "x" * 300

    result = init(*PLAIN, "-o", str(tmp_path / name))

    assert result.exit_code == 1
    assert result.output == f"Error: {tmp_path / name} cannot be written: File name too long.\n"


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_folder_is_no_file(tmp_path, force):
    result = init(*PLAIN, "-o", str(tmp_path), *force)

    assert result.exit_code == (1 if force else 2)
    assert list(tmp_path.iterdir()) == []


def test_every_fault_comes_at_once():
    code, output, errors = executable(
        "--users", "a,a,b-*,,root", "--workers", "0", "--worker-type", "g1x", "--manager", "mesos", "--name", "defaults"
    )

    assert (code, output) == (2, "")
    assert errors.splitlines() == [
        "--users: 'a' is named 2 times.",
        "--users: 'b-*' stands for any number of people; give the number instead.",
        "--users: '' is no name.",
        "--users: 'root' is a log-in of many people and names nobody; give a number instead.",
        "--workers: '0' is no whole number from 1 to 100000.",
        "--worker-type: there is no 'g1x'; did you mean G.1X?",
        "--manager: 'mesos' is none of glue, yarn, kubernetes, standalone.",
        "--name: 'defaults' names no team.",
    ]


def test_what_is_missing_is_named():
    assert executable() == (
        2,
        "",
        "--users: is missing.\n--workers: is missing.\n--worker-type: is missing; it is one of Standard, G.1X, G.2X.\n",
    )


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "+3", "100001", "9" * 5_000, "", "x"])
def test_what_is_no_number_of_workers_is_refused(number):
    code, output, errors = executable("--users", "3", "--worker-type", "G.1X", "--workers", number)

    assert (code, output) == (2, "")
    assert "is no whole number from 1 to 100000." in errors


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "+3", "100001"])
def test_what_is_no_number_of_people_is_no_name_either(number):
    code, _, errors = executable("--users", number, "--worker-type", "G.1X", "--workers", "3")

    assert code == 2
    assert f"--users: {number!r} is no whole number from 1 to 100000." in errors


@pytest.mark.parametrize(
    ("users", "workers", "kind", "told"),
    [
        ("6", "10", "G.1X", "10 workers of type G.1X have room for 5 people; 12 workers are enough for 6."),
        ("2", "2", "Standard", "2 workers of type Standard have room for 1 person; 3 workers are enough for 2."),
        ("alice,bob", "1", "G.2X", "1 worker of type G.2X has room for nobody; 4 workers are enough for 2."),
    ],
)
def test_more_people_than_fit_are_told_how_many_workers_are_enough(users, workers, kind, told):
    result = CliRunner().invoke(
        cli, ["policy", "init", "--users", users, "--workers", workers, "--worker-type", kind], standalone_mode=False
    )

    assert type(result.exception).__name__ == "InvalidInput"
    assert told in str(result.exception)


def test_a_worker_type_like_no_other_is_told_the_known_ones():
    code, _, errors = executable("--users", "3", "--workers", "3", "--worker-type", "m5.xlarge")

    assert code == 2
    assert "there is no 'm5.xlarge'; known are Standard, G.1X, G.2X." in errors


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[31m"])
def test_a_name_that_is_none_is_refused(name):
    code, _, errors = executable(*PLAIN, "--name", name)

    assert code == 2
    assert "names no team." in errors
    assert "\x1b" not in errors


def test_nothing_stays_behind_where_writing_is_interrupted(tmp_path, monkeypatch):
    file = tmp_path / "policy.toml"
    file.write_text("old")

    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    result = init(*PLAIN, "-o", str(file), "--force")

    assert result.exit_code != 0
    assert [each.name for each in tmp_path.iterdir()] == ["policy.toml"]
    assert file.read_text() == "old"
