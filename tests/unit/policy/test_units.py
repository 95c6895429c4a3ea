"""Sizes, times, counts and flags as Spark reads them."""

from __future__ import annotations

import pytest

from livyguard.policy.units import (
    BYTE,
    MIB,
    MILLISECOND,
    SECOND,
    Unreadable,
    read_count,
    read_flag,
    read_size,
    read_time,
    shown,
    write_size,
    write_time,
)


@pytest.mark.parametrize("value", [40, "40", " 40 ", "+40", "040", 40.0, "\t40\n"])
def test_a_count_is_read_however_it_is_spelled(value):
    assert read_count(value) == 40


@pytest.mark.parametrize(
    "value",
    [
        "4.5",
        "1e3",
        "0x10",
        "\uff14\uff10",
        "\u0664",
        "4 0",
        "",
        " ",
        "-",
        "4\u00a0",
        4.5,
        True,
        None,
        [4],
        {},
        float("inf"),
    ],
)
def test_what_spark_does_not_read_as_a_number_is_refused(value):
    with pytest.raises(Unreadable, match="no whole number"):
        read_count(value)


@pytest.mark.parametrize("value", [2**31, "2147483648", "9" * 5_000, 10**90, -(2**31) - 1])
def test_a_count_beyond_an_int_is_refused(value):
    with pytest.raises(Unreadable, match="beyond"):
        read_count(value)


@pytest.mark.parametrize(
    "value", ["8g", "8G", "8gb", "8GB", "8192m", "8192M", " 8192mb ", "8388608k", 8192, "8192", 8192.0]
)
def test_a_size_is_read_however_it_is_spelled(value):
    assert read_size(value, MIB) == 8192


def test_a_bare_size_counts_the_unit_of_its_property():
    assert read_size("1024", BYTE) == 1024
    assert read_size("1k", BYTE) == 1024
    assert read_size("1tb", MIB) == 2**20
    assert read_size("1p", MIB) == 2**30


def test_a_size_is_rounded_down_as_spark_does():
    assert read_size("1025k", MIB) == 1
    assert read_size("1023k", MIB) == 0


@pytest.mark.parametrize("value", ["1.5g", "-1g", "8x", "8 g", "g", "", None, True, [], "8gib", "\uff18g", 1.5])
def test_a_size_outside_sparks_grammar_is_refused(value):
    with pytest.raises(Unreadable, match="not a size"):
        read_size(value, MIB)


@pytest.mark.parametrize("value", ["9" * 30, "9" * 5_000 + "g", f"{2**63}b", f"{2**62}g", 2**70])
def test_a_size_beyond_a_long_is_refused(value):
    with pytest.raises(Unreadable):
        read_size(value, MIB)


@pytest.mark.parametrize("value", ["30m", "30min", "1800s", "1800", 1800, "1800000ms", "1800000000us", "1800S"])
def test_a_time_is_read_however_it_is_spelled(value):
    assert read_time(value, SECOND) == 1800


def test_a_bare_time_counts_the_unit_of_its_property():
    assert read_time("90", MILLISECOND) == 90
    assert read_time("2h", SECOND) == 7200
    assert read_time("1d", SECOND) == 86_400
    assert read_time("-1s", MILLISECOND) == -1000


@pytest.mark.parametrize("value", ["1w", "1.5h", "", None, True, "soon"])
def test_a_time_outside_sparks_grammar_is_refused(value):
    with pytest.raises(Unreadable, match="not a time"):
        read_time(value, SECOND)


@pytest.mark.parametrize("value", ["9" * 20, "9" * 40])
def test_a_time_beyond_a_long_is_refused(value):
    with pytest.raises(Unreadable, match="beyond"):
        read_time(value, SECOND)


def test_the_longest_time_is_the_longest_that_there_is():
    assert read_time(f"{2**62}d", SECOND) == 2**63 - 1


def test_sizes_are_read_as_far_as_spark_reads_them():
    assert read_size(f"{2**62}k", MIB) == 2**52


def test_flags_are_read_in_any_case():
    assert [read_flag(value) for value in (True, "true", " TRUE ", False, "False")] == [True, True, True, False, False]


@pytest.mark.parametrize("value", ["yes", 1, None, "", []])
def test_what_is_neither_true_nor_false_is_refused(value):
    with pytest.raises(Unreadable, match="neither true nor false"):
        read_flag(value)


@pytest.mark.parametrize(
    ("size", "unit", "text"),
    [(8192, MIB, "8g"), (8193, MIB, "8193m"), (2**20, MIB, "1t"), (1024, BYTE, "1k"), (7, BYTE, "7b"), (0, MIB, "0m")],
)
def test_a_size_is_written_with_the_largest_suffix_that_holds_it(size, unit, text):
    assert write_size(size, unit) == text
    assert read_size(text, unit) == size


@pytest.mark.parametrize(
    ("time", "unit", "text"),
    [
        (1800, SECOND, "30m"),
        (7200, SECOND, "2h"),
        (172_800, SECOND, "2d"),
        (90, SECOND, "90s"),
        (5, MILLISECOND, "5ms"),
        (0, SECOND, "0s"),
    ],
)
def test_a_time_is_written_with_the_largest_suffix_that_holds_it(time, unit, text):
    assert write_time(time, unit) == text
    assert read_time(text, unit) == time


def test_a_value_is_shown_on_one_short_line():
    assert shown("a\x1b[31m\n") == r"'a\x1b[31m\n'"
    assert len(shown("x" * 500)) == 81
    assert shown(10**5_000) == "a number of 16610 bits"


@pytest.mark.parametrize("value", [[10**5_000], {"a": [10**5_000]}])
def test_a_number_that_python_does_not_write_is_shown_in_words_where_a_list_or_a_table_holds_it(value):
    assert shown(value) == f"a {type(value).__name__} with a number too long to show"
