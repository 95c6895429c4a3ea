"""The public fakes behave as what they stand for."""

import pytest

from livyguard.errors import AccessRefused, EndpointUnreachable, SessionNotFound
from livyguard.hints.model import Hint
from livyguard.policy.decision import Decision, Violation
from livyguard.policy.model import Cluster
from livyguard.sessions.outcome import ReleaseReport
from livyguard.testing import (
    FakeClock,
    FakeLedger,
    FakeStore,
    FakeYarn,
    RecordingDisplay,
    a_session,
    an_application,
    an_entry,
)


def test_a_created_session_is_listed_and_found_by_its_tag():
    store = FakeStore(authenticated_user="alice")

    created = store.create({"kind": "pyspark", "conf": {"spark.yarn.tags": "x,livyguard,livyguard-0badcafe"}})

    assert (created.session.id, created.answer["owner"]) == (0, "alice")
    assert store.sessions() == [created.session]
    assert store.adopt("livyguard-0badcafe").session == created.session
    assert store.adopt("livyguard-11111111") is None
    assert store.asked("create")[0]["kind"] == "pyspark"


def test_a_session_that_is_not_there_is_not_found():
    store = FakeStore.of(a_session(1))

    with pytest.raises(SessionNotFound):
        store.session(2)
    with pytest.raises(SessionNotFound):
        store.last_statement(2)
    assert store.delete(2) is False


def test_what_access_control_refuses_is_refused():
    store = FakeStore.of(a_session(1), refused={1})

    with pytest.raises(AccessRefused):
        store.log_tail(1)
    with pytest.raises(AccessRefused):
        store.delete(1)
    assert store.last_statement(1) is None


def test_a_fault_comes_once():
    store = FakeStore(faults={"log_tail": [EndpointUnreachable("cut", "http://h")]})

    with pytest.raises(EndpointUnreachable):
        store.log_tail(1)
    assert store.log_tail(1) == []


def test_a_ledger_keeps_one_entry_a_tag():
    ledger = FakeLedger([an_entry(1)])

    ledger.record(an_entry(1, app_id="application_1"))
    ledger.forget("http://other", 1, "livyguard-0badcafe")

    assert [entry.app_id for entry in ledger.entries()] == ["application_1"]


def test_the_clock_goes_on_when_somebody_sleeps():
    clock = FakeClock(10.0)

    clock.sleep(5.0)

    assert clock.now() == 15.0


def test_a_display_keeps_what_it_was_told():
    display = RecordingDisplay()
    decision = Decision("deny", None, None, None, violations=(Violation("queue", "a", "b", "rule"),))
    hint = Hint("LG101", "name", "title", "cause")
    report = ReleaseReport()

    display.decision(decision)
    display.notice("said")
    display.hint(hint)
    display.released(report)

    assert (display.decisions, display.notices, display.hints, display.reports) == (
        [decision],
        ["said"],
        [hint],
        [report],
    )
    assert display.denial(decision) == "denied: queue"
    assert display.failure("failed", [hint]) == "failed\nLG101"


def test_an_application_dies_of_a_kill_after_as_many_looks_as_it_takes():
    app = an_application(tag="livyguard-0badcafe")
    yarn = FakeYarn.of(app, an_application(2, tag="livyguard-11111111"), dies_after=2)

    yarn.kill(app.id)

    assert [yarn.application(app.id).state for _ in range(3)] == ["ACCEPTED", "KILLED", "KILLED"]
    assert [one.state for one in yarn.tagged("livyguard-11111111")] == ["ACCEPTED"]
    assert yarn.asked("kill") == [app.id]
    assert yarn.application("application_1_0009") is None


def test_who_holds_a_cluster_is_everything_that_has_not_ended():
    app, ended = an_application(1, "RUNNING"), an_application(2, "FINISHED")
    yarn = FakeYarn.of(app, ended, an_application(3), dies_after=1)

    assert [one.id[-1] for one in yarn.living()] == ["1", "3"]
    yarn.kill(app.id)
    assert [one.id[-1] for one in yarn.living()] == ["3"]
    assert (yarn.asked("living"), yarn.place) == (["", ""], "the ResourceManager http://rm.example.com:8088")


def test_a_cluster_is_seen_only_where_it_is_configured():
    known, unknown = FakeYarn(policy=Cluster(workers=3)), FakeYarn(is_configured=False)
    store = FakeStore()

    assert (known.view(store), known.holders(store), known.is_yarn(store)) == (known, known, True)
    assert (unknown.view(store), unknown.holders(store), unknown.is_yarn(store)) == (None, None, None)
    assert (known.described(store), unknown.described(store)) == (Cluster(workers=3), None)


def test_a_line_keeps_what_it_said():
    display = RecordingDisplay()

    line = display.progress()
    line.show("1 of 2")
    line.show("2 of 2")

    assert (line.said, line.is_closed, display.lines) == (["1 of 2", "2 of 2"], False, [line])
    line.close()
    assert line.is_closed
