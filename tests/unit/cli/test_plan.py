"""``livyguard plan``: what it prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from livyguard.cli.main import run
from tests.unit.capacity.asked import SHARED

GLUE = ("--worker-type", "G.1X")


@pytest.fixture
def plan(capsys, monkeypatch, tmp_path):
    """Run the command without a policy in force; returns (exit code, output, errors)."""
    for name in ("LIVYGUARD_POLICY", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("livyguard.config.default_search_path", lambda *_: ())

    def plan(*arguments):
        code = run(["plan", *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert "itself failed" not in err
        return code, out, err

    return plan


@pytest.mark.parametrize(("users", "workers"), [("3", 18), ("10", 60), ("50", 300)])
def test_the_contract_of_its_json(plan, users, workers):
    code, out, err = plan("--users", users, "--executors", "5", *GLUE, "--json")

    found = json.loads(out)
    assert (code, err) == (0, "")
    assert {name: found[name] for name in ("users", "executors_per_user", "worker_type", "workers")} == {
        "users": int(users),
        "executors_per_user": 5,
        "worker_type": "G.1X",
        "workers": workers,
    }


def test_text_is_the_answer_and_ends_with_the_policy(plan):
    code, out, _ = plan("--users", "3", "--executors", "5", *GLUE)

    assert code == 0
    assert out.startswith("3 people with 5 executors each need 18 workers of type G.1X.\n")
    assert '"executors.max" = { max = 5, reason = "18 workers for 3 people at a time" }' in out.splitlines()[-3:]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--users", "3", "--executors", "5", "--workers", "18"), 0),
        (("--users", "3", "--executors", "5", "--workers", "17"), 1),
        (("--users", "3", "--workers", "5"), 1),
        (("--executors", "5", "--workers", "5"), 1),
        (("--users", "3,90", "--executors", "5", "--workers", "18"), 0),
    ],
)
def test_what_does_not_fit_is_exit_1(plan, arguments, code):
    assert plan(*arguments, *GLUE)[0] == code


def test_wrong_options_are_one_message_with_all_faults_and_exit_2(plan):
    code, out, err = plan("--users", "0", "--executors", "many", "--worker-type", "G1X", "--conf", "x")

    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "--users: it takes 1 or more, not '0'.",
        "--executors: 'many' is no whole number.",
        "--worker-type: 'G1X' is no worker type that livyguard knows; did you mean G.1X?",
        "--conf: 'x' is no KEY=VALUE, such as spark.executor.memoryOverhead=2g.",
    ]


def test_an_executor_larger_than_any_worker_is_told_without_a_hint_that_means_something_else(plan):
    cluster = ("--worker-memory", "8g", "--executor-memory", "30g")

    code, _, err = plan("--users", "3", "--executors", "5", *cluster)

    assert code == 2
    assert err == (
        "An executor takes 33g (a heap of 30g and 3g of overhead), and a worker offers 8g: "
        "the largest heap that fits is 7448m.\n"
    )


def test_repeated_conf_counts_together(plan):
    conf = ("--conf", "spark.executor.memoryOverhead=1g", "--conf", "spark.driver.memoryOverhead=1g")

    _, out, _ = plan("--users", "3", "--executors", "5", "--worker-memory", "8g", *conf, "--json")

    found = json.loads(out)
    assert (found["driver"]["memory_mib"], found["executor"]["memory_mib"]) == (2_048, 2_048)


def test_a_chart_is_written_beside_the_json(plan, tmp_path):
    file = tmp_path / "plan.svg"

    code, out, err = plan("--users", "3", "--executors", "5", *GLUE, "--chart", str(file), "--json")

    assert code == 0
    assert json.loads(out)["workers"] == 18
    assert err == f"Chart: {file}\n"
    assert file.read_text().startswith("<svg ")


def test_a_chart_that_cannot_be_written_is_exit_2_and_nothing_else_is_printed(plan, tmp_path):
    code, out, err = plan("--users", "3", "--executors", "5", *GLUE, "--chart", str(tmp_path / "no" / "plan.svg"))

    assert (code, out) == (2, "")
    assert err.startswith("--chart: ")


def test_asked_for_nothing_without_a_policy_it_says_what_can_be_asked(plan):
    code, out, err = plan()

    assert (code, out) == (2, "")
    assert err.startswith("No policy is installed here, so say what is asked: --users and --executors")


def test_a_policy_that_is_not_there_is_exit_2(plan):
    code, _, err = plan("--policy", "nowhere.toml")

    assert code == 2
    assert "nowhere.toml" in err


def test_its_help_names_every_mode_and_an_example(plan):
    code, out, _ = plan("--help")

    assert code == 0
    assert "livyguard plan --users 3 --executors 5 --worker-type G.1X" in out
    assert "--drivers-apart" in out


@pytest.fixture
def policy(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text(SHARED)
    return str(file)


@pytest.mark.parametrize(("workers", "code"), [("16", 0), ("8", 1)])
def test_a_policy_is_held_against_its_cluster(plan, policy, workers, code):
    found = plan("--policy", policy, "--workers", workers, "--json")

    shown = json.loads(found[1])
    assert found[0] == code
    assert (shown["mode"], shown["workers"], shown["workers_needed"], shown["fits"]) == (
        "fits",
        int(workers),
        16,
        not code,
    )


def test_the_policy_that_it_prints_is_checked_as_it_is(plan, tmp_path):
    pasted = tmp_path / "pasted.toml"
    pasted.write_text(json.loads(plan("--users", "3", "--executors", "5", *GLUE, "--json")[1])["policy"])

    code, out, err = plan("--policy", str(pasted), "--json")

    assert (code, err, json.loads(out)["workers_needed"]) == (0, "", 18)


def test_the_policy_in_force_is_asked_about_where_nothing_else_is(plan, policy, monkeypatch):
    monkeypatch.setattr("livyguard.config.default_search_path", lambda *_: (Path(policy),))

    code, out, _ = plan()

    assert code == 1
    assert out.startswith("What the policy lets people hold at the worst does not fit into 8 workers of type G.1X")


def test_people_whom_nobody_counted_are_asked_for(plan, policy, tmp_path):
    (tmp_path / "policy.toml").write_text(SHARED.replace('"d"', '"d-*"'))

    code, out, err = plan("--policy", policy)

    assert (code, out) == (2, "")
    assert "--people analysts=12" in err


CLUSTERS = """
[cluster.small]
endpoints = ["http://small*"]
worker_type = "G.1X"
workers = 8
[cluster.large]
endpoints = ["http://large*"]
worker_type = "G.1X"
workers = 16
"""


def test_of_several_clusters_the_one_that_is_asked_for_can_be_said(plan, tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text(CLUSTERS + SHARED[SHARED.index("[[tenant]]") :])

    code, _, err = plan("--policy", str(file))
    large = plan("--policy", str(file), "--cluster", "large", "--json")

    assert code == 2
    assert err == "The policy describes the clusters small, large: say which one, --cluster small.\n"
    assert (large[0], json.loads(large[1])["workers"]) == (0, 16)
    assert plan("--policy", str(file), "--cluster", "small")[0] == 1


def test_a_policy_that_cannot_be_used_is_bad_input_and_not_one_that_does_not_fit(plan, tmp_path):
    broken, empty = tmp_path / "broken.toml", tmp_path / "empty"
    broken.write_text('[[tenant]\nname = "x"')
    empty.mkdir()

    unreadable, nothing = plan("--policy", str(broken)), plan("--policy", str(empty))

    assert (unreadable[0], unreadable[1]) == (2, "")
    assert unreadable[2].startswith("The policy cannot be used:\n")
    assert (nothing[0], nothing[2].splitlines()[1]) == (2, f"  {empty}: the folder holds no policy.toml")


def test_a_policy_in_force_that_cannot_be_used_is_bad_input_too(plan, tmp_path, monkeypatch):
    broken = tmp_path / "broken.toml"
    broken.write_text("[")
    monkeypatch.setattr("livyguard.config.default_search_path", lambda *_: (broken,))

    assert plan()[0] == 2
