"""``/sessions/{id}/statements``: bodies, codes and states of Livy 0.9. What a statement computes is not looked at."""

from __future__ import annotations

import pytest

JSON = "application/json;charset=utf-8"
KEYS = ["id", "code", "state", "output", "progress", "started", "completed"]


@pytest.fixture(scope="module")
def running(livy_url, request):
    """One idle session for the module, and the means to ask."""
    livy = request.getfixturevalue("livy_class")(livy_url)
    yield livy, livy.create_idle(kind="pyspark")
    livy.clean()


@pytest.fixture(scope="module")
def with_history(running):
    """The session with five statements that have ended."""
    livy, session_id = running
    while livy.get(f"/sessions/{session_id}/statements").json()["total_statements"] < 5:
        livy.run(session_id, "1")
    return livy, f"/sessions/{session_id}/statements"


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
    assert ids(livy.get(f"{path}?order=desc&size=1")) == [last]
    assert ids(livy.get(f"{path}?order=desc&from=1&size=2")) == [last - 1, last - 2]
    assert ids(livy.get(f"{path}?order=sideways&size=1")) == [0]


@pytest.mark.parametrize("query", ["?from=1000", "?size=-1", "?size=0"])
def test_a_page_outside_of_the_statements_is_empty(with_history, query):
    livy, path = with_history

    assert ids(livy.get(path + query)) == []


def test_a_number_is_taken_for_code(running):
    livy, session_id = running

    answer = livy.ask("POST", f"/sessions/{session_id}/statements", json={"code": 5})

    assert (answer.status_code, answer.json()["code"]) == (201, "5")


def test_an_unknown_statement_is_404_with_a_bare_string(running):
    livy, session_id = running

    answer = livy.get(f"/sessions/{session_id}/statements/100000")

    assert (answer.status_code, answer.json()) == (404, "Statement not found")


def test_a_statement_id_that_is_no_number_is_400(running):
    livy, session_id = running

    answer = livy.get(f"/sessions/{session_id}/statements/abc")

    assert (answer.status_code, answer.json()) == (400, {"msg": 'For input string: "abc"'})


def test_cancelling_what_has_ended_or_never_was_says_canceled_and_changes_nothing(with_history):
    livy, path = with_history
    before = livy.get(f"{path}/0").json()

    answers = [livy.ask("POST", f"{path}/{number}/cancel") for number in (0, 100000)]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"msg": "canceled"})] * 2
    assert livy.get(f"{path}/0").json() == before


def test_an_unknown_field_of_a_statement_is_400_with_a_bare_string(running):
    livy, session_id = running

    answer = livy.ask("POST", f"/sessions/{session_id}/statements", data='{"code":"1","x":1}',
                      headers={"Content-Type": "application/json"})  # fmt: skip

    assert answer.status_code == 400
    assert answer.json().startswith(
        'Unrecognized field "x" (class org.apache.livy.ExecuteRequest), not marked as ignorable (3 known properties: '
        '"msg_type", "kind", "code"])\n at [Source: (org.eclipse.jetty.server.HttpInputOverHTTP); line: 1, column: '
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"code": "1", "kind": "foo"}, "IllegalArgumentException: Invalid kind: foo"),
        ({"kind": "pyspark"}, 'NullPointerException: Cannot invoke "String.toCharArray()" because "s" is null'),
    ],
)
def test_what_the_driver_refuses_is_500_with_a_bare_string(running, body, says):
    livy, session_id = running

    answer = livy.ask("POST", f"/sessions/{session_id}/statements", json=body)

    assert answer.status_code == 500
    assert answer.json().startswith(
        f"java.util.concurrent.ExecutionException: org.apache.livy.rsc.rpc.RpcException: java.lang.{says}"
    )


def test_a_shared_session_wants_the_kind_with_each_statement(livy):
    session_id = livy.create_idle(kind="shared")

    answer = livy.ask("POST", f"/sessions/{session_id}/statements", json={"code": "1"})

    assert answer.status_code == 500
    assert "Code type should be specified if session kind is shared" in answer.json()
    assert livy.run(session_id, "1", kind="pyspark")["status"] == "ok"


@pytest.mark.parametrize("path", ["/completion", "/statements"])
def test_a_body_that_is_no_json_is_400_with_a_bare_string(running, path):
    livy, session_id = running

    answer = livy.ask("POST", f"/sessions/{session_id}{path}", data="", headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json().startswith("No content to map due to end-of-input")


def test_completing_without_a_kind_is_500(running):
    livy, session_id = running

    answer = livy.ask("POST", f"/sessions/{session_id}/completion", json={"code": "spark.ver", "cursor": 9})

    assert answer.status_code == 500
    assert "IllegalArgumentException: Invalid kind: null" in answer.json()
