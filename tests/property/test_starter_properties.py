"""Whatever the cluster and whoever shares it: a starter policy reads, lints clean and passes its own tests."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from livyguard.capacity.lint import lint
from livyguard.capacity.workers import WORKER_TYPES
from livyguard.policy.expectations import run
from livyguard.policy.model import parse
from livyguard.policy.share import Share
from livyguard.policy.starter import starter

#: What means something in TOML, in a glob or in a policy, and what is wide or beyond the basic plane.
LETTERS = "ab\"'\\#{}=$.@-!~ é漢😀"
NAMES = st.text(LETTERS, min_size=1, max_size=8).map(str.strip).filter(bool)


@given(
    kind=st.sampled_from(list(WORKER_TYPES.values())),
    workers=st.integers(1, 100_000),
    people=st.integers(1, 500) | st.lists(NAMES, min_size=1, max_size=4, unique=True),
    manager=st.sampled_from(["glue", "yarn", "kubernetes", "standalone"]),
    team=st.none() | NAMES,
)
def test_every_starter_policy_holds(kind, workers, people, manager, team):
    members = () if isinstance(people, int) else tuple(people)
    users = len(members) or people
    executors = kind.containers(workers) // users - 1
    assume(executors > 0)
    share = Share(
        workers=workers,
        worker_type=kind.name,
        containers=kind.containers(workers),
        users=users,
        executors=executors,
        executor_memory=kind.executor_memory,
        executor_cores=kind.executor_cores,
        driver_memory=kind.driver_memory,
        manager=manager,
        is_dynamic=manager == "glue",
        members=members,
        name=team,
    )

    policy = parse(starter(share), source="policy.toml")

    assert lint(policy, now=0) == ()
    assert [each.to_json() for each in run(policy) if not each.passed] == []
