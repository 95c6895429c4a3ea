from livyguard.policy.footprint import Footprint
from livyguard.sessions.model import StatementTimes
from livyguard.sessions.outcome import Outcome, ReleaseReport
from livyguard.sessions.ownership import ownership
from livyguard.sessions.rows import SessionRow
from livyguard.testing import a_session, an_entry

TAG = "livyguard-0badcafe"


def row(session_id=7):
    session = a_session(session_id, tags=frozenset({TAG}), ceiling=Footprint(2, 1024, 4))
    return SessionRow(session, ownership(session, None, [an_entry(session_id, TAG, user="alice")]), 90)


def test_an_outcome_tells_what_was_freed_and_lost():
    outcome = Outcome(7, "released", "because", row(), StatementTimes(100.0, 110.0, 12))

    assert outcome.to_json() == {
        "id": 7,
        "result": "released",
        "reason": "because",
        "endpoint": "http://livy.example.com:8998",
        "owner": "alice",
        "mine": True,
        "state": "idle",
        "idle_seconds": 90,
        "app_id": None,
        "left_over": None,
        "this_notebook": False,
        "freed": {"executors": 2, "memory_mib": 1024, "cores": 4},
        "held": None,
        "lost": {"statements": 12, "since": 0.0, "last_statement": 110.0},
    }


def test_what_was_never_listed_has_nothing_to_tell():
    told = Outcome(7, "gone").to_json()

    assert told["freed"] is None
    assert told["lost"] == {"statements": None, "since": None, "last_statement": None}
    assert (told["endpoint"], told["owner"], told["this_notebook"]) == (None, None, False)


def test_nothing_is_freed_by_what_was_not_released():
    assert Outcome(7, "refused", "it is bob's", row()).freed is None


def test_a_session_without_a_ledger_entry_has_no_known_beginning():
    session = a_session(7, login="alice")

    assert Outcome(7, "released", row=SessionRow(session, ownership(session, "alice", []))).since is None


def test_a_report_sums_up():
    report = ReleaseReport((Outcome(1, "released", row=row(1)), Outcome(2, "released", row=row(2)), Outcome(3, "gone")))

    assert report.freed == Footprint(4, 2048, 8)
    assert [one.session_id for one in report.having("released")] == [1, 2]
    assert not report.is_failure
    assert report.to_json()["freed"] == {"executors": 4, "memory_mib": 2048, "cores": 8}
    assert report.to_json()["dry_run"] is False


def test_refusals_and_faults_are_failures_and_skips_are_none():
    assert ReleaseReport((Outcome(1, "refused"),)).is_failure
    assert ReleaseReport((Outcome(1, "failed"),)).is_failure
    assert not ReleaseReport((Outcome(1, "skipped"),)).is_failure
