"""A decision as text and HTML."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from livyguard.policy.decision import Change, Decision, Violation
from livyguard.views.decision import html, text

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"


def decision(verdict="clamp", **more):
    return Decision(verdict, "team", "alice", None if verdict == "deny" else {}, **more)


def clamped():
    changes = (
        Change("executors.max", 40, 8, "team.limits.executors.max", "10 workers", "ops@example.com"),
        Change("conf.spark.x", "1", None, "team.limits.conf.spark.x"),
        Change("jars", None, ["a.jar", "b.jar"], "team.limits.jars"),
        Change("dynamic_allocation", None, True, "team.limits.dynamic_allocation"),
    )
    return decision(changes=changes)


def denied():
    violations = (
        Violation(
            "driver.memory",
            "8g",
            "at most 4g",
            "team.limits.driver.memory",
            "small",
            "ops@example.com",
            what="is above the limit",
        ),
        Violation("conf.spark.x", {"a": [1]}, None, "team.unlisted", what="is not listed"),
        Violation("name", None, None, "team.limits.name", what="is required"),
    )
    nearest = {"driverMemory": "4g", "conf": {"my.token": "hunter2"}}
    return decision("deny", violations=violations, nearest=nearest)


def test_an_allow_that_changes_nothing_prints_nothing():
    assert text(decision("allow")) == ""


def test_a_clamp_is_a_table_of_asked_and_given():
    assert text(clamped()).splitlines() == [
        "LG701 The policy sets what is asked to what it allows (tenant team)",
        "  property            asked  given         why",
        "  executors.max       40     8             10 workers · more: ops@example.com",
        "  conf.spark.x        1      left out      team.limits",
        "  jars                       a.jar, b.jar  team.limits",
        "  dynamic_allocation         true          team.limits",
    ]


def test_values_filled_in_are_told_as_such():
    change = Change("name", None, "x", "r")

    assert "fills in what was left open" in text(decision("allow", changes=(change,)))


def test_notices_stand_beside_the_decision():
    assert text(decision("allow", notices=("a is left out.",))) == "a is left out."
    assert "a is left out." in html(decision("allow", notices=("a is left out.",)))


def test_a_denial_has_five_parts_for_each_violation_and_a_ready_cell():
    lines = text(denied()).splitlines()

    assert lines[:7] == [
        "The policy refuses this session; nothing is created and nothing is deleted.",
        "",
        "LG702 driver.memory is above the limit",
        "  asked    8g",
        "  allowed  at most 4g   (team.limits.driver.memory)",
        "  hint     small. Ask ops@example.com for more.",
        "  more     %livy_explain LG702",
    ]
    assert "  asked    nothing" in lines
    assert "  allowed  none   (team.unlisted)" in lines
    cell = "\n".join(lines[lines.index("%%configure -f") + 1 :])
    assert json.loads(cell) == {"driverMemory": "4g"}
    assert lines[lines.index("The nearest request that passes:") - 1].endswith("add them again: my.token.")
    assert "redacted" not in cell


@pytest.mark.parametrize(
    ("name", "asked", "hint"),
    [
        ("queue", "batch", "Leave queue out, or use what is allowed."),
        ("name", None, "Give name a value that is allowed."),
        ("session.memory", None, "Ask for fewer or smaller executors, or for a smaller driver."),
        ("session.cores", 40, "Ask for fewer or smaller executors, or for a smaller driver."),
    ],
)
def test_without_a_reason_the_hint_is_something_that_the_user_can_do(name, asked, hint):
    refused = decision("deny", violations=(Violation(name, asked, "x", f"team.limits.{name}", what="is refused"),))

    assert f"  hint     {hint}" in text(refused).splitlines()
    assert hint in html(refused)


def test_the_command_line_is_told_its_own_way_to_more():
    told = text(denied(), more="livyguard explain")

    assert "livyguard explain LG702" in told
    assert "%" not in told


def test_without_a_nearest_request_none_is_offered():
    bare = decision("deny", violations=denied().violations)

    assert "nearest" not in text(bare)
    assert "nearest" not in html(bare)


class Outline(HTMLParser):
    """Collects what a screen reader goes by."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs).get("scope")))


def outline(markup):
    parser = Outline()
    parser.feed(markup)
    return parser.tags


def test_tables_have_a_caption_and_scopes():
    for markup in (html(clamped()), html(denied())):
        tags = outline(markup)
        assert ("caption", None) in tags
        assert ("th", "row") in tags
        assert all(scope in {"row", "col"} for tag, scope in tags if tag == "th")


def test_html_says_all_that_the_text_says():
    markup = html(denied())

    for part in ("LG702", "driver.memory", "is above the limit", "at most 4g", "ops@example.com", "%%configure -f"):
        assert part in markup
    assert "hunter2" not in markup


def test_colours_are_the_notebooks_own():
    assert "var(--jp-" in html(clamped())
    assert "background" not in html(clamped())


def test_hostile_words_do_no_harm():
    change = Change(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    violation = Violation(HOSTILE, [HOSTILE], HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    hostile = (
        decision(changes=(change,), notices=(HOSTILE,)),
        decision("deny", violations=(violation,), nearest={HOSTILE: HOSTILE}),
    )

    for each in hostile:
        assert "\x1b" not in text(each) + html(each)
        assert "\u202e" not in text(each) + html(each)
        assert "<script>" not in html(each)


def test_a_secret_in_a_users_own_key_is_not_shown():
    key = "conf.password=hunter2"
    refused = decision(
        "deny",
        violations=(Violation(key, 1, None, "team.unlisted", what="is not listed"),),
        notices=(f"{key} is named twice",),
        nearest={"conf": {"password=hunter2": 1, "spark.x": "y"}},
    )
    changed = decision(changes=(Change(key, 1, None, "team.limits.conf.*"),))

    for each in (refused, changed):
        assert "hunter2" not in text(each) + html(each)
    assert '"spark.x": "y"' in text(refused)
