"""Whether a policy fits, as people see it: both cases, every tenant, and in words what decides."""

from __future__ import annotations

import pytest

from livyguard.capacity.asking import Options
from livyguard.capacity.promise import read_policy
from livyguard.policy.model import parse
from livyguard.views.fit import MIME, FitView, html, text

LIKELY = "what they likely hold does."
POLICY = """
[cluster]
worker_type = "G.1X"
workers = {workers}
[[tenant]]
name = "analysts<b>\\u202e"
users = ["a", "b", "c", "d"]
quota = {{ sessions = 1 }}
limits."executors.max" = {{ {most}default = 1 }}
"""


def fit(workers=8, most="max = 3, ", **options):
    policy = parse(POLICY.format(workers=workers, most=most), source="policy.toml")
    return read_policy(Options(**options)).fit(policy)


@pytest.mark.parametrize(
    ("workers", "headline"),
    [
        (
            16,
            "What the policy lets people hold fits into 16 workers of type G.1X, also when everybody holds all of it.",
        ),
        (
            8,
            f"What the policy lets people hold at the worst does not fit into 8 workers of type G.1X; {LIKELY}",
        ),
        (1, "What the policy lets people hold does not fit into 1 worker of type G.1X."),
    ],
)
def test_the_first_line_is_the_answer(workers, headline):
    assert text(fit(workers)).splitlines()[0] == headline


def test_of_sizes_that_nothing_limits_the_first_line_promises_nothing():
    yarn = '[cluster]\nmanager = "yarn"\nworker = {{ memory = "16g" }}\nworkers = 8'
    policy = parse(
        POLICY.replace('[cluster]\nworker_type = "G.1X"\nworkers = {workers}', yarn).format(most="max = 3, "),
        source="p",
    )

    assert text(read_policy(Options(am_share="1")).fit(policy)).splitlines()[0] == (
        "What the policy lets people hold fits into 8 workers, as far as it limits how large a session is."
    )


def test_where_aws_does_not_say_how_large_a_container_is_no_figure_is_made_up():
    policy = parse(POLICY.replace("G.1X", "G.4X").format(workers=16, most="max = 3, "), source="policy.toml")

    said = text(read_policy(Options()).fit(policy))

    assert said.count("AWS does not say") == 5
    assert "GiB" not in said


def test_the_text_shows_both_cases_and_every_tenant():
    lines = [line.split("  ") for line in text(fit()).splitlines()]

    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert ["worst", "4", "4", "12", "176.0 GiB, 100 cores", "16", "no"] in cells
    assert ["likely (50%)", "2", "2", "2", "44.0 GiB, 18 cores", "4", "yes"] in cells
    assert any(line[:1] == ["analysts<b>\\u202e"] and line[1:4] == ["4", "1", "3"] for line in cells)


def test_what_nothing_bounds_is_said_to_have_no_bound():
    said = text(fit(most=""))

    assert "no bound" in said
    assert "Nothing bounds what one session may hold: it can take every executor there is." in said


def test_the_page_has_both_tables_and_escapes_names():
    page = str(html(fit(), notes=("<i>told</i>",)))

    assert page.count("<table") == 2
    assert "<b>" not in page
    assert "&lt;i&gt;told" in page


def test_sentences_of_the_options_stand_in_text_and_json():
    view = FitView(fit(), ("An extra sentence.",))

    assert "An extra sentence." in view.to_text()
    assert view.to_json()["notes"][-1] == "An extra sentence."
    assert set(view._repr_mimebundle_()) == {"text/plain", "text/html", MIME}


def test_a_frame_has_a_row_for_each_tenant_in_both_cases():
    frame = FitView(fit()).to_frame()

    assert frame["case"].tolist() == ["worst", "likely"]
    assert frame["executors"].tolist() == [12, 2]
    assert frame["held_memory_mib"].tolist() == [16 * 11_264, 4 * 11_264]
    assert frame["held_cores"].tolist() == [100, 18]
    assert frame["executor_cores"].tolist() == [8, 8]
