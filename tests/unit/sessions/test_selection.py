"""The table "What %livy_release may do", cell by cell."""

from dataclasses import replace

import pytest

from livyguard.sessions.ownership import ownership
from livyguard.sessions.rows import SessionRow
from livyguard.sessions.selection import Refuse, Release, Skip, changed, phase_of, verdict
from livyguard.testing import a_session, an_entry

TAG = "livyguard-0badcafe"
OWNERS = {"mine": "alice", "somebody's": "bob", "unknown": None}


def row(whose, state):
    session = a_session(7, state, login=OWNERS[whose])
    return SessionRow(session, ownership(session, "alice", []))


BULK = {"asked_by_id": False}
BY_ID = {"asked_by_id": True}
FORCED = {"asked_by_id": True, "force": True}
BULK_FORCED = {"asked_by_id": False, "force": True}


@pytest.mark.parametrize(
    ("whose", "state", "how", "kind"),
    [
        ("mine", "idle", BULK, Release),
        ("mine", "idle", BY_ID, Release),
        ("mine", "idle", FORCED, Release),
        ("mine", "busy", BULK, Skip),
        ("mine", "busy", BULK_FORCED, Skip),
        ("mine", "busy", BY_ID, Refuse),
        ("mine", "busy", FORCED, Release),
        ("mine", "starting", BULK, Skip),
        ("mine", "starting", BULK_FORCED, Skip),
        ("mine", "starting", BY_ID, Release),
        ("mine", "starting", FORCED, Release),
        ("mine", "error", BULK, Release),
        ("mine", "dead", FORCED, Skip),
        ("somebody's", "idle", BULK, Refuse),
        ("somebody's", "idle", BY_ID, Refuse),
        ("somebody's", "idle", FORCED, Refuse),
        ("somebody's", "busy", BY_ID, Refuse),
        ("somebody's", "busy", FORCED, Refuse),
        ("somebody's", "starting", BY_ID, Refuse),
        ("somebody's", "starting", FORCED, Refuse),
        ("somebody's", "error", FORCED, Refuse),
        ("somebody's", "killed", FORCED, Skip),
        ("unknown", "idle", BULK, Skip),
        ("unknown", "idle", BULK_FORCED, Skip),
        ("unknown", "idle", BY_ID, Refuse),
        ("unknown", "idle", FORCED, Release),
        ("unknown", "busy", BULK, Refuse),
        ("unknown", "busy", BY_ID, Refuse),
        ("unknown", "busy", FORCED, Refuse),
        ("unknown", "starting", BY_ID, Refuse),
        ("unknown", "starting", FORCED, Refuse),
    ],
)
def test_what_may_be_released(whose, state, how, kind):
    assert isinstance(verdict(row(whose, state), **how), kind)


OF_OTHERS = {"asked_by_id": False, "for_others": True}


@pytest.mark.parametrize(
    ("whose", "state", "how", "kind"),
    [
        ("somebody's", "idle", OF_OTHERS, Release),
        ("unknown", "idle", OF_OTHERS, Release),
        ("somebody's", "busy", OF_OTHERS, Skip),
        ("somebody's", "starting", OF_OTHERS, Skip),
        ("somebody's", "idle", FORCED, Release),
        ("somebody's", "busy", FORCED, Release),
        ("somebody's", "starting", FORCED, Release),
        ("unknown", "busy", FORCED, Release),
        ("somebody's", "idle", BY_ID, Refuse),
    ],
)
def test_what_an_operator_may_release(whose, state, how, kind):
    assert isinstance(verdict(row(whose, state), is_operator=True, **how), kind)


def test_whoever_is_no_operator_gains_nothing_by_asking_for_others():
    assert isinstance(verdict(row("somebody's", "idle"), force=True, **OF_OTHERS), Refuse)


def test_a_refusal_names_the_owner():
    assert verdict(row("somebody's", "idle"), asked_by_id=True) == Refuse("it is bob's")


def test_an_operator_is_told_of_force():
    assert verdict(row("somebody's", "idle"), asked_by_id=True, is_operator=True) == Refuse(
        "it is bob's; an operator adds --force"
    )


def test_a_busy_session_of_mine_says_what_force_costs():
    assert verdict(row("mine", "busy"), asked_by_id=True) == Refuse(
        "it is busy; --force frees it nevertheless, and what runs in it is lost"
    )
    assert verdict(row("mine", "busy"), **FORCED) == Release("it was busy: the running statement is lost")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "Livy names no owner, and this machine has no record of creating it"),
        ({"login": "hadoop"}, "hadoop is a shared account, and this machine has no record of creating it"),
        (
            {"proxy_user": "alice"},
            "Livy logs nobody in, so alice may be anybody, and this machine has no record of creating it",
        ),
        (
            {"tags": frozenset({"livyguard-user-bob"})},
            "a tag claims that it is bob's, and tags can be written by anybody",
        ),
    ],
)
def test_an_unknown_owner_is_told_with_the_reason(fields, reason):
    session = a_session(7, **fields)

    judged = verdict(SessionRow(session, ownership(session, "alice", [])), asked_by_id=True)

    assert judged == Refuse(f"nothing proves whose it is: {reason}; --force frees it nevertheless")


@pytest.mark.parametrize(
    ("fields", "entries", "what"),
    [
        ({"login": "alice"}, [], "its application"),
        ({"tags": frozenset({TAG})}, [an_entry(7, TAG)], f"its application with the tag {TAG}"),
        ({"login": "alice", "app_id": "application_1"}, [], "its application application_1"),
    ],
)
def test_a_starting_session_may_leave_its_application_in_the_queue(fields, entries, what):
    session = a_session(7, "starting", **fields)

    judged = verdict(SessionRow(session, ownership(session, "alice", entries)), asked_by_id=True)

    assert judged == Release(f"it was starting: {what} may stay in the queue for a while")


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        ("idle", "idle"),
        ("error", "idle"),
        ("busy", "busy"),
        ("running", "busy"),
        ("a vendor's word", "busy"),
        ("not_started", "starting"),
        ("recovering", "starting"),
        ("shutting_down", "ended"),
        ("success", "ended"),
    ],
)
def test_a_state_that_is_not_known_counts_as_busy(state, phase):
    assert phase_of(state) == phase


BEFORE = a_session(7, "idle", login="alice", app_id="application_1", tags=frozenset({TAG}))


@pytest.mark.parametrize(
    ("now", "answer"),
    [
        (BEFORE, False),
        (replace(BEFORE, state="busy"), False),
        (replace(BEFORE, login="bob"), True),
        (replace(BEFORE, proxy_user="bob"), True),
        (replace(BEFORE, app_id="application_2"), True),
        (replace(BEFORE, app_id=None), True),
        (replace(BEFORE, tags=frozenset({"livyguard-11111111"})), True),
        (replace(BEFORE, kind="spark"), True),
    ],
)
def test_a_number_may_mean_another_session_a_moment_later(now, answer):
    assert changed(BEFORE, now) is answer


def test_an_application_that_becomes_known_is_the_same_session():
    assert not changed(replace(BEFORE, app_id=None), BEFORE)
