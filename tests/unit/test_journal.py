from __future__ import annotations

from livyguard.journal import Journal
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeStore, an_entry


def a_journal() -> tuple[Journal, FakeLedger, FakeClock]:
    ledger, clock = FakeLedger(), FakeClock(1_000.0)
    return Journal(ledger, clock), ledger, clock


def test_idle_time_counts_from_the_end_of_the_last_statement() -> None:
    journal, ledger, clock = a_journal()
    journal.created(an_entry(7), FakeStore())

    journal.statement_began(ENDPOINT, 7)
    clock.sleep(30)
    during = ledger.entries()[0]
    journal.statement_ended(ENDPOINT, 7)

    assert (during.is_busy, during.last_statement) == (True, 1_000.0)
    assert (ledger.entries()[0].is_busy, ledger.entries()[0].last_statement) == (False, 1_030.0)


def test_the_application_is_learned_when_the_session_is_up() -> None:
    journal, ledger, _ = a_journal()
    journal.created(an_entry(7), FakeStore())

    journal.started(ENDPOINT, 7, "application_1_0001")
    journal.started(ENDPOINT, 7, None)

    assert ledger.entries()[0].app_id == "application_1_0001"


def test_sessions_of_others_leave_no_trace() -> None:
    journal, ledger, _ = a_journal()

    journal.started(ENDPOINT, 8, "application_1_0002")
    journal.statement_began(ENDPOINT, 8)
    journal.statement_ended(ENDPOINT, 8)

    assert ledger.entries() == []


def test_we_are_who_livy_said_last_through_the_very_same_login() -> None:
    journal, _, _ = a_journal()
    alices, bobs, nobodys = FakeStore(), FakeStore(), FakeStore()

    journal.created(an_entry(7, login="alice"), alices)
    journal.created(an_entry(8, tag="livyguard-2", login=None), alices)
    journal.created(an_entry(9, tag="livyguard-3", login="bob"), bobs)

    assert [journal.login(store) for store in (alices, bobs, nobodys)] == ["alice", "bob", None]


def test_a_number_that_livy_gives_out_again_is_another_entry() -> None:
    journal, ledger, _ = a_journal()
    journal.created(an_entry(0, tag="livyguard-before"), FakeStore())
    journal.created(an_entry(0, tag="livyguard-after"), FakeStore())

    journal.statement_began(ENDPOINT, 0)

    assert {entry.tag: entry.is_busy for entry in ledger.entries()} == {
        "livyguard-before": False,
        "livyguard-after": True,
    }
