from __future__ import annotations

import pytest

from livyguard.errors import InvalidBody
from livyguard.policy.body import parse_body


def test_an_object_is_read_as_it_stands() -> None:
    assert parse_body(' {"numExecutors": 4, "conf": {"a": "b"}} ') == {"numExecutors": 4, "conf": {"a": "b"}}


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("[1]", 1, 1, "a list"),
        ("\n  3", 2, 3, "a number"),
        ('"x"', 1, 1, "a string"),
        ("null", 1, 1, "null"),
        ("true", 1, 1, "true or false"),
        ('{"a": 1,\n "b" 2}', 2, 6, "no JSON"),
        ("", 1, 1, "no JSON object"),
        ("  \n ", 1, 1, "no JSON object"),
    ],
)
def test_what_is_no_object_is_refused_with_its_place(text: str, line: int, column: int, word: str) -> None:
    with pytest.raises(InvalidBody) as fault:
        parse_body(text)

    assert word in str(fault.value)
    if text.strip():
        assert (fault.value.line, fault.value.column) == (line, column)
        assert f"line {line}, column {column}" in str(fault.value)


def test_keys_named_twice_are_all_named_in_one_message() -> None:
    with pytest.raises(InvalidBody, match=r"Named more than once: x, numExecutors"):
        parse_body('{"numExecutors": 1, "conf": {"x": 1, "x": 2}, "numExecutors": 40}')


def test_a_bottomless_nesting_is_no_crash() -> None:
    with pytest.raises(InvalidBody, match="nested too deeply"):
        parse_body('{"a":' * 100_000)
