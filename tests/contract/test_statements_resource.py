"""``/sessions/{id}/statements``: bodies, codes and states, whatever the statements compute."""

from __future__ import annotations

import pytest

JSON = "application/json;charset=utf-8"
KEYS = ["id", "code", "state", "output", "progress", "started", "completed"]


TAGS = {"spark.yarn.tags": "mine"}


@pytest.fixture(scope="module")
def states(light):
    """The states of a new session until it is idle."""
    session = light.create(kind="pyspark", conf=TAGS)
    return session["id"], [session["state"], *light.states_until(session["id"], "idle")]


@pytest.fixture(scope="module")
def running(light, states):
    """One idle session for the module, and the means to ask."""
    session_id, _ = states
    return light, session_id


@pytest.fixture(scope="module")
def with_history(running):
    """The session with five statements that have ended."""
    livy, session_id = running
    while livy.get(f"/sessions/{session_id}/statements").json()["total_statements"] < 5:
        livy.run(session_id, "1")
    return livy, f"/sessions/{session_id}/statements"


def test_a_session_is_starting_until_it_is_idle(states):
    _, seen = states

    assert list(dict.fromkeys(seen)) == ["starting", "idle"]
    assert seen == sorted(seen, reverse=True)


def test_a_session_that_has_started_shows_the_tags_that_were_asked_for(running):
    livy, session_id = running

    assert livy.get(f"/sessions/{session_id}").json()["conf"] == TAGS


def ids(answer):
    return [statement["id"] for statement in answer.json()["statements"]]


def test_a_statement_is_created_waiting_with_its_place(running):
    livy, session_id = running

    answer = livy.ask("POST", f"/sessions/{session_id}/statements", json={"code": "'here'"})

    statement = answer.json()
    path = f"/sessions/{session_id}/statements/{statement['id']}"
    assert (answer.status_code, answer.headers["Content-Type"], answer.headers["Location"]) == (201, JSON, path)
    assert list(statement) == KEYS
    assert statement["code"] == "'here'"
    assert statement["state"] in {"waiting", "running", "available"}


def test_a_statement_becomes_available_with_its_times_and_its_output(running):
    livy, session_id = running

    statement_id = livy.submit(session_id, "'there'")
    statement = livy.statement_when(session_id, statement_id, "available")

    assert list(statement) == KEYS
    assert statement["output"]["status"] == "ok"
    assert statement["output"]["execution_count"] == statement_id
    assert "'there'" in statement["output"]["data"]["text/plain"]
    assert statement["progress"] == 1.0
    assert 1_600_000_000_000 < statement["started"] <= statement["completed"]


def test_the_session_is_idle_again_after_its_last_statement(running):
    livy, session_id = running

    livy.run(session_id, "1")

    assert livy.states_until(session_id, "idle")[-1] == "idle"


def test_statements_are_listed_oldest_first_without_from_and_size(with_history):
    livy, path = with_history

    answer = livy.get(path)

    assert list(answer.json()) == ["total_statements", "statements"]
    total = answer.json()["total_statements"]
    assert ids(answer) == list(range(total))


def test_a_page_of_statements_in_either_order(with_history):
    livy, path = with_history
    last = livy.get(path).json()["total_statements"] - 1

    assert ids(livy.get(f"{path}?from=2&size=2")) == [2, 3]
    assert ids(livy.get(f"{path}?from={last}")) == [last]
    assert ids(livy.get(f"{path}?from=-2&size=3")) == [0]
    assert ids(livy.get(f"{path}?from=-1")) == list(range(last))
    assert ids(livy.get(f"{path}?order=desc&size=1")) == [last]
    assert ids(livy.get(f"{path}?order=desc&from=1&size=2")) == [last - 1, last - 2]
    assert ids(livy.get(f"{path}?order=desc&from=-1&size=3")) == [last, last - 1]
    assert ids(livy.get(f"{path}?order=sideways&size=1")) == [0]


@pytest.mark.parametrize("query", ["?from=1000", "?size=-1", "?size=0", "?from=-3&size=2"])
def test_a_page_outside_of_the_statements_is_empty(with_history, query):
    livy, path = with_history

    assert ids(livy.get(path + query)) == []


def test_a_number_is_taken_for_code(running):
    livy, session_id = running

    answer = livy.ask("POST", f"/sessions/{session_id}/statements", json={"code": 5})

    assert (answer.status_code, answer.json()["code"]) == (201, "5")


@pytest.mark.parametrize("number", ["100000", "-1"])
def test_an_unknown_statement_is_404_with_a_bare_string(running, number):
    livy, session_id = running

    answer = livy.get(f"/sessions/{session_id}/statements/{number}")

    assert (answer.status_code, answer.json()) == (404, "Statement not found")


