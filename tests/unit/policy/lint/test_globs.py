"""What globs have in common is decided, not guessed: held against the matching that the policy itself uses."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from livyguard.policy.keys import matcher
from livyguard.policy.lint.globs import common, covers, is_plain

GLOBS = st.text("ab*?[]!-", max_size=6)
NAMES = st.text("abc]-[!", max_size=5)


@pytest.mark.parametrize(
    ("globs", "glob"),
    [
        (["*"], "a"),
        (["*"], "*"),
        (["a*", "[!a]*", ""], "*"),
        (["?*", ""], "*"),
        (["[a-f]*", "[g-m]*"], "[b-k]?"),
        (["bob-*"], "bob-*-eu"),
        (["a**"], "a*"),
        (["[]]"], "]"),
        (["[a"], "[a"),
        (["x", "*a*"], "xa?"),
    ],
)
def test_what_is_covered_is_told(globs, glob):
    assert covers(globs, glob)


@pytest.mark.parametrize(
    ("globs", "glob"),
    [
        ([], "a"),
        ([], "*"),
        (["?*"], "*"),
        (["a*", "[!ab]*", ""], "*"),
        (["[a-f]*", "[h-m]*"], "[b-k]?"),
        (["bob-?"], "bob-*"),
        (["BOB"], "bob"),
        (["*x*", "*0*", ""], "?"),
        (["[!\U0010fffe]"], "?"),
    ],
)
def test_what_is_left_over_is_told(globs, glob):
    assert not covers(globs, glob)


def test_a_question_that_is_too_deep_stays_open():
    deep, rest = f"*a{'?' * 13}", ["a*", "x*", "0*"]

    assert common([deep], rest) is None
    assert not covers(rest, deep)


def test_a_letter_that_no_glob_names_is_found_among_all_there_are():
    assert common(["?"], "abcdefghijklmnopqrstuvwxyz0123456789") == "\u0100"


def test_in_the_keys_of_limits_a_bracket_stands_for_itself():
    assert common(["conf.a[0]*", "conf.*0]"], keys=True) == "conf.a[0]"
    assert covers(["a[0]"], "a[0]", keys=True)
    assert not covers(["a[0]"], "a0", keys=True)


@pytest.mark.parametrize(("glob", "plain"), [("bob", True), ("b*", False), ("b?", False), ("b[x]", False)])
def test_a_plain_name_has_no_wildcard(glob, plain):
    assert is_plain(glob) is plain


@settings(max_examples=300, deadline=None)
@given(st.lists(GLOBS, max_size=3), GLOBS, NAMES)
@example(["[!a]"], "?", "a")
def test_no_name_contradicts_what_is_said_of_globs(globs, glob, name):
    if fnmatchcase(name, glob) and covers(globs, glob):
        assert any(fnmatchcase(name, each) for each in globs)
    word = common([glob], globs)
    if word is not None:
        assert fnmatchcase(word, glob)
        assert not any(fnmatchcase(word, each) for each in globs)
        assert not covers(globs, glob)


@settings(max_examples=300, deadline=None)
@given(GLOBS, GLOBS)
def test_a_name_in_common_is_one_of_both(one, other):
    word = common([one, other], keys=True)

    if word is not None:
        assert matcher(one).fullmatch(word)
        assert matcher(other).fullmatch(word)
