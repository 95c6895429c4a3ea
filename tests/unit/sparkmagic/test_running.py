"""SparkMagic's own deletes: what Livy would leave in YARN of a session that has not come up goes with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from sparkmagic.livyclientlib.exceptions import HttpClientException, LivyUnexpectedStatusException

from livyguard.applications import Applications
from livyguard.errors import EndpointUnreachable, LockedOut, OutOfReach, SessionGone
from livyguard.journal import Journal
from livyguard.livy.wire import session_from
from livyguard.sparkmagic.endpoints import Endpoints
from livyguard.sparkmagic.route import on_route
from livyguard.sparkmagic.running import Running
from livyguard.sparkmagic.starting import Starting
from livyguard.testing import (
    ENDPOINT,
    FakeClock,
    FakeLedger,
    FakeStore,
    FakeYarn,
    RecordingDisplay,
    a_session,
    an_application,
    an_entry,
)

if TYPE_CHECKING:
    from livyguard.hints.model import Hint

TAG = "livyguard-0badcafe"


class Kernel:
    """A kernel whose session 7 is in some state, and SparkMagic's HTTP client with the guard in front of it."""

    def __init__(self, state: str, *, fails_cells: bool = True, **yarn: Any) -> None:
        self.store = FakeStore.of(a_session(7, state))
        self.yarn = FakeYarn.of(an_application(tag=TAG), **yarn)
        self.display, self.clock, ledger = RecordingDisplay(), FakeClock(), FakeLedger()
        journal = Journal(ledger, self.clock)
        journal.created(an_entry(7, TAG), self.store)
        endpoints = Endpoints(lambda _url, **_options: self.store, session_from)
        endpoints.store = lambda _client: self.store  # type: ignore[method-assign]
        applications = Applications(self.yarn, ledger, self.clock)
        self.starting = Starting(applications, self.clock, self.display, lambda _store: [])
        around = (
            self.clock,
            self.display,
            lambda: fails_cells,
            self.starting,
            lambda _url, number: f"\n\nRan: {number}.",
        )
        self.running = Running(endpoints, journal, applications, *around)
        self.entry = journal.entry(ENDPOINT, 7)
        self.endpoint = SimpleNamespace(url=ENDPOINT)

    def get_session(self, number: int) -> Any:
        """Read a session as SparkMagic's client does, the guard in front."""
        return self.running.get_session(self.answer, self, (number,), {})

    def delete(self) -> None:
        self.running.delete_session(self.store.delete, self, (7,), {})

    def answer(self, number: int) -> dict[str, Any]:
        if number not in self.store.listed:
            raise HttpClientException("Invalid status code '404'")
        conf = {"spark.yarn.tags": f"livyguard,{TAG}"}
        return {"id": number, "state": self.store.listed[number].state, "conf": conf}

    @property
    def states(self) -> list[str]:
        return [one.state for one in self.yarn.running.values()]


@pytest.mark.parametrize("state", ["starting", "not_started", "recovering", "dead", "shutting_down"])
def test_the_application_of_a_session_that_is_not_up_goes_with_it(state: str) -> None:
    kernel = Kernel(state)

    kernel.delete()

    assert kernel.store.listed == {}
    assert kernel.states == ["KILLED"]
    (notice,) = kernel.display.notices
    assert notice.startswith("Session 7 is deleted. Its application application_")
    assert notice.endswith("was ended; YARN says KILLED.")


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_the_application_of_a_session_that_is_up_is_livys_to_end(state: str) -> None:
    kernel = Kernel(state)

    kernel.delete()

    assert kernel.states == ["ACCEPTED"]
    assert kernel.yarn.calls == []
    assert kernel.display.notices == []


def test_a_session_that_is_gone_already_has_nothing_killed() -> None:
    """Another Livy behind the same address may know it."""
    kernel = Kernel("starting")
    kernel.store.listed.clear()

    kernel.delete()

    assert kernel.states == ["ACCEPTED"]


def test_a_session_that_livy_does_not_delete_keeps_its_application() -> None:
    kernel = Kernel("starting")

    def refuse(_number: int) -> None:
        raise HttpClientException("Invalid status code '500'")

    with pytest.raises(HttpClientException):
        kernel.running.delete_session(refuse, kernel, (7,), {})

    assert kernel.states == ["ACCEPTED"]


