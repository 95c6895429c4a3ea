"""Which cells ran in a session: what is kept of them, and of which session they are shown."""

from __future__ import annotations

from livyguard import cells as limits
from livyguard.cells import Cells, Ran

FIRST, SECOND = ("http://livy", 0, "livyguard-0"), ("http://livy", 0, "livyguard-1")


def run(cells: Cells, session: tuple[str, int, str], code: str, *outcomes: bool) -> None:
    """Run one cell, a statement for each outcome; without any the session is lost in the midst of it."""
    key = object()
    for is_fine in outcomes:
        cells.began(session, session[1], key, code)
        cells.ended(session, is_fine=is_fine)
    if not outcomes:
        cells.began(session, session[1], key, code)


def test_what_came_to_a_good_end_is_shown_in_its_order_and_the_rest_counted():
    cells = Cells()
    run(cells, FIRST, "a = 1", True)
    run(cells, FIRST, "a = 1", True)
    run(cells, FIRST, "1 / 0", False)
    run(cells, FIRST, "%%sql -o b\nselect 1", True, True)
    run(cells, FIRST, "%%spark -o c\nd", False, True)
    run(cells, FIRST, "sleep()")

    assert cells.of(FIRST) == Ran(0, ("a = 1", "a = 1", "%%sql -o b\nselect 1"), failed=3)


def test_the_session_that_was_lost_last_is_told_from_those_that_live_under_the_same_number_too():
    cells = Cells()
    assert cells.last_lost([]) is None
    run(cells, FIRST, "a = 1", True)
    assert cells.last_lost([FIRST]) is None

    run(cells, SECOND, "b = 2", True)

    assert cells.last_lost([SECOND]) == Ran(0, ("a = 1",))
    assert cells.last_lost([]) == Ran(0, ("b = 2",))


def test_a_session_in_which_nothing_ran_has_no_cells():
    cells = Cells()

    cells.ended(FIRST, is_fine=True)

    assert cells.of(FIRST) is None


def test_what_is_kept_is_bounded_in_cells_in_characters_and_in_sessions(monkeypatch):
    monkeypatch.setattr(limits, "MOST", 3)
    monkeypatch.setattr(limits, "LARGEST", 10)
    monkeypatch.setattr(limits, "SESSIONS", 2)
    cells = Cells()
    for code in ("a", "b", "c", "d", "x" * 9):
        run(cells, FIRST, code, True)
    run(cells, SECOND, "y" * 99, True)

    assert cells.of(FIRST) == Ran(0, ("d", "x" * 9), dropped=3)
    assert cells.of(SECOND) == Ran(0, ("y" * 99,))
    run(cells, ("elsewhere", 7, ""), "z", True)
    assert cells.of(FIRST) is None
