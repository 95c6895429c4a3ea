"""A real PySpark session: what statements compute, how they fail, how they are cancelled, how a session dies."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def run(spark_livy, spark_session):
    """Run code in the module's session and give the output."""
    return lambda code, **fields: spark_livy.run(spark_session, code, **fields)


def text(output):
    assert output["status"] == "ok", output
    return output["data"]["text/plain"]


def test_spark_sc_and_sqlcontext_are_there(run):
    assert text(run("spark")).startswith("<pyspark.sql.session.SparkSession object at ")
    assert text(run("type(sc).__name__, type(sqlContext).__name__")) == "('SparkContext', 'SQLContext')"


def test_a_computation_on_python_workers(run):
    assert text(run("sc.parallelize(range(10), 2).map(lambda x: x * x).sum()")) == "285"


def test_a_class_of_the_notebook_reaches_the_workers(run):
    code = "class Half:\n    def of(self, x):\n        return x / 2\nsc.parallelize([4]).map(Half().of).collect()"

    assert text(run(code)) == "[2.0]"


def test_a_data_frame_is_shown_as_printed(run):
    assert text(run("spark.range(2).show()")) == "+---+\n| id|\n+---+\n|  0|\n|  1|\n+---+"


def test_what_is_printed_comes_before_the_value_and_standard_error_after_both(run):
    code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\n'value'"

    assert text(run(code)) == "out\n'value'\nerr"


@pytest.mark.parametrize("code", ["", "kept = 5", "None", "# nothing"])
def test_a_statement_without_a_value_says_nothing(run, code):
    assert run(code)["data"] == {"text/plain": ""}


def test_variables_outlive_their_statement(run):
    run("kept = 41")

    assert text(run("kept + 1")) == "42"


def test_an_error_names_itself_without_the_frames_of_the_prompt(run):
    output = run("def broken():\n  raise ValueError('no')\nprint('lost')\nbroken()")

    assert {key: value for key, value in output.items() if key != "execution_count"} == {
        "status": "error",
        "ename": "ValueError",
        "evalue": "no",
        "traceback": [
            "Traceback (most recent call last):\n",
            '  File "<stdin>", line 2, in broken\n',
            "ValueError: no\n",
        ],
    }


def test_a_syntax_error_shows_the_place(run):
    output = run("x =")

    assert (output["ename"], output["evalue"]) == ("SyntaxError", "invalid syntax (<stdin>, line 1)")
    assert output["traceback"] == [
        '  File "<stdin>", line 1\n',
        "    x =\n",
        "       ^\n",
        "SyntaxError: invalid syntax\n",
    ]


def test_a_spark_error_keeps_its_words(run):
    output = run("spark.sql('selec 1')")

    assert output["ename"] == "ParseException"
    assert "[PARSE_SYNTAX_ERROR] Syntax error at or near 'selec'" in output["evalue"]


def test_leaving_python_is_only_an_error(run):
    assert run("import sys\nsys.exit()")["ename"] == "SystemExit"
    assert text(run("'still here'")) == "'still here'"


def test_nothing_can_be_asked_of_the_user(run):
    assert run("input()")["ename"] == "EOFError"


def test_a_variable_as_json(run):
    assert run("answer = {'a': [1, None]}\n%json answer")["data"] == {"application/json": {"a": [1, None]}}


def test_a_variable_as_a_table(run):
    data = run("rows = [(1, 'a'), (2, 'b')]\n%table rows")["data"]

    assert data == {
        "application/vnd.livy.table.v1+json": {
            "headers": [{"name": "0", "type": "INT_TYPE"}, {"name": "1", "type": "STRING_TYPE"}],
            "data": [[1, "a"], [2, "b"]],
        }
    }


def test_a_figure_as_a_picture(run):
    figure = (
        "class Plt:\n  def gcf(self):\n    return self\n  def savefig(self, file, format):\n    file.write(b'PNG')\n"
    )

    assert run(figure + "plt = Plt()\n%matplot plt")["data"] == {"image/png": "UE5H"}


def test_an_unknown_magic_is_an_error(run):
    output = run("%nope x")

    assert (output["ename"], output["evalue"]) == ("UnknownMagic", "unknown magic command 'nope'")
    assert output["traceback"] == ["UnknownMagic: unknown magic command 'nope'\n"]


def test_a_magic_that_fails_puts_its_error_into_the_data(run):
    output = run("%json no_such_name")

    assert output["status"] == "ok"
    assert output["data"]["msg_type"] == "execute_reply"
    assert output["data"]["content"]["ename"] == "KeyError"


def test_sql_answers_with_schema_and_rows(run):
    output = run("select 1 as a, 'b' as b", kind="sql")

    assert output["data"] == {
        "application/json": {
            "schema": {
                "type": "struct",
                "fields": [
                    {"name": "a", "type": "integer", "nullable": False, "metadata": {}},
                    {"name": "b", "type": "string", "nullable": False, "metadata": {}},
                ],
            },
            "data": [[1, "b"]],
        }
    }


