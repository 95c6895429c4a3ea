"""A decision as text and HTML."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from livyguard.policy.decision import Change, Decision, Violation
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse
from livyguard.policy.quota import Held, Usage
from livyguard.views.decision import html, text
from livyguard.views.notebook import NotebookDisplay

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


def test_a_notice_that_quotes_what_a_server_said_is_not_cut_short():
    why = f"What you hold could not be read, so your quota is not looked at: {'x' * 400} does not answer."

    for shown in (text(decision("allow", notices=(why,))), html(decision("allow", notices=(why,)))):
        assert why in shown


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


def over(asked=8, allowed="at most 4 more", reason=None, name="quota.executors", what="would be exceeded"):
    told = reason or "You hold 12 of 16 executors; session 41, idle 52 min, holds 8."
    return Violation(name, asked, allowed, f"analysts.{name}", told, code="LG703", what=what)


def over_quota(**more):
    return decision("deny", **{"violations": (over(),), "release": (41,), "nearest": {"numExecutors": 4}, **more})


FULL = over(1, "none more", "You hold 2 of 2 sessions.", "quota.sessions", "is used up")


def test_a_refusal_over_a_quota_has_the_way_out_as_a_ready_command_and_the_largest_request_that_fits_now():
    assert text(over_quota()).splitlines() == [
        "The policy refuses this session; nothing is created and nothing is deleted.",
        "",
        "LG703 quota.executors would be exceeded",
        "  asked    8",
        "  allowed  at most 4 more   (analysts.quota.executors)",
        "  hint     You hold 12 of 16 executors; session 41, idle 52 min, holds 8: `%livy_release 41`",
        "  more     %livy_explain LG703",
        "",
        "The largest request that fits now:",
        "%%configure -f",
        "{",
        '  "numExecutors": 4',
        "}",
    ]


def test_in_html_the_commands_of_a_refusal_stand_in_blocks_of_their_own():
    blocks = Blocks()
    blocks.feed(html(over_quota(release=(41, 37))))

    assert blocks.found == ["%livy_release 41 37", '%%configure -f\n{\n  "numExecutors": 4\n}']
    assert "You hold 12 of 16 executors; session 41, idle 52 min, holds 8:<" in html(over_quota())


def test_the_command_line_releases_by_its_own_command():
    told = text(over_quota(release=(41, 37)), more="livyguard explain")

    assert "holds 8: `livyguard release 41 37`" in told
    assert "%" not in told


@pytest.mark.parametrize(
    ("release", "command"),
    [((41,), "livyguard release 41 --url http://livy:8998"), ((), "livyguard sessions --mine --url http://livy:8998")],
)
def test_where_another_livy_would_be_asked_the_command_names_the_right_one(release, command):
    refused = over_quota(release=release, nearest=None)

    assert f"`{command}`" in text(refused, more="livyguard explain", url="http://livy:8998")


def test_only_the_first_of_several_quotas_names_the_way_out():
    told = text(over_quota(violations=(over(), FULL))).splitlines()

    assert [line for line in told if line.startswith("  hint")] == [
        "  hint     You hold 12 of 16 executors; session 41, idle 52 min, holds 8: `%livy_release 41`",
        "  hint     You hold 2 of 2 sessions.",
    ]


def test_the_way_out_stands_with_the_quota_that_tells_of_it():
    policy = parse("[defaults]\nquota = { sessions = 1, executors = 4 }", source="policy.toml")
    usage = Usage((Held(41, executors=3, is_idle=True, idle_seconds=3_120),))
    body = {"numExecutors": 4, "conf": {"spark.executor.cores": "x"}}

    refused = judge(policy, Identity("alice", "reported", "a test"), body, usage=usage)

    hints = [line.removeprefix("  hint     ") for line in text(refused).splitlines() if line.startswith("  hint")]
    assert hints[-2:] == [
        "You hold 1 of 1 session; session 41 has been idle for 52 min: `%livy_release 41`",
        "You hold 3 of 4 executors.",
    ]


def test_where_nothing_idle_makes_room_the_largest_request_is_the_way_out():
    told = text(over_quota(release=(), violations=(over(reason="You hold 12 of 16 executors."),)))

    assert "  hint     You hold 12 of 16 executors." in told.splitlines()
    assert "The largest request that fits now:" in told


TEAM = over(1, "none more", "Tenant ml holds 9 of 9 sessions together, you 1 of them.", "team_quota.sessions")


@pytest.mark.parametrize(
    ("full", "more", "see"),
    [
        (FULL, "%livy_explain", "see what you hold: `%livy_sessions --mine`"),
        (FULL, "livyguard explain", "see what you hold: `livyguard sessions --mine`"),
        (TEAM, "%livy_explain", "see who holds what: `%livy_sessions`"),
    ],
    ids=["own", "prompt", "team"],
)
def test_where_nothing_makes_room_and_nothing_fits_it_is_said_what_can_be_done(full, more, see):
    refused = decision("deny", violations=(full,))

    hint = f"  hint     {full.reason} Wait, or release a session whose work is done; {see}"
    assert hint in text(refused, more=more).splitlines()
    assert "<code>%livy_sessions" in html(refused)


def test_a_limit_beside_a_quota_makes_it_the_nearest_request():
    mixed = over_quota(violations=(*denied().violations, over()))

    assert "The nearest request that passes:" in text(mixed)
    assert "The largest" not in text(mixed) + html(mixed)
    assert "`%livy_release 41`" in text(mixed)


def test_of_what_nobody_can_tell_the_size_it_is_said_so_and_nobody_is_told_to_wait():
    endless = over(asked=None, reason="You hold 0 of 16 executors. Nothing bounds its executors.")

    told = text(decision("deny", violations=(endless,))).splitlines()

    assert "  asked    nobody can tell how much" in told
    assert "  hint     You hold 0 of 16 executors. Nothing bounds its executors." in told


GAVE_WAY = (
    "Session 57 was created, and others came first: it is deleted. "
    "Its application application_1_2 was ended; YARN says KILLED."
)


def test_of_a_session_that_gave_way_it_is_said_that_it_was_created_and_is_gone():
    gone = over_quota(gave_way=GAVE_WAY)

    assert text(gone).splitlines()[:3] == [GAVE_WAY, "", "LG703 quota.executors would be exceeded"]
    for shown in (text(gone), html(gone)):
        assert GAVE_WAY in shown
        assert "nothing is created" not in shown
        assert "%livy_release 41" in shown


class Blocks(HTMLParser):
    """Collects what stands in blocks of code, from where it is copied."""

    def __init__(self):
        super().__init__()
        self.found = []
        self._inside = False

    def handle_starttag(self, tag, attrs):
        if tag == "pre":
            self._inside = True
            self.found.append("")

    def handle_endtag(self, tag):
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data):
        if self._inside:
            self.found[-1] += data


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
    for markup in (html(clamped()), html(denied()), html(over_quota())):
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
        over_quota(violations=(over(HOSTILE, HOSTILE, HOSTILE, HOSTILE),), gave_way=HOSTILE),
        decision("deny", violations=(over(HOSTILE, HOSTILE, HOSTILE),)),
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


QUOTA = 'version = 1\n[defaults]\nquota = { sessions = 1 }\nlimits."executors.max" = { max = 4 }'


@pytest.mark.parametrize(
    ("has_several", "way_out"), [(False, "`%livy_release 41`"), (True, "`%livy_release 41 --url http://livy-a:8998`")]
)
def test_the_way_out_names_the_livy_where_a_notebook_knows_several(has_several, way_out):
    held = Usage((Held(41, 4, is_idle=True, idle_seconds=60),))
    who = Identity("alice", "reported", "a test")
    refused = judge(parse(QUOTA, source="policy.toml"), who, {}, endpoint="http://livy-a:8998", usage=held)

    assert way_out in NotebookDisplay(has_several=lambda: has_several).denial(refused)
