"""The prompt without Spark; that it agrees with Livy's is shown in tests/contract."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from livyguard.sandbox.driver.repl import Prompt


@pytest.fixture
def prompt():
    return Prompt({"__name__": "__main__"})


def table(prompt, value):
    prompt.namespace["value"] = value
    return prompt.execute("%table value")["data"]


def test_each_value_at_the_end_of_a_statement_is_printed(prompt):
    assert prompt.execute("1\nprint('a')\n2") == {"status": "ok", "data": {"text/plain": "a\n2"}}


def test_python_and_magic_lines_mix_and_the_last_part_counts(prompt):
    assert prompt.execute("x = [1]\n%json x\ny = 2")["data"] == {"text/plain": ""}
    assert prompt.execute("x = [3]\n%json x")["data"] == {"application/json": [3]}
    assert prompt.execute("x = [4]\nprint('also')\n%json x")["data"] == {"application/json": [4], "text/plain": "also"}


def test_a_percent_sign_in_good_python_is_no_magic(prompt):
    assert prompt.execute("7\\\n%4")["data"] == {"text/plain": "3"}


def test_a_magic_without_a_name_is_unknown(prompt):
    assert prompt.execute("% x")["evalue"] == "magic command not specified"


def test_a_frame_of_a_library_stays_in_the_traceback(prompt):
    lines = prompt.execute("import json\njson.loads('{')")["traceback"]

    assert lines[0] == "Traceback (most recent call last):\n"
    assert "json/__init__.py" in lines[1]
    assert not any("repl.py" in line for line in lines)


def test_what_no_json_can_hold_is_an_error(prompt):
    reply = prompt.execute("x = {1}\n%json x")

    assert (reply["status"], reply["ename"], reply["traceback"]) == ("error", "ValueError", [])
    assert reply["evalue"].startswith("cannot json-ify")


def test_a_data_class_of_the_statement_says_where_it_lives(prompt):
    assert prompt.execute("class A: pass\nA.__module__")["data"] == {"text/plain": "'__main__'"}


def test_a_single_value_is_a_table_of_one_cell(prompt):
    assert table(prompt, 5) == {
        "application/vnd.livy.table.v1+json": {"headers": [{"name": "0", "type": "INT_TYPE"}], "data": [[5]]}
    }


def test_rows_and_dicts_give_their_columns_by_name(prompt):
    class Row(tuple):
        __slots__ = ()

        def asDict(self):  # noqa: N802 - pyspark's name
            return dict(zip("ba", self, strict=True))

    shown = table(prompt, [Row((1, "x")), {"a": "y", "b": None}])["application/vnd.livy.table.v1+json"]

    assert shown["headers"] == [{"name": "a", "type": "STRING_TYPE"}, {"name": "b", "type": "INT_TYPE"}]
    assert shown["data"] == [["x", 1], ["y", None]]


def test_a_column_of_nulls_takes_the_type_of_its_first_value(prompt):
    shown = table(prompt, [(None,), (1.5,)])["application/vnd.livy.table.v1+json"]

    assert shown["headers"] == [{"name": "0", "type": "DOUBLE_TYPE"}]


def test_dates_decimals_lists_and_maps_have_types(prompt):
    row = (
        dt.date(2026, 1, 2),
        dt.datetime(2026, 1, 2, tzinfo=dt.timezone.utc),
        Decimal("1.5"),
        [1, 2],
        {"k": "v"},
        True,
        object,
    )
    shown = table(prompt, [row])["application/vnd.livy.table.v1+json"]

    kinds = ["DATE_TYPE", "TIMESTAMP_TYPE", "DECIMAL_TYPE", "ARRAY_TYPE", "MAP_TYPE", "BOOLEAN_TYPE", "STRING_TYPE"]
    assert [header["type"] for header in shown["headers"]] == kinds
    assert shown["data"][0][:6] == ["2026-01-02", "2026-01-02 00:00:00+00:00", "1.5", [1, 2], {"k": "v"}, True]


@pytest.mark.parametrize("value", [[(1,), ("a",)], [[[1, "a"]]], [({"a": 1, "b": "c"},)]])
def test_values_of_different_types_in_one_place_are_an_error(prompt, value):
    data = table(prompt, value)

    assert data["content"]["status"] == "error"
    assert "different types" in data["content"]["evalue"] or "inconsistent types" in data["content"]["evalue"]


def test_a_figure_is_a_picture_and_what_was_printed_beside_it(prompt):
    code = "class P:\n  def gcf(self): return self\n  def savefig(self, file, format): file.write(b'PNG')\nplt = P()\n"

    assert prompt.execute(f"{code}%matplot plt")["data"] == {"image/png": "UE5H"}
    assert prompt.execute(f"{code}print('beside')\n%matplot plt")["data"] == {
        "image/png": "UE5H", "text/plain": "beside",
    }  # fmt: skip
