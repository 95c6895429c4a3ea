"""A hint as people see it."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from livyguard.hints.model import Evidence, Fix, Hint
from livyguard.views import hint as view

HINT = Hint(
    code="LG101",
    name="session-not-found",
    title="Livy no longer knows session 13",
    cause="It lay idle for an hour.",
    evidence=(Evidence("Session '13' not found.", "Livy's answer"),),
    fixes=(
        Fix("Forget it.", cell="%livy_recover"),
        Fix("Ask for less.", cell='%%configure -f\n{"numExecutors": 1}', applicability="review"),
        Fix("For the operator.", command="key = value", applicability="manual"),
    ),
)


def test_the_text_has_its_parts_in_order_and_the_cells_ready():
    assert view.text(HINT).splitlines() == [
        "LG101 Livy no longer knows session 13",
        "  cause     It lay idle for an hour.",
        "  evidence  Livy's answer: Session '13' not found.",
        "  fix       1. Forget it.",
        "               %livy_recover",
        "            2. Ask for less. (look it over first)",
        "               %%configure -f",
        '               {"numExecutors": 1}',
        "            3. For the operator. (fill in what is yours)",
        "               key = value",
        "  more      %livy_explain LG101",
    ]


@pytest.mark.parametrize("severity", ["warning", "note"])
def test_what_is_no_failure_says_so_at_once(severity):
    hint = replace(HINT, severity=severity)
    page = Tags()
    page.feed(view.html(hint))

    assert view.text(hint).startswith(f"LG101 ({severity}) Livy no longer knows session 13\n")
    assert page.text.startswith(f"LG101 ({severity}) Livy no longer knows session 13")
    assert "failure" not in view.text(HINT)


def test_in_a_terminal_a_fix_is_a_command_where_there_is_one():
    mine = Fix("See yours.", cell="%livy_sessions --mine", terminal="livyguard sessions --mine")
    lines = view.text(Hint("LG101", "x", "t", "c", fixes=(mine, HINT.fixes[0])), in_terminal=True).splitlines()

    assert lines[3] == "               livyguard sessions --mine"
    assert lines[5] == "               %livy_recover"


def test_long_sentences_are_wrapped_under_their_part():
    lines = view.text(Hint("LG101", "x", "t", "word " * 60)).splitlines()

    assert all(len(line) <= 100 for line in lines)
    assert [line[:12] for line in lines[2:4]] == [" " * 12] * 2


def test_each_piece_of_evidence_has_its_line_and_the_label_stands_once():
    facts = (Evidence("one", "a"), Evidence("two", "b"))

    lines = view.text(Hint("LG101", "x", "t", "c", facts)).splitlines()

    assert lines[2:4] == ["  evidence  a: one", "            b: two"]


def test_the_command_line_names_its_own_way_to_more():
    assert view.text(HINT, more="livyguard explain").endswith("livyguard explain LG101")


def test_how_things_stand_is_seen_at_once_and_what_proves_the_cause_is_folded():
    facts = (Evidence("Queue's limit exceeded", "YARN"), Evidence("you: 1 <b>", "held in q", is_current=True))
    hint = replace(HINT, evidence=facts)

    shown, _, folded = view.html(hint).partition("<details>")

    assert view.text(hint).splitlines()[2:4] == [
        "  now       held in q: you: 1 <b>",
        "  evidence  YARN: Queue's limit exceeded",
    ]
    assert "held in q: you: 1 &lt;b&gt;" in shown
    assert "held in q" not in folded
    assert "limit exceeded" in folded.partition("</details>")[0]
    assert "%livy_recover" in folded.partition("</details>")[2]


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.opened = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.opened.append(tag)

    def handle_data(self, data):
        self.text += data


def test_the_html_holds_the_same_words():
    page = Tags()
    page.feed(view.html(HINT))

    for words in (HINT.title, HINT.cause, "Session '13' not found.", "%livy_recover", "%livy_explain LG101"):
        assert words in page.text
    assert page.opened.count("pre") == 3


@pytest.mark.parametrize("part", ["title", "cause", "evidence", "source", "label", "cell"])
def test_foreign_text_is_escaped_wherever_it_stands(part):
    hostile = {part: "<script>alert(1)</script>"}
    hint = Hint(
        code="LG101",
        name="x",
        title=hostile.get("title", "t"),
        cause=hostile.get("cause", "c"),
        evidence=(Evidence(hostile.get("evidence", "e"), hostile.get("source", "s")),),
        fixes=(Fix(hostile.get("label", "l"), cell=hostile.get("cell", "c")),),
    )

    page = view.html(hint)

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_hint_without_evidence_and_fixes_shows_no_empty_parts():
    bare = Hint("LG101", "x", "t", "c", fixes=(Fix("nothing to run"),))

    assert "Evidence" not in view.html(bare)
    assert "<ol>" not in view.html(Hint("LG101", "x", "t", "c"))
    assert "evidence" not in view.text(bare)
