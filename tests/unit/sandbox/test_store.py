"""Slots, retention, kinds, owners: what the sandbox decides beyond Livy's REST."""

from __future__ import annotations

import time

import pytest
import requests

from livyguard.sandbox import Sandbox

QUEUE_FULL = "Queue's AM resource limit exceeded."


def create(sandbox, auth=None, **body):
    return requests.post(f"{sandbox.url}/sessions", json={"kind": "pyspark", **body}, auth=auth, timeout=10).json()


def show(sandbox, session_id):
    return requests.get(f"{sandbox.url}/sessions/{session_id}", timeout=10)


def wait_for(sandbox, session_id, state):
    deadline = time.monotonic() + 20
    while (session := show(sandbox, session_id).json())["state"] != state:
        assert time.monotonic() < deadline, session
    return session


def test_without_room_a_session_stays_starting_and_its_log_says_what_yarn_says():
    with Sandbox(slots=1) as sandbox:
        wait_for(sandbox, create(sandbox)["id"], "idle")

        waiting = wait_for(sandbox, create(sandbox)["id"], "starting")

        assert waiting["appId"] is None
        assert any(QUEUE_FULL in line for line in waiting["log"])
        assert "\nYARN Diagnostics: " in waiting["log"]


def test_without_room_a_session_dies_after_the_start_timeout():
    with Sandbox(slots=0, start_timeout=0.05) as sandbox:
        session_id = create(sandbox)["id"]

        dead = wait_for(sandbox, session_id, "dead")

        assert any(QUEUE_FULL in line for line in dead["log"])
        assert "was killed by user livy" in dead["log"][-1]


@pytest.mark.parametrize("how", ["delete", "kill"])
def test_room_that_is_freed_goes_to_the_session_that_waits_longest(how):
    with Sandbox(slots=1) as sandbox:
        first = create(sandbox)["id"]
        wait_for(sandbox, first, "idle")
        second, third = create(sandbox)["id"], create(sandbox)["id"]

        if how == "kill":
            sandbox.kill(first)
        else:
            requests.delete(f"{sandbox.url}/sessions/{first}", timeout=10)

        started = wait_for(sandbox, second, "idle")
        assert started["log"] == ["stdout: ", "\nstderr: "]
        assert show(sandbox, third).json()["state"] == "starting"


def test_a_session_that_is_deleted_while_it_waits_takes_no_room():
    with Sandbox(slots=1) as sandbox:
        first, second = create(sandbox)["id"], create(sandbox)["id"]
        requests.delete(f"{sandbox.url}/sessions/{second}", timeout=10)
        requests.delete(f"{sandbox.url}/sessions/{first}", timeout=10)

        wait_for(sandbox, create(sandbox)["id"], "idle")


@pytest.mark.parametrize(("retain", "status"), [(600.0, 200), (-1.0, 404)])
def test_a_dead_session_stays_listed_as_long_as_it_is_retained(retain, status):
    with Sandbox(seeds=("bob:dead",), retain=retain) as sandbox:
        assert show(sandbox, 0).status_code == status


def test_the_name_of_a_session_that_is_gone_is_free_again():
    with Sandbox() as sandbox:
        first = create(sandbox, name="etl")["id"]
        sandbox.kill(first)

        assert create(sandbox, name="etl")["name"] == "etl"


def test_a_session_killed_behind_the_notebooks_back_leaves_no_record():
    with Sandbox() as sandbox:
        session_id = create(sandbox)["id"]

        sandbox.kill(session_id)

        answer = show(sandbox, session_id)
        assert (answer.status_code, answer.json()) == (404, {"msg": f"Session '{session_id}' not found."})


@pytest.mark.parametrize(
    ("query", "auth", "owner"),
    [
        ("", None, None),
        ("", ("alice", "whatever"), "alice"),
        ("?user.name=bob", None, "bob"),
        ("?user.name=bob", ("alice", "x"), "bob"),
    ],
)
def test_the_owner_is_who_the_request_says(query, auth, owner):
    with Sandbox() as sandbox:
        session = requests.post(f"{sandbox.url}/sessions{query}", json={}, auth=auth, timeout=10).json()

        assert session["owner"] == owner


@pytest.mark.parametrize("header", ["Bearer abc", "Basic !!!", "Basic /////w=="])
def test_a_header_that_names_nobody_leaves_the_owner_open(header):
    with Sandbox() as sandbox:
        answer = requests.post(f"{sandbox.url}/sessions", json={}, headers={"Authorization": header}, timeout=10)

        assert answer.json()["owner"] is None


@pytest.mark.parametrize("kind", ["spark", "scala", "sparkr", "r"])
def test_the_echo_engine_takes_any_kind(kind):
    with Sandbox() as sandbox:
        assert create(sandbox, kind=kind)["kind"] in {"spark", "sparkr"}


def test_a_thousand_sessions_are_listed_page_by_page():
    with Sandbox() as sandbox, requests.Session() as http:
        for _ in range(1000):
            http.post(f"{sandbox.url}/sessions", json={}, timeout=10)

        pages = [http.get(f"{sandbox.url}/sessions?from={first}", timeout=10).json() for first in range(0, 1000, 100)]

        assert [session["id"] for page in pages for session in page["sessions"]] == list(range(1000))
        assert {page["total"] for page in pages} == {1000}


def test_completing_in_an_echo_finds_nothing():
    with Sandbox() as sandbox:
        session_id = create(sandbox)["id"]
        wait_for(sandbox, session_id, "idle")

        answers = [
            requests.post(
                f"{sandbox.url}/sessions/{session_id}/completion", json={"code": "a", "kind": kind}, timeout=10
            )
            for kind in ("pyspark", "sql")
        ]

        assert [answer.json() for answer in answers] == [{"candidates": []}] * 2


def test_the_statements_of_a_starting_session_are_answered_only_when_it_has_left_that_state():
    with Sandbox(slots=0, start_timeout=0.3) as sandbox:
        session_id = create(sandbox)["id"]
        path = f"{sandbox.url}/sessions/{session_id}/statements"

        answers = [requests.get(path + rest, timeout=10) for rest in ("", "/0")]

        assert [(answer.status_code, answer.json()) for answer in answers] == [
            (400, {"msg": "requirement failed: Session isn't active."})
        ] * 2
