"""What is held of each quota, as bars in text and meters in HTML."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from livyguard.policy.report import LayerReport, PolicyReport
from livyguard.policy.usage import QuotaReport
from livyguard.views import policy as policy_view
from livyguard.views.usage import html, text

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"
FILE = "/etc/livyguard/policy.toml"
EXECUTORS = QuotaReport(
    quota="quota.executors",
    amount="executors",
    whose="user",
    unit="executors",
    held=12,
    most=16,
    left=4,
    held_now=3,
    rule="analysts.quota.executors",
    file=FILE,
    sessions=2,
    assumed=0,
)
MEMORY = replace(
    EXECUTORS,
    quota="team_quota.memory",
    amount="memory",
    whose="team",
    unit="MiB",
    held=230_400,
    most=196_608,
    left=0,
    held_now=None,
    rule="analysts.team_quota.memory",
    sessions=3,
)


def policy(*usage, **more):
    layers = (LayerReport(FILE, is_operators=True),)
    return PolicyReport("alice", "reported", "a test", tenant="analysts", layers=layers, usage=usage, **more)


class Meters(HTMLParser):
    """Collects the meters, and all that is said in words."""

    def __init__(self, markup):
        super().__init__()
        self.found = []
        self.said = []
        self.feed("".join(map(str, markup)))

    def handle_starttag(self, tag, attrs):
        if tag == "meter":
            self.found.append(dict(attrs))

    def handle_data(self, data):
        self.said.append(data)


def bar(held, most):
    shown = text(policy(replace(EXECUTORS, held=held, most=most, left=max(most - held, 0))))
    line = shown.splitlines()[2]
    return line[line.index("[") : line.index("]") + 1], f"{line.partition('executors')[2].split('%')[0].strip()} %"


def test_each_quota_is_a_bar_with_its_numbers():
    assert text(policy(EXECUTORS, MEMORY)).splitlines() == [
        "What is held of the quota",
        "Whose            Held                                           Used  Left  Sessions  Holds now  Rule",
        (
            "alice            [#########---] 12 of 16 executors              75 %  4            2  3          "
            "analysts.quota.executors"
        ),
        (
            "tenant analysts  [############] 225.0 GiB of 192.0 GiB memory  117 %  none         3             "
            "analysts.team_quota.memory"
        ),
        (
            "More is held than the quota allows: nothing that runs is ended, and no further session is created until "
            "there is room."
        ),
        "A quota counts the most that a session can hold; what it holds now is the cluster's own figure.",
    ]


def test_the_livy_that_was_asked_is_named():
    shown = replace(policy(EXECUTORS), usage_at="http://livy:8998")

    assert text(shown).splitlines()[0] == "What is held of the quota at http://livy:8998"
    assert Meters(html(shown)).said[0] == "What is held of the quota at http://livy:8998"


@pytest.mark.parametrize(
    ("held", "most", "shown"),
    [
        (0, 16, ("[------------]", "0 %")),
        (1, 1_000, ("[#-----------]", "0 %")),
        (999, 1_000, ("[###########-]", "99 %")),
        (16, 16, ("[############]", "100 %")),
        (40, 16, ("[############]", "250 %")),
    ],
)
def test_a_bar_is_empty_where_nothing_is_held_and_full_where_nothing_is_left(held, most, shown):
    assert bar(held, most) == shown


def test_a_quota_of_nothing_is_full_and_has_no_share():
    shown = text(policy(replace(EXECUTORS, held=0, most=0, left=0)))

    assert "[############] 0 of 0 executors  none" in shown
    assert "%" not in shown
    (meter,) = Meters(html(policy(replace(EXECUTORS, held=0, most=0, left=0)))).found
    assert (meter["value"], meter["max"]) == ("1", "1")


def test_the_html_has_a_meter_for_each_quota_and_says_the_numbers_in_words():
    shown = Meters(html(policy(EXECUTORS, MEMORY)))

    first, second = shown.found
    assert (first["min"], first["value"], first["max"]) == ("0", "12", "16")
    assert first["aria-label"] == "12 of 16 executors"
    assert second["value"] == second["max"] == "196608"
    words = "\n".join(shown.said)
    bars = ("[#########---] ", "[############] ")
    for line in text(policy(EXECUTORS, MEMORY)).splitlines():
        for piece in filter(None, line.split("  ")):
            assert piece.strip().removeprefix(bars[0]).removeprefix(bars[1]) in words


def test_the_table_has_a_caption_and_scopes_and_no_colour_of_its_own():
    page = "".join(map(str, html(policy(EXECUTORS))))

    assert page.count("<caption") == page.count("<table") == 1
    assert 'scope="col"' in page
    assert 'scope="row"' in page
    assert "background" not in page
    assert "#" not in page.replace("&#", "")


def test_a_file_is_named_where_several_may_say_it():
    several = replace(policy(EXECUTORS), layers=(LayerReport(FILE, True), LayerReport("/own", False)))

    assert FILE in text(several)
    assert FILE not in text(policy(EXECUTORS))
    assert "File" not in text(policy(replace(EXECUTORS, file=None)))


@pytest.mark.parametrize(
    ("unowned", "said"),
    [
        (1, "1 live session here has no owner that is known: it is not counted."),
        (3, "3 live sessions here have no owner that is known: they are not counted."),
    ],
)
def test_sessions_without_a_known_owner_are_told_not_to_count(unowned, said):
    shown = policy(EXECUTORS, unowned=unowned)

    assert said in text(shown).splitlines()
    assert said in Meters(html(shown)).said
    assert "owner" not in text(policy(EXECUTORS, unowned=0))


@pytest.mark.parametrize(
    ("assumed", "said"),
    [
        (1, "Of 1 session too little is told: the most that its owner may have is counted."),
        (2, "Of 2 sessions too little is told: the most that their owners may have is counted."),
    ],
)
def test_what_is_assumed_is_told_once_by_the_largest_number(assumed, said):
    shown = policy(replace(EXECUTORS, assumed=1), replace(MEMORY, assumed=assumed))

    assert [line for line in text(shown).splitlines() if "too little" in line] == [said]
    assert "too little" not in text(policy(EXECUTORS))


def test_why_nothing_was_read_is_said_in_one_sentence():
    fault = "Livy at http://livy:8998 does not answer."
    shown = replace(policy(), usage=None, usage_fault=fault)

    assert text(shown) == f"What is held of the quota is not shown: {fault}"
    assert Meters(html(shown)).said == [text(shown)]


def test_without_quotas_nothing_is_said():
    assert text(policy()) == ""
    assert html(replace(policy(), usage=None)) == []


def test_the_bars_stand_in_the_report_of_the_policy():
    shown, silent = policy(EXECUTORS), replace(policy(EXECUTORS), usage=None)

    assert text(shown) in policy_view.text(shown)
    assert "<meter" in str(policy_view.html(shown))
    assert "What is held" not in policy_view.text(silent)
    assert "<meter" not in str(policy_view.html(silent))


def test_without_a_limit_the_quota_alone_holds():
    limited = replace(policy(EXECUTORS), quota={"executors": 16})

    assert "whatever is asked is given, as far as the quota lets it." in policy_view.text(limited)
    assert "as far as" not in policy_view.text(replace(limited, quota=None))


def test_foreign_words_are_harmless():
    foreign = replace(EXECUTORS, rule=HOSTILE, file=HOSTILE)
    hostile = replace(policy(foreign, replace(foreign, whose="team")), user=HOSTILE, tenant=HOSTILE, usage_at=HOSTILE)
    faulty = replace(hostile, usage=None, usage_fault=HOSTILE)

    for each in (hostile, faulty):
        page = "".join(map(str, html(each)))
        assert "<script" not in page
        assert "&lt;script" in page
        for words in (text(each), page):
            assert "\x1b" not in words
            assert "\u202e" not in words


def test_somebody_unknown_is_called_so():
    assert text(replace(policy(EXECUTORS), user=None)).splitlines()[2].startswith("not known")
