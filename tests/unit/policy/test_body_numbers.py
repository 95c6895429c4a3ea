"""Bodies with what Python's JSON reader takes and Livy does not."""

from __future__ import annotations

import pytest

from livyguard.errors import InvalidBody
from livyguard.policy.body import parse_body


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": -Infinity}', "-Infinity is no number"),
        ('{"a": ' + "9" * 5_000 + "}", "thousands of digits"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_it_is_refused_with_its_reason(text, why):
    with pytest.raises(InvalidBody, match=why):
        parse_body(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"NaN": "NaN",\n "a": NaN}', (2, 7)),
        ('{"a": [1e999]}', (1, 8)),
        ('{"a": -1e999}', (1, 7)),
        ('{"a": NaNs}', (1, 7)),
        ('{"a": 1e999x}', (1, 7)),
        ('{"a": 1,\n "a": 2}', (2, 2)),
        ('{"a": 1, "a": 2, "b": {"a": 3}}', (None, None)),
    ],
)
def test_it_is_told_with_its_place(text, place):
    with pytest.raises(InvalidBody) as fault:
        parse_body(text)

    assert (fault.value.line, fault.value.column) == place


def test_a_finite_number_is_read():
    assert parse_body('{"a": 1.5e3}') == {"a": 1500.0}
