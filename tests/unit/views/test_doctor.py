"""What the doctor says, as text, HTML and JSON."""

from __future__ import annotations

import json

import pytest

from livyguard.doctor.advice import advice
from livyguard.doctor.model import Check, Report
from livyguard.hints.model import Fix
from livyguard.views.doctor import DoctorView, text

A, B = "http://a.example.com:8998", "http://b.example.com:8998"
HINT = advice("LG955", "Nothing is limited.", Fix("Look again.", cell="%livy_doctor", terminal="livyguard doctor"))


def report(*checks):
    return Report(checks)


FINE = Check("config", "config.json", "ok", "config.json: http://livy")
POLICY = Check("policy", "policy", "warning", "none is installed", HINT)
TCP = Check("tcp", "TCP", "failure", "it refuses the connection", endpoint=A, exit_code=3)
LOGIN = Check("login", "log-in", "skipped", "not looked at: TCP fails", endpoint=A)


def test_a_line_a_check_then_what_to_do_then_how_many():
    assert text(report(FINE, POLICY, TCP, LOGIN)).splitlines() == [
        "ok       config.json    config.json: http://livy",
        "warning  policy         none is installed [LG955]",
        "failure  TCP            it refuses the connection",
        "skipped  log-in         not looked at: TCP fails",
        "",
        "LG955 (warning) No policy is installed",
        "  cause     Nothing is limited.",
        "  fix       1. Look again.",
        "               %livy_doctor",
        "  more      %livy_explain LG955",
        "",
        "1 failure, 1 warning, 1 ok, 1 skipped.",
    ]


def test_a_terminal_is_given_commands():
    shown = text(report(POLICY), "livyguard explain", in_terminal=True)

    assert "livyguard doctor" in shown
    assert "livyguard explain LG955" in shown
    assert "%livy" not in shown


def test_where_nothing_is_wrong_it_says_so():
    assert text(report(FINE, LOGIN)).endswith("1 ok, 1 skipped. Nothing is to be mended.")


def test_several_endpoints_are_told_apart():
    other = Check("tcp", "TCP", "ok", "it takes connections", endpoint=B)
    end = Check("ledger", "ledger", "ok", "/state")

    view = DoctorView(report(FINE, TCP, other, end))

    lines = view.to_text().splitlines()
    assert lines[lines.index(A) + 1].startswith("failure  TCP")
    assert lines[lines.index(B) + 1].startswith("ok       TCP")
    assert lines[lines.index("") + 1] == A
    assert view.to_html().count(f">{A}<") == 1
    assert A not in DoctorView(report(FINE, TCP)).to_html()


def test_what_is_foreign_is_harmless_in_every_form():
    hostile = Check("version", "Livy", "ok", "<script>alert(1)</script>\x1b[31m", endpoint="http://<b>")

    view = DoctorView(report(hostile, Check("tcp", "TCP", "ok", "x", endpoint=B)))

    assert "<script>" not in view.to_html()
    assert "<b>" not in view.to_html()
    assert "\x1b" not in view.to_text()


def test_the_html_is_a_table_with_scopes_in_the_notebooks_own_colours():
    html = str(DoctorView(report(FINE, POLICY)).to_html())

    assert '<th scope="col"' in html
    assert '<th scope="row"' in html
    assert "<strong>warning</strong>" in html
    assert "var(--jp-content-font-color1, inherit)" in html
    assert "1 warning, 1 ok." in html


def test_the_hints_of_failures_come_first_and_each_code_once():
    refused = advice("LG964", "It is silent.")
    again = advice("LG955", "Of a later check.")

    hints = report(
        POLICY, Check("yarn", "cluster", "failure", "x", refused), Check("queue", "queue", "warning", "y", again)
    ).hints

    assert hints == (refused, HINT)


def test_backticks_are_code_in_html_and_what_stands_between_them_is_escaped():
    hint = advice("LG955", "Only `%load_ext <b>` guards.", Fix("`livyguard disable` takes ` it back.", command="x"))

    html = str(DoctorView(report(Check("policy", "policy", "warning", "say `<i>` here", hint))).to_html())

    assert "Only <code>%load_ext &lt;b&gt;</code> guards." in html
    assert "<code>livyguard disable</code> takes ` it back." in html
    assert "say <code>&lt;i&gt;</code> here" in html
    assert "Result</th>" in html


def test_its_json_is_what_the_command_prints():
    shown = DoctorView(report(FINE, TCP)).to_json()

    assert json.loads(json.dumps(shown)) == {
        "checks": [
            {
                "check": "config",
                "status": "ok",
                "text": "config.json: http://livy",
                "endpoint": None,
                "seconds": 0.0,
                "hint": None,
            },
            {
                "check": "tcp",
                "status": "failure",
                "text": "it refuses the connection",
                "endpoint": A,
                "seconds": 0.0,
                "hint": None,
            },
        ],
        "summary": {"failure": 1, "warning": 0, "ok": 1, "skipped": 0, "exit_code": 3},
    }


@pytest.mark.parametrize(("checks", "code"), [((), 0), ((FINE, POLICY), 0), ((FINE, TCP), 3)])
def test_the_exit_code_is_that_of_the_worst(checks, code):
    assert report(*checks).exit_code == code
