"""What a terminal shows beside a result: on standard error, harmless, with commands instead of cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.cli.display import TerminalDisplay
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.policy.decision import Decision
from livyguard.sessions.outcome import Outcome, ReleaseReport

if TYPE_CHECKING:
    import pytest

GONE = "Session '13' not found."


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what stands on standard error; standard output is the result's alone."""
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def test_a_hint_comes_with_commands_and_the_way_to_its_long_form(capsys: pytest.CaptureFixture[str]) -> None:
    (hint,) = diagnose(Case(error=GONE))

    TerminalDisplay().hint(hint)

    said = shown(capsys)
    assert said.startswith("LG101 ")
    assert "livyguard sessions --mine\n" in said
    assert said.endswith("livyguard explain LG101\n")


def test_a_failure_is_its_text_and_the_best_hint_if_there_is_one() -> None:
    hints = diagnose(Case(error=GONE))

    assert TerminalDisplay().failure(" It failed. \n", []) == "It failed."
    assert TerminalDisplay().failure("It failed.", [*hints, *hints]).count("LG101 ") == 1


def test_what_others_wrote_is_harmless_in_a_notice(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalDisplay().notice("\x1b[31mred")

    assert shown(capsys) == "\\x1b[31mred\n"


def test_a_decision_that_changes_nothing_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalDisplay().decision(Decision("allow", None, "alice", {}))

    assert shown(capsys) == ""


def test_a_report_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalDisplay().released(ReleaseReport((Outcome(3, "gone", "it was gone already"),)))

    assert "1 already gone" in shown(capsys)
