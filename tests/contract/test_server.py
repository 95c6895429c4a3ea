"""What belongs to no session: the version, what is not there, methods, headers."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

SESSION, STATEMENT = "/sessions/0", "/sessions/0/statements/0"
LIST, ONE, READ, DO = "POST, GET, HEAD", "DELETE, GET, HEAD", "GET, HEAD", "POST"


def test_there_are_no_batches(livy):
    assert livy.get("/batches").json() == {"from": 0, "total": 0, "sessions": []}


def test_the_version_tells_the_features(livy):
    version = livy.get("/version").json()

    assert set(version) == {"url", "branch", "revision", "version", "date", "user"}
    assert version["version"] == livy.known("version")


def test_an_answer_tells_the_time(livy):
    assert parsedate_to_datetime(livy.get("/version").headers["Date"]).utcoffset().total_seconds() == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/version", 200),
        ("GET", "/sessions", 200),
        ("GET", "/batches", 200),
        ("GET", "/sessions?from=x", 400),
        ("GET", "/sessions/nobody", 404),
        ("DELETE", "/sessions/nobody", 404),
        ("POST", "/sessions", 400),
        ("POST", "/sessions/nobody/statements", 404),
        ("POST", "/sessions/nobody/statements/0/cancel", 404),
        ("POST", "/sessions/nobody/connect", 404),
    ],
)
def test_answers_and_refusals_are_json(livy, method, path, status):
    answer = livy.ask(method, path, json={"kind": "foo"} if path == "/sessions" else {"code": "1"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json;charset=utf-8")
    assert answer.json()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/sessions", LIST),
        ("PATCH", "/sessions", LIST),
        ("DELETE", "/sessions", LIST),
        ("PUT", SESSION, ONE),
        ("POST", SESSION, ONE),
        ("POST", f"{SESSION}/state", READ),
        ("POST", f"{SESSION}/log", READ),
        ("GET", f"{SESSION}/connect", DO),
        ("GET", f"{SESSION}/completion", DO),
        ("DELETE", f"{SESSION}/statements", LIST),
        ("PUT", STATEMENT, READ),
        ("GET", f"{STATEMENT}/cancel", DO),
        ("POST", "/version", READ),
    ],
)
def test_a_wrong_method_is_405_with_the_right_ones(livy, method, path, allowed):
    answer = livy.ask(method, path)

    assert (answer.status_code, answer.headers["Allow"], answer.text) == (405, allowed, "")


@pytest.mark.parametrize("path", ["/nothing", f"{SESSION}/nothing", f"{SESSION}/", f"{STATEMENT}/", "/sessions//state"])
def test_an_unknown_resource_is_404_with_nothing_in_it(livy, path):
    answer = livy.get(path)

    assert (answer.status_code, answer.text) == (404, "")


@pytest.mark.parametrize(("path", "status"), [("/sessions", 200), ("/version", 200), ("/sessions/123456", 404)])
def test_head_is_answered_as_get_without_a_body(livy, path, status):
    answer = livy.ask("HEAD", path)

    assert (answer.status_code, answer.content) == (status, b"")


def test_a_trailing_slash_lists_too(livy):
    assert livy.get("/sessions/").json()["from"] == 0