NOT_FOUND = (
    f"Invalid status code '404' from {ENDPOINT}/sessions/7 with error payload: {{\"msg\":\"Session '7' not found.\"}}"
)


def raising(text: str) -> Any:
    """Return a request that fails with SparkMagic's error."""

    def request(*_arguments: Any) -> None:
        raise HttpClientException(text)

    return request


def test_the_log_of_a_session_that_is_gone_is_told_like_any_other_loss() -> None:
    kernel = Kernel("idle")
    kernel.store.listed.clear()

    with pytest.raises(SessionGone, match="Session '7' not found"):
        kernel.running.get_all_session_logs(raising(NOT_FOUND), kernel, (7,), {})
    with on_route("starting"), pytest.raises(HttpClientException):
        kernel.running.get_all_session_logs(raising(NOT_FOUND), kernel, (7,), {})


@pytest.mark.parametrize(
    ("away", "how"),
    [
        (
            f"maximum retry encountered. {ENDPOINT} refuses the connection (after 1 s). Is Livy there?",
            "refuses the conn",
        ),
        (f"Invalid status code '502' from {ENDPOINT}/sessions/7 with error payload: <html>", "status 502"),
    ],
)
def test_a_livy_that_was_away_before_it_denied_a_session_was_restarted_most_likely(away: str, how: str) -> None:
    kernel = Kernel("idle")
    hints: list[Hint] = []
    kernel.display.failure = lambda text, found: hints.extend(found) or text  # type: ignore[method-assign, func-returns-value]
    kernel.get_session(7)
    kernel.running.post_statement(lambda *_: {"id": 0}, kernel, (7, {}), {})
    kernel.clock.sleep(90.0)

    with pytest.raises(OutOfReach) as told:
        kernel.running.post_statement(raising(away), kernel, (7, {}), {})
    kernel.store.listed.clear()
    kernel.clock.sleep(30.0)
    with pytest.raises(SessionGone):
        kernel.running.post_statement(raising(NOT_FOUND), kernel, (7, {}), {})

    assert "not touched" not in str(told.value)
    assert "?." not in str(told.value)
    assert hints[-1].code == "LG106"
    assert "Livy itself was away" in hints[-1].cause
    assert any(fact.text.startswith(f"Livy did not answer 30 seconds ago ({how}") for fact in hints[-1].evidence)


def test_after_a_statement_that_ended_a_miss_of_before_counts_no_more() -> None:
    kernel, ended = Kernel("idle"), {"id": 0, "state": "available", "output": {"status": "ok", "data": {}}}
    kernel.get_session(7)
    with pytest.raises(HttpClientException):
        kernel.running.get_session(raising(NOT_FOUND), kernel, (7,), {})
    kernel.get_session(7)
    kernel.running.get_statement(lambda *_: ended, kernel, (7, 0), {})
    hints: list[Hint] = []
    kernel.display.failure = lambda text, found: hints.extend(found) or text  # type: ignore[method-assign, func-returns-value]
    kernel.store.listed.clear()

    with pytest.raises(SessionGone):
        kernel.running.post_statement(raising(NOT_FOUND), kernel, (7, {}), {})

    assert hints[0].code != "LG110"


PREEMPTED = (
    "failed 1 times (global limit =2; local limit is =1) due to AM Container for appattempt_1700000000000_0001_000001 "
    "exited with  exitCode: -102\nFailing this attempt.Diagnostics: Container preempted by scheduler"
)


@pytest.mark.parametrize(("said", "code"), [(PREEMPTED, "LG213"), ("", "LG116")])
def test_what_became_of_a_driver_that_livy_has_lost_is_asked_of_yarn(said: str, code: str) -> None:
    kernel = Kernel("idle")
    kernel.yarn.running = {app.id: app for app in [an_application(tag=TAG, diagnostics=said)]}
    hints: list[Hint] = []
    kernel.display.failure = lambda text, found: hints.extend(found) or text  # type: ignore[method-assign, func-returns-value]
    closed = f"Invalid status code '500' from {ENDPOINT}/sessions/7 with error payload: \"RPC channel is closed.\""

    with pytest.raises(OutOfReach):
        kernel.running.post_statement(raising(closed), kernel, (7, {}), {})

    assert [hint.code for hint in hints] == [code]


