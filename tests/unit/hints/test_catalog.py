"""Each entry of the catalogue: a fixture that fires it, a long form, a code of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

import livyguard.hints.catalog
from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import diagnose, explain
from livyguard.hints.evidence import Case
from livyguard.policy.decision import CHANGED, DENIED, OVER_QUOTA
from scripts.hint_pages import CASES, case_of

MATCHING = [entry for entry in CATALOG if entry.find is not None]
#: Where nothing has failed, there is nothing to recover; what a kernel reads once, at its start, no recovery mends; and
#: a session that may live on at another Livy is looked for there before it is forgotten.
NOT_RECOVERED = {"LG110", "LG903", "LG904"}
FAILING = [entry for entry in MATCHING if entry.severity == "failure" and entry.code not in NOT_RECOVERED]


@pytest.mark.parametrize("entry", MATCHING, ids=lambda entry: entry.code)
def test_the_fixture_of_each_entry_gives_that_entry_alone(entry):
    hints = diagnose(case_of(entry.code))

    assert [(hint.code, hint.name) for hint in hints] == [(entry.code, entry.name)]


@pytest.mark.parametrize("entry", MATCHING, ids=lambda entry: entry.code)
def test_each_hint_has_all_its_parts_and_the_json_of_the_contract(entry):
    shown = diagnose(case_of(entry.code))[0].to_json()

    assert list(shown) == ["code", "name", "title", "cause", "evidence", "fixes", "severity", "page"]
    assert shown["severity"] in {"failure", "warning", "note"}
    assert shown["page"] == f"docs/hints/{entry.code}.md"
    assert all(shown.values())
    assert all(isinstance(fact, str) for fact in shown["evidence"])
    for fix in shown["fixes"]:
        assert set(fix) in ({"label", "cell", "applicability"}, {"label", "command", "applicability"})
        assert fix["applicability"] in {"safe", "review", "manual"}


@pytest.mark.parametrize("entry", FAILING, ids=lambda entry: entry.code)
def test_each_hint_offers_the_way_on_without_a_kernel_restart(entry):
    fixes = diagnose(case_of(entry.code))[0].fixes

    assert ("%livy_recover", "safe") in [(fix.cell, fix.applicability) for fix in fixes]


@pytest.mark.parametrize("entry", MATCHING, ids=lambda entry: entry.code)
def test_nothing_is_to_be_recovered_where_livyguard_has_cleared_the_session_away(entry):
    case = replace(case_of(entry.code), is_cleared=True)

    (hint,) = diagnose(case)

    assert hint.code == entry.code
    assert all(fix.cell != "%livy_recover" for fix in hint.fixes)


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.code)
def test_each_code_has_a_long_form_with_what_to_do(entry):
    text = explain(entry.code)

    assert text.startswith(f"# {entry.code} {entry.name}: ")
    assert "## What it means" in text
    assert "## What to do" in text


@pytest.mark.parametrize("entry", MATCHING, ids=lambda entry: entry.code)
def test_each_entry_that_is_told_by_text_names_words_of_it(entry):
    fixture = json.loads((CASES / f"{entry.code}.json").read_text())

    assert entry.needles or "case" in fixture, "a text without `needles` is searched whole, however long"
    assert "\n" not in "".join(entry.needles)
    assert all(len(re.sub(r"[\W\d]", "", needle)) >= 4 for needle in entry.needles), "too short to be rare"


@pytest.mark.parametrize("entry", MATCHING, ids=lambda entry: entry.code)
def test_the_words_of_an_entry_without_their_sentence_are_taken_calmly(entry):
    for needle in entry.needles:
        for text in (needle, f"{needle} {needle}", f"'{needle}': 7 \n {needle[:-1]}"):
            diagnose(Case(error=text, log=(text,)))
            diagnose(Case(resource_manager=(text,)))


def test_codes_and_names_are_used_once_and_well_formed():
    codes = [entry.code for entry in CATALOG]
    names = [entry.name for entry in CATALOG]

    assert len(set(codes)) == len(codes)
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"LG[1-9]\d\d", code) for code in codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)


def test_the_codes_of_decisions_are_explained_under_the_same_numbers():
    assert {CHANGED, DENIED, OVER_QUOTA} <= {entry.code for entry in CATALOG}


def test_the_catalogue_is_read_when_it_is_first_asked_for_and_not_before():
    code = """
import sys, livyguard.hints.diagnose as engine
from livyguard.hints.evidence import Case
families = [name for name in sys.modules if name.startswith("livyguard.hints.catalog.s")]
engine.diagnose(Case())
print(families, "livyguard.hints.catalog.startup" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[] True\n"


def test_the_catalogue_has_nothing_else_to_give():
    with pytest.raises(AttributeError, match=r"livyguard\.hints\.catalog.*NOTHING"):
        livyguard.hints.catalog.NOTHING  # noqa: B018 - the access is what is tried
