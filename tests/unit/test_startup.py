from __future__ import annotations

from dataclasses import replace

import pytest

from livyguard.errors import EndpointUnreachable, LivyAnswer
from livyguard.hints.evidence import Case
from livyguard.sessions.model import Session
from livyguard.startup import clear_away, wait_until_up
from livyguard.testing import ENDPOINT, FakeClock, FakeStore, a_session

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

    failed, done = clear_away(store, 7), clear_away(store, 8)

    assert failed == (
        "Session 7 could not be deleted and may still hold resources: Livy answered 500: RPC channel is closed."
    )
    assert done == "Session 8 is deleted."
    assert sorted(store.listed) == [7]
