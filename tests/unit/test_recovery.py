from __future__ import annotations

import pytest

from livyguard.applications import Applications
from livyguard.errors import EndpointUnreachable, LivyAnswer
from livyguard.ports import NotebookSession
from livyguard.recovery import recover
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeStore, FakeYarn, a_session, an_application, an_entry


class FakeNotebook:
    """A notebook that uses some sessions and may have failed to start one."""

    def __init__(self, *sessions: NotebookSession, failed: str | None = None) -> None:
        self.held = list(sessions)
        self.failed = failed

    def sessions(self) -> list[NotebookSession]:
        return list(self.held)

    def stores(self) -> list[FakeStore]:
        return []

    def failed_start(self) -> str | None:
        return self.failed

    def forget(self, session: NotebookSession) -> None:
        self.held.remove(session)

    def forget_failed_start(self) -> None:
        self.failed = None


def a_notebook(store: FakeStore, *, failed: str | None = None) -> FakeNotebook:
    return FakeNotebook(NotebookSession("session_name", 7, store), failed=failed)


def test_a_session_that_livy_no_longer_knows_is_forgotten() -> None:
    notebook = a_notebook(FakeStore.of())

    done = recover(notebook)

    assert [(one.session_id, one.outcome) for one in done.sessions] == [(7, "forgotten")]
    assert notebook.held == []
    assert done.is_needed


def test_what_is_forgotten_keeps_its_name_and_what_starts_it_again() -> None:
    session = NotebookSession("one", 7, FakeStore.of(), again="%spark add -s one …")

    (one,) = recover(FakeNotebook(session)).sessions

    assert (one.name, one.again) == ("one", "%spark add -s one …")


@pytest.mark.parametrize("state", ["idle", "busy", "starting", "recovering"])
def test_a_session_that_is_alive_stays(state: str) -> None:
    store = FakeStore.of(a_session(7, state))
    notebook = a_notebook(store)

    done = recover(notebook)

    assert done.sessions[0].outcome == "alive"
    assert not done.is_needed
    assert len(notebook.held) == 1
    assert 7 in store.listed


@pytest.mark.parametrize("tells_times", [True, False])  # False: Livy 0.5 or 0.6, whose statements nobody else asks for
@pytest.mark.parametrize(("said", "outcome"), [("RPC channel is closed.", "forgotten"), ("no time", "alive")])
def test_a_session_is_forgotten_that_livy_calls_idle_and_cannot_reach_any_more(
    said: str, outcome: str, tells_times: bool
) -> None:
    fault = LivyAnswer(500, f"java.lang.IllegalStateException: {said}", url=f"{ENDPOINT}/sessions/7/statements")
    store = FakeStore.of(a_session(7, "idle"), faults={"last_statement": [fault]}, tells_times=tells_times)

    done = recover(a_notebook(store))

    assert done.sessions[0].outcome == outcome
    assert (7 in store.listed) == (outcome == "alive")


def test_a_session_that_starts_is_asked_for_no_statement_which_livy_would_not_answer() -> None:
    store = FakeStore.of(a_session(7, "starting"))

    recover(a_notebook(store))

    assert [name for name, _ in store.calls] == ["session"]


@pytest.mark.parametrize("state", ["error", "dead", "killed", "shutting_down"])
def test_what_is_left_of_an_ended_session_is_deleted_before_it_is_forgotten(state: str) -> None:
    store = FakeStore.of(a_session(7, state))
    notebook = a_notebook(store)

    done = recover(notebook)

    assert done.sessions[0].outcome == "forgotten"
    assert 7 not in store.listed
    assert notebook.held == []


def test_a_session_that_cannot_be_deleted_is_forgotten_and_the_failure_told() -> None:
    refusal = LivyAnswer(500, "RPC channel is closed.", url=f"{ENDPOINT}/sessions/7")
    store = FakeStore.of(a_session(7, "error"), faults={"delete": [refusal]})
    notebook = a_notebook(store)

    done = recover(notebook)

    assert "RPC channel is closed." in done.sessions[0].reason
    assert notebook.held == []


