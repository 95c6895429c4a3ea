"""How many workers hold containers in whatever order they are placed."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livyguard.capacity.packing import Lot, _by_weight, _curve, _lightest, _surely, carefully, fewest_workers, most_on


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


class Counted(int):
    """A weight that counts how often it is added to something."""

    added = 0

    def __radd__(self, other: int) -> int:
        Counted.added += 1
        return int(other) + int(self)


def test_what_fills_a_large_worker_of_many_sizes_is_looked_for_in_few_steps() -> None:
    sizes = [9_216 + 2 * number + 1 for number in range(60)]
    Counted.added = 0

    lightest = _lightest(sizes, [Counted(each) for each in sizes], 2 * 2**20, 4_096)

    assert Counted.added <= 60 * (4_096 + 1)
    # Each takes 19 cells of 512 MiB, where it is little more than 18 of them.
    assert lightest(2 * 2**20 - 1) == -(-4_096 // 19) * sizes[0]


AMOUNTS = st.integers(30, 400).flatmap(
    lambda room: st.tuples(st.just(room), st.lists(st.integers(1, room), min_size=1, max_size=5))
)


@given(AMOUNTS, st.integers(1, 60), st.randoms())
@settings(max_examples=200, deadline=None)
def test_with_fewer_cells_a_worker_seems_filled_by_no_more_than_exactly(amounts, cells, dice) -> None:  # type: ignore[no-untyped-def]
    room, sizes = amounts
    weights = [dice.randint(1, 1_000) for _ in sizes]
    rough, exact = _lightest(sizes, weights, room, cells), _lightest(sizes, weights, room, room)

    assert all(rough(beyond) <= exact(beyond) for beyond in range(room))


KINDS = st.lists(
    st.tuples(st.tuples(st.integers(1, 200), st.integers(1, 90)), st.integers(1, 9)), min_size=3, max_size=6
)


@given(KINDS, st.integers(1, 60))
@settings(max_examples=200, deadline=None)
def test_fewer_cells_need_as_many_workers_or_more_never_fewer(kinds: list[Lot], cells: int) -> None:
    assert _by_weight((200, 90), kinds, cells) >= _by_weight((200, 90), kinds)


def test_sizes_of_whole_gibibytes_are_counted_exactly() -> None:
    kinds = [((size * 1_024,), number) for size, number in ((9, 7), (5, 11), (4, 3))]

    assert _by_weight((768 * 1_024,), kinds) == _by_weight(
        (768,), [((size // 1_024,), each) for (size,), each in kinds]
    )


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
