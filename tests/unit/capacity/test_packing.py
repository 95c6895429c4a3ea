"""How many workers hold containers in whatever order they are placed."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livyguard.capacity.packing import Lot, _curve, _surely, carefully, fewest_workers, most_on


@pytest.mark.parametrize(
    ("worker", "lots", "workers"),
    [
        ((64,), [], 0),
        ((64,), [((9,), 0)], 0),
        ((64,), [((9,), 7)], 1),
        ((64,), [((9,), 8)], 2),
        ((64,), [((65,), 1)], None),
        ((64, 8), [((9, 4), 3)], 2),
        ((64, 8), [((9, 0), 8)], 2),
        ((64, 8), [((9, 9), 1)], None),
        ((1,), [((1,), 3), ((1,), 15)], 18),
    ],
)
def test_equal_containers_fill_workers_whole(worker: tuple[int, ...], lots: list[Lot], workers: int | None) -> None:
    assert fewest_workers(worker, lots) == workers


@pytest.mark.parametrize(
    ("lots", "workers"),
    [
        # Five executors leave room for one driver, and two drivers on one worker take the place of an executor.
        ([((5,), 10), ((10,), 50)], 11),
        ([((5,), 1), ((10,), 50)], 10),
        ([((5,), 2), ((10,), 50)], 11),
        # Drivers that are many are shut out by executors, not the other way round.
        ([((30,), 20), ((10,), 1)], 20),
        # Beside the other ones nothing is left of a worker.
        ([((56,), 3), ((50,), 2)], 5),
    ],
)
def test_two_sizes_fit_however_the_ones_are_strewn_among_the_others(lots: list[Lot], workers: int) -> None:
    assert fewest_workers((56,), lots) == workers
    assert fewest_workers((56,), lots[::-1]) == workers


def test_what_is_short_of_memory_and_what_is_short_of_cores_share_a_worker() -> None:
    assert fewest_workers((100, 100), [((50, 1), 2), ((1, 25), 2)]) == 2


@pytest.mark.parametrize(
    ("worker", "lots", "workers"),
    [
        # A worker without room for 5 holds 12 and weighs as much as that: (40 + 12 - 5) / 12.
        ((16,), [((5,), 4), ((4,), 5), ((3,), 4)], 4),
        # All as large as the largest is the better bound where they hardly differ.
        ((100,), [((50,), 3), ((49,), 3), ((48,), 3)], 5),
        ((100, 100), [((90, 10), 1), ((10, 90), 1), ((50, 50), 1)], 3),
        ((100, 100), [((50, 0), 1), ((40, 0), 1), ((30, 0), 1)], 2),
    ],
)
def test_many_sizes_have_workers_enough(worker: tuple[int, ...], lots: list[Lot], workers: int) -> None:
    assert fewest_workers(worker, lots) == workers


def test_a_worker_that_others_fill_beyond_its_room_has_place_for_none() -> None:
    assert most_on((10,), (3,), 4, (3,)) == -1
    assert most_on((10,), (3,), 3, (3,)) == 0


SIZES = st.tuples(st.integers(20, 300), st.integers(1, 90), st.integers(1, 20))


@given(st.integers(1, 400), st.integers(0, 2_000), SIZES)
@settings(max_examples=200, deadline=None)
def test_whole_numbers_say_of_a_curve_what_fractions_say(workers: int, others: int, sizes: tuple[int, ...]) -> None:
    curve = _curve(*((each,) for each in sizes))
    average = Fraction(others, workers)
    exact = (
        ceil(workers * (y + Fraction(v - y, u - x) * (average - x)))
        for (x, y), (u, v) in pairwise(curve)
        if average <= u
    )

    assert _surely(workers, others, curve) == next(exact, workers * curve[-1][1])


def lie(worker: tuple[int, ...], lots: list[Lot], workers: int) -> bool:
    """Tell whether all containers find a place, kind by kind, each on the first worker that has one left."""
    free = [list(worker) for _ in range(workers)]
    for size, number in lots:
        for _ in range(number):
            found = next((one for one in free if all(room >= each for room, each in zip(one, size, strict=True))), None)
            if found is None:
                return False
            found[:] = [room - each for room, each in zip(found, size, strict=True)]
    return True


LOTS = st.tuples(st.tuples(st.integers(1, 30), st.integers(1, 8)), st.integers(0, 20))


@given(LOTS, LOTS)
@settings(max_examples=150, deadline=None)
def test_as_many_workers_as_care_needs_do_hold_the_containers_and_are_never_more(first: Lot, second: Lot) -> None:
    worker = (30, 8)
    workers = carefully(worker, first, second)

    assert lie(worker, [first, second], workers) or lie(worker, [second, first], workers)
    assert workers <= (fewest_workers(worker, [first, second]) or 0)