@pytest.mark.parametrize(
    ("method", "rest", "text"),
    [
        ("GET", "/abc", "abc"),
        ("GET", "/99999999999", "99999999999"),
        ("POST", "/abc/cancel", "abc"),
        ("GET", "?from=x", "x"),
        ("GET", "?size=", ""),
    ],
)
def test_what_should_be_a_number_and_is_none_is_400(running, method, rest, text):
    livy, session_id = running

    answer = livy.ask(method, f"/sessions/{session_id}/statements{rest}")

    assert (answer.status_code, answer.json()) == (400, {"msg": f'For input string: "{text}"'})


def test_cancelling_what_has_ended_or_never_was_says_canceled_and_changes_nothing(with_history):
    livy, path = with_history
    before = livy.get(f"{path}/0").json()

    answers = [livy.ask("POST", f"{path}/{number}/cancel") for number in (0, 100000)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"msg": "canceled"})] * 2
    assert livy.get(f"{path}/0").json() == before


SOURCE = "at [Source: (org.eclipse.jetty.server.HttpInputOverHTTP); line: 1, column: "
REQUEST = "org.apache.livy.ExecuteRequest"


@pytest.mark.parametrize(
    ("path", "body", "begins"),
    [
        ("/statements", '{"code":"1","x":1}', (f'Unrecognized field "x" (class {REQUEST}), not marked as ignorable '
         f'(3 known properties: "msg_type", "kind", "code"])\n {SOURCE}')),
        ("/completion", '{"code":"1","x":1}', ('Unrecognized field "x" (class org.apache.livy.CompletionRequest), not '
         f'marked as ignorable (3 known properties: "kind", "code", "cursor"])\n {SOURCE}')),
        ("/statements", "[]", (f"Cannot deserialize value of type `{REQUEST}` from Array value (token "
         f"`JsonToken.START_ARRAY`)\n {SOURCE}1]")),
        ("/statements", '{"code":[1]}', "Cannot deserialize value of type `java.lang.String` from Array value (token "),
        ("/completion", '{"code":"1","cursor":"x"}', 'Cannot deserialize value of type `int` from String "x": not a '),
        ("/statements", "", "No content to map due to end-of-input"),
        ("/completion", "", "No content to map due to end-of-input"),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_400_with_a_bare_string(running, path, body, begins):
    livy, session_id = running

    answer = livy.post(f"/sessions/{session_id}{path}", body)

    assert answer.status_code == 400
    assert answer.json().startswith(begins)


NO_CODE = 'NullPointerException: Cannot invoke "String.toCharArray()" because "s" is null'


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/statements", {"code": "1", "kind": "foo"}, "IllegalArgumentException: Invalid kind: foo"),
        ("/statements", {"code": "1", "kind": 5}, "IllegalArgumentException: Invalid kind: 5"),
        ("/statements", {"kind": "pyspark"}, NO_CODE),
        ("/completion", {"code": "1", "kind": "foo", "cursor": 1}, "IllegalArgumentException: Invalid kind: foo"),
        ("/completion", {"code": "1", "cursor": 1}, "IllegalArgumentException: Invalid kind: null"),
        ("/completion", {"kind": "pyspark", "cursor": 1}, NO_CODE),
    ],
)
def test_what_the_driver_refuses_is_500_with_a_bare_string(running, path, body, says):
    livy, session_id = running

    answer = livy.ask("POST", f"/sessions/{session_id}{path}", json=body)

    assert answer.status_code == 500
    assert answer.json().startswith(
        f"java.util.concurrent.ExecutionException: org.apache.livy.rsc.rpc.RpcException: java.lang.{says}"
    )


def test_a_null_for_a_body_is_500_with_a_bare_string(running):
    livy, session_id = running

    answer = livy.post(f"/sessions/{session_id}/statements", "null")

    assert answer.status_code == 500
    assert answer.json() == (
        f'java.lang.NullPointerException: Cannot invoke "{REQUEST}.code()" because "content" is null'
    )


@pytest.mark.parametrize(("code", "cursor"), [("spa", 3), ("spark.versi", 11), ("", 0)])
def test_nothing_of_python_is_completed(running, code, cursor):
    livy, session_id = running

    answer = livy.ask(
        "POST", f"/sessions/{session_id}/completion", json={"code": code, "kind": "pyspark", "cursor": cursor}
    )

    assert (answer.status_code, answer.text) == (200, '{"candidates":[]}')


@pytest.mark.parametrize(
    ("query", "first", "lines"),
    [
        ("?from=0&size=2", 0, 2),
        ("?size=1", -1, 1),
        ("?size=0", 0, 0),
        ("?from=-5&size=1", -1, 1),
        ("?from=1&size=-1", 1, -1),
        ("?from=100000", 100000, 0),
    ],
)
def test_a_part_of_the_log_and_where_it_begins(running, query, first, lines):
    """``first`` and ``lines`` from the end where they are negative."""
    livy, session_id = running

    log = livy.get(f"/sessions/{session_id}/log{query}").json()

    total = log["total"]
    first = total + first if first < 0 or query == "?size=0" else first
    assert (list(log), log["id"]) == (["id", "from", "total", "log"], session_id)
    assert (log["from"], len(log["log"])) == (first, total + lines if lines < 0 else lines)
