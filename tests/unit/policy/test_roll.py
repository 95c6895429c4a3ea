"""Who belongs to which tenant, held against trying every glob of every tenant in the order of the file."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livyguard.policy.roll import NOBODY, roll

LETTERS = st.text("ab*?[]-\n", max_size=5)


def tried_one_by_one(members, name):
    return next((place for place, globs in members if any(fnmatchcase(name, glob) for glob in globs)), NOBODY)


@given(st.lists(st.lists(LETTERS, max_size=3), max_size=6), LETTERS)
def test_a_name_belongs_to_the_first_tenant_that_one_by_one_would_take_it(tenants, name):
    members = list(enumerate(tenants))

    assert roll(members).first(name) == tried_one_by_one(members, name)


@pytest.mark.parametrize(
    ("name", "place"),
    [("alice", 0), ("etl-1", 1), ("etl-", 1), ("etl-nightly", 1), ("x-ops", 2), ("Alice", 4), ("", 4), ("bob", 3)],
)
def test_names_prefixes_and_other_globs_keep_the_order_of_the_file(name, place):
    members = [
        (0, ["alice"]),
        (1, ["etl-*"]),
        (2, ["*-ops", "etl-nightly"]),
        (3, ["b?b", "alice", "etl-1*"]),
        (4, ["*"]),
    ]

    assert roll(members).first(name) == place


def test_nobody_belongs_to_no_tenant():
    assert roll([(0, ["*"])]).first(None) == NOBODY
    assert roll([]).first("alice") == NOBODY
