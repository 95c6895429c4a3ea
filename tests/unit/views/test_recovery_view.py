from __future__ import annotations

import pytest

from livyguard.recovery import Recovered, Recovery
from livyguard.views.recovery import html, text

GONE = Recovered(7, "forgotten", "Livy no longer knows session 7.")
ALIVE = Recovered(7, "alive", "Session 7 is alive (idle) and stays.")
UNKNOWN = Recovered(7, "unknown", "Session 7 is kept, since Livy cannot be asked: <refused>")


@pytest.mark.parametrize(
    ("recovery", "last"),
    [
        (Recovery(), "There is nothing to recover from: this notebook uses no session yet."),
        (Recovery((ALIVE,)), "There is nothing to recover from. To free it: %livy_release --this"),
        (Recovery((UNKNOWN,)), "Run %livy_recover again when Livy answers."),
        (Recovery((GONE,)), "The next Spark cell starts a new session with the same settings; variables of the old"),
        (
            Recovery((), "fatal"),
            "The next Spark cell starts a new session with the same settings; variables of the old",
        ),
    ],
)
def test_the_last_line_says_what_comes_next(recovery: Recovery, last: str) -> None:
    assert text(recovery).splitlines()[-1].startswith(last)


def test_a_failed_start_is_named() -> None:
    assert "The failed start is forgotten." in text(Recovery((GONE,), "fatal"))


def test_html_says_the_same_escaped() -> None:
    page = html(Recovery((UNKNOWN,)))

    assert "&lt;refused&gt;" in page
    assert page.count("<li>") == len(text(Recovery((UNKNOWN,))).splitlines())
