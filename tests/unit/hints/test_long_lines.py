"""A hostile line: the words of a hint over and over, 200,000 characters without an end of line, are read through once.

An expression that goes back and forth takes minutes for it: these tests end by their time-out then.
"""

from __future__ import annotations

import pytest

from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import diagnose
from livyguard.hints.reading import read
from scripts.hint_pages import case_of

LENGTH = 200_000
MATCHING = [entry for entry in CATALOG if entry.find is not None]


@pytest.mark.long
@pytest.mark.timeout(30)
@pytest.mark.parametrize("entry", MATCHING, ids=lambda entry: entry.code)
def test_the_words_of_a_hint_over_and_over_are_read_through_once(entry):
    for words in entry.needles:
        for piece in (words, f"{words} 1 "):
            diagnose(read(piece * (LENGTH // len(piece))))


@pytest.mark.long
@pytest.mark.timeout(30)
@pytest.mark.parametrize("one", ["x", "7", "."])
@pytest.mark.parametrize("entry", MATCHING, ids=lambda entry: entry.code)
def test_one_character_over_and_over_behind_the_words_is_read_through_once(entry, one):
    for words in entry.needles:
        diagnose(read(f"{words}{one * LENGTH}"))


@pytest.mark.long
@pytest.mark.timeout(30)
@pytest.mark.parametrize("entry", MATCHING, ids=lambda entry: entry.code)
def test_a_failure_that_is_told_over_and_over_in_one_line_is_told_once(entry):
    text = " ".join(case_of(entry.code).text.split("\n"))

    hints = diagnose(read(f"{text} " * (LENGTH // (len(text) + 1))))

    assert len(hints) <= 5
    assert all(len(fact.text) <= 300 for hint in hints for fact in hint.evidence)
