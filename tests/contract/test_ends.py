"""How sessions end: deleted while they start or work, without their Python, without their driver."""

from __future__ import annotations

import re
import time

import pytest

from tests.contract.conftest import Door

PATIENCE = 60.0


def told(answer):
    return answer.status_code, answer.json()


def of_state(state):
    return 500, f"java.lang.IllegalStateException: Session is in state {state}"


NOT_ACTIVE = (400, {"msg": "requirement failed: Session isn't active."})
COMPLETION = {"code": "spa", "kind": "pyspark", "cursor": 3}


def asked_to_work(livy, session_id):
    """Ask a session everything that needs its driver."""
    path = f"/sessions/{session_id}"
    return {
        "statement": told(livy.ask("POST", f"{path}/statements", json={"code": "1"})),
        "cancel": told(livy.ask("POST", f"{path}/statements/0/cancel")),
        "completion": told(livy.ask("POST", f"{path}/completion", json=COMPLETION)),
    }


def given_up(livy, session_id, door):
    """Cancel a statement that goes on for longer than Livy waits for its end."""
    statement_id = livy.submit(session_id, f"{door.code}\n'the end'")
    livy.statement_when(session_id, statement_id, "running")
    livy.ask("POST", f"/sessions/{session_id}/statements/{statement_id}/cancel")
    cancelled = livy.statement_when(session_id, statement_id, "cancelled")
    state = livy.states_until(session_id, "busy")[-1]
    door.open()
    livy.run(session_id, "1")  # one after the other: the session is idle before the output of the first is there
    return cancelled, state, livy.get(f"/sessions/{session_id}/statements/{statement_id}").json(), door.opened


@pytest.fixture(scope="module")
def life(spark_livy, tmp_path_factory):
    """What a session answers from its creation to its driver's death and its deletion."""
    seen, door = {}, Door(tmp_path_factory.mktemp("door") / "open")
    session_id = spark_livy.create(kind="pyspark", conf={"livy.rsc.job-cancel.timeout": "1s"})["id"]
    path = f"/sessions/{session_id}"
    seen["starting"] = asked_to_work(spark_livy, session_id)
    seen["connected"] = spark_livy.ask("POST", f"{path}/connect").json()["state"]
    seen["waited"] = spark_livy.get(f"{path}/statements")
    assert spark_livy.states_until(session_id, "idle")[-1] == "idle"
    seen["given up"] = given_up(spark_livy, session_id, door)
    last = spark_livy.submit(session_id, "spark._jvm.java.lang.System.exit(1)")
    seen["dying"] = [told(spark_livy.get(f"{path}/statements/{last}"))]
    deadline = time.monotonic() + PATIENCE
    while spark_livy.state(session_id) != "dead":
        assert time.monotonic() < deadline, seen
        seen["dying"].append(told(spark_livy.get(f"{path}/statements/{last}")))
        time.sleep(0.01)
    seen["dead"] = asked_to_work(spark_livy, session_id)
    seen["statements"] = told(spark_livy.get(f"{path}/statements")), told(spark_livy.get(f"{path}/statements/{last}"))
    seen["session"] = spark_livy.get(path).json()
    seen["log"] = spark_livy.get(f"{path}/log?size=-1").json()
    seen["deleted"] = told(spark_livy.delete(session_id))
    seen["gone"] = told(spark_livy.get(path))
    return seen


@pytest.mark.parametrize("what", ["statement", "cancel", "completion"])
def test_a_starting_session_does_no_work(life, what):
    assert life["starting"][what] == of_state("starting")


def test_a_starting_session_can_be_connected_to(life):
    assert life["connected"] == "starting"


def test_the_statements_of_a_starting_session_make_the_caller_wait(life):
    answer = life["waited"]

    if answer.status_code == 500:  # Livy, when the driver has called back and is not ready: RpcException
        assert "NullPointerException" in answer.json()
    else:
        assert answer.json() == {"total_statements": 0, "statements": []}


def test_a_statement_that_goes_on_is_called_cancelled_after_a_while_and_the_session_stays_busy(life):
    cancelled, state, ended, opened = life["given up"]

    assert (cancelled["output"], cancelled["progress"], state) == (None, 1.0, "busy")
    assert (ended["state"], ended["output"]["data"]) == ("cancelled", {"text/plain": "'the end'"})
    assert ended["completed"] >= opened


