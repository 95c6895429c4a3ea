"""When two names are one person's."""

from __future__ import annotations

import pytest

from livyguard.policy.identity import is_same


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("alice", "alice", True),
        ("alice", "alice@EXAMPLE.COM", True),
        ("alice@EXAMPLE.COM", "alice", True),
        ("alice@EXAMPLE.COM", "alice@EXAMPLE.COM", True),
        ("alice@EXAMPLE.COM", "alice@OTHER.COM", False),
        ("alice", "bob@EXAMPLE.COM", False),
        ("alice", "Alice", False),
        ("alice", "ALICE@EXAMPLE.COM", False),
        ("alice", "alice2", False),
        ("alice2@EXAMPLE.COM", "alice", False),
    ],
)
def test_a_short_name_is_anybody_with_that_name_in_a_realm(one, other, is_one):
    assert is_same(one, other) is is_one
