"""What the server calls in the kernel, called in a Python of its own: opening a session takes over ``__main__``."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys
from livyguard.sandbox.driver.session import execute, open_spark

def run(code, kind="pyspark"):
    return execute(json.dumps({"id": 3, "code": code, "kind": kind}))._repr_json_()

open_spark(json.dumps({"conf": {}, "master": "local[1]", "directory": sys.argv[1]}))
answers = {
    "group": run("sc.getLocalProperty('spark.jobGroup.id')"),
    "names": run("sorted(name for name in globals() if not name.startswith('_'))"),
    "many rows": run("select id from range(1500)", "sql"),
    "wrong": run("select nothing", "sql"),
}
run("from pyspark.ml.linalg import Vectors\\nvectors = spark.createDataFrame([(Vectors.dense(1.0),)], ['vector'])")
run("vectors.createOrReplaceTempView('vectors')")
answers["a vector"] = run("select vector from vectors", "sql")
run("sc.stop()")
answers["stopped"] = run("1 + 1")
with open(sys.argv[2], "w") as file:
    json.dump(answers, file)
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """Open a session, ask it everything once, and give what it answered."""
    folder = tmp_path_factory.mktemp("session")
    (folder / "asks.py").write_text(SCRIPT)
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    environ = {**os.environ, "PYTHONPATH": path, "PYSPARK_PYTHON": sys.executable}
    command = [sys.executable, "-c", "import asks", str(folder), str(folder / "answers.json")]
    subprocess.run(command, env=environ, check=True, timeout=200)
    return json.loads((folder / "answers.json").read_text())


def test_a_statements_jobs_carry_its_id(answers):
    assert answers["group"]["data"]["text/plain"] == "'3'"


def test_the_user_starts_with_three_names(answers):
    assert answers["names"]["data"]["text/plain"] == "['sc', 'spark', 'sqlContext']"


def test_sql_gives_a_thousand_rows_at_most(answers):
    assert len(answers["many rows"]["data"]["application/json"]["data"]) == 1000


def test_what_no_json_can_hold_is_text(answers):
    assert answers["a vector"]["data"]["application/json"]["data"] == [["[1.0]"]]


def test_an_error_of_sql_has_the_java_frames(answers):
    assert answers["wrong"]["ename"] == "Error"
    assert answers["wrong"]["traceback"][0].startswith("org.apache.spark.")


def test_python_goes_on_where_spark_was_stopped(answers):
    assert answers["stopped"]["data"] == {"text/plain": "2"}
