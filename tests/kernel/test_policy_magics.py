"""Asking the policy in real kernels: who am I to it, what would it do, and what an operator reads of it afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from .conftest import PYSPARK, PYTHON

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Kernel, Lab

CANARY = "c4n4ry"


def sessions(lab: Lab) -> list[dict[str, Any]]:
    answer = requests.get(f"{lab.sandbox.url}/sessions", params={"size": 1000}, timeout=10)
    listed: list[dict[str, Any]] = answer.json()["sessions"]
    return listed


def logged(folder: Path, user: str = "alice") -> list[dict[str, Any]]:
    file = folder / f"{user}.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.mark.parametrize("argv", [PYSPARK, PYTHON])
def test_the_policy_says_who_i_am_what_holds_and_which_file_says_so(lab: Lab, argv: list[str]) -> None:
    kernel = lab.start(argv)

    shown = kernel.fine("%livy_policy")
    told = json.loads(kernel.fine("%livy_policy --json").stdout)

    assert "at most 8; 5 unless asked" in shown.plain[0]
    assert str(lab.policy) in shown.plain[0]
    assert "<caption" in shown.html[0]
    assert (told["user"], told["trust"], told["tenant"]) == ("alice", "reported", "analysts")


def rehearse(kernel: Kernel, body: Any) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    decision: dict[str, Any] = json.loads(kernel.fine(f"%%livy_check --json\n{text}").stdout)
    return decision


def test_a_check_decides_as_the_creation_that_follows_and_creates_nothing(lab: Lab) -> None:
    lab.configure(session_configs={"driverMemory": "2g", "executorMemory": "1g"})
    kernel = lab.start()
    body = {"numExecutors": 40, "executorMemory": "3g"}
    before = sessions(lab)

    shown = kernel.fine(f"%%livy_check\n{json.dumps(body)}")
    decision = rehearse(kernel, body)
    assert sessions(lab) == before
    kernel.fine(f"%%configure -f\n{json.dumps(body)}")
    kernel.fine("1 + 1")

    assert shown.plain[0].splitlines()[0] == "clamp: tenant analysts, user alice"
    assert "executors.max" in shown.html[0]
    promised, sent = decision["request"], sessions(lab)[-1]
    assert (promised["numExecutors"], promised["driverMemory"]) == (8, "1g")
    del sent["conf"]["spark.yarn.tags"]
    assert {key: sent[key] for key in promised} == promised


@pytest.mark.parametrize(("argv", "cell"), [(PYSPARK, "%%configure -f"), (PYTHON, "%%spark config")])
def test_a_check_of_what_is_denied_passes_and_shows_the_nearest_as_a_ready_cell(
    lab: Lab, argv: list[str], cell: str
) -> None:
    kernel = lab.start(argv)
    if argv is PYTHON:
        kernel.fine("%load_ext sparkmagic.magics")
    body = {"numExecutors": 3, "conf": {"spark.hadoop.fs.s3a.secret.key": CANARY}}

    said = kernel.fine(f"%%livy_check\n{json.dumps(body)}")

    assert said.plain[0].splitlines()[0] == "deny: tenant analysts, user alice"
    assert f'{cell}\n{{\n  "numExecutors": 3\n}}' in said.plain[0]
    assert CANARY not in said.text + "".join(said.html)


def test_a_check_passes_where_the_wrapper_kernels_magics_have_no_language_yet(lab: Lab) -> None:
    kernel = lab.start(PYTHON)
    kernel.fine("%load_ext sparkmagic.kernels")

    decision = rehearse(kernel, {"numExecutors": 40})

    assert decision["request"]["numExecutors"] == 8


def test_a_check_leaves_the_live_session_and_its_settings_alone(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine("1 + 1")
    kernel.fine('%%livy_check\n{"numExecutors": 40, "kind": "sparkr"}')
    kernel.fine("%%livy_check\n{}")

    said = kernel.fine("2 + 2")

    assert "Starting" not in said.text
    assert json.loads(kernel.fine("%livy_sessions --mine --json").stdout)[-1]["state"] == "idle"


@pytest.mark.parametrize("argv", [PYSPARK, PYTHON])
def test_a_body_that_is_no_json_fails_with_its_place(lab: Lab, argv: list[str]) -> None:
    said = lab.start(argv).fails('%%livy_check\n{"numExecutors": 40,}')

    assert "line 1, column" in said.error


@pytest.mark.parametrize("argv", [PYSPARK, PYTHON])
def test_an_unknown_option_of_the_cell_magic_says_what_was_meant(lab: Lab, argv: list[str]) -> None:
    kernel = lab.start(argv)

    assert "did you mean --json?" in kernel.run("%%livy_check --jsno\n{}").text
    assert kernel.complete("%%livy_check --j") == ["--json"]


def test_an_operator_reads_each_decision_and_no_secret_of_it(lab: Lab) -> None:
    folder = lab.folder / "decisions"
    folder.mkdir()
    assert lab.policy is not None
    lab.policy.write_text(f'decision_log = "{folder}"\n{lab.policy.read_text()}')
    kernel = lab.start()
    secret = {"spark.hadoop.fs.s3a.secret.key": CANARY}
    options = {"spark.driver.extraJavaOptions": f"-Dmy.password={CANARY}"}

    kernel.fine('%%livy_check\n{"numExecutors": 40}')
    assert logged(folder) == []
    kernel.fails(f"%%configure -f\n{json.dumps({'conf': secret})}")
    kernel.fine(f"%%configure -f\n{json.dumps({'numExecutors': 40, 'conf': options})}")
    kernel.fine("1 + 1")
    created = json.loads(kernel.fine("%livy_sessions --mine --json").stdout)

    denied, given = logged(folder)
    assert (denied["verdict"], denied["outcome"], denied["session_id"]) == ("deny", "denied", None)
    assert (given["verdict"], given["outcome"]) == ("clamp", "created")
    assert given["session_id"] in {row["id"] for row in created}
    assert (given["user"], given["trust"], given["tenant"]) == ("alice", "reported", "analysts")
    assert (given["asked"]["numExecutors"], given["given"]["numExecutors"]) == (40, 8)
    assert CANARY not in (folder / "alice.jsonl").read_text()


def test_a_log_that_cannot_be_written_stops_no_session_and_is_told_once(lab: Lab) -> None:
    assert lab.policy is not None
    lab.policy.write_text(f'decision_log = "{lab.folder}/nowhere"\n{lab.policy.read_text()}')
    kernel = lab.start()

    first = kernel.fine("1 + 1")
    second = kernel.fine('%%configure -f\n{"numExecutors": 2}')

    assert "nowhere cannot be written: No such file or directory. Sessions are created all the same." in first.text
    assert "cannot be written" not in second.text
