"""A lost session: the cause goes as far as the evidence, and says so where it ends."""

from __future__ import annotations

import pytest

from livyguard.hints.catalog.sessions_parts import duration
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read

NOW = 1_800_000_000.0
BARE = "\"Session '13' not found.\""
OBJECT = '{"msg":"Session \'13\' not found."}'


def gone(payload=OBJECT, **seen):
    error = f"Invalid status code '404' from http://livy:8998/sessions/13 with error payload: {payload}"
    return diagnose(Case(error=error, **{"session_id": 13, "now": NOW, **seen}))[0]


@pytest.mark.parametrize("payload", [BARE, OBJECT, '{"msg":"Session 13 already stopped."}'])
def test_every_shape_of_livys_answer_is_recognised(payload):
    hint = gone(payload)

    assert hint.code == "LG101"
    assert hint.title == "Livy no longer knows session 13 of this notebook"
    assert hint.evidence[0].source == "Livy's answer"


@pytest.mark.parametrize(
    "text",
    [
        "Session '13' not found",
        "\"Session '13' not found\"\n",
        "An error was encountered:\nSession '13' not found",
        "My notebook says: Session '13' not found\nPlease help",
    ],
)
def test_livys_words_are_known_without_their_full_stop(text):
    (hint,) = diagnose(read(text))

    assert hint.code == "LG101"


@pytest.mark.parametrize(
    "text",
    [
        "KeyError: \"Session '5' not found\"",
        "sqlalchemy.exc.InvalidRequestError: Session '13' not found",
        "werkzeug.exceptions.NotFound: 404 Not Found: Session '12' not found",
    ],
)
def test_another_programs_sessions_are_its_own(text):
    assert diagnose(read(text)) == []


def test_without_evidence_every_possible_cause_is_named():
    cause = gone().cause

    for possibility in ("idle", "one statement ran longer", "deleted it", "ended", "restarted", "another Livy"):
        assert possibility in cause


def test_an_hour_without_a_statement_is_the_idle_time_out():
    hint = gone(last_statement=NOW - 4000, last_state="idle", last_seen=NOW - 60)

    assert hint.code == "LG102"
    assert "1 hour and 6 minutes" in hint.cause
    assert [fact.text for fact in hint.evidence[1:]] == [
        "last seen idle, 1 minute ago",
        "last statement ended 1 hour and 6 minutes ago",
    ]


def test_a_session_that_never_ran_a_statement_is_counted_from_its_creation():
    hint = gone(created=NOW - 4000)

    assert hint.code == "LG102"
    assert "no statement; created 1 hour and 6 minutes ago" in [fact.text for fact in hint.evidence]


def test_a_statement_that_ran_for_an_hour_is_the_busy_time_out_and_the_operator_learns_the_setting():
    hint = gone(last_statement=NOW - 3700, is_busy=True)

    assert hint.code == "LG103"
    assert any("skip-busy" in (fix.command or "") for fix in hint.fixes)


@pytest.mark.parametrize("is_busy", [True, False])
def test_a_session_lost_soon_after_its_last_use_was_taken_away(is_busy):
    hint = gone(last_statement=NOW - 45, is_busy=is_busy)

    assert hint.code == "LG106"
    assert "45 seconds ago" in hint.cause


def test_a_shorter_time_out_of_this_livy_moves_the_line():
    assert gone(last_statement=NOW - 700, session_timeout=600).code == "LG102"
    assert gone(last_statement=NOW - 700, session_timeout=3600).code == "LG106"


@pytest.mark.parametrize(
    ("state", "code"), [("dead", "LG105"), ("error", "LG105"), ("success", "LG111"), ("killed", "LG113")]
)
def test_a_session_that_was_seen_ending_had_ended_whatever_the_clocks_say(state, code):
    hint = gone(last_state=state, last_statement=NOW - 9999, heartbeat_seconds=60, last_seen=NOW - 999)

    assert hint.code == code
    assert f"last seen {state}, 16 minutes ago" in [fact.text for fact in hint.evidence]


def test_an_application_that_failed_had_ended_by_itself():
    hint = gone(app_state="FAILED", last_statement=NOW - 9999)

    assert hint.code == "LG105"
    assert "YARN says that its application failed" in hint.cause


def test_a_session_that_is_listed_and_not_active_has_a_log_to_read():
    error = "Invalid status code '400' from http://h/sessions/7/statements with error payload: "
    hint = diagnose(Case(error + '"requirement failed: Session isn\'t active."', session_id=7, last_state="dead"))[0]

    assert hint.code == "LG114"
    assert hint.title == "Session 7 has ended; Livy still lists it"
    assert "last saw it dead" in hint.cause
    assert "%%logs\n " in [fix.cell for fix in hint.fixes]


def test_whoever_ends_such_a_session_in_yarn_is_the_better_explanation():
    error = '"requirement failed: Session isn\'t active."'
    killed = "Application application_1700000000000_0001 was killed by user bob at 10.0.0.5"

    assert [hint.code for hint in diagnose(Case(error, resource_manager=(killed,)))] == ["LG212"]


def test_a_number_that_belongs_to_another_application_proves_a_restart_even_without_a_404():
    hint = diagnose(Case(session_id=3, app_id="application_1_0005", found_app_id="application_2_0001"))[0]

    assert hint.code == "LG104"
    assert "session 3" in hint.title
    assert "it ran as application_1_0005; its number is now application_2_0001" in hint.evidence[0].text


def test_a_number_that_provably_belongs_to_another_is_a_restart_where_livy_tells_no_applications():
    hint = diagnose(Case(session_id=3, is_another=True, listed_ids=frozenset({3})))[0]

    assert hint.code == "LG104"
    assert "session 3" in hint.title
    assert hint.evidence[0].text == "the session with its number now is not the one that was created here"


def test_the_same_application_under_the_number_is_no_failure():
    assert diagnose(Case(session_id=3, app_id="application_1_0005", found_app_id="application_1_0005")) == []


@pytest.mark.parametrize("listed", [frozenset({0, 1}), frozenset()])
def test_a_number_above_all_listed_ones_makes_a_restart_possible_and_never_certain(listed):
    hint = gone(listed_ids=listed, last_statement=NOW - 45)

    assert hint.code == "LG106"
    assert "A restart of Livy fits as well" in hint.cause


def test_higher_numbers_in_the_listing_rule_the_restart_out():
    hint = gone(listed_ids=frozenset({0, 14}), last_statement=NOW - 45)

    assert "A restart of Livy fits as well" not in hint.cause
    assert "numbers listed now: 0, 14" in [fact.text for fact in hint.evidence]


def test_an_id_unknown_to_the_caller_is_read_from_livys_words():
    assert "session 13" in gone(session_id=None).title
    assert "the session of" in diagnose(Case(app_id="a", found_app_id="b"))[0].title


def test_durations_are_words():
    assert duration(0.2) == "a moment"
    assert duration(5) == "5 seconds"
    assert duration(61) == "1 minute"
    assert duration(3600 * 26) == "1 day and 2 hours"
