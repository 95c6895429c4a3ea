import pytest

from livyguard.views.text import columns, duration, memory, moment, plain


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\x9b31m", r"\x9b31m"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("\x00\x7f", r"\x00\x7f"),
        ("größer 漢字", "größer 漢字"),
    ],
)
def test_foreign_text_is_harmless_and_what_it_holds_is_seen(hostile, shown):
    assert plain(hostile) == shown


def test_what_is_long_is_cut():
    assert plain("x" * 10_000, 60) == "x" * 59 + "…"
    assert plain("\x1b" * 100, 60).endswith("…")
    assert len(plain("\x1b" * 10_000, 60)) == 60
    assert plain("x" * 60, 60) == "x" * 60


def test_quantities_are_for_people():
    assert duration(2700) == "45 minutes"
    assert [duration(seconds) for seconds in (59, 119, 179, 3599, 7199, 86_399, 172_799)] == [
        "59 seconds",
        "a minute",
        "2 minutes",
        "59 minutes",
        "an hour",
        "23 hours",
        "a day",
    ]
    assert memory(40_960) == "40.0 GiB"
    assert memory(0) == "0 MiB"
    assert moment(0.0)[:2] == "19"
    assert duration(None) == memory(None) == moment(None) == ""


def test_columns_are_aligned_and_empty_ones_left_out():
    table = columns(["Id", "Owner", "Kind"], [["1", "漢字", ""], ["10", "bob", ""]], frozenset({0}))

    assert table == "Id  Owner\n 1  漢字\n10  bob"


def test_wide_and_combining_characters_keep_the_columns():
    lines = columns(["A", "B"], [["漢", "x"], ["e\u0301", "x"], ["ab", "x"]]).splitlines()

    assert lines == ["A   B", "漢  x", "e\u0301   x", "ab  x"]
