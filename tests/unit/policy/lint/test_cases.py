"""Each check of lint: a policy that fires it, near misses that do not; ``cases/LG801.toml`` holds those of LG801."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from livyguard.capacity.lint import CHECKS, lint
from livyguard.policy.layers import stacked
from livyguard.policy.model import parse

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CASES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in (Path(__file__).parent / "cases").glob("*.toml")}
FIRES = [
    pytest.param(code, case, id=f"{code}-{place}")
    for code, cases in sorted(CASES.items())
    for place, case in enumerate(cases["fires"])
]
SILENT = [
    pytest.param(code, case, id=f"{code}-{case['why'].replace(' ', '-')}")
    for code, cases in sorted(CASES.items())
    for case in cases["silent"]
]


def found(code, case):
    texts = case.get("layers") or [case["policy"]]
    names = ["policy.toml", *(f"later{place or ''}.toml" for place in range(len(texts) - 1))]
    policy = stacked([parse(text, source=name) for name, text in zip(names, texts, strict=True)])
    now = case["now"].timestamp() if "now" in case else None
    return [finding for finding in lint(policy, now=now) if finding.code == code]


def test_each_check_has_its_cases():
    assert {check.code for check in CHECKS} == set(CASES)
    assert all(cases["fires"] and cases["silent"] for cases in CASES.values())


@pytest.mark.parametrize(("code", "case"), FIRES)
def test_a_check_says_where_and_what(code, case):
    findings = found(code, case)

    assert [finding.where for finding in findings] == [case["where"]]
    assert findings[0].message == case["says"]


@pytest.mark.parametrize(("code", "case"), SILENT)
def test_a_near_miss_is_let_pass(code, case):
    assert found(code, case) == []


@pytest.mark.parametrize(("code", "case"), FIRES)
def test_message_and_fix_are_sentences_of_the_house(code, case):
    (finding,) = found(code, case)

    for sentence in (finding.message, finding.fix):
        assert re.search(r"[.]$", sentence)
        assert not re.search(r"!|[Pp]lease", sentence)
    assert finding.to_json() == {
        "code": code,
        "severity": finding.severity,
        "where": finding.where,
        "message": finding.message,
        "fix": finding.fix,
    }
