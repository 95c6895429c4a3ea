from __future__ import annotations

from dataclasses import replace

import pytest

from livyguard.applications import Applications
from livyguard.errors import EndpointUnreachable, LivyAnswer
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.sessions.model import Session
from livyguard.startup import clear_away, wait_until_up
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeStore, FakeYarn, a_session, an_application, an_entry

PATIENCE = 60.0


def becomes(state: str) -> object:
    """Let the session change its state after it was looked at."""

    def change(store: FakeStore) -> None:
        store.listed[7] = replace(store.listed[7], state=state)

    return change


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_a_session_that_comes_up_is_returned(state: str) -> None:
    store, clock = FakeStore.of(a_session(7, "starting")), FakeClock()
    store.after["session"] = becomes(state)

    result = wait_until_up(store, 7, clock, PATIENCE)

    assert isinstance(result, Session)
    assert result.state == state


@pytest.mark.parametrize("state", ["dead", "killed", "error", "shutting_down"])
def test_a_session_that_ends_instead_is_told_with_its_log(state: str) -> None:
    store, clock = FakeStore.of(a_session(7, "starting")), FakeClock()
    store.after["session"] = becomes(state)
    store.log_tail = lambda session_id, size=100: ["YARN Diagnostics: "]  # type: ignore[method-assign]

    result = wait_until_up(store, 7, clock, PATIENCE)

    assert isinstance(result, Case)
    assert result.error == f"Session 7 ended in state {state}."
    assert result.log == ("YARN Diagnostics: ",)


def test_patience_ends_and_is_part_of_the_evidence() -> None:
    store, clock = FakeStore.of(a_session(7, "starting")), FakeClock()
    began = clock.now()

    result = wait_until_up(store, 7, clock, PATIENCE)

    assert isinstance(result, Case)
    assert result.error == "Session 7 did not start up in 60 seconds."
    assert result.startup_seconds == PATIENCE
    assert clock.now() - began == pytest.approx(PATIENCE, abs=2.0)


def test_a_session_that_vanishes_while_starting_is_told() -> None:
    result = wait_until_up(FakeStore.of(), 7, FakeClock(), PATIENCE)

    assert isinstance(result, Case)
    assert "Session '7' not found." in result.error


def test_a_log_that_cannot_be_had_is_no_reason_to_fail() -> None:
    down = EndpointUnreachable("Livy refuses the connection.", ENDPOINT)
    store = FakeStore.of(a_session(7, "dead"), faults={"log_tail": [down]})

    result = wait_until_up(store, 7, FakeClock(), PATIENCE)

    assert isinstance(result, Case)
    assert result.log == ()


def test_clearing_away_says_what_became_of_the_session() -> None:
    store = FakeStore.of(a_session(7), a_session(8))
    store.faults["delete"] = [LivyAnswer(500, "RPC channel is closed.", url=f"{ENDPOINT}/sessions/7")]

    failed, done, gone = clear_away(store, 7), clear_away(store, 8), clear_away(store, 9)

    assert failed == (
        "Session 7 could not be deleted and may still hold resources: Livy answered 500: RPC channel is closed."
    )
    assert (done, gone) == ("Session 8 is deleted.", "Session 9 is gone.")
    assert sorted(store.listed) == [7]


AM_LIMIT = "Application is added to the scheduler and is not yet activated. Queue's AM resource limit exceeded."
ENTRY = an_entry(7)


def applications(yarn: FakeYarn, clock: FakeClock) -> Applications:
    return Applications(yarn, FakeLedger([ENTRY]), clock)


def test_yarns_reason_is_part_of_the_evidence_and_names_its_source() -> None:
    store, clock = FakeStore.of(a_session(7, "starting")), FakeClock()
    yarn = FakeYarn.of(an_application(queue="default", diagnostics=AM_LIMIT))

    case = wait_until_up(store, 7, clock, PATIENCE, entry=ENTRY, applications=applications(yarn, clock))

    assert isinstance(case, Case)
    assert (case.app_state, case.last_state) == ("ACCEPTED", "starting")
    (hint,) = diagnose(case)
    assert hint.code == "LG202"
    assert hint.evidence[0].source == "ResourceManager"
    assert hint.evidence[0].text == f"application_1700000000000_0001 ACCEPTED in queue default: {AM_LIMIT}"


def test_the_reason_outlives_livys_own_patience() -> None:
    """Livy kills the application after 90 seconds, and with it goes what it waited for."""
    store, clock = FakeStore.of(a_session(7, "starting")), FakeClock()
    yarn = FakeYarn.of(an_application(diagnostics=AM_LIMIT))

    def livy_gives_up(store: FakeStore) -> None:
        store.after["session"] = becomes("dead")
        yarn.running = {key: replace(one, state="KILLED", diagnostics="killed") for key, one in yarn.running.items()}

    store.after["session"] = lambda store: store.after.update(session=livy_gives_up)

    case = wait_until_up(store, 7, clock, PATIENCE, entry=ENTRY, applications=applications(yarn, clock))

    assert isinstance(case, Case)
    assert (case.app_state, case.last_state) == ("KILLED", "dead")
    assert [line.partition(": ")[2] for line in case.resource_manager] == [AM_LIMIT, "killed"]


def test_clearing_away_ends_the_application_too() -> None:
    store, yarn = FakeStore.of(a_session(7, "starting")), FakeYarn.of(an_application())

    told = clear_away(store, 7, ENTRY, applications(yarn, FakeClock()))

    assert told == (
        "Session 7 is deleted. Its application application_1700000000000_0001 (ACCEPTED) was ended; YARN says KILLED."
    )
    assert [one.state for one in yarn.running.values()] == ["KILLED"]


def test_the_application_of_a_session_that_livy_does_not_delete_is_left_alone() -> None:
    store, yarn = FakeStore.of(a_session(7, "starting")), FakeYarn.of(an_application())
    store.faults["delete"] = [LivyAnswer(500, "closed", url=f"{ENDPOINT}/sessions/7")]

    told = clear_away(store, 7, ENTRY, applications(yarn, FakeClock()))

    assert "could not be deleted" in told
    assert [one.state for one in yarn.running.values()] == ["ACCEPTED"]


@pytest.mark.parametrize(("state", "says"), [("starting", True), ("dead", False)])
def test_where_yarn_cannot_be_asked_only_a_start_leaves_something_to_say(state: str, says: bool) -> None:
    store, yarn = FakeStore.of(a_session(7, state)), FakeYarn(is_configured=False, manager_is_yarn=True)

    told = clear_away(store, 7, ENTRY, applications(yarn, FakeClock()), last_state=state)

    assert ("resource_manager" in told) == says
    assert told.startswith("Session 7 is deleted.")
