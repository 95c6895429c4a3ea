import pytest

from livyguard.errors import InvalidInput
from livyguard.sessions.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45s", 45), ("30m", 1800), ("30min", 1800), ("2h", 7200), ("1d", 86_400), (" 5 M ", 300), ("0s", 0)],
)
def test_a_number_and_a_unit_are_seconds(text, seconds):
    assert parse_duration(text) == seconds


def test_a_bare_number_is_told_what_it_lacks():
    with pytest.raises(InvalidInput) as caught:
        parse_duration("30")

    assert str(caught.value) == (
        "'30' has no unit. A duration is a whole number and one of s, m, h, d: 45s, 30m, 2h, 1d."
    )


@pytest.mark.parametrize("text", ["", "m", "-5m", "1.5h", "30mm", "30 minutes", "1h30m", "30m;", "٣m5", "9" * 20 + "s"])
def test_anything_else_is_no_duration(text):
    with pytest.raises(InvalidInput, match="is no duration"):
        parse_duration(text)
