"""``/sessions`` and ``/sessions/{id}``: bodies, codes and order."""

from __future__ import annotations

import json

import pytest

JSON = "application/json;charset=utf-8"
ASKED = {
    "kind": "pyspark", "name": "as-given", "driverMemory": "600m", "driverCores": 1, "executorMemory": "1g",
    "executorCores": 2, "numExecutors": 3, "queue": "root.a", "conf": {"spark.yarn.tags": "mine", "livy.n": "1"},
    "heartbeatTimeoutInSecond": 300, "jars": ["hdfs://nn/a.jar"],
}  # fmt: skip


def test_a_new_session_is_starting_and_shows_every_key_with_its_nulls(livy):
    answer = livy.ask("POST", "/sessions", json={"kind": "pyspark"})

    session = answer.json()
    livy.delete(session["id"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, JSON)
    assert answer.headers["Location"] == f"/sessions/{session['id']}"
    assert list(session) == livy.known("fields of a session")
    assert session == {
        "id": session["id"], "name": None, "appId": None, "owner": None, "proxyUser": None, "state": "starting",
        "kind": "pyspark", "appInfo": dict.fromkeys(livy.known("fields of appInfo")),
        "log": ["stdout: ", "\nstderr: "], "ttl": None, "driverMemory": None, "driverCores": 0,
        "executorMemory": None, "executorCores": 0, "conf": {}, "archives": [], "files": [],
        "heartbeatTimeoutInSecond": 0, "jars": [], "numExecutors": 0, "pyFiles": [], "queue": None,
    } | ({"idleTimeout": None} if "idleTimeout" in session else {})  # fmt: skip


def test_json_is_written_without_blanks(livy):
    livy.create(kind="pyspark")

    for path in ("/sessions", "/sessions/nobody"):
        answer = livy.get(path)
        assert answer.text == json.dumps(answer.json(), separators=(",", ":"), ensure_ascii=False)


def test_what_was_asked_is_shown_as_given(livy):
    session = livy.create(**ASKED, ttl="4h")

    assert {key: session[key] for key in ASKED} == ASKED
    assert session["ttl"] == livy.known("ttl shown again")
    assert livy.get(f"/sessions/{session['id']}").json()["conf"] == ASKED["conf"]


def test_numbers_are_taken_for_text_and_digits_for_the_heartbeat(livy):
    session = livy.create(kind="pyspark", queue=5, conf={"spark.x": 1, "spark.y": True}, heartbeatTimeoutInSecond="300")

    assert session["queue"] == "5"
    assert session["conf"] == {"spark.x": "1", "spark.y": "true"}
    assert session["heartbeatTimeoutInSecond"] == 300


def test_null_means_not_given_and_text_after_the_json_is_ignored(livy):
    body = '{"kind": "pyspark", "name": null, "queue": null, "numExecutors": null} and more'

    answer = livy.post("/sessions", body)

    livy.delete(answer.json()["id"])
    assert answer.status_code == 201
    assert [answer.json()[key] for key in ("name", "queue", "numExecutors")] == [None, None, 0]


@pytest.mark.parametrize(
    ("given", "shown"), [("python", "pyspark"), ("sql", "sql"), ("shared", "shared"), (None, "shared")]
)
def test_kinds_and_their_other_names(livy, given, shown):
    session = livy.create(**({"kind": given} if given else {}))

    assert session["kind"] == shown


@pytest.mark.parametrize("query", ["?user.name=alice", "?user.name=alice&doAs=bob"])
def test_the_user_of_the_request_owns_the_session_and_a_proxy_user_is_not_shown_without_impersonation(livy, query):
    session = livy.create(query=query, kind="pyspark", proxyUser="bob")

    assert (session["owner"], session["proxyUser"]) == ("alice", None)


def test_without_access_control_anybody_may_read_and_delete_a_session(livy):
    path = f"/sessions/{livy.create(query='?user.name=alice', kind='pyspark')['id']}"

    seen = [livy.get(f"{path}{rest}?user.name=bob").status_code for rest in ("", "/state", "/log")]
    deleted = livy.ask("DELETE", f"{path}?user.name=bob")

    assert seen == [200] * 3
    assert (deleted.status_code, deleted.json()) == (200, {"msg": "deleted"})


def test_a_session_is_found_by_id_and_by_name(livy):
    created = livy.create(kind="pyspark", name="found-by-name")

    by_name = livy.get("/sessions/found-by-name").json()

    assert by_name["id"] == created["id"]
    assert livy.get("/sessions/found-by-name/state").json()["id"] == created["id"]
    assert livy.ask("DELETE", "/sessions/found-by-name").json() == {"msg": "deleted"}
    assert livy.get(f"/sessions/{created['id']}").status_code == 404


def test_the_listing_is_in_the_order_of_creation_with_the_total_of_all(livy):
    before = livy.get("/sessions").json()["total"]
    ids = [livy.create(kind="pyspark")["id"] for _ in range(3)]

    everything = livy.get("/sessions").json()
    page = livy.get(f"/sessions?from={before + 1}&size=1").json()

    assert [session["id"] for session in everything["sessions"]][before:] == ids
    assert (everything["from"], everything["total"]) == (0, before + 3)
    assert (page["from"], page["total"], [session["id"] for session in page["sessions"]]) == (
        before + 1, before + 3, [ids[1]],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "first"), [("?from=100000", 100000), ("?size=-1", 0), ("?size=0", 0), ("?from=-3&size=2", -3)]
)
def test_a_page_outside_of_the_listing_is_empty(livy, query, first):
    livy.create(kind="pyspark")

    page = livy.get("/sessions" + query).json()

    assert (page["from"], page["sessions"]) == (first, [])
    assert page["total"] >= 1


