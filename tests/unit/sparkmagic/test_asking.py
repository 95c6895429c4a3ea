"""What SparkMagic asks to show it: where nobody answers, its own words and behind them the hint."""

from __future__ import annotations

from typing import Any

import pytest
from sparkmagic.livyclientlib.exceptions import HttpClientException

from livyguard.sparkmagic.asking import Asking
from livyguard.testing import ENDPOINT, RecordingDisplay

HIDDEN = "Error sending http request and maximum retry encountered."
REFUSES = f"{HIDDEN} {ENDPOINT} refuses the connection (after 2 s). Is Livy running there?"


def asking(said: str) -> str:
    """Ask in vain, and return what SparkMagic is given to print."""

    def ask(*_args: Any) -> None:
        raise HttpClientException(said)

    with pytest.raises(HttpClientException) as told:
        Asking(RecordingDisplay()).ask(ask, None, (), {})
    return str(told.value)


def test_an_answer_is_sparkmagics() -> None:
    assert Asking(RecordingDisplay()).ask(lambda: ["Name: one"], None, (), {}) == ["Name: one"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (REFUSES, "LG604"),
        (f"Invalid status code '502' from {ENDPOINT}/sessions with error payload: <html>\n<p>Bad", "LG611"),
    ],
)
def test_all_that_sparkmagic_says_is_kept_and_explained(said: str, code: str) -> None:
    assert asking(said) == f"{said}\n{code}"


def test_what_no_hint_knows_is_left_alone_but_for_its_secrets() -> None:
    assert asking("token=CANARY") == "token=*********(redacted)"


def test_a_session_that_is_lost_offers_the_way_out_and_no_other_failure_does() -> None:
    class Display(RecordingDisplay):
        def failure(self, text: str, hints: Any) -> str:
            return " ".join(str(fix.cell) for hint in hints for fix in hint.fixes)

    def way(said: str) -> str:
        def ask() -> None:
            raise HttpClientException(said)

        with pytest.raises(HttpClientException) as told:
            Asking(Display()).ask(ask, None, (), {})
        return str(told.value)

    payload = '{"msg":"Session \'7\' not found."}'
    lost = f"Invalid status code '404' from {ENDPOINT}/sessions/7 with error payload: {payload}"

    assert "%livy_recover" in way(lost)
    assert "%livy_recover" not in way(REFUSES)
