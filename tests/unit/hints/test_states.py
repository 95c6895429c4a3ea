"""A session that Livy lists and that takes no code: which of the reasons."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read

IDLE = "Session 7 did not reach idle status in time. Current status is {}."
NOW = 1_800_000_000.0
NOT_ACTIVE = '{"msg":"requirement failed: Session isn\'t active."}'
NOT_FOUND = '{"msg":"Session \'7\' not found."}'
STATE = '"java.lang.IllegalStateException: Session is in state {}"'


def codes(text):
    return [hint.code for hint in diagnose(read(text))]


@pytest.mark.parametrize("words", [IDLE, STATE])
@pytest.mark.parametrize(("state", "code"), [("shutting_down", "LG115"), ("recovering", "LG117")])
def test_each_state_in_between_has_its_hint(words, state, code):
    assert codes(words.format(state)) == [code]


@pytest.mark.parametrize("state", ["busy", "starting", "not_started"])
def test_a_session_that_works_is_no_failure(state):
    assert codes(IDLE.format(state)) == []
    assert codes(STATE.format(state)) == []


def test_a_session_that_comes_back_is_waited_for_and_one_that_cannot_is_not():
    (coming,) = diagnose(Case(IDLE.format("recovering"), session_id=7))
    (gone,) = diagnose(
        Case("", log=("Cannot recover interactive session 7 because its RSCDriver URI is unknown.",), session_id=7)
    )

    assert coming.severity == "warning"
    assert coming.fixes[0].cell == "%livy_sessions --mine"
    assert gone.title == "Livy could not recover session 7"
    assert gone.fixes[0].cell == "%livy_recover"


def test_a_channel_that_closed_is_livys_own_alone():
    closed = "java.nio.channels.ClosedChannelException"

    assert codes('"java.lang.IllegalStateException: RPC channel is closed."') == ["LG116"]
    assert codes(f"Invalid status code '500' from http://h/sessions/7 with error payload: \"{closed}\"") == ["LG116"]
    assert codes(f"26/11/21 WARN TransportChannelHandler: {closed}") == []


def test_a_driver_that_is_gone_for_good_is_told_by_what_is_known_of_it():
    lost = "Session 7 unexpectedly reached final status 'dead'. See logs:"

    assert codes(f"{lost}\njava.lang.IllegalStateException: RPC channel is closed.") == ["LG116"]
    assert [hint.title for hint in diagnose(Case("RPC channel is closed."))] == ["The session has lost its driver"]


def test_a_remote_context_that_ends_is_a_session_on_its_way_out():
    assert codes("java.lang.IllegalStateException: Remote context is shutting down.") == ["LG115"]


def test_the_state_that_was_seen_last_is_told_where_it_explains_something():
    text = '"requirement failed: Session isn\'t active."'

    assert "last saw it killed" in diagnose(Case(text, last_state="killed"))[0].cause
    assert "last saw it" not in diagnose(Case(text, last_state="idle"))[0].cause


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        ({"last_statement": NOW - 4000, "is_busy": True}, "LG103"),
        ({"created": NOW - 700, "last_statement": NOW - 30, "is_busy": True, "ttl_seconds": 600}, "LG109"),
        ({"last_statement": NOW - 4000, "is_busy": True, "is_struck_out": True}, "LG106"),
        ({"last_statement": NOW - 30, "is_busy": True}, "LG115"),
        ({"last_statement": NOW - 4000, "is_busy": True, "last_state": "busy"}, "LG114"),
    ],
)
def test_a_session_that_livy_is_just_deleting_is_told_by_why(seen, code):
    (hint,) = diagnose(Case(NOT_ACTIVE, session_id=7, now=NOW, **{"last_state": "shutting_down", **seen}))

    assert hint.code == code
    assert hint.evidence[0].source == "Livy's answer"
    assert "%livy_recover" in [fix.cell for fix in hint.fixes]


def test_a_session_that_livy_is_just_deleting_is_still_known_to_it():
    seen = {"session_id": 7, "now": NOW, "last_state": "shutting_down", "last_statement": NOW - 4000, "is_busy": True}

    assert diagnose(Case(NOT_ACTIVE, **seen))[0].title == "Livy is ending session 7 of this notebook"
    assert diagnose(Case(NOT_FOUND, **seen))[0].title == "Livy no longer knows session 7 of this notebook"
