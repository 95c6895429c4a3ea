"""The chart of a plan: lines with their names, the cluster as a line across, words that read on light and dark."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from livyguard.errors import InvalidInput
from livyguard.views import chart
from livyguard.views.chart import COLOURS, INK, lines_of, svg, write
from tests.unit.capacity.asked import ask

GLUE = {"worker_type": "G.1X"}
TEXT = "{http://www.w3.org/2000/svg}text"


def parsed(drawn):
    return ET.fromstring(drawn)  # noqa: S314 - livyguard's own


def words(drawn):
    return [" ".join("".join(each.itertext()).split()) for each in parsed(drawn).iter(TEXT)]


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", [INK, *COLOURS])
def test_every_colour_reads_on_white_and_on_jupyters_dark(colour):
    own = luminance(colour)

    assert (1.05) / (own + 0.05) >= 4.4
    assert (own + 0.05) / (luminance("#111111") + 0.05) >= 4


def test_each_number_of_executors_is_a_line_through_what_is_needed():
    lines = lines_of(ask(users="3,10", executors="2,5", **GLUE))

    assert list(lines) == [(2,), (5,)]
    assert dict(lines[5,])[3] == 18
    assert dict(lines[5,])[10] == 60
    assert dict(lines[2,])[10] == 30


def test_one_number_of_executors_is_drawn_between_half_and_twice_of_it():
    assert list(lines_of(ask(users="3", executors="5", **GLUE))) == [(2,), (5,), (10,)]
    assert list(lines_of(ask(users="3", executors="1", **GLUE))) == [(1,), (2,)]


def test_of_many_lines_a_few_are_drawn_the_outer_ones_among_them():
    lines = lines_of(ask(users="3", executors=",".join(map(str, range(1, 41))), **GLUE))

    assert len(lines) == len(COLOURS)
    assert {(1,), (40,)} <= set(lines)


def test_lines_that_would_hide_each_other_are_one_with_the_name_of_all():
    found = ask(users="3,10", executors=",".join(map(str, range(1, 11))), worker_memory="1t")

    assert list(lines_of(found)) == [tuple(range(1, 11))]
    assert "1 to 10 executors each" in words(svg(found))


def test_where_nobody_has_an_executor_lines_are_drawn_all_the_same():
    assert "30 people: 30 workers" not in " ".join(words(svg(ask(users="30", workers="18", **GLUE))))
    assert list(lines_of(ask(users="30", workers="18", **GLUE))) == [(1,), (2,)]
    assert words(svg(ask(executors="5", workers="3", **GLUE)))


def test_lines_and_the_cluster_are_named_in_words():
    said = words(svg(ask(users="3,10", executors="2,5", workers="18", **GLUE)))

    assert {"2 executors each", "5 executors each", "there are 18 workers", "People", "Workers needed"} <= set(said)


def test_the_plan_that_was_asked_for_stands_above():
    assert "● 3 people: 18 workers" in words(svg(ask(users="3", executors="5", **GLUE)))


def test_a_share_of_the_people_is_told_on_the_axis():
    assert "People, 50% of them at once" in words(svg(ask(users="3", executors="5", at_once="50%", **GLUE)))


def test_who_does_not_see_it_is_told_what_it_shows():
    drawn = parsed(svg(ask(users="3", executors="5", workers="18", **GLUE)))

    assert drawn.get("role") == "img"
    assert drawn.get("aria-label") == (
        "Workers needed by number of people, with 2 executors, 5 executors, 10 executors each; of 18 workers"
    )


def test_its_ground_is_transparent():
    drawn = svg(ask(users="3", executors="5", **GLUE))

    assert "#ffffff" not in drawn
    assert "fill: none" in drawn


@pytest.mark.parametrize("workers", ["1", "300"])
def test_names_of_lines_that_end_beside_each_other_do_not_lie_on_one_another(workers):
    found = ask(users="3", executors="1,2,3,4,5,6", workers=workers, **GLUE)

    named = [
        each for each in parsed(svg(found)).iter(TEXT) if {"each", "there"} & set("".join(each.itertext()).split())
    ]
    heights = sorted(float(each.get("y")) for each in named)
    assert len(heights) == 7
    assert min(above - below for below, above in pairwise(heights)) > 9
    assert heights[0] > 0


def test_the_same_plan_is_the_same_picture():
    assert svg(ask(users="3", executors="5", **GLUE)) == svg(ask(users="3", executors="5", **GLUE))


def test_it_is_written_where_it_is_wanted(tmp_path):
    file = tmp_path / "plan.svg"

    assert write(ask(users="3", executors="5", **GLUE), str(file)) == f"Chart: {file}"
    assert parsed(file.read_text()).tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("name", ["nowhere/plan.svg", "a\0b.svg"])
def test_a_place_where_nothing_can_be_written_is_told(tmp_path, name):
    with pytest.raises(InvalidInput, match=r"^--chart: .*\.svg: "):
        write(ask(users="3", executors="5", **GLUE), str(tmp_path / name))


def test_a_chart_without_matplotlib_says_what_to_install(monkeypatch):
    monkeypatch.setattr(chart, "find_spec", lambda name: None)

    with pytest.raises(InvalidInput, match=r"--chart needs matplotlib: pip install 'livyguard\[plot\]'"):
        write(ask(users="3", executors="5", **GLUE), "plan.svg")


def test_matplotlib_is_imported_for_a_chart_alone():
    look = (
        "import json, sys\n"
        "from livyguard.capacity.asking import Options, read\n"
        "from livyguard.capacity.answer import answer\n"
        "from livyguard.views.plan import PlanView\n"
        "view = PlanView(answer(read(Options(users='3', executors='5', worker_type='G.1X'))))\n"
        "view.to_text(), view.to_json()\n"
        "print(json.dumps([name for name in sys.modules if name in {'matplotlib', 'numpy', 'pandas', 'IPython'}]))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == []


def test_names_at_the_top_are_moved_down_and_not_out_of_the_picture():
    heights = chart._apart([0.2, *[0.95] * 5])

    assert heights[0] == 0.2
    assert max(heights) <= 1
    assert min(above - below for below, above in pairwise(heights)) >= chart.GAP - 1e-9
