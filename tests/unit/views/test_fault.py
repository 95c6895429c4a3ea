"""A fault of livyguard's own commands: its message as it was, and below it the hint that explains it."""

from __future__ import annotations

import pytest

from livyguard.cli.display import TerminalDisplay
from livyguard.errors import EndpointUnreachable, InvalidInput, LivyAnswer
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.magics.faults import explained
from livyguard.views import fault
from livyguard.views.notebook import NotebookDisplay

REFUSED = "http://livy:8998 refuses the connection (after less than 1 s). Is Livy running there?"


def test_a_fault_that_a_hint_knows_is_told_with_it():
    said = fault.text(EndpointUnreachable(REFUSED, "http://livy:8998"))

    assert said.startswith(f"{REFUSED}\n\nLG604 ")
    assert "%livy_sessions" in said
    assert "%livy_explain LG604" in said
    assert "%livy_recover" not in said


def test_in_a_terminal_it_gives_commands():
    said = fault.text(LivyAnswer(502, "", url="u"), "livyguard explain", in_terminal=True)

    assert "LG611 " in said
    assert "livyguard sessions" in said
    assert "%livy" not in said


def test_what_no_hint_knows_stays_as_it_is():
    assert (
        fault.text(InvalidInput("--sort colour: there is no such column.")) == "--sort colour: there is no such column."
    )


@pytest.mark.parametrize("failure", [NotebookDisplay().failure, TerminalDisplay().failure])
def test_no_failure_quotes_a_secret(failure):
    said = 'Livy answered 500: {"msg": "api_token=abc123secret, spark.my.password=hunter2"}'
    hints = diagnose(Case(error="Session '13' not found."))

    for told in (failure(said, []), failure(said, hints), fault.text(LivyAnswer(500, said, url="u"))):
        assert told.startswith("Livy answered 500: ")
        assert "api_token=*********(redacted)" in told
        assert "abc123secret" not in told
        assert "hunter2" not in told


def test_a_magic_fails_as_it_did_with_the_hint_behind_its_words():
    def broken(line):
        """Break."""
        raise EndpointUnreachable(f"{line}{REFUSED}", "http://livy:8998")

    magic = explained({"line": {"broken": broken, "fine": lambda line: line}})["line"]

    with pytest.raises(EndpointUnreachable, match=r"(?s)^x: .*LG604 ") as caught:
        magic["broken"]("x: ")
    assert caught.value.endpoint == "http://livy:8998"
    assert magic["fine"]("as it is") == "as it is"
    assert (magic["broken"].__name__, magic["broken"].__doc__) == ("broken", "Break.")
