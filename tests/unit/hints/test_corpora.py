"""What holds no failure of the infrastructure gives no hint: healthy logs, and errors of the users' own code."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read
from livyguard.hints.sieve import Sieve
from scripts.hint_pages import CASES

HEALTHY = sorted(CASES.glob("healthy_*.log"))
TITLE = re.compile(r"^#### (.+)\n", re.MULTILINE)


def parts(*paths):
    found = []
    for path in paths:
        _, *pieces = TITLE.split(path.read_text("utf-8"))
        found += [pytest.param(text, id=title) for title, text in zip(pieces[::2], pieces[1::2], strict=True)]
    return found


USERS_OWN = parts(CASES / "users_own.txt")
#: What a notebook knows of its session while a statement of its user's fails.
LIVE = Case(
    session_id=13,
    endpoint="http://livy.example.com:8998",
    app_id="application_1601003432160_0013",
    app_state="RUNNING",
    last_state="busy",
    last_seen=1_800_000_000.0,
    created=1_799_999_000.0,
    last_statement=1_799_999_990.0,
    is_busy=True,
    now=1_800_000_001.0,
)


def codes(case):
    return [hint.code for hint in diagnose(case)]


@pytest.mark.parametrize("text", parts(*HEALTHY))
def test_no_hint_fires_on_what_is_healthy(text):
    assert codes(read(text)) == []


@pytest.mark.parametrize("path", HEALTHY, ids=lambda path: path.stem)
def test_no_hint_fires_on_healthy_logs_one_after_another(path):
    assert codes(read(TITLE.sub("", path.read_text("utf-8")))) == []


@pytest.mark.parametrize("text", USERS_OWN)
def test_no_hint_fires_on_the_users_own_errors(text):
    assert codes(read(text)) == []
    assert codes(replace(LIVE, error=text)) == []
    assert codes(replace(LIVE, log=tuple(text.splitlines()))) == []


def test_the_corpora_are_as_large_as_is_promised():
    lines = [line for path in HEALTHY for line in path.read_text("utf-8").splitlines() if line.strip()]

    assert len([line for line in lines if not line.startswith("####")]) >= 200
    assert len(USERS_OWN) >= 150


def test_a_healthy_log_is_searched_for_the_fewest_of_the_hints():
    sieve = Sieve([path.read_text("utf-8") for path in HEALTHY])
    searched = [entry.code for entry in CATALOG if entry.find and entry.needles and sieve.lets_pass(entry.needles)]

    assert len(searched) <= len(CATALOG) // 5, f"rarer `needles` for some of {searched}"