def test_while_livy_is_down_the_session_is_kept() -> None:
    down = EndpointUnreachable("Livy refuses the connection.", ENDPOINT)
    notebook = a_notebook(FakeStore.of(a_session(7), faults={"session": [down]}))

    done = recover(notebook)

    assert done.sessions[0].outcome == "unknown"
    assert "refuses the connection" in done.sessions[0].reason
    assert len(notebook.held) == 1
    assert done.is_needed


def test_a_failed_start_is_forgotten_so_that_the_next_cell_tries_again() -> None:
    notebook = FakeNotebook(failed="The code failed because of a fatal error")

    done = recover(notebook)

    assert done.failed_start == "The code failed because of a fatal error"
    assert notebook.failed is None
    assert done.is_needed


def test_a_notebook_without_a_session_has_nothing_to_recover_from() -> None:
    done = recover(FakeNotebook())

    assert done.sessions == ()
    assert not done.is_needed


def test_a_number_that_livy_gave_to_somebody_else_is_forgotten_and_that_session_left_alone() -> None:
    theirs = a_session(7, "idle", login="bob", app_id="application_2_0001")
    store = FakeStore.of(theirs)
    ours = an_entry(7, app_id="application_1_0008")
    notebook = FakeNotebook(NotebookSession("session_name", 7, store, ours))

    done = recover(notebook)

    assert done.sessions[0].outcome == "forgotten"
    assert "left alone" in done.sessions[0].reason
    assert notebook.held == []
    assert 7 in store.listed


APP = "application_1700000000000_0001"


def recovered(store: FakeStore, yarn: FakeYarn, *, is_ours: bool = True) -> str:
    """Recover a notebook that used session 7; return what was said of it."""
    entry = an_entry(7) if is_ours else None
    notebook = FakeNotebook(NotebookSession("session_name", 7, store, entry))
    done = recover(notebook, Applications(yarn, FakeLedger([an_entry(7)]), FakeClock()))
    assert notebook.held == []
    return done.sessions[0].reason


@pytest.mark.parametrize("state", ["dead", "error"])
def test_what_a_dead_session_still_has_in_yarn_is_ended_with_it(state: str) -> None:
    yarn = FakeYarn.of(an_application())

    reason = recovered(FakeStore.of(a_session(7, state)), yarn)

    assert yarn.running[APP].state == "KILLED"
    assert reason.endswith(f"is deleted. Its application {APP} (ACCEPTED) was ended; YARN says KILLED.")


def test_what_waits_in_yarn_of_a_session_that_livy_has_forgotten_is_ended() -> None:
    yarn = FakeYarn.of(an_application())

    reason = recovered(FakeStore.of(), yarn)

    assert yarn.running[APP].state == "KILLED"
    assert reason == (f"Livy no longer knows session 7. Its application {APP} (ACCEPTED) was ended; YARN says KILLED.")


def test_what_runs_although_livy_does_not_know_it_is_told_and_left_alone() -> None:
    """Another Livy behind the same address may know it."""
    yarn = FakeYarn.of(an_application(state="RUNNING"))

    reason = recovered(FakeStore.of(), yarn)

    assert yarn.running[APP].state == "RUNNING"
    assert f"Its application {APP} still runs in YARN; `%livy_release 7 --force` ends it" in reason


@pytest.mark.parametrize("is_ours", [True, False])
def test_where_nothing_is_left_in_yarn_nothing_is_said_of_it(is_ours: bool) -> None:
    yarn = FakeYarn() if is_ours else FakeYarn.of(an_application())

    assert recovered(FakeStore.of(), yarn, is_ours=is_ours) == "Livy no longer knows session 7."
    assert yarn.asked("kill") == []


def test_without_a_resource_manager_a_dead_session_is_told_as_before() -> None:
    reason = recovered(FakeStore.of(a_session(7, "dead")), FakeYarn(is_configured=False))

    assert reason == "Session 7 had ended (dead); what was left of it is deleted."