def test_an_error_of_sql_is_named_error(run):
    output = run("selec 1", kind="sql")

    assert (output["status"], output["ename"]) == ("error", "Error")
    assert output["evalue"].startswith("\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'selec'.(line 1, pos 0)")
    assert output["traceback"][0].startswith("org.apache.spark.sql.catalyst.parser.ParseException")


def test_a_view_made_in_python_is_there_in_sql(run):
    run("spark.range(3).createOrReplaceTempView('three')")

    assert run("select count(*) as n from three", kind="sql")["data"]["application/json"]["data"] == [[3]]


def test_the_session_is_busy_while_a_statement_runs_and_what_waits_can_be_cancelled(spark_livy, spark_session):
    path = f"/sessions/{spark_session}/statements"
    running = spark_livy.submit(spark_session, "import time\nfor _ in range(30): time.sleep(0.1)")
    waiting = spark_livy.submit(spark_session, "'never'")
    spark_livy.statement_when(spark_session, running, "running")
    state = spark_livy.get(f"/sessions/{spark_session}/state").json()["state"]

    answer = spark_livy.ask("POST", f"{path}/{waiting}/cancel")

    cancelled = spark_livy.statement_when(spark_session, waiting, "cancelled")
    spark_livy.statement_when(spark_session, running, "available")
    assert state == "busy"
    assert (answer.status_code, answer.json()) == (200, {"msg": "canceled"})
    assert (cancelled["output"], cancelled["progress"], cancelled["started"]) == (None, 1.0, 0)
    assert cancelled["completed"] > 0


def test_a_spark_job_can_be_cancelled_and_the_session_goes_on(spark_livy, spark_session):
    path = f"/sessions/{spark_session}/statements"
    endless = "spark.range(10**13).repartition(4).selectExpr('sum(sqrt(id * id))').collect()"
    statement_id = spark_livy.submit(spark_session, endless)
    spark_livy.statement_when(spark_session, statement_id, "running")

    spark_livy.ask("POST", f"{path}/{statement_id}/cancel")

    cancelled = spark_livy.statement_when(spark_session, statement_id, "cancelled")
    assert (cancelled["output"]["status"], cancelled["progress"]) == ("error", 1.0)
    assert spark_livy.run(spark_session, "spark.range(7).count()")["data"] == {"text/plain": "7"}


def test_a_second_session_starts_beside_it_and_dies_with_its_driver(spark_livy):
    session_id = spark_livy.create(kind="pyspark")["id"]
    path = f"/sessions/{session_id}"
    early = spark_livy.ask("POST", f"{path}/statements", json={"code": "1"})
    early_cancel = spark_livy.ask("POST", f"{path}/statements/0/cancel")
    states = spark_livy.states_until(session_id, "idle")

    spark_livy.submit(session_id, "spark._jvm.java.lang.System.exit(1)")
    spark_livy.states_until(session_id, "dead")

    assert states == ["starting", "idle"]
    for answer in (early, early_cancel):
        assert (answer.status_code, answer.json()) == (
            500, "java.lang.IllegalStateException: Session is in state starting",
        )  # fmt: skip
    for method, rest, body in (("POST", "/statements", {"code": "1"}), ("POST", "/statements/0/cancel", None)):
        answer = spark_livy.ask(method, path + rest, json=body)
        assert (answer.status_code, answer.json()) == (
            500, "java.lang.IllegalStateException: Session is in state dead",
        )  # fmt: skip
    for rest in ("/statements", "/statements/0"):
        answer = spark_livy.get(path + rest)
        assert (answer.status_code, answer.json()) == (400, {"msg": "requirement failed: Session isn't active."})
    assert spark_livy.get(path).json()["state"] == "dead"
    assert spark_livy.get(f"{path}/log?size=-1").json()["total"] > 2
    assert spark_livy.ask("DELETE", path).json() == {"msg": "deleted"}
    assert spark_livy.get(path).status_code == 404


def test_the_statements_of_a_starting_session_make_the_caller_wait(spark_livy):
    session_id = spark_livy.create(kind="pyspark")["id"]

    answer = spark_livy.get(f"/sessions/{session_id}/statements")

    if answer.status_code == 500:  # Livy, when the driver has called back and is not ready: RpcException
        assert "NullPointerException" in answer.json()
    else:
        assert answer.json() == {"total_statements": 0, "statements": []}


def test_a_session_can_be_deleted_while_it_starts(spark_livy):
    session_id = spark_livy.create(kind="pyspark")["id"]

    assert spark_livy.ask("DELETE", f"/sessions/{session_id}").json() == {"msg": "deleted"}
    assert spark_livy.get(f"/sessions/{session_id}").status_code == 404
