"""Sessions of other people that are there from the beginning."""

from __future__ import annotations

import time

import pytest
import requests

from livyguard.sandbox import Sandbox
from livyguard.sandbox.seed import InvalidSeed, Seed


def get(sandbox, path):
    return requests.get(sandbox.url + path, timeout=10)


def test_a_seed_says_owner_state_executors_and_idle_time():
    assert Seed.parse("bob:busy:4:45m") == Seed("bob", "busy", 4, 2700)
    assert Seed.parse("bob") == Seed("bob", "idle", 0, None)
    assert Seed.parse("bob::3") == Seed("bob", "idle", 3, None)


def test_all_faults_of_a_seed_are_told_at_once():
    with pytest.raises(InvalidSeed) as fault:
        Seed.parse(":asleep:many:soon:and more")

    assert str(fault.value) == (
        "':asleep:many:soon:and more' is no OWNER[:STATE[:EXECUTORS[:IDLE]]]: there is no owner; 'asleep' is no state "
        "(starting, idle, busy, error, dead); 'many' is no number of executors; 'soon' is no time, as in 45m; "
        "there are more than four parts."
    )


def test_seeds_are_listed_like_anybodys_sessions():
    with Sandbox(seeds=("bob:busy:4", "carol:idle:2:45m", "dave:starting")) as sandbox:
        sessions = get(sandbox, "/sessions").json()["sessions"]

    assert [(s["owner"], s["state"], s["numExecutors"], s["appId"] is None) for s in sessions] == [
        ("bob", "busy", 4, False),
        ("carol", "idle", 2, False),
        ("dave", "starting", 0, True),
    ]
    assert [s["log"] for s in sessions] == [["stdout: ", "\nstderr: "]] * 3


def test_an_idle_seed_tells_when_its_last_statement_ended():
    with Sandbox(seeds=("carol:idle:2:45m",)) as sandbox:
        (statement,) = get(sandbox, "/sessions/0/statements?order=desc&size=1").json()["statements"]

    assert time.time() - statement["completed"] / 1000 == pytest.approx(2700, abs=60)
    assert statement["state"] == "available"


def test_a_busy_seed_stays_busy_and_its_statement_cannot_be_cancelled_to_an_end():
    with Sandbox(seeds=("bob:busy",)) as sandbox:
        requests.post(f"{sandbox.url}/sessions/0/statements/0/cancel", timeout=10)

        assert get(sandbox, "/sessions/0/state").json()["state"] == "busy"
        assert get(sandbox, "/sessions/0/statements/0").json()["state"] == "cancelling"


def test_a_seed_in_error_runs_nothing_and_stays_in_error():
    with Sandbox(seeds=("eve:error",)) as sandbox:
        number = requests.post(f"{sandbox.url}/sessions/0/statements", json={"code": "1"}, timeout=10).json()["id"]
        deadline = time.monotonic() + 10
        while (statement := get(sandbox, f"/sessions/0/statements/{number}").json())["state"] != "available":
            assert time.monotonic() < deadline, statement

        assert statement["output"]["evalue"] == "Interpreter died:\n"
        assert get(sandbox, "/sessions/0/state").json()["state"] == "error"


def test_a_running_statement_tells_its_progress():
    with Sandbox(seeds=("bob:busy",)) as sandbox:
        deadline = time.monotonic() + 10
        while get(sandbox, "/sessions/0/statements/0").json()["state"] != "running":
            assert time.monotonic() < deadline

        assert get(sandbox, "/sessions/0/statements/0").json()["progress"] == 0.5


def test_a_seed_can_be_deleted_and_takes_no_room():
    with Sandbox(slots=0, seeds=("bob:busy", "eve:error")) as sandbox:
        answers = [requests.delete(f"{sandbox.url}/sessions/{number}", timeout=10) for number in (0, 1)]

        assert [answer.status_code for answer in answers] == [200, 200]


def test_a_session_can_be_seeded_later():
    with Sandbox() as sandbox:
        session_id = sandbox.seed("bob:idle:4")

        assert get(sandbox, f"/sessions/{session_id}").json()["owner"] == "bob"
        assert get(sandbox, f"/sessions/{session_id}/statements").json()["statements"] == []
