"""Which of one's own idle sessions have to go to make room."""

from __future__ import annotations

from livyguard.policy import way_out as ways
from livyguard.policy.footprint import Footprint
from livyguard.policy.quota import Bound, Held, Usage
from livyguard.policy.way_out import way_out

EXECUTORS = Bound("executors", 16, is_team=False, rule="team.quota.executors")
SESSIONS = Bound("sessions", 3, is_team=False, rule="team.quota.sessions")
TEAM = Bound("executors", 20, is_team=True, rule="team.team_quota.executors")


def idle(number, executors, seconds=60, **more):
    return Held(number, executors, is_idle=True, idle_seconds=seconds, **more)


def freed(*held, asked=8, quotas=(EXECUTORS,)):
    return [one.id for one in way_out(quotas, Usage(held), Footprint(asked))]


def test_where_there_is_room_nothing_has_to_go():
    assert freed(idle(1, 8)) == []


def test_the_one_that_has_been_idle_longest_goes_of_those_that_are_enough():
    assert freed(idle(1, 4, 60), idle(2, 4, 3600), idle(3, 4, 90)) == [2]


def test_one_is_better_than_two_however_long_these_have_been_idle():
    assert freed(idle(1, 2, 9000), idle(2, 2, 8000), idle(3, 8, 1)) == [3]


def test_two_go_where_no_one_is_enough_the_longest_idle_first():
    assert freed(idle(1, 3, 60), idle(2, 3, 3600), idle(3, 3, 90), Held(4, 5)) == [2, 3]


def test_where_all_of_them_would_not_be_enough_none_is_named():
    assert freed(idle(1, 2), Held(2, 14)) == []


def test_nobody_elses_session_goes_nor_one_that_works():
    assert freed(Held(1, 16), idle(2, 20, is_own=False)) == []


def test_this_notebooks_own_goes_only_where_as_few_others_do_not_help():
    this = idle(1, 8, 9000, is_this=True)

    assert freed(this, idle(2, 8, 1)) == [2]
    assert freed(this, idle(2, 3, 1), idle(3, 3, 1), asked=10) == [1]
    assert freed(idle(1, 6, 9000, is_this=True), idle(2, 5, 8), idle(3, 5, 7), asked=9) == [2, 3]
    assert freed(idle(1, 6, 99, is_this=True), idle(2, 5, 98), idle(3, 4, 1), idle(4, 1, 97), asked=9) == [2, 3]


def test_one_for_how_long_idle_nobody_can_say_goes_last():
    assert freed(idle(1, 8, None), idle(2, 8, 1)) == [2]


def test_every_quota_has_to_hold_afterwards():
    held = [idle(1, 1, 9000), idle(2, 9, 60), Held(3, 6)]

    assert freed(*held, asked=1, quotas=[SESSIONS]) == [1]
    assert freed(*held, asked=8, quotas=[EXECUTORS, SESSIONS]) == [2]
    assert freed(*held, Held(4, 4, is_own=False), asked=1, quotas=[TEAM]) == [1]


def test_one_that_is_enough_for_each_of_two_quotas_alone_is_not_for_both():
    quotas = [EXECUTORS, Bound("memory", 100, is_team=False, rule="team.quota.memory")]
    held = [Held(1, 14, 10, is_idle=True), Held(2, 2, 90, is_idle=True)]

    assert [one.id for one in way_out(quotas, Usage(tuple(held)), Footprint(14, 90))] == [1, 2]


def test_what_has_no_bound_finds_no_room():
    assert freed(idle(1, 16), asked=None) == []


def test_of_very_many_the_largest_are_taken_and_none_needlessly(monkeypatch):
    monkeypatch.setattr(ways, "MOST_TRIED", 0)

    assert freed(idle(1, 1, 9000), idle(2, 4, 60), idle(3, 6, 30), idle(4, 5, 10), asked=10) == [2, 3]
    assert freed(idle(1, 2, 9000), idle(2, 6, 60), idle(3, 6, 30), idle(4, 2, 10), asked=8) == [1, 2]


def test_one_that_two_later_ones_make_needless_is_left(monkeypatch):
    monkeypatch.setattr(ways, "MOST_TRIED", 0)
    quotas = [EXECUTORS, Bound("memory", 150, is_team=False, rule="team.quota.memory")]
    held = [Held(1, 9, 50, is_idle=True), Held(2, 10, 0, is_idle=True), Held(3, 0, 100, is_idle=True)]

    found = way_out(quotas, Usage(tuple(held)), Footprint(7, 100))

    assert [one.id for one in found] == [2, 3]


def test_of_very_many_this_notebooks_own_is_not_taken_first(monkeypatch):
    monkeypatch.setattr(ways, "MOST_TRIED", 0)

    assert freed(idle(1, 8, 9000, is_this=True), idle(2, 8, 1)) == [2]


def test_a_hundred_sessions_are_looked_through_in_no_time():
    held = [idle(number, 1, number) for number in range(100)]
    bound = Bound("executors", 100, is_team=False, rule="team.quota.executors")

    assert len(freed(*held, asked=40, quotas=[bound])) == 40
