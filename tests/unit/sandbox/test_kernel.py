"""Real PySpark behind a session: what the conformance suite cannot ask of a real Livy."""

from __future__ import annotations

import os
import time

import pytest
import requests

from livyguard.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(engine="pyspark", cores=1) as sandbox:
        yield sandbox


def create(sandbox, **body):
    return requests.post(f"{sandbox.url}/sessions", json={"kind": "pyspark", **body}, timeout=10)


def wait_for(sandbox, session_id, *states):
    deadline = time.monotonic() + 120
    while (session := requests.get(f"{sandbox.url}/sessions/{session_id}", timeout=10).json())["state"] not in states:
        assert time.monotonic() < deadline, session
        time.sleep(0.02)
    return session


def run(sandbox, session_id, code, **fields):
    path = f"{sandbox.url}/sessions/{session_id}/statements"
    number = requests.post(path, json={"code": code, **fields}, timeout=10).json()["id"]
    deadline = time.monotonic() + 120
    while (statement := requests.get(f"{path}/{number}", timeout=10).json())["state"] not in {"available", "cancelled"}:
        assert time.monotonic() < deadline, statement
        time.sleep(0.02)
    return statement


@pytest.fixture(scope="module")
def session_id(sandbox):
    body = {"name": "etl", "numExecutors": 8, "executorMemory": "2g", "driverMemory": "64g", "queue": "root.a"}
    number = create(sandbox, **body, conf={"spark.dynamicAllocation.maxExecutors": "8"}).json()["id"]
    session = wait_for(sandbox, number, "idle", "dead")
    assert session["state"] == "idle", session
    return number


def value(sandbox, session_id, code):
    output = run(sandbox, session_id, code)["output"]
    assert output["status"] == "ok", output
    return output["data"]["text/plain"]


@pytest.mark.parametrize("kind", ["spark", "scala", "sparkr"])
def test_other_kinds_are_refused_with_the_ones_that_there_are(sandbox, kind):
    answer = create(sandbox, kind=kind)

    shown = {"scala": "spark"}.get(kind, kind)
    assert answer.status_code == 400
    assert answer.json() == {
        "msg": f"Rejected, Reason: the livyguard sandbox runs pyspark, sql, shared sessions, not {shown}."
    }


@pytest.mark.parametrize("kind", ["spark", "scala", "sparkr"])
def test_a_statement_in_another_language_is_refused_and_not_run_as_python(sandbox, session_id, kind):
    output = run(sandbox, session_id, "was_run = 1", kind=kind)["output"]

    assert (output["status"], output["ename"]) == ("error", "InterpreterError")
    assert value(sandbox, session_id, "'was_run' in globals()") == "False"


def test_the_users_spark_knows_what_was_asked(sandbox, session_id):
    keys = ["spark.app.name", "spark.executor.instances", "spark.executor.memory", "spark.yarn.queue",
            "spark.dynamicAllocation.maxExecutors", "spark.driver.memory"]  # fmt: skip

    assert value(sandbox, session_id, f"[spark.conf.get(key) for key in {keys}]") == str(
        ["etl", "8", "2g", "root.a", "8", "1g"]
    )


def test_a_file_is_written_and_read_back(sandbox, session_id, tmp_path):
    code = f"spark.range(5).write.csv({str(tmp_path / 'out')!r})\nspark.read.csv({str(tmp_path / 'out')!r}).count()"

    assert value(sandbox, session_id, code) == "5"


def test_nothing_of_ipython_is_in_the_users_namespace(sandbox, session_id):
    names = value(sandbox, session_id, "[name for name in ('In', 'Out', 'get_ipython') if name in globals()]")

    assert names == "[]"


def test_the_user_may_stop_spark_and_python_goes_on(sandbox):
    number = create(sandbox).json()["id"]
    wait_for(sandbox, number, "idle")

    value(sandbox, number, "sc.stop()")

    assert value(sandbox, number, "1 + 1") == "2"
    requests.delete(f"{sandbox.url}/sessions/{number}", timeout=30)


def test_a_session_that_cannot_start_is_dead_and_its_log_says_why(sandbox):
    number = create(sandbox, conf={"spark.serializer": "no.such.Serializer"}).json()["id"]

    dead = wait_for(sandbox, number, "dead", "idle")

    assert dead["state"] == "dead"
    assert any("no.such.Serializer" in line for line in dead["log"])


def test_a_killed_session_takes_its_process_along(sandbox):
    number = create(sandbox).json()["id"]
    wait_for(sandbox, number, "idle")
    pid = int(value(sandbox, number, "import os\nos.getpid()"))

    sandbox.kill(number)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_another_spark_in_the_environment_does_not_matter(monkeypatch):
    monkeypatch.setenv("SPARK_HOME", "/no/such/spark")
    with Sandbox(engine="pyspark", cores=1) as sandbox:
        number = create(sandbox).json()["id"]

        assert wait_for(sandbox, number, "idle", "dead")["state"] == "idle"
