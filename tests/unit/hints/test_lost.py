"""The causes behind one 404 are told apart by what this notebook and this machine's ledger have seen."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case

NOW = 1_800_000_000.0
HOUR = 3600.0
ERROR = "Invalid status code '404' from http://livy:8998/sessions/13 with error payload: \"Session '13' not found.\""


def gone(**seen):
    (hint,) = diagnose(Case(ERROR, **{"session_id": 13, "now": NOW, **seen}))
    return hint


def texts(hint):
    return [fact.text for fact in hint.evidence]


def test_a_gap_longer_than_the_heartbeat_is_the_cause():
    hint = gone(heartbeat_seconds=60, last_seen=NOW - 600, last_statement=NOW - 700)

    assert hint.code == "LG108"
    assert "for 10 minutes, and its heartbeat allows 1 minute" in hint.cause
    assert "heartbeatTimeoutInSecond of the session: 60" in texts(hint)
    assert any("livy_server_heartbeat_timeout_seconds" in (fix.command or "") for fix in hint.fixes)


@pytest.mark.parametrize("heartbeat", [0, None, 900])
def test_a_heartbeat_that_is_off_unknown_or_patient_is_not(heartbeat):
    assert gone(heartbeat_seconds=heartbeat, last_seen=NOW - 600, last_statement=NOW - 700).code == "LG106"


def test_livys_own_log_names_the_heartbeat():
    expired = "26/11/21 08:45:16 INFO InteractiveSessionManager: Session {} expired. Last heartbeat is at Some(x)."

    assert [hint.code for hint in diagnose(Case(ERROR, log=(expired.format(13),)))] == ["LG108"]
    assert [hint.code for hint in diagnose(Case(log=(expired.format(13),)))] == ["LG108"]
    assert [hint.code for hint in diagnose(Case(ERROR, log=(expired.format(4),)))] == ["LG101"]


def test_livys_own_log_names_the_idle_time_out_of_the_session_that_is_asked_for():
    deleted = "INFO InteractiveSessionManager: Deleting InteractiveSession {} because it was inactive for more than {}."
    log = (deleted.format(4, "3600.0 secs"), deleted.format(13, "3600.0 secs"))

    (hint,) = diagnose(Case(ERROR, log=log))

    assert hint.code == "LG102"
    assert "Livy's own log says so" in hint.cause
    assert [one.code for one in diagnose(Case(ERROR, log=log[:1]))] == ["LG101"]
    assert diagnose(Case(log=log)) == []


def test_the_clock_that_ran_out_first_is_the_cause():
    slept = {"heartbeat_seconds": 60, "last_seen": NOW - 2 * HOUR, "created": NOW - 5 * HOUR}

    assert gone(**slept, last_statement=NOW - 2.1 * HOUR).code == "LG108"
    assert gone(**{**slept, "last_seen": NOW - 120}, last_statement=NOW - 2.1 * HOUR).code == "LG102"
    assert gone(**slept, last_statement=NOW - 2.1 * HOUR, ttl_seconds=2 * HOUR).code == "LG109"


def test_a_session_older_than_its_ttl_is_ended_busy_or_not():
    hint = gone(created=NOW - 8 * HOUR, ttl_seconds=8 * HOUR, last_statement=NOW - 5, is_busy=True, last_seen=NOW - 5)

    assert hint.code == "LG109"
    assert "created 8 hours before, and its ttl is 8 hours" in hint.cause
    assert "ttl of the session: 8 hours" in texts(hint)
    assert gone(created=NOW - HOUR, ttl_seconds=8 * HOUR, last_statement=NOW - 5).code == "LG106"


def test_what_counts_is_when_it_was_missed_first_not_when_somebody_came_back():
    hint = gone(last_statement=NOW - 3 * HOUR, last_seen=NOW - 2.9 * HOUR, missed=NOW - 2.89 * HOUR)

    assert hint.code == "LG106"
    assert "before it was missed" in hint.cause
    assert "missed for the first time 2 hours and 53 minutes ago" in texts(hint)
    assert gone(last_statement=NOW - 3 * HOUR, last_seen=NOW - 2 * HOUR, missed=NOW - 1.9 * HOUR).code == "LG102"


def test_a_session_that_is_listed_and_denied_is_behind_several_livys():
    hint = gone(answers_again=True, listed_ids=frozenset({13}), last_statement=NOW - 2 * HOUR)

    assert hint.code == "LG110"
    assert "several Livys stand behind it" in hint.cause
    assert [(fix.cell, fix.applicability) for fix in hint.fixes[:2]] == [
        ("%livy_sessions --mine", "safe"),
        ("%livy_recover", "review"),
    ]
    assert "lost session" not in hint.fixes[1].label


@pytest.mark.parametrize(
    ("error", "seen"),
    [
        (ERROR, {"is_another": True}),
        ("Invalid status code '400' from http://h/sessions/13: requirement failed: Session isn't active.", {}),
    ],
)
def test_that_it_was_denied_in_between_is_told_only_where_that_is_the_cause(error, seen):
    (hint,) = diagnose(Case(error, session_id=13, now=NOW, answers_again=True, **seen))

    assert hint.code in {"LG104", "LG114"}
    assert "the same address answered for the session, and denied it" not in texts(hint)


def away(**seen):
    before = {"last_seen": NOW - 300, "silent": NOW - 60, "silence": "refused the connection", "created": NOW - 600}
    return gone(**{**before, **seen})


def test_a_livy_that_was_away_before_the_loss_is_the_likeliest_cause():
    hint = away(listed_ids=frozenset({0}))

    assert hint.code == "LG106"
    assert hint.cause.startswith(
        "Livy itself was away between the last sight of it and its loss (refused the connection)"
    )
    assert "restarted without recovery" in hint.cause
    assert "That fits its listing: every number that Livy lists now is lower" in hint.cause
    assert "Else somebody or some tool deleted it" in hint.cause
    assert "Livy did not answer 1 minute ago (refused the connection); it was not seen since" in texts(hint)
    assert ("livy.server.recovery.mode = recovery", "manual") in [
        (fix.command, fix.applicability) for fix in hint.fixes
    ]


def test_a_heartbeat_that_livy_was_not_there_to_hear_is_no_cause():
    assert away(heartbeat_seconds=60).code == "LG106"
    assert away(heartbeat_seconds=60, silent=None).code == "LG108"


def test_of_a_session_that_another_made_the_outage_is_named_first_too():
    hint = away(created=None)

    assert hint.code == "LG101"
    assert hint.cause.startswith("Livy itself was away")
    assert away(created=None, silent=None).cause.startswith("Livy keeps no record of why.")


@pytest.mark.parametrize(
    "seen",
    [
        {"silent": NOW - 400},
        {"silent": NOW - 60, "missed": NOW - 100},
        {"listed_ids": frozenset({0, 14})},
        {"now": None},
    ],
)
def test_an_outage_at_another_time_or_one_that_livy_came_back_from_whole_is_none(seen):
    hint = away(**seen)

    assert "Livy itself was away" not in hint.cause
    assert not any("did not answer" in text for text in texts(hint))


def test_a_session_of_another_address_is_looked_for_where_it_was_created():
    hint = gone(noted_endpoint="http://livy-a:8998", endpoint="http://livy-b:8998")

    assert hint.code == "LG110"
    assert "created at http://livy-a:8998, and was looked for at http://livy-b:8998" in hint.cause
    assert "created at http://livy-a:8998" in texts(hint)


def test_a_release_on_this_machine_is_told_as_such():
    hint = gone(is_struck_out=True, last_statement=NOW - 2 * HOUR)

    assert hint.code == "LG106"
    assert "%livy_release" in hint.cause
    assert "its entry was struck out since this notebook wrote it" in texts(hint)


def test_a_lower_number_that_came_later_proves_a_restart():
    hint = gone(is_renumbered=True, last_statement=NOW - 5)

    assert hint.code == "LG104"
    assert "a session that was created here later has a lower number" in hint.cause
    assert "a session created later has a lower number" in texts(hint)


@pytest.mark.parametrize(
    ("listed", "noted", "code"),
    [
        (frozenset({0, 1}), frozenset(), "LG112"),
        (frozenset(), frozenset({4}), "LG112"),
        (frozenset({0, 14}), frozenset(), "LG101"),
        (frozenset({0}), frozenset({14}), "LG101"),
        (None, frozenset({4}), "LG101"),
    ],
)
def test_a_number_beyond_all_that_nobody_here_ever_saw_never_was(listed, noted, code):
    assert gone(was_known=False, listed_ids=listed, noted_ids=noted).code == code


def test_a_number_that_was_seen_here_was():
    assert gone(was_known=True, listed_ids=frozenset({0}), noted_ids=frozenset()).code == "LG101"


def test_what_never_was_is_told_with_what_there_is():
    hint = gone(was_known=False, listed_ids=frozenset({0, 1}), noted_ids=frozenset({1}))

    assert hint.title == "Livy has no session 13, and nobody here has ever seen one"
    assert "numbers of this endpoint: 1" in texts(hint)
    assert "numbers of this endpoint: none" in texts(
        gone(was_known=False, listed_ids=frozenset(), noted_ids=frozenset())
    )


def test_a_heartbeat_that_is_known_is_no_guess_any_more():
    assert "a heartbeat that stopped" in gone(last_statement=NOW - 45).cause
    assert "a heartbeat that stopped" not in gone(last_statement=NOW - 45, heartbeat_seconds=0).cause


@pytest.mark.parametrize(("state", "code"), [("success", "LG111"), ("killed", "LG113")])
@pytest.mark.parametrize("words", ["unexpectedly reached final status '{}'. See logs:", "ended in state {}."])
def test_a_session_that_is_seen_ending_is_told_by_its_state(state, code, words):
    (hint,) = diagnose(Case(f"Session 7 {words.format(state)}", session_id=7))

    assert hint.code == code
    assert hint.title.startswith("Session 7 ")


def test_who_killed_a_session_that_is_gone_is_named_where_yarn_names_them():
    killed = "Application application_1700000000000_0001 was killed by user bob at 10.0.0.5"

    codes = [hint.code for hint in diagnose(Case(ERROR, session_id=13, now=NOW, last_state="killed", log=(killed,)))]

    assert codes == ["LG212"]