def test_what_no_hint_knows_is_sparkmagics_to_tell_without_its_secrets() -> None:
    kernel = Kernel("idle")

    def refuse(*_: Any) -> None:
        raise HttpClientException("Invalid status code '500' from http://h/sessions/7 with error payload: token=abc123")

    with pytest.raises(HttpClientException, match="error payload: token=") as told:
        kernel.running.post_statement(refuse, kernel, (7, {}), {})

    assert "abc123" not in str(told.value)


def test_a_statement_that_ended_while_livy_wrote_it_is_read_again() -> None:
    """Livy's driver writes ``output`` first and ``state`` last."""
    kernel, output = Kernel("idle"), {"status": "ok", "execution_count": 0, "data": {"text/plain": "2"}}
    torn = {"id": 0, "state": "available", "output": None}
    answers = iter([{"id": 0, "state": "running", "output": None}, torn, {**torn, "output": output}])

    def ask(_session: int, _statement: int) -> dict[str, Any]:
        return kernel.running.get_statement(lambda *_: next(answers), kernel, (7, 0), {})

    assert ask(7, 0)["state"] == "running"
    assert ask(7, 0) == {"id": 0, "state": "available", "output": output}
    assert next(answers, None) is None


def test_a_cancelled_statement_has_no_output_to_wait_for() -> None:
    kernel, answers = Kernel("idle"), iter([{"id": 0, "state": "cancelled", "output": None}])

    answer = kernel.running.get_statement(lambda *_: next(answers), kernel, (7, 0), {})

    assert answer["state"] == "cancelled"


def test_of_a_dead_session_nothing_is_said_where_yarn_cannot_be_asked() -> None:
    dead, starting = Kernel("dead", is_configured=False), Kernel("starting", is_configured=False)

    dead.delete()
    starting.delete()

    assert dead.display.notices == []
    assert "If it runs on YARN" in starting.display.notices[0]


def test_while_a_session_starts_yarn_is_asked_what_it_waits_for() -> None:
    kernel = Kernel("starting")

    kernel.get_session(7)
    assert kernel.yarn.calls == []
    kernel.starting.begin(kernel.store, kernel.entry, {})
    with on_route("starting"):
        kernel.get_session(7)

    assert kernel.yarn.asked("tagged") == [TAG]


def test_what_a_heartbeat_reads_while_a_session_starts_is_no_look_and_shows_nothing() -> None:
    kernel = Kernel("starting")
    kernel.starting.begin(kernel.store, kernel.entry, {})

    with ThreadPoolExecutor(1) as heartbeat:
        heartbeat.submit(_while_starting, kernel).result()

    assert kernel.yarn.calls == []
    assert [start.said for start in kernel.display.starts] == [[]]


def test_a_session_that_comes_up_ends_the_watch_with_its_state() -> None:
    kernel = Kernel("starting")
    kernel.starting.begin(kernel.store, kernel.entry, {})

    for state in ("starting", "idle", "idle"):
        kernel.store.listed[7] = a_session(7, state)
        _while_starting(kernel)

    (shown,) = kernel.display.starts
    assert shown.ended is not None
    assert (len(shown.said), shown.ended.state, shown.ended.hint) == (1, "idle", None)


def _while_starting(kernel: Kernel) -> None:
    with on_route("starting"):
        kernel.get_session(7)


def test_a_session_that_is_up_is_not_asked_about() -> None:
    kernel = Kernel("idle")

    with on_route("starting"):
        kernel.get_session(7)

    assert kernel.yarn.calls == []


def test_why_yarn_ended_the_application_of_a_session_is_evidence() -> None:
    kernel = Kernel("dead")
    killed = "Application application_1700000000000_0001 was killed by user bob"
    kernel.yarn.running = {
        key: replace(one, state="KILLED", diagnostics=killed) for key, one in kernel.yarn.running.items()
    }
    hints: list[Hint] = []
    kernel.display.failure = lambda text, found: hints.extend(found) or text  # type: ignore[method-assign, func-returns-value]

    def wait() -> None:
        raise LivyUnexpectedStatusException("Session 7 unexpectedly reached final status 'dead'. See logs:")

    session = SimpleNamespace(http_client=kernel, id=7, status="dead")
    with pytest.raises(SessionGone):
        kernel.running.wait_for_idle(wait, session, (), {})

    (hint,) = hints
    assert hint.code == "LG212"
    assert [(fact.source, fact.text) for fact in hint.evidence] == [
        ("ResourceManager", f"application_1700000000000_0001 KILLED: {killed}")
    ]