def test_a_statement_that_ends_its_driver_has_no_answer(life):
    states = {body["state"] for status, body in life["dying"] if status == 200}
    refusals = [told for told in life["dying"] if told[0] != 200]
    # As the connection goes (rsc/rpc/Rpc.java): what waits for an answer is cancelled, what is being sent fails
    # with the socket's own words, what comes after finds it closed; then Livy knows.
    gone = re.compile(
        r"java\.util\.concurrent\.CancellationException"
        r"|java\.util\.concurrent\.ExecutionException: (java\.|io\.netty\.)\S*(Channel|IO)Exception.*"
        r"|java\.lang\.IllegalStateException: RPC channel is closed\."
    )

    assert life["dying"]
    assert states <= {"waiting", "running", "available"}  # available: Python has seen its JVM go
    assert [
        (status, body)
        for status, body in refusals
        if (status, body) != NOT_ACTIVE and not (status == 500 and gone.fullmatch(str(body)))
    ] == []


@pytest.mark.parametrize("what", ["statement", "cancel", "completion"])
def test_a_dead_session_does_no_work(life, what):
    assert life["dead"][what] == of_state("dead")


def test_a_dead_session_tells_of_no_statement(life):
    assert life["statements"] == (NOT_ACTIVE, NOT_ACTIVE)


def test_a_dead_session_is_still_listed_with_its_log(life):
    assert life["session"]["state"] == "dead"
    assert life["log"]["total"] > 2


def test_a_dead_session_can_be_deleted(life):
    assert life["deleted"] == (200, {"msg": "deleted"})
    assert life["gone"][0] == 404


@pytest.mark.parametrize("kind", ["spark", "sparkr"])
def test_a_session_in_another_language(spark_livy, kind):
    answer = spark_livy.ask("POST", "/sessions", json={"kind": kind})

    if answer.status_code == 201:
        spark_livy.delete(answer.json()["id"])
    assert answer.status_code == spark_livy.known("status of a session in Scala or R")


@pytest.fixture(scope="module")
def shared(spark_livy):
    """A session that is told the language with each statement."""
    return spark_livy.create_idle(kind="shared")


def test_a_shared_session_wants_the_kind_with_each_statement(spark_livy, shared):
    answer = spark_livy.ask("POST", f"/sessions/{shared}/statements", json={"code": "1"})

    assert answer.status_code == 500
    assert "Code type should be specified if session kind is shared" in answer.json()
    assert spark_livy.run(shared, "1 + 1", kind="pyspark")["data"] == {"text/plain": "2"}
    assert spark_livy.run(shared, "select 2 as two", kind="sql")["data"]["application/json"]["data"] == [[2]]


def test_a_statement_in_scala(spark_livy, shared):
    output = spark_livy.run(shared, "1 + 1", kind="spark")

    del output["execution_count"]
    assert output == spark_livy.known("a statement in Scala")


def test_a_session_without_its_python_is_in_error_and_lives_on(spark_livy, shared):
    last = spark_livy.run(shared, "import os\nos._exit(1)", kind="pyspark")
    state = spark_livy.states_until(shared, "error")[-1]
    again = spark_livy.run(shared, "1", kind="pyspark")
    still = spark_livy.states_until(shared, "error")[-1]
    sql = spark_livy.run(shared, "select 1 as one", kind="sql")
    left, after = spark_livy.known("SQL after the death of Python")

    assert (last["status"], last["ename"], last["traceback"]) == ("error", "Error", [])
    assert last["evalue"].startswith("Interpreter died:\n\n")
    assert (again["status"], again["ename"], again["evalue"]) == ("error", "Error", "Interpreter died:\n")
    assert (state, still) == ("error", "error")
    assert (sql["status"], spark_livy.states_until(shared, after)[-1]) == (left, after)


def test_a_session_can_be_deleted_while_it_works(spark_livy):
    session_id = spark_livy.create_idle(kind="pyspark")
    endless = spark_livy.submit(session_id, "import time\ntime.sleep(600)")
    spark_livy.statement_when(session_id, endless, "running")
    before = time.monotonic()

    answer = spark_livy.delete(session_id)

    took = time.monotonic() - before
    least, most = spark_livy.known("seconds of the deletion of a busy session")
    assert told(answer) == (200, {"msg": "deleted"})
    assert least < took < most
    assert spark_livy.get(f"/sessions/{session_id}").status_code == 404


def test_a_session_can_be_deleted_while_it_starts(spark_livy):
    session_id = spark_livy.create(kind="pyspark")["id"]

    assert told(spark_livy.delete(session_id)) == (200, {"msg": "deleted"})
    assert spark_livy.get(f"/sessions/{session_id}").status_code == 404
