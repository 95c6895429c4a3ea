"""What a plan promises holds for all numbers: it fits in any order, more never needs less, the inverse is one."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from livyguard.capacity.containers import Container, SessionSize
from livyguard.capacity.packing import fewest_workers
from livyguard.capacity.plan import executors_each, most_users, need
from livyguard.capacity.site import Site
from livyguard.capacity.workers import WORKER_TYPES

WORKERS = st.tuples(st.integers(4, 60), st.integers(4, 60)) | st.tuples(st.integers(4, 60))
SHARES = st.sampled_from([None, Fraction(1, 10), Fraction(1, 2), Fraction(1)])
USERS, EXECUTORS = st.integers(1, 40), st.integers(1, 12)


@st.composite
def packings(draw, most=4):
    worker = draw(WORKERS)
    container = st.tuples(*(st.integers(1, room) for room in worker))
    return worker, draw(st.lists(st.tuples(container, st.integers(1, 9)), min_size=1, max_size=most))


@st.composite
def sessions(draw):
    """Return a site and a session that has room on a worker of it."""
    if draw(st.booleans()):
        kind = draw(st.sampled_from(sorted(WORKER_TYPES)))
        one = Container(1024, Fraction(1))
        return Site("glue", worker_type=WORKER_TYPES[kind]), SessionSize(one, one)
    worker = Container(draw(st.integers(2, 64)) * 1024, Fraction(draw(st.integers(1, 16))))
    container = st.builds(
        Container,
        st.integers(1, worker.memory_mib),
        st.integers(1, worker.cores * 4).map(lambda part: Fraction(part, 4)),
    )
    site = Site(
        "yarn",
        worker,
        counts_cores=draw(st.booleans()),
        queue_share=draw(SHARES) or Fraction(1),
        am_share=draw(SHARES),
        drivers_apart=draw(st.booleans()),
    )
    return site, SessionSize(draw(st.none() | container), draw(container))


def places_all(worker, lots, workers, dice):
    """Place containers as they come, in an order and on workers that the dice choose; False where one finds no room."""
    come = [size for size, number in lots for _ in range(number)]
    dice.shuffle(come)
    free = [list(worker) for _ in range(workers)]
    choose = dice.choice([dice.choice, max, min])
    for size in come:
        fitting = [each for each in free if all(room >= part for room, part in zip(each, size, strict=True))]
        if not fitting:
            return False
        chosen = choose(fitting)
        chosen[:] = [room - part for room, part in zip(chosen, size, strict=True)]
    return True


@given(packings(), st.randoms())
def test_containers_find_room_in_whatever_order_and_wherever_they_are_placed(packing, dice):
    worker, lots = packing

    assert places_all(worker, lots, fewest_workers(worker, lots), dice)


@given(packings(most=3), st.integers())
def test_one_container_more_needs_no_fewer_workers(packing, at):
    worker, lots = packing
    place = at % len(lots)
    more = [(size, number + (index == place)) for index, (size, number) in enumerate(lots)]

    assert fewest_workers(worker, more) >= fewest_workers(worker, lots)


@given(sessions(), USERS, EXECUTORS)
def test_more_people_or_executors_need_no_fewer_workers(session, users, executors):
    site, size = session
    needed = need(site, size, users, executors).workers

    assert need(site, size, users + 1, executors).workers >= needed
    assert need(site, size, users, executors + 1).workers >= needed


@given(sessions(), USERS, st.integers(1, 300))
def test_what_everybody_may_have_fits_and_one_more_does_not(session, users, workers):
    site, size = session
    executors = executors_each(site, size, users, workers)

    assert executors == 0 or need(site, size, users, executors).workers <= workers
    assert need(site, size, users, executors + 1).workers > workers


@given(sessions(), EXECUTORS, st.integers(1, 300))
def test_as_many_people_as_are_told_fit_and_one_more_does_not(session, executors, workers):
    site, size = session
    users = most_users(site, size, executors, workers)

    assert users == 0 or need(site, size, users, executors).workers <= workers
    assert need(site, size, users + 1, executors).workers > workers


@given(sessions(), USERS, EXECUTORS)
def test_the_inverse_of_a_plan_gives_no_less_than_the_plan_asked_for(session, users, executors):
    site, size = session
    workers = need(site, size, users, executors).workers

    assert executors_each(site, size, users, workers) >= executors
    assert most_users(site, size, executors, workers) >= users
    assert executors_each(site, size, users, workers - 1) < executors


@given(sessions(), USERS, EXECUTORS)
def test_yarn_grants_all_that_a_plan_holds(session, users, executors):
    site, size = session
    found = need(site, size, users, executors)
    drivers = [] if size.driver is None else [(site.takes(size.driver), users)]
    limits = [(site.queue_limit(found.workers), [*drivers, (site.takes(size.executor), users * executors)])]
    if users > 1:
        limits.append((site.drivers_limit(found.workers), drivers))

    for limit, lots in limits:
        for place, most in enumerate(limit or ()):
            assert sum(container[place] * number for container, number in lots) <= most