@pytest.mark.parametrize(("fails_cells", "kind"), [(True, SessionGone), (False, HttpClientException)])
def test_what_had_run_in_a_session_that_is_gone_is_told_whether_or_not_its_cell_fails(
    fails_cells: bool, kind: type[Exception]
) -> None:
    kernel = Kernel("idle", fails_cells=fails_cells)

    def post(*_arguments: Any) -> None:
        url = f"{ENDPOINT}/sessions/7/statements"
        raise HttpClientException(f"Invalid status code '404' from {url} with error payload: {{}}")

    with pytest.raises(kind) as told:
        kernel.running.post_statement(post, kernel, (7, {"code": "1"}), {})

    assert str(told.value).startswith("Invalid status code '404'")
    assert str(told.value).endswith("\n\nRan: 7.")


class Reused(Kernel):
    """A kernel whose session 7 is gone, and whose number is another's."""

    def answer(self, number: int) -> dict[str, Any]:
        return {"id": number, "state": "idle", "owner": "bob", "appId": "application_1_0002", "conf": {"a": "b"}}


def test_a_number_that_is_anothers_by_now_is_neither_deleted_nor_are_its_logs_read() -> None:
    kernel, sent = Reused("idle"), []

    deleted = kernel.running.delete_session(sent.append, kernel, (7,), {})
    with pytest.raises(SessionGone) as told:
        kernel.running.get_all_session_logs(sent.append, kernel, (7,), {})

    assert deleted is None
    assert sent == []
    assert "LG104" in str(told.value)


def test_the_log_of_a_session_that_lives_is_sparkmagics_to_read() -> None:
    kernel = Kernel("idle")

    assert kernel.running.get_all_session_logs(lambda number: {"log": [str(number)]}, kernel, (7,), {}) == {
        "log": ["7"]
    }


def test_a_delete_that_nobody_answers_says_why_behind_sparkmagics_words() -> None:
    kernel, said = Kernel("idle"), f"maximum retry encountered. {ENDPOINT} refuses the connection (after 1 s). Is Livy?"

    with pytest.raises(HttpClientException) as told:
        kernel.running.delete_session(raising(said), kernel, (7,), {})

    assert str(told.value) == f"{said}\nLG604"


def test_a_statement_whose_log_in_is_no_longer_taken_says_that_the_session_stays() -> None:
    kernel = Kernel("idle")

    with pytest.raises(LockedOut, match=r"Session 7 and its variables are not touched\.") as told:
        kernel.running.get_statement(raising(f"Invalid status code '401' from {ENDPOINT}/x"), kernel, (7, 0), {})

    assert "LG6" in str(told.value)


def test_a_gateway_that_forbids_has_answered_so_the_session_stays_as_it_was() -> None:
    said = f"Invalid status code '403' from {ENDPOINT}/sessions/7/statements with error payload: "
    kernel = Kernel("idle")

    with pytest.raises(OutOfReach, match=r"Session 7 and its variables are not touched\.\nLG608"):
        kernel.running.post_statement(raising(said), kernel, (7, {}), {})


def test_a_driver_that_livy_cannot_reach_may_be_lost_so_nothing_is_promised() -> None:
    said = f"Invalid status code '500' from {ENDPOINT}/sessions/7/statements with error payload: "
    kernel = Kernel("idle")

    with pytest.raises(OutOfReach, match="LG116") as told:
        kernel.running.post_statement(
            raising(f'{said}"java.lang.IllegalStateException: RPC channel is closed."'), kernel, (7, {}), {}
        )

    assert "not touched" not in str(told.value)


def test_of_a_start_the_start_itself_tells_why_it_failed() -> None:
    kernel, session = Kernel("starting"), SimpleNamespace(http_client=None, id=7, status="starting")

    with on_route("starting"), pytest.raises(HttpClientException) as told:
        kernel.running.wait_for_idle(raising(NOT_FOUND), session, (), {})

    assert str(told.value) == NOT_FOUND


def test_a_session_that_is_lost_while_nobody_can_be_asked_is_told_all_the_same() -> None:
    kernel = Kernel("idle")
    kernel.store.faults = {name: [EndpointUnreachable("gone", ENDPOINT)] for name in ("sessions", "log_tail")}

    with pytest.raises(SessionGone, match="LG1"):
        kernel.running.post_statement(raising(NOT_FOUND), kernel, (7, {}), {})
