"""Which words a long text may hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livyguard.hints.sieve import Sieve

LOG = "06:22:14 INFO Task 1 ended\n06:22:15 INFO Task 2 ended\n06:22:16 WARN Ünïcode 漢字 exit code 137"


@pytest.mark.parametrize("needle", ["Task 2 ended", "exit code 137", "Ünïcode 漢字", "137", "INFO Task"])
def test_a_word_that_stands_in_the_text_passes(needle):
    assert Sieve(LOG).lets_pass(["nowhere", needle])


@pytest.mark.parametrize("needle", ["ended\nINFO", "exit  code", "Unicode", "Task ended Task"])
def test_a_word_that_does_not_is_held_back(needle):
    assert not Sieve(LOG).lets_pass([needle])


def test_no_words_at_all_pass_everything():
    assert Sieve("").lets_pass([])


def test_half_a_character_as_json_may_hold_it_is_a_word_like_others():
    assert Sieve("a \ud800 b").lets_pass(["\ud800"])


@given(text=st.text(), data=st.data())
def test_no_piece_of_a_line_is_ever_held_back(text, data):
    line = data.draw(st.sampled_from(text.split("\n")))
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(line))] * 2)))

    assert Sieve(text).lets_pass([line[start:end]])
