"""``livyguard policy init``: what it writes, where, and what it says of bad input."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from livyguard.capacity.fits import fits
from livyguard.capacity.lint import lint
from livyguard.cli.main import cli
from livyguard.policy.model import parse

GLUES = "Standard, G.1X, G.2X, G.025X, G.4X, G.8X, G.12X, G.16X, R.1X, R.2X, R.4X, R.8X"
KNOWN = f"{GLUES}, or one of EMR's such as m5.4xlarge"
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
        ("4", "20", "R.8X", 4),
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


def test_where_aws_does_not_say_how_large_a_container_is_no_size_is_limited():
    result = init("--users", "4", "--workers", "20", "--worker-type", "R.8X")

    assert (
        "AWS does not say how much memory and how many cores a container on workers of type\n# R.8X has"
        in result.output
    )
    rules = parse(result.output, source="p").defaults
    assert set(rules.limits) == {"executors.max"}
    assert rules.quota.memory is None


NODES = ("--worker-memory", "56g", "--worker-cores", "16", "--executor-memory", "8g", "--executor-cores", "4")


@pytest.mark.parametrize(
    "cluster",
    [
        NODES,
        (*NODES, "--minimum-allocation", "32m", "--driver-memory", "4g"),
        ("--worker-type", "m5.4xlarge", "--executor-memory", "8g"),
        (*NODES, "--manager", "kubernetes", "--driver-cores", "2"),
        (*NODES, "--manager", "standalone"),
    ],
)
@pytest.mark.parametrize(("users", "workers"), [("10", "10"), ("a,b,c", "4"), ("1", "2")])
def test_what_it_shares_out_on_any_cluster_fits_when_all_work_at_once(cluster, users, workers):
    result = init("--users", users, "--workers", workers, *cluster)

    policy = parse(result.output, source="p")
    people = {} if policy.tenant else {"defaults": int(users)}
    worst = fits(policy, people=people).worst
    assert worst.fits
    assert lint(policy) == ()
    (rules,) = policy.tenant or [policy.defaults]
    assert worst.executors == worst.people * rules.limits["executors.max"].max


def test_on_emr_the_policy_counts_emrs_own_overhead():
    text = init("--users", "2", "--workers", "4", "--worker-type", "m5.4xlarge", "--executor-memory", "8g").output

    policy = parse(text, source="p")
    (row,) = fits(policy, people={"defaults": 2}).worst.rows
    assert row.size.executor.memory_mib == 9_728  # 8192 and 18.75 %
    assert policy.cluster[""].minimum_allocation == "32m"


def test_one_executor_more_each_would_not_fit():
    text = init("--users", "10", "--workers", "10", *NODES).output

    assert '"executors.max" = { max = 5,' in text  # six of 9 GiB on a node, less where drivers lie
    more = (
        text.replace("max = 5,", "max = 6,")
        .replace('max = "47g"', 'max = "56g"')
        .replace("executors = 5", "executors = 6")
    )
    assert fits(parse(more, source="p"), people={"defaults": 10}).worst.fits is False


def test_a_worker_too_few_is_told_without_a_type_too():
    result = CliRunner().invoke(
        cli, ["policy", "init", "--users", "8", "--workers", "1", *NODES], standalone_mode=False
    )

    assert str(result.exception) == (
        "--users: 8 at once take a driver and an executor each, and 1 worker has room for 3 people; "
        "3 workers are enough for 8."
    )


def test_faults_of_the_cluster_come_with_the_others():
    code, _, errors = executable(
        *(
            "--users",
            "0",
            "--workers",
            "3",
            "--manager",
            "kubernetes",
            "--worker-memory",
            "4g",
            "--executor-memory",
            "x",
        )
    )

    assert code == 2
    assert errors.splitlines()[0] == "--users: '0' is no whole number from 1 to 100000."
    assert "Say what one worker offers: --worker-cores." in errors
    assert "--executor-memory: " in errors


def test_glues_types_say_how_large_a_container_is():
    code, _, errors = executable(*PLAIN, "--executor-memory", "8g", "--driver-cores", "2")

    assert code == 2
    told = "--executor-memory, --driver-cores: goes with --worker-memory; Glue's types say how large a container is."
    assert errors.splitlines() == [told]


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


def test_a_machine_without_figures_is_asked_for_by_its_memory():
    _, _, errors = executable("--users", "3", "--workers", "8", "--worker-type", "m7i.4xlarge")

    assert errors == "--worker-type: livyguard has no figures for 'm7i.4xlarge'; give --worker-memory instead.\n"


def test_what_is_missing_is_named():
    code, output, errors = executable()

    assert (code, output) == (2, "")
    assert errors.splitlines() == [
        "--users: is missing.",
        "--workers: is missing.",
        f"--worker-type: is missing, and --worker-memory too; it is one of {KNOWN}.",
    ]


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
    code, _, errors = executable("--users", "3", "--workers", "3", "--worker-type", "cc9")

    assert code == 2
    assert f"there is no 'cc9'; known are {KNOWN}." in errors


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
