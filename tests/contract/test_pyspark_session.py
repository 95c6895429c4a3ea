"""A real PySpark session: what statements compute, how they fail, how they are cancelled."""

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


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1.5", 1.5),
        ("cast(3 as decimal(20,0))", 3.0),
        ("cast(0.1 as float)", 0.10000000149011612),
        ("double('nan')", None),
        ("double('-infinity')", "-Infinity"),
        ("cast(12345678901 as long)", 12345678901),
        ("timestamp'2024-01-02 03:04:05.678 UTC'", "2024-01-02T03:04:05Z"),
        ("date'2024-01-02'", "2024-01-02"),
        ("X'61ff'", [97, -1]),
        ("array(cast(null as int), 1)", [None, 1]),
        ("map(1, 'a')", {"1": "a"}),
        ("map(date'2024-01-02', true)", {"2024-01-02T00:00:00Z": True}),
        ("cast(null as int)", None),
    ],
)
def test_a_value_of_sql_in_json(run, expression, value):
    assert run(f"select {expression} as it", kind="sql")["data"]["application/json"]["data"] == [[value]]


def test_a_struct_of_sql_brings_its_schema(run):
    struct = "named_struct('n', 1.5, 'a', array(1), 'm', map('k', 1), 's', named_struct('x', cast(null as int)))"

    table = run(f"select {struct} as it", kind="sql")["data"]["application/json"]

    def field(name, shape, nullable):
        return {"name": name, "dataType": shape, "nullable": nullable, "metadata": {"map": {}}}

    x = field("x", {}, nullable=True)
    assert table["data"] == [[{
        "schema": [
            field("n", {"precision": 2, "scale": 1}, nullable=False),
            field("a", {"elementType": {}, "containsNull": False}, nullable=False),
            field("m", {"keyType": {}, "valueType": {}, "valueContainsNull": False}, nullable=False),
            field("s", [x], nullable=False),
        ],
        "values": [1.5, [1], {"k": 1}, {"schema": [x], "values": [None]}],
    }]]  # fmt: skip


@pytest.mark.parametrize("expression", ["timestamp_ntz'2024-01-02 03:04:05'", "interval 1 day"])
def test_a_value_of_sql_that_livy_cannot_write_is_an_error(run, expression):
    output = run(f"select {expression} as it", kind="sql")

    assert (output["status"], output["ename"]) == ("error", "Error")
    assert output["evalue"].startswith("Unable to make field private final ")
    assert 'module java.base does not "opens java.time" to unnamed module' in output["evalue"]


def test_sql_gives_a_thousand_rows_at_most(run):
    assert len(run("select id from range(1500)", kind="sql")["data"]["application/json"]["data"]) == 1000


def test_a_language_that_is_not_installed_is_an_error(run):
    output = run("1 + 1", kind="sparkr")

    assert {key: value for key, value in output.items() if key != "execution_count"} == {
        "status": "error", "ename": "InterpreterError", "evalue": "Fail to start interpreter", "traceback": [],
    }  # fmt: skip


def test_a_local_session_has_no_application_id_though_spark_has_one(spark_livy, spark_session, run):
    session = spark_livy.get(f"/sessions/{spark_session}").json()

    assert (session["state"], session["appId"], set(session["appInfo"].values())) == ("idle", None, {None})
    assert text(run("sc.applicationId")).startswith("'local-")


def test_the_session_is_busy_while_a_statement_runs_and_what_waits_can_be_cancelled(spark_livy, spark_session, door):
    path = f"/sessions/{spark_session}/statements"
    running = spark_livy.submit(spark_session, door.code)
    waiting = spark_livy.submit(spark_session, "'never'")
    spark_livy.statement_when(spark_session, running, "running")
    state = spark_livy.states_until(spark_session, "busy")[-1]

    answer = spark_livy.ask("POST", f"{path}/{waiting}/cancel")

    cancelled = spark_livy.statement_when(spark_session, waiting, "cancelled")
    door.open()
    spark_livy.statement_when(spark_session, running, "available")
    assert state == "busy"
    assert (answer.status_code, answer.json()) == (200, {"msg": "canceled"})
    assert (cancelled["output"], cancelled["progress"], cancelled["started"]) == (None, 1.0, 0)


def test_python_that_is_cancelled_runs_on_to_its_end(spark_livy, spark_session, door):
    statement_id = spark_livy.submit(spark_session, f"{door.code}\n'the end'")
    spark_livy.statement_when(spark_session, statement_id, "running")

    spark_livy.ask("POST", f"/sessions/{spark_session}/statements/{statement_id}/cancel")

    at_once = spark_livy.get(f"/sessions/{spark_session}/statements/{statement_id}").json()
    door.open()
    cancelled = spark_livy.statement_when(spark_session, statement_id, "cancelled")
    assert (at_once["state"], at_once["output"]) == ("cancelling", None)
    assert text(cancelled["output"]) == "'the end'"
    assert cancelled["completed"] >= door.opened


def test_a_spark_job_can_be_cancelled_and_the_session_goes_on(spark_livy, spark_session):
    path = f"/sessions/{spark_session}/statements"
    endless = "spark.range(10**13).repartition(4).selectExpr('sum(sqrt(id * id))').collect()"
    statement_id = spark_livy.submit(spark_session, endless)
    spark_livy.statement_when(spark_session, statement_id, "running")

    spark_livy.ask("POST", f"{path}/{statement_id}/cancel")

    cancelled = spark_livy.statement_when(spark_session, statement_id, "cancelled")
    assert (cancelled["output"]["status"], cancelled["progress"]) == ("error", 1.0)
    assert "cancelled part of cancelled job group" in cancelled["output"]["evalue"]
    assert spark_livy.run(spark_session, "spark.range(7).count()")["data"] == {"text/plain": "7"}
