from dataclasses import replace

import pytest

from livyguard.errors import InvalidInput
from livyguard.policy.footprint import Footprint
from livyguard.sessions.filters import RowFilter, in_order, known_states, parse_apps, parse_ids, parse_states
from livyguard.sessions.ownership import ownership
from livyguard.sessions.rows import SessionRow
from livyguard.testing import a_session


def row(session_id=1, state="idle", owner="alice", idle_seconds=None, **fields):
    session = a_session(session_id, state, login=owner, **fields)
    return SessionRow(session, ownership(session, "alice", []), idle_seconds)


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (RowFilter(), True),
        (RowFilter(ids=frozenset({1})), True),
        (RowFilter(ids=frozenset({2})), False),
        (RowFilter(mine=True), True),
        (RowFilter(user="alice"), True),
        (RowFilter(user="bob"), False),
        (RowFilter(states=frozenset({"idle", "busy"})), True),
        (RowFilter(states=frozenset({"busy"})), False),
        (RowFilter(idle=True), True),
        (RowFilter(idle_for=1800), True),
    ],
)
def test_a_filter_lets_through_what_it_asks_for(wanted, shown):
    assert wanted.lets_through(row()) is shown


@pytest.mark.parametrize("wanted", [RowFilter(idle=True), RowFilter(idle_for=0.0)])
def test_a_busy_session_is_not_idle(wanted):
    assert not wanted.lets_through(row(state="busy"))


def test_what_is_not_proven_to_be_mine_is_not_mine():
    assert not RowFilter(mine=True).lets_through(row(owner=None))


@pytest.mark.parametrize(("seconds", "answer"), [(1799, False), (1800, True), (None, False)])
def test_an_unknown_idle_time_is_not_long_enough(seconds, answer):
    assert RowFilter(idle_for=1800).is_idle_long_enough(row(idle_seconds=seconds)) is answer


def test_without_a_time_every_idle_time_is_long_enough():
    assert RowFilter().is_idle_long_enough(row())
    assert RowFilter(idle_for=0.0).is_idle_long_enough(row(idle_seconds=None))


def test_mine_come_first_then_numbers():
    rows = [row(3), row(1, owner="bob"), row(2), row(0, owner=None)]

    assert [one.id for one in in_order(rows)] == [2, 3, 0, 1]


def test_a_column_sorts_with_unknown_values_last():
    rows = [row(1, ceiling=Footprint(9)), row(2), row(3, ceiling=Footprint(2))]

    assert [one.id for one in in_order(rows, "executors")] == [3, 1, 2]


def test_an_unknown_column_is_told_with_the_nearest():
    with pytest.raises(InvalidInput, match=r"no column 'executers' \(did you mean 'executors'\?\)\."):
        in_order([], "executers")


def test_a_column_that_is_like_none_gets_the_list():
    with pytest.raises(InvalidInput, match=r"no column 'zzz'\. Columns: id, name"):
        in_order([], "zzz")


def test_states_are_read_in_any_case():
    assert parse_states("Idle, busy,") == {"idle", "busy"}
    assert known_states([]) == frozenset()


@pytest.mark.parametrize("text", ["", " , "])
def test_no_state_at_all_is_told(text):
    with pytest.raises(InvalidInput, match="--state names no state"):
        parse_states(text)


def test_every_wrong_state_is_told_at_once():
    with pytest.raises(
        InvalidInput, match=r"'idel' is no session state \(did you mean 'idle'\?\); 'qq' is no session state\."
    ):
        parse_states("idel,busy,qq")


def test_ids_are_read_once_each_in_their_order():
    assert parse_ids(["7", "3", "7"]) == (7, 3)


def test_every_wrong_id_is_told_at_once():
    with pytest.raises(InvalidInput, match="No session id: 'x', '-3', '²'"):
        parse_ids(["x", "4", "-3", "²"])


def test_a_number_that_python_does_not_read_is_no_id_either():
    with pytest.raises(InvalidInput, match="No session id"):
        parse_ids(["9" * 5_000])


def test_application_ids_are_read_once_each_in_their_order():
    assert parse_apps([" application_1_0002 ", "application_1_0001", "application_1_0002"]) == (
        "application_1_0002",
        "application_1_0001",
    )


def test_every_wrong_application_id_is_told_at_once():
    with pytest.raises(InvalidInput, match=r"No application id: '7', 'spark-1'\. YARN writes application_17"):
        parse_apps(["7", "application_1_0001", "spark-1"])


def test_a_session_that_works_on_is_no_idle_one():
    working = replace(row(idle_seconds=4000), at_work="yes")

    assert not RowFilter(idle=True).lets_through(working)
    assert not RowFilter(idle_for=60.0).is_idle_long_enough(working)
    assert RowFilter().lets_through(working)
