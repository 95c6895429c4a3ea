"""What a long log comes down to: the words that it may hold, and the lines that tell something."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import replace

import pytest

from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import diagnose
from livyguard.hints.reading import read
from livyguard.hints.sieve import LONG, Sieve
from scripts.hint_pages import CASES, case_of

LOG = ("06:22:14 INFO Task 1 ended", "06:22:15 INFO Task 2 ended\n06:22:16 WARN Ünïcode 漢字 exit code 137")
NOISE = tuple(f"06:{number:04d} INFO Task {number} in stage {number % 9} ended on 10.0.0.7" for number in range(LONG))


@pytest.mark.parametrize("word", ["Task 2 ended", "exit code 137", "Ünïcode 漢字", "137", "INFO Task", "beside it"])
def test_a_word_that_stands_there_passes(word):
    assert Sieve(LOG, "one\nbeside it").lets_pass(["nowhere", word])


@pytest.mark.parametrize("word", ["ended\nINFO", "exit  code", "Unicode", "Task ended Task"])
def test_a_word_that_does_not_is_held_back(word):
    assert not Sieve(LOG).lets_pass([word])


def test_no_words_at_all_pass_everything():
    assert Sieve([]).lets_pass([])


def test_half_a_character_as_json_may_hold_it_is_a_word_like_others():
    assert Sieve(["a \ud800 b"]).lets_pass(["\ud800"])


@pytest.mark.parametrize(
    "line", ["06:22:14 [0x7fab] d€ad béef\t", "\x00\r\u2028 7 \ud800\x85", "a1b2c3", "漢字 137 漢字"]
)
def test_no_piece_of_a_line_is_ever_held_back(line):
    sieve = Sieve(["before", line, "after"])

    for start, end in itertools.combinations(range(len(line) + 1), 2):
        assert sieve.lets_pass([line[start:end]])


def test_a_log_that_is_not_long_stays_as_it_is():
    assert Sieve(NOISE[:-1]).short(["Task"]) == NOISE[:-1]


def test_of_many_lines_alike_the_first_and_the_last_stay():
    assert Sieve(NOISE).short(["nowhere"]) == NOISE[:3] + NOISE[-3:]


def test_a_line_with_a_word_stays_with_what_stands_around_it():
    log = NOISE + ("Container exited with exit code 137", *NOISE, "Container exited with exit code 0") * 5

    short = Sieve(log).short(["exit code 137"])

    assert [line for line in short if "137" in line and "Task" not in line] == [log[LONG]] * 5
    assert short[3:14] == log[LONG - 10 : LONG + 1]
    assert len(short) < 150


def test_lines_that_differ_in_figures_only_are_looked_at_one_by_one():
    log = [f"Container exited with exit code {number}" for number in range(LONG)]

    assert [line for line in Sieve(log).short(["code 137"]) if line.endswith(" 137")] == [log[137]]


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_invented_turned_round_or_lost_that_holds_a_word(seed):
    log = random.Random(seed).choices(["a 1", "a 2", "b", "word 7", ""], [40, 40, 40, 1, 10], k=LONG + seed)  # noqa: S311
    short = Sieve(log).short(["word 7"])
    rest = iter(log)

    assert all(line in rest for line in short)
    assert short.count("word 7") == log.count("word 7")
    assert (short[0], short[-1]) == (log[0], log[-1])


FIXTURES = [entry.code for entry in CATALOG if entry.find is not None]


@pytest.mark.parametrize("code", FIXTURES)
def test_a_hint_is_the_same_at_the_end_of_a_long_log(code):
    case = case_of(code)

    assert diagnose(replace(case, log=NOISE + case.log)) == diagnose(case)


@pytest.mark.parametrize(
    "code", [code for code in FIXTURES if "text" in json.loads((CASES / f"{code}.json").read_text())]
)
def test_a_hint_is_the_same_in_the_middle_of_a_long_text(code):
    text = json.loads((CASES / f"{code}.json").read_text())["text"]
    noise = "\n".join(NOISE)

    told = diagnose(read(f"{noise}\n{text}\n{noise}"))

    assert [hint.code for hint in told] == [code]
