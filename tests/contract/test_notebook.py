"""What a notebook shows: the same cells in SparkMagic's PySpark kernel, with ``%%sql`` and its pictures."""

from __future__ import annotations

import re
import textwrap

import pytest

from tests.lab import PYSPARK, Lab

ROWS = "[(1, 'a', 1.5), (2, 'b', None)]"


@pytest.fixture(scope="module")
def kernel(endpoint, tmp_path_factory):
    """A guarded kernel with a view of two rows."""
    lab = Lab(tmp_path_factory.mktemp("home"), endpoint.spark_url)
    lab.configure(user=None, livy_session_startup_timeout_seconds=300)
    try:
        kernel = lab.start(PYSPARK)
        kernel.fine(f"spark.createDataFrame({ROWS}, 'n int, s string, d double').createOrReplaceTempView('rows')")
        yield kernel
    finally:
        lab.stop()
        endpoint.end_drivers()


def table(cell):
    """Read the last HTML table that a cell shows, row by row."""
    html = [html for html in cell.html if "<table" in html][-1]
    return [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)
    ]


def widgets(cell):
    """Tell which widgets a cell shows, but for the progress bar, each by what it begins with."""
    return [re.split(r"[,.…]", plain)[0] for plain in cell.plain if "children=" in plain or plain == "Output()"]


PICTURES = ["VBox(children=(HBox(children=(HTML(value='Type:')", "Output()"]
TWO_ROWS = [["", "n", "s", "d"], ["0", "1", "a", "1.5"], ["1", "2", "b", "NaN"]]


def test_what_is_printed_and_the_value_are_shown_as_text(kernel):
    assert kernel.fine("print('said')\n'value'").stdout == "said\n'value'"


def test_a_query_shows_its_rows_and_offers_pictures(kernel):
    cell = kernel.fine("%%sql\nselect * from rows order by n")

    assert table(cell) == TWO_ROWS
    assert widgets(cell) == PICTURES
    assert cell.stderr == ""


def test_a_query_without_rows_says_so(kernel):
    cell = kernel.fine("%%sql\nselect * from rows where n > 9")

    assert "HTML(value='No results.')" in cell.plain


def test_a_query_becomes_a_local_data_frame(kernel):
    kernel.fine("%%sql -o frame\nselect * from rows order by n")

    told = kernel.fine("%%local\nprint(frame.to_json(orient='split'), [str(kind) for kind in frame.dtypes])")

    assert told.stdout.split("\n")[0] == (
        '{"columns":["n","s","d"],"index":[0,1],"data":[[1,"a",1.5],[2,"b",null]]} [\'int64\', \'object\', \'float64\']'
    )


def test_a_local_data_frame_is_shown_with_pictures(kernel):
    kernel.fine("%%sql -q -o shown\nselect * from rows order by n")

    cell = kernel.fine("%%local\nshown")

    assert (table(cell), widgets(cell)) == (TWO_ROWS, PICTURES)


def test_a_quiet_query_shows_nothing_and_takes_as_many_rows_as_it_was_told(kernel):
    cell = kernel.fine("%%sql -q -n 1 -o quiet\nselect n from rows order by n")

    assert (cell.stdout, cell.stderr, widgets(cell)) == ("", "", [])
    assert kernel.fine("%%local\nquiet.n.tolist()").plain == ["[1]"]


def test_values_of_every_kind_arrive(kernel):
    query = "select cast(1.5 as decimal(3,1)) as a, timestamp'2024-01-02 03:04:05 UTC' as t, array(1, 2) as l, "

    cell = kernel.fine(f"%%sql\n{query}named_struct('x', 1) as s")

    assert table(cell)[1] == ["0", "1.5", "2024-01-02 03:04:05+00:00", "[1, 2]", "{'x': 1}"]


def test_a_data_frame_of_spark_becomes_a_local_one(kernel):
    kernel.fine("%%spark -o taken -n 1\ntaken = spark.table('rows').orderBy('n')")

    assert kernel.fine("%%local\ntaken.to_json(orient='records')").plain == ["""'[{"n":1,"s":"a","d":1.5}]'"""]


def test_a_local_value_becomes_one_of_the_session(kernel):
    kernel.fine("%%local\nhere = 'abc'")

    sent = kernel.fine("%%send_to_spark -i here -t str -n there")

    assert "Successfully passed 'here' as 'there'" in sent.stdout
    assert kernel.fine("there").stdout == "'abc'"


def test_a_printed_table_can_be_shown_as_one(kernel):
    cell = kernel.fine("%%pretty\nspark.table('rows').orderBy('n').show()")

    assert [[re.sub(r"<[^>]+>", "", value) for value in row] for row in table(cell)][:3] == [
        ["n", "s", "d"], ["1", "a", "1.5"], ["2", "b", "NULL"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("1 / 0", """\
            An error was encountered:
            division by zero
            Traceback (most recent call last):
            ZeroDivisionError: division by zero

            """),
        ("def broken():\n    raise ValueError('<b>no</b>')\nbroken()", """\
            An error was encountered:
            <b>no</b>
            Traceback (most recent call last):
              File "<stdin>", line 2, in broken
            ValueError: <b>no</b>

            """),
        ("x =", """\
            An error was encountered:
            invalid syntax (<stdin>, line 1)
              File "<stdin>", line 1
                x =
                   ^
            SyntaxError: invalid syntax

            """),
    ],
)  # fmt: skip
def test_an_error_of_the_cell_is_shown_with_its_own_frames(kernel, code, says):
    cell = kernel.fine(code)

    assert (cell.stdout, cell.stderr) == ("", textwrap.dedent(says))


def test_an_error_of_a_query_keeps_sparks_words(kernel):
    cell = kernel.fine("%%sql\nselec 1")

    assert cell.stderr.startswith(
        "An error was encountered:\n\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'selec'.(line 1, pos 0)\n"
    )
    assert widgets(cell) == []


def test_an_error_of_a_job_reaches_the_cell(kernel):
    cell = kernel.fine("sc.parallelize([0]).map(lambda x: 1 / x).collect()")

    assert "Job aborted due to stage failure" in cell.stderr
    assert "ZeroDivisionError: division by zero" in cell.stderr


def test_the_log_of_the_session_is_shown(kernel):
    assert kernel.fine("%%logs").stdout.startswith("stdout: \n\nstderr: \n")
