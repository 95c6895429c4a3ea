"""Where the fixtures come from: fired by a test of ours, or recorded in public. And that no code is forgotten."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from livyguard.doctor import examination
from livyguard.hints.catalog import CATALOG
from livyguard.hints.catalog.lint import RETIRED
from scripts.hint_pages import CASES, ROOT

FIXTURES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(CASES.glob("LG*.json"))}
GIVEN_BY_A_CHECK = [code for code, fixture in FIXTURES.items() if "check" in fixture]
#: What the doctor looks at.
CHECKS = set(re.findall(r'Step\("(\w+)"', Path(examination.__file__).read_text("utf-8")))
#: Lint's own fixtures, policies of which each fires or is silent; its tests hold them to its checks.
OF_LINT = {path.stem for path in (ROOT / "tests" / "unit" / "policy" / "lint" / "cases").glob("*.toml")}
SOURCE = re.compile(r"https://[\w.-]+/\S+, (?=\D*\d)\S.*")

#: Every code that was ever given out, by what it stands for. A code leaves this table never; it may be retired.
GIVEN = {
    "a lost session": range(101, 118),
    "a session that Livy does not create": range(118, 125),
    "a start that waits": range(201, 205),
    "a start that YARN refuses": range(205, 212),
    "a container that YARN ends": range(212, 219),
    "a queue that is full": [219],
    "Spark": range(301, 313),
    "Kubernetes": range(401, 407),
    "AWS": range(501, 504),
    "HTTP and logging in": range(601, 612),
    "decisions": range(701, 704),
    "SparkMagic": range(901, 905),
    "what the doctor finds": range(950, 970),
}
ALL = [f"LG{number}" for numbers in GIVEN.values() for number in numbers]


def fires(fixture):
    """Return the source of the test that fires a fixture, its decorators included; None where there is no such."""
    path, _, name = fixture["fired_by"].partition("::")
    text = (ROOT / path).read_text("utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name == name and name.startswith("test_"):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            return "\n".join(text.splitlines()[first - 1 : node.end_lineno])
    return None


@pytest.mark.parametrize("code", FIXTURES)
def test_a_fixture_is_fired_by_a_test_or_recorded_in_public(code):
    fixture = FIXTURES[code]

    assert set(fixture) <= {"text", "case", "check", "fired_by", "source"}
    assert len({"text", "case", "check"} & set(fixture)) == 1
    assert "fired_by" in fixture or "source" in fixture


@pytest.mark.parametrize("code", [code for code, fixture in FIXTURES.items() if "fired_by" in fixture])
def test_the_test_that_fires_a_fixture_exists_and_names_its_code(code):
    source = fires(FIXTURES[code])

    assert source is not None
    assert f'"{code}' in source


@pytest.mark.parametrize("code", GIVEN_BY_A_CHECK)
def test_what_no_text_tells_names_the_check_that_gives_it(code):
    assert FIXTURES[code]["check"] in (CHECKS if code.startswith("LG9") else {"decision"})


@pytest.mark.parametrize("code", [code for code, fixture in FIXTURES.items() if "source" in fixture])
def test_the_source_of_a_fixture_is_an_address_and_a_version_or_a_date(code):
    assert SOURCE.fullmatch(FIXTURES[code]["source"])


def test_each_fixture_belongs_to_a_code_and_each_code_has_one():
    assert sorted(set(FIXTURES) | OF_LINT) == [entry.code for entry in CATALOG]
    assert OF_LINT.isdisjoint(FIXTURES)


def test_a_code_is_told_by_text_where_it_is_searched_for_and_by_a_check_where_it_is_not():
    searched = {entry.code for entry in CATALOG if entry.find is not None}

    assert searched.isdisjoint(GIVEN_BY_A_CHECK)
    assert set(FIXTURES) - set(GIVEN_BY_A_CHECK) == searched


def test_no_code_that_was_given_out_is_missing():
    there = {entry.code for entry in CATALOG} | set(RETIRED)

    assert [code for code in ALL if code not in there] == []


def test_each_code_stands_in_the_table_so_that_it_is_never_given_again():
    # The codes of lint (LG8) are held to its checks, one by one.
    assert {entry.code for entry in CATALOG if not entry.code.startswith("LG8")} <= set(ALL)
    assert len(ALL) == len(set(ALL))
