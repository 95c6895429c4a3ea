"""From a code, or nearly one, to its long form."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import explain, suggest


@pytest.mark.parametrize("code", ["LG101", "lg101", " LG101 ", "101", "session-not-found", "Session-Not-Found"])
def test_a_code_or_its_name_gives_the_long_form(code):
    assert explain(code).startswith("# LG101 session-not-found")


@pytest.mark.parametrize("code", ["LG101", "LG801", "LG896"])
def test_the_long_form_tells_the_severity_and_the_page(code):
    severity = {"LG101": "failure", "LG801": "failure", "LG896": "note"}[code]

    assert f"\nSeverity: {severity}. Page: docs/hints/{code}.md\n" in explain(code)


@pytest.mark.parametrize("code", ["LG891", " lg891", "891"])
def test_a_retired_code_says_so_and_what_it_said(code):
    text = explain(code)

    assert text.startswith("# LG891, retired: a quota is read and not enforced\n")
    assert "nothing else will" in text


def test_a_code_that_does_not_exist_gives_none():
    assert explain("LG999") is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("LG1O1", "LG101"), ("session_not_fund", "LG101"), ("queue am limit", "LG202"), ("lg-202", "LG202")],
)
def test_a_slip_of_the_finger_finds_what_was_meant(typed, meant):
    assert meant in suggest(typed)


@pytest.mark.parametrize("typed", ["LG1O1", "lgl01", " LGI0I"])
def test_a_letter_for_a_digit_suggests_first_the_code_that_looks_the_same(typed):
    assert suggest(typed)[0] == "LG101"


def test_nonsense_suggests_nothing():
    assert suggest("?") == []


@pytest.mark.parametrize("typed", ["lg", "LG", "1", ""])
def test_too_little_to_mean_anything_suggests_nothing(typed):
    assert suggest(typed) == []
