"""Each code of lint has its page, and the policies on it do what the page says."""

from __future__ import annotations

import re

import pytest

from livyguard.capacity.lint import CHECKS, lint
from livyguard.hints.catalog import CATALOG
from livyguard.hints.catalog.lint import RETIRED
from livyguard.policy.layers import stacked
from livyguard.policy.model import parse

ENTRIES = [entry for entry in CATALOG if entry.code.startswith("LG8")]
NOW = 1_800_000_000.0  # January 2027
LAYER = re.compile(r"^# (?:the operator's|a later) layer$", re.MULTILINE)


def codes(text):
    layers = [part for part in LAYER.split(text) if part.strip()]
    policy = stacked([parse(layer, source=f"layer{place}.toml") for place, layer in enumerate(layers)])
    return {finding.code: finding.severity for finding in lint(policy, now=NOW)}


def test_every_check_has_a_page_and_every_page_a_check():
    assert [entry.code for entry in ENTRIES] == sorted(check.code for check in CHECKS)


def test_page_and_check_say_the_same_of_the_severity():
    of_checks = {check.code: {"fault": "failure"}.get(check.severity, check.severity) for check in CHECKS}

    assert {entry.code: entry.severity for entry in ENTRIES} == of_checks


def test_the_code_of_a_check_that_is_gone_is_given_to_no_other():
    assert "LG891" in RETIRED
    assert {entry.code for entry in ENTRIES}.isdisjoint(RETIRED)
    assert {check.code for check in CHECKS}.isdisjoint(RETIRED)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_the_policy_above_shows_it_and_the_one_below_is_clean(entry):
    before, after = re.findall(r"```toml\n(.*?)```", entry.about, re.DOTALL)

    assert entry.code in codes(before)
    assert set(codes(after).values()) <= {"note"}
    assert entry.code not in codes(after)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_a_page_says_what_it_means_why_it_matters_and_what_to_do(entry):
    assert re.findall(r"^## (.*)$", entry.about, re.MULTILINE) == ["What it means", "Why it matters", "What to do"]
    assert not re.search(r"!\s|[Pp]lease", entry.about)
    assert all(len(line) <= 120 for line in entry.about.splitlines())
