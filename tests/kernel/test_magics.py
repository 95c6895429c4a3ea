"""The magics as people meet them: tables, options, help, and what may be freed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import requests

from .conftest import PYSPARK, PYTHON

if TYPE_CHECKING:
    from .conftest import Lab


def states(lab: Lab) -> dict[int, str]:
    answer = requests.get(f"{lab.sandbox.url}/sessions", params={"size": 1000}, timeout=10)
    return {session["id"]: session["state"] for session in answer.json()["sessions"]}


def alive(lab: Lab) -> set[int]:
    return {number for number, state in states(lab).items() if state != "dead"}


def test_the_listing_shows_everybody_mine_first_and_this_notebook(lab: Lab) -> None:
    theirs = lab.sandbox.seed("bob:idle:4:45m")
    kernel = lab.start()
    kernel.fine("1 + 1")

    said = kernel.fine("%livy_sessions")

    lines = said.plain[0].splitlines()
    first = next(line for line in lines if "this notebook" in line)
    other = next(line for line in lines if line.split()[:2] == [str(theirs), "bob"])
    assert lines.index(first) < lines.index(other)
    assert "<table" in said.html[0]
    assert "<caption" in said.html[0]


def test_idle_filter_asks_for_others_idle_times(lab: Lab) -> None:
    theirs = lab.sandbox.seed("bob:idle:4:45m")
    lab.sandbox.seed("bob:idle:4:1m")
    kernel = lab.start()

    said = json.loads(kernel.fine("%livy_sessions --idle-for 30m --user bob --json").stdout)

    assert theirs in [row["id"] for row in said]
    assert all(row["idle_seconds"] >= 1800 for row in said)


def test_a_listing_can_be_kept_and_made_a_frame(lab: Lab) -> None:
    lab.sandbox.seed("bob:idle:4:45m")
    kernel = lab.start()
    kernel.fine("%livy_sessions -o held")

    said = kernel.fine("%%local\nprint(len(held), list(held.to_frame().columns)[:3])")

    assert "['id', 'name', 'owner']" in said.stdout


@pytest.mark.parametrize("argv", [PYSPARK, PYTHON])
def test_an_unknown_option_says_what_was_meant(lab: Lab, argv: list[str]) -> None:
    kernel = lab.start(argv)

    said = kernel.run("%livy_sessions --idel")

    assert said.status == "error"
    assert "did you mean --idle?" in said.text
    assert "Traceback" not in said.text


@pytest.mark.parametrize("argv", [PYSPARK, PYTHON])
def test_options_complete_on_the_magics_own_line_only(lab: Lab, argv: list[str]) -> None:
    kernel = lab.start(argv)

    ours = kernel.complete("%livy_release --d")
    others = kernel.complete("%matplotlib --d")

    assert ours == ["--dry-run"]
    assert "--dry-run" not in others


def test_help_shows_the_options_and_an_example(lab: Lab) -> None:
    kernel = lab.start(PYTHON)

    said = kernel.client.execute("%livy_release?", reply=True, timeout=60)

    page = said["content"]["payload"][0]["data"]["text/plain"]
    assert "--dry-run" in page
    assert "%livy_release 41" in page


def test_release_frees_my_idle_session_and_nobody_elses(lab: Lab) -> None:
    theirs = lab.sandbox.seed("bob:idle:4:3h")
    mine = lab.sandbox.seed("alice:idle:4:3h")
    fresh = lab.sandbox.seed("alice:idle:4:1m")
    kernel = lab.start()
    kernel.fine("1 + 1")
    this = max(alive(lab))

    rehearsed = kernel.fine("%livy_release --dry-run")
    assert mine in alive(lab)
    said = kernel.fine("%livy_release")

    assert f"{mine}" in rehearsed.text
    assert "would be released" in rehearsed.text
    assert mine not in alive(lab)
    assert {theirs, fresh, this} <= alive(lab)
    assert "released" in said.text
    kernel.fine("2 + 2")


def test_a_foreign_session_is_refused_by_name_and_fails_the_cell(lab: Lab) -> None:
    theirs = lab.sandbox.seed("bob:idle:4:3h")
    kernel = lab.start()

    said = kernel.fails(f"%livy_release {theirs} --force")

    assert "bob" in said.error
    assert theirs in alive(lab)


def test_this_frees_this_notebooks_session_and_the_next_cell_starts_afresh(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine("1 + 1")
    this = max(alive(lab))

    kernel.fine("%livy_release --this")

    assert this not in alive(lab)
    assert "Starting Spark application" in kernel.fine("2 + 2").text


def test_release_of_this_session_does_not_wait_for_sparkmagics_heartbeat(lab: Lab) -> None:
    lab.configure(heartbeat_refresh_seconds=100_000)
    kernel = lab.start()
    kernel.fine("1 + 1")

    said = kernel.fine("%livy_release --this")

    assert "released" in said.text


def test_cleanup_frees_mine_and_says_whose_it_left(lab: Lab) -> None:
    theirs = lab.sandbox.seed("bob:idle:4:3h")
    mine = {lab.sandbox.seed("alice:idle:4:3h"), lab.sandbox.seed("alice:busy:4")}
    kernel = lab.start()
    kernel.fine("1 + 1")
    this = max(alive(lab))

    asked = kernel.fails("%%cleanup")
    said = kernel.fine("%%cleanup -f")

    assert "nobody else's" in asked.error
    assert theirs in alive(lab)
    assert not (mine | {this}) & alive(lab)
    assert "Released " in said.plain[0]
    assert "bob" in said.text
    assert "Starting Spark application" in kernel.fine("2 + 2").text


def test_delete_of_a_foreign_session_is_refused(lab: Lab) -> None:
    theirs = lab.sandbox.seed("bob:idle:4:3h")
    mine = lab.sandbox.seed("alice:idle:4:3h")
    kernel = lab.start()

    said = kernel.fails(f"%%delete -f -s {theirs}")
    kernel.fine(f"%%delete -f -s {mine}")

    assert "bob" in said.error
    assert theirs in alive(lab)
    assert mine not in alive(lab)


def test_the_f_of_delete_is_no_force_for_what_nobody_proves_or_for_what_runs(lab: Lab) -> None:
    lab.configure(user=None)
    unknown = requests.post(f"{lab.sandbox.url}/sessions", json={"kind": "pyspark"}, timeout=10).json()["id"]
    kernel = lab.start()

    said = kernel.fails(f"%%delete -f -s {unknown}")

    assert f"%livy_release {unknown} --force" in said.error
    assert unknown in alive(lab)


def test_spark_cleanup_and_delete_obey_the_same_rules(lab: Lab) -> None:
    theirs = lab.sandbox.seed("bob:idle:4:3h")
    mine = lab.sandbox.seed("alice:idle:4:3h")
    login = f"-u {lab.sandbox.url} -t Basic_Access -a alice -p pw"
    kernel = lab.start(PYTHON)
    kernel.fine("%load_ext sparkmagic.magics")

    refused = kernel.fails(f"%spark delete {login} -i {theirs}")
    said = kernel.fine(f"%spark cleanup {login}")

    assert "bob" in refused.error
    assert "bob" in said.text
    assert theirs in alive(lab)
    assert mine not in alive(lab)


def test_where_livy_tells_no_owner_only_the_ledger_proves_what_is_mine(lab: Lab) -> None:
    lab.configure(user=None)
    unknown = requests.post(f"{lab.sandbox.url}/sessions", json={"kind": "pyspark"}, timeout=10).json()["id"]
    kernel = lab.start()
    other = lab.start()
    kernel.fine("1 + 1")
    this = max(alive(lab))
    other.fine("1 + 1")
    others = max(alive(lab))

    refused = kernel.fails(f"%livy_release {unknown}")
    kernel.fine("%livy_release --idle-for 0s")
    after = alive(lab)

    assert "nothing proves whose it is" in refused.error
    assert unknown in after
    assert this in after
    assert others not in after
    kernel.fine(f"%livy_release {unknown} --force")
    assert unknown not in alive(lab)


def test_info_shows_effective_settings_redacted_and_asks_for_no_single_session(lab: Lab) -> None:
    lab.configure(session_configs={"conf": {"spark.my.password": "hunter2", "spark.x": "y"}})
    lab.sandbox.seed("bob:idle:4:3h")
    kernel = lab.start()
    kernel.fine("1 + 1")
    lab.sandbox.requests.clear()

    said = kernel.fine("%%info")

    assert "spark.x" in said.text
    assert "hunter2" not in said.text + "".join(said.html)
    assert {seen.path for seen in lab.sandbox.requests if seen.path.startswith("/sessions/")} <= {
        f"/sessions/{max(alive(lab))}"  # SparkMagic's heartbeat of this very session
    }


@pytest.mark.parametrize("argv", [PYSPARK, PYTHON])
def test_unloading_leaves_the_kernel_as_it_was(lab: Lab, argv: list[str]) -> None:
    look = (
        "%%local\n"
        * (argv is PYSPARK)
        + "print(sorted((kind, name) for kind, table in get_ipython().magics_manager.magics.items() for name in table),"
        " get_ipython().configurables, len(get_ipython().Completer.custom_matchers))"
    )
    kernel = lab.start(argv, load=False)
    kernel.fine("%load_ext autoreload")  # IPython makes the magic that loads extensions at its first use
    before = kernel.fine(look).stdout
    kernel.fine("%load_ext livyguard")
    kernel.fine("%reload_ext livyguard")
    during = kernel.fine(look).stdout

    kernel.fine("%unload_ext livyguard")

    assert "livy_sessions" in during
    assert kernel.fine(look).stdout == before


def test_unguarded_again_a_greedy_request_goes_through(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine("%unload_ext livyguard")

    kernel.fine('%%configure -f\n{"numExecutors": 40}')
    kernel.fine("1 + 1")

    newest = requests.get(f"{lab.sandbox.url}/sessions/{max(alive(lab))}", timeout=10).json()
    assert newest["numExecutors"] == 40


def test_explain_shows_the_long_form_and_corrects_a_slip(lab: Lab) -> None:
    kernel = lab.start()

    page = kernel.fine("%livy_explain LG101")
    slip = kernel.run("%livy_explain LG1O1")

    assert "LG101" in page.text
    assert "Did you mean LG101" in slip.text


def test_deletes_tell_when_livy_does_not_answer_and_delete_nothing(lab: Lab) -> None:
    mine = lab.sandbox.seed("alice:idle:4:3h")
    kernel = lab.start()
    html = {"status": 200, "body": "<html><title>Sign in</title></html>", "content_type": "text/html"}

    lab.sandbox.fail_next("GET", "/sessions", **html)
    cleanup = kernel.fails("%%cleanup -f")
    lab.sandbox.fail_next("GET", "/sessions", **html)
    delete = kernel.fails(f"%%delete -f -s {mine}")

    assert "Nothing is deleted" in cleanup.error
    assert f"Session {mine} is not deleted" in delete.error
    assert mine in alive(lab)


def test_release_prints_json_with_every_outcome(lab: Lab) -> None:
    mine = lab.sandbox.seed("alice:idle:4:3h")
    kernel = lab.start()

    said = json.loads(kernel.fine(f"%livy_release {mine} --json").stdout)

    assert [(one["id"], one["result"]) for one in said["outcomes"]] == [(mine, "released")]


def test_an_operator_of_the_policy_may_free_others_sessions(lab: Lab) -> None:
    assert lab.policy is not None
    lab.policy.write_text('operators = { users = ["alice"] }\n' + lab.policy.read_text())
    theirs = lab.sandbox.seed("bob:idle:4:3h")
    kernel = lab.start()

    kernel.fine("%livy_release --user bob")

    assert theirs not in alive(lab)


@pytest.mark.parametrize("argv", [PYSPARK, PYTHON])
def test_a_plan_is_worked_out_without_a_session(lab: Lab, argv: list[str]) -> None:
    before = alive(lab)
    kernel = lab.start(argv)

    said = kernel.fine("%livy_plan --users 3 --executors 5 --worker-type G.1X")
    wrong = kernel.run("%livy_plan --users 0 --executors 5 --worker-type G1X")

    assert said.plain[0].startswith("3 people with 5 executors each need 18 workers of type G.1X.")
    assert "<table" in said.html[0]
    assert "<svg" in said.html[0]
    assert wrong.status == "error"
    assert "--users: it takes 1 or more, not '0'." in wrong.text
    assert "did you mean G.1X?" in wrong.text
    assert "Traceback" not in wrong.text
    assert alive(lab) == before
