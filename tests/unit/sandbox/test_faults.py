"""Faults on demand: what a client gets, and whether the work was done."""

from __future__ import annotations

import time

import pytest
import requests

from livyguard.sandbox import Sandbox


@pytest.fixture
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


def create(sandbox):
    return requests.post(f"{sandbox.url}/sessions", json={"kind": "pyspark"}, timeout=10)


def total(sandbox):
    return requests.get(f"{sandbox.url}/sessions", timeout=10).json()["total"]


def test_an_answer_before_the_work_leaves_it_undone(sandbox):
    sandbox.fail_next("POST", "/sessions", status=502, body="<h1>Bad Gateway</h1>", content_type="text/html")

    answer = create(sandbox)

    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (
        502,
        "<h1>Bad Gateway</h1>",
        "text/html",
    )
    assert total(sandbox) == 0


def test_an_answer_after_the_work_hides_that_it_was_done(sandbox):
    sandbox.fail_next("POST", "/sessions", status=502, processed=True)

    assert create(sandbox).status_code == 502
    assert total(sandbox) == 1


@pytest.mark.parametrize(("processed", "sessions"), [(False, 0), (True, 1)])
def test_a_connection_is_cut_before_or_after_the_work(sandbox, processed, sessions):
    sandbox.fail_next("POST", "/sessions", cut=True, processed=processed)

    with pytest.raises(requests.ConnectionError):
        create(sandbox)

    assert total(sandbox) == sessions


def test_a_fault_is_over_after_its_times(sandbox):
    sandbox.fail_next("GET", r"/sessions(/\d+)?", status=403, times=2)

    answers = [requests.get(f"{sandbox.url}/sessions{rest}", timeout=10) for rest in ("", "/0", "")]

    assert [(answer.status_code, answer.text) for answer in answers[:2]] == [(403, "")] * 2
    assert answers[2].status_code == 200


def test_a_fault_meets_only_its_method_and_path(sandbox):
    sandbox.fail_next("DELETE", "/sessions/0", status=500)

    assert create(sandbox).status_code == 201
    assert requests.delete(f"{sandbox.url}/sessions/0", timeout=10).status_code == 500


@pytest.mark.parametrize("processed", [False, True])
def test_a_slow_answer_is_livys_own(sandbox, processed):
    sandbox.fail_next("GET", "/version", delay=0.3, processed=processed)
    began = time.monotonic()

    answer = requests.get(f"{sandbox.url}/version", timeout=10)

    assert time.monotonic() - began >= 0.3
    assert answer.json()["branch"] == "livyguard sandbox"


def test_a_fault_meets_also_what_does_not_exist(sandbox):
    sandbox.fail_next("GET", "/nowhere", status=200, body="<html>a proxy</html>")

    assert requests.get(f"{sandbox.url}/nowhere", timeout=10).text == "<html>a proxy</html>"


def test_the_requests_are_on_record(sandbox):
    create(sandbox)
    total(sandbox)

    assert [(r.method, r.path, r.query, r.body) for r in sandbox.requests] == [
        ("POST", "/sessions", "", '{"kind": "pyspark"}'),
        ("GET", "/sessions", "", ""),
    ]
