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
