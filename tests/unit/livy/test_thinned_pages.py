"""A gateway that shows each user their own sessions only, and passes on Livy's total of all."""

import pytest

from livyguard.livy.pages import read_all


def read(mine, total, told=None):
    """Read a list of which the gateway shows some; return what was found and how many requests it took."""
    asked = []

    def read_page(offset, size):
        asked.append((offset, size))
        shown = [{"id": number} for number in range(total)[offset : offset + size] if number in mine]
        return shown, total if told is None else told

    return read_all(read_page, lambda item: item["id"]), len(asked)


@pytest.mark.parametrize(
    "mine",
    [
        {5, 60, 120, 140},
        {149},
        {0},
        set(),
        {0, 149},
        {99, 100, 101},
        set(range(0, 150, 7)),
        set(range(150)) - {0, 75, 149},
    ],
    ids=["some", "the-last", "the-first", "none", "both-ends", "at-the-seam", "every-seventh", "nearly-all"],
)
def test_what_is_shown_is_found_to_the_last(mine):
    found, requests = read(mine, 150)

    assert found == sorted(mine)
    assert requests <= 60


def test_a_long_list_of_which_little_is_shown_is_read_to_its_end():
    found, requests = read({3, 4_321, 9_999}, 10_000)

    assert found == [3, 4_321, 9_999]
    assert requests < 200


@pytest.mark.parametrize("told", [10**9, 10**30])
def test_a_total_that_is_none_ends_nevertheless(told):
    found, requests = read({1, 2}, 3, told)

    assert found == [1, 2]
    assert requests < 300
