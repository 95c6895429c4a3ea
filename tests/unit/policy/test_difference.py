"""What another policy says differently, in lines."""

from __future__ import annotations

import pytest

from livyguard.policy.difference import difference
from livyguard.policy.model import parse


def lines(before, after):
    return difference(parse(before, source="a"), parse(after, source="b"))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            '[defaults]\nlimits."executors.max" = { max = 4 }',
            '[defaults]\nlimits."executors.max" = { max = 3 }',
            ("defaults.limits.executors.max.max: 4 → 3",),
        ),
        (
            '[[tenant]]\nname = "a"\nusers = ["x"]',
            '[[tenant]]\nname = "a"\nusers = ["x", "y"]',
            ("a.users: ['x'] → ['x', 'y']",),
        ),
        (
            '[[tenant]]\nname = "a"',
            '[[tenant]]\nname = "b"\nlimits.queue = { fixed = "q" }',
            ("new: b.limits.queue.fixed = 'q'", "new: b.name = 'b'", "gone: a.name = 'a'"),
        ),
        ("[cluster]\nworkers = 3", "[cluster]\nworkers = 4", ("cluster.workers: 3 → 4",)),
        (
            "[cluster.x]\nworkers = 3",
            "[cluster.x]\nworkers = 4",
            ("cluster.x.workers: 3 → 4",),
        ),
        (
            '[[grant]]\nuser = "x"\nlimits = {}\nuntil = 2026-12-24T18:00:00Z',
            '[[grant]]\nuser = "x"\nlimits = {}\nuntil = 2026-12-25T18:00:00Z',
            ("grant[0].until: '2026-12-24T18:00:00Z' → '2026-12-25T18:00:00Z'",),
        ),
        ("", "shared_accounts = []", ("new: shared_accounts = []",)),
        ("# one", "# another", ()),
        ('[defaults]\non_violation = "clamp"\n[cluster]', '[cluster]\n[defaults]\non_violation = "clamp"', ()),
    ],
)
def test_every_value_that_is_another_one_is_a_line(before, after, told):
    assert lines(before, after) == told


def test_a_tenant_that_only_moves_is_no_difference_in_values():
    one, two = '[[tenant]]\nname = "a"\n', '[[tenant]]\nname = "b"\n'

    assert lines(one + two, two + one) == ("order of the tenants: a, b → b, a",)


def test_secrets_are_never_told():
    before = '[defaults]\nsession_configs = { conf = { "spark.my.password" = "hunter1" } }'
    more = '"spark.my.password" = "hunter2", "spark.url" = "http://u:hunter3@h"'
    after = f"[defaults]\nsession_configs = {{ conf = {{ {more} }} }}"

    assert "hunter" not in str(lines(before, after))
    assert "defaults.session_configs.conf.spark.my.password: another secret" in lines(before, after)
