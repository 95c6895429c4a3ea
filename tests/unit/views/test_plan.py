"""A plan as people see it: complete as text, a table and a chart as HTML, rows as a frame."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from livyguard.views import chart
from livyguard.views.plan import MIME, NO_PLOT, PlanView, html, text
from tests.unit.capacity.asked import EKS, STANDALONE, YARN, ask

GLUE = {"worker_type": "G.1X"}


class Said(HTMLParser):
    """Collects the words of a page, and the tags of its tables."""

    def __init__(self, markup):
        super().__init__()
        self.words = []
        self.tags = []
        self.feed(str(markup))

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize(
    ("options", "headline"),
    [
        ({"users": "3", "executors": "5"}, "3 people with 5 executors each need 18 workers of type G.1X."),
        ({"users": "1", "executors": "1"}, "1 person with 1 executor needs 2 workers of type G.1X."),
        ({"users": "3", "workers": "18"}, "18 workers of type G.1X give 3 people 5 executors each."),
        ({"users": "1", "workers": "1"}, "1 worker of type G.1X gives 1 person not one executor."),
        ({"users": "30", "workers": "18"}, "18 workers of type G.1X give 30 people not one executor each."),
        ({"executors": "5", "workers": "18"}, "18 workers of type G.1X are enough for 3 people with 5 executors each."),
        ({"executors": "5", "workers": "5"}, "5 workers of type G.1X are not enough for one person with 5 executors."),
        (
            {"users": "3", "executors": "5", "workers": "19"},
            "19 workers of type G.1X are enough for 3 people with 5 executors each.",
        ),
        (
            {"users": "3", "executors": "5", "workers": "1"},
            "1 worker of type G.1X is not enough for 3 people with 5 executors each: 18 are needed.",
        ),
    ],
)
def test_the_first_line_is_the_answer(options, headline):
    assert text(ask(**GLUE, **options)).splitlines()[0] == headline


def test_the_text_says_what_is_held_offered_and_left():
    said = text(ask(users="10", executors="5", workers="12", **YARN))

    assert said.splitlines()[2:9] == [
        "Workers needed     10; there are 12",
        "Containers         60: 10 drivers and 50 executors",
        "A driver           5.0 GiB, 1 core",
        "An executor        9.0 GiB, 1 core",
        "Held at most       500.0 GiB, 60 cores",
        "The workers offer  672.0 GiB, 192 cores",
        "Left unused        172.0 GiB, 132 cores",
    ]


def test_where_there_is_room_for_nobody_nothing_is_said_to_be_held():
    said = text(ask(executors="2", workers="1", worker_memory="2g"))

    assert "Workers needed     3; there is 1" in said
    assert "Held" not in said
    assert "Containers" not in said


def test_large_numbers_of_cores_are_written_out():
    said = text(ask(users="90000", executors="30", worker_memory="120g", am_share="1"))

    assert "2790000 cores" in said
    assert "e+0" not in said


def test_the_text_says_where_drivers_are():
    assert "A driver           beside Livy" in text(ask(users="2", executors="2", **STANDALONE))
    assert "10 of them for drivers" not in text(ask(users="2", executors="2", **EKS))
    assert "1 of them for drivers" in text(ask(users="2", executors="2", drivers_apart=True, **EKS))


def test_a_size_that_nobody_knows_is_said_to_be_unknown():
    said = text(ask(users="2", executors="2", worker_type="G.4X"))

    assert "A driver        AWS does not say how large on this type" in said
    assert "Held" not in said


def test_a_size_that_was_given_is_said_without_what_nobody_knows():
    said = text(ask(users="2", executors="2", worker_type="R.8X", executor_memory="200g"))

    assert "A driver        AWS does not say how large on this type" in said
    assert "An executor     220.0 GiB\n" in said


def test_the_text_ends_with_the_trade_off_and_the_lines_to_paste():
    found = ask(users="10", executors="5", **YARN)
    said = text(found)

    config, policy = said.split("For SparkMagic's config.json:\n")[1].split("\n\nFor the policy", 1)
    assert json.loads(f"{{{config}}}") == {"session_configs": found.session_configs}
    assert policy.split(":\n", 1)[1] == found.policy.rstrip("\n")
    assert said.index("it never lends") < said.index("For SparkMagic's config.json")
    assert "cachedExecutorIdleTimeout, which is infinity unless set" in " ".join(said.split())


def test_what_does_not_fit_ends_with_what_would():
    said = text(ask(users="30", workers="18", **GLUE))

    assert said.endswith("1 executor each would need 60 workers.")


def test_a_matrix_is_a_grid_and_says_what_does_not_fit():
    said = text(ask(users="3,10", executors="2,5", workers="18", **GLUE))

    assert said.splitlines()[:4] == [
        "Workers of type G.1X needed, by people and executors each; there are 18",
        "People  2 executors  5 executors",
        "     3            9           18",
        "    10      30 > 18      60 > 18",
    ]


def test_a_grid_that_is_wider_than_a_terminal_goes_on_below():
    each = range(1, 51)
    found = ask(users="3,10", executors=",".join(map(str, each)), **GLUE)
    grid = text(found).split("\n\n")[:-5]

    headers = [re.split("  +", part.splitlines()[-3].strip()) for part in grid if "People" in part]
    assert max(len(line) for part in grid for line in part.splitlines()) <= 100
    assert {first for first, *_ in headers} == {"People"}
    assert [name for _, *names in headers for name in names] == [f"{n} executor{'s' * (n > 1)}" for n in each]
    assert "50 executors" in Said(PlanView(found).to_html()).words


def test_a_list_the_other_way_round_is_a_table_of_answers():
    said = text(ask(users="3,30", workers="18", **GLUE))

    assert said.splitlines()[:4] == [
        "For 18 workers of type G.1X",
        "People  Executors each  Workers needed  Fits",
        "     3               5              18   yes",
        "    30               0              60    no",
    ]


def test_the_page_has_a_table_the_chart_and_everything_that_the_text_says():
    found = ask(users="10", executors="5", **YARN)
    said = Said(PlanView(found).to_html())

    words = " ".join(" ".join(said.words).split())
    assert {"table", "caption", "th", "svg", "pre"} <= set(said.tags)
    for sentence in (*found.notes, "10 people with 5 executors each need 10 workers.", "it never lends"):
        assert sentence in words
    assert "script" not in said.tags


def test_what_was_typed_is_escaped_and_harmless():
    hostile = "spark.<script>alert(1)</script>\x1b[31m\u202e=1"
    found = ask(users="10", executors="5", conf=(hostile,), **YARN)

    assert "script" not in Said(html(found)).tags
    assert "\x1b" not in text(found)
    assert "\u202e" not in text(found)


def test_without_matplotlib_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(chart, "find_spec", lambda name: None)
    view = PlanView(ask(users="3", executors="5", **GLUE))

    assert NO_PLOT in view.to_text().splitlines()
    assert "pip install 'livyguard[plot]'" in NO_PLOT
    assert "svg" not in Said(view.to_html()).tags
    assert NO_PLOT in Said(view.to_html()).words
    assert NO_PLOT not in PlanView(view.answer, offers_chart=False).to_text()


def test_the_chart_in_a_page_takes_the_pages_own_colour():
    inline = str(html(ask(users="3,10", executors="5", **GLUE)))
    drawn = ET.fromstring(inline[inline.index("<svg") : inline.index("</svg>") + 6])  # noqa: S314 - livyguard's own

    assert drawn.get("role") == "img"
    assert "currentColor" in inline
    assert chart.INK not in inline


def test_the_json_is_that_of_the_command():
    view = PlanView(ask(users="3,10", executors="5", **GLUE))

    bundle = view._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", MIME}
    assert bundle[MIME]["cells"][1]["workers"] == 60


def test_a_frame_has_a_row_for_each_pair():
    frame = PlanView(ask(users="3,10", executors="2,5", **YARN)).to_frame()

    assert frame["users"].tolist() == [3, 3, 10, 10]
    assert frame["executors_per_user"].tolist() == [2, 5, 2, 5]
    assert frame["held_memory_mib"].tolist()[0] == 3 * (5_120 + 2 * 9_216)
    assert frame["fits"].all()


def test_a_frame_of_one_plan_has_one_row_and_no_amounts_where_aws_tells_none():
    frame = PlanView(ask(users="3", executors="5", worker_type="G.4X")).to_frame()

    assert frame["workers"].tolist() == [18]
    assert frame["offered_memory_mib"].isna().all()