def test_a_page_that_begins_before_the_listing_is_shorter_by_what_lies_before(livy):
    before = livy.get("/sessions").json()["total"]
    ids = [livy.create(kind="pyspark")["id"] for _ in range(2)]

    page = livy.get(f"/sessions?from=-1&size={before + 2}").json()

    assert [session["id"] for session in page["sessions"]][before:] == ids[:1]


def test_deleting_answers_once_and_is_not_found_afterwards(livy):
    session_id = livy.create(kind="pyspark")["id"]

    first = livy.ask("DELETE", f"/sessions/{session_id}")
    second = livy.ask("DELETE", f"/sessions/{session_id}")

    assert (first.status_code, first.json()) == (200, {"msg": "deleted"})
    assert (second.status_code, second.json()) == (404, {"msg": f"Session '{session_id}' not found."})
    assert session_id not in [session["id"] for session in livy.get("/sessions").json()["sessions"]]


@pytest.mark.parametrize("path", ["", "/state", "/log", "/statements", "/statements/0"])
@pytest.mark.parametrize("key", ["123456", "nobody"])
def test_an_unknown_session_is_404_everywhere(livy, key, path):
    answer = livy.get(f"/sessions/{key}{path}")

    assert (answer.status_code, answer.json()) == (404, {"msg": f"Session '{key}' not found."})


@pytest.mark.parametrize("query", ["from=x", "size=1.5", "from=", "from=99999999999", "from=1_0"])
def test_a_query_that_is_no_number_is_400_in_javas_words(livy, query):
    answer = livy.get(f"/sessions?{query}")

    text = query.partition("=")[2]
    assert (answer.status_code, answer.json()) == (400, {"msg": f'For input string: "{text}"'})


def test_of_two_numbers_of_one_name_the_first_counts(livy):
    assert livy.get("/sessions?from=1&from=2").json()["from"] == 1


def test_an_id_that_no_int_can_hold_is_400(livy):
    answer = livy.get("/sessions/99999999999999")

    assert (answer.status_code, answer.json()) == (400, {"msg": 'For input string: "99999999999999"'})


def test_an_id_is_used_up_by_a_refused_request(livy):
    first = livy.create(kind="pyspark")["id"]
    livy.post("/sessions", '{"kind": "pyspark", "name": "12"}')

    second = livy.create(kind="pyspark")["id"]

    assert second == first + 2


def test_the_log_ends_where_it_was_asked_to(livy):
    session_id = livy.create(kind="pyspark")["id"]

    log = livy.get(f"/sessions/{session_id}/log?from=0&size=2").json()

    assert log["id"] == session_id
    assert (log["from"], log["log"]) == (0, ["stdout: ", "\nstderr: "])
    assert log["total"] >= 2


def test_connecting_shows_the_session(livy):
    session_id = livy.create(kind="pyspark")["id"]

    answer = livy.ask("POST", f"/sessions/{session_id}/connect")

    assert (answer.status_code, list(answer.json())) == (200, livy.known("fields of a session"))
