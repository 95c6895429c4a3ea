"""The worker types' arithmetic: the published numbers to the digit, and what must hold beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livyguard.capacity.workers import WORKER_TYPES, executors_each, most_users, nearest_type, workers_for

KINDS = st.sampled_from(list(WORKER_TYPES.values()))
USERS = st.integers(1, 500)


@pytest.mark.parametrize(("users", "executors", "workers"), [(3, 5, 18), (10, 5, 60), (50, 5, 300)])
def test_the_published_matrix(users, executors, workers):
    kind = WORKER_TYPES["G.1X"]

    assert workers_for(kind, users, executors) == workers
    assert executors_each(kind, workers, users) == executors


@pytest.mark.parametrize(
    ("name", "workers", "executors"),
    [("G.1X", 10, 9), ("G.2X", 10, 9), ("Standard", 10, 17), ("Standard", 2, 1)],
)
def test_one_session_alone_gets_the_published_most(name, workers, executors):
    assert executors_each(WORKER_TYPES[name], workers, 1) == executors


@pytest.mark.parametrize(("name", "memory", "cores"), [("Standard", "5g", 4), ("G.1X", "10g", 8), ("G.2X", "20g", 16)])
def test_the_published_sizes(name, memory, cores):
    kind = WORKER_TYPES[name]

    assert (kind.driver_memory, kind.executor_memory, kind.executor_cores) == (memory, memory, cores)


@given(kind=KINDS, users=USERS, executors=st.integers(1, 500))
def test_workers_are_just_enough(kind, users, executors):
    workers = workers_for(kind, users, executors)

    assert executors_each(kind, workers, users) >= executors
    assert executors_each(kind, workers - 1, users) < executors


@given(kind=KINDS, users=USERS, workers=st.integers(0, 5_000))
def test_what_everybody_gets_fits(kind, users, workers):
    each = executors_each(kind, workers, users)

    assert each == 0 or users * (each + 1) <= kind.containers(workers)
    assert executors_each(kind, workers + 1, users) >= each >= executors_each(kind, workers, users + 1)


@given(kind=KINDS, workers=st.integers(0, 5_000))
def test_the_most_users_still_get_an_executor_and_one_more_does_not(kind, workers):
    users = most_users(kind, workers)

    assert users == 0 or executors_each(kind, workers, users) >= 1
    assert executors_each(kind, workers, users + 1) == 0


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("g1x", "G.1X"), ("G.1x", "G.1X"), ("G2X", "G.2X"), ("standart", "Standard"), ("m5.xlarge", None), ("", None)],
)
def test_a_wrong_name_is_told_the_nearest(wrong, meant):
    assert nearest_type(wrong) == meant
