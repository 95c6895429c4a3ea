from dataclasses import replace

import pytest

from livyguard.errors import EndpointUnreachable, LivyAnswer, Refused
from livyguard.policy.footprint import Footprint
from livyguard.release import ReleaseRequest, release
from livyguard.sessions.model import StatementTimes
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeStore, RecordingProgress, a_session, an_entry
from livyguard.views.release import text

NOW = 1_000_000.0
TAG = "livyguard-0badcafe"
TAGGED = frozenset({TAG})
LONG_AGO = StatementTimes(NOW - 4000, NOW - 3600, count=12)
JUST_NOW = StatementTimes(NOW - 70, NOW - 60, count=3)


def alices(*sessions, **fields):
    return FakeStore.of(*sessions, authenticated_user="alice", **fields)


def freed(store, ledger=None, options=None, **request):
    return release([store], ledger or FakeLedger(), FakeClock(NOW), ReleaseRequest(**request), **(options or {}))


def results(report):
    return {outcome.session_id: outcome.result for outcome in report.outcomes}


def reason(report):
    [outcome] = report.outcomes
    return outcome.reason


@pytest.fixture
def crowd():
    """Mine: long idle, just used, busy, starting; bob's; nobody's; a dead one of mine."""
    return alices(
        a_session(0, login="alice", ceiling=Footprint(5, 2048, 11)),
        a_session(1, login="alice"),
        a_session(2, "busy", login="alice"),
        a_session(3, "starting", login="alice"),
        a_session(4, login="bob"),
        a_session(5),
        a_session(6, "dead", login="alice"),
        statements=dict.fromkeys((0, 2, 4, 5), LONG_AGO) | {1: JUST_NOW},
    )


def test_without_arguments_my_long_idle_sessions_are_freed_and_nobody_elses(crowd):
    report = freed(crowd)

    assert results(report) == {0: "released", 1: "skipped", 2: "skipped", 3: "skipped"}
    assert sorted(crowd.listed) == [1, 2, 3, 4, 5, 6]
    assert set(crowd.asked("last_statement")) == {0, 1}
    assert report.freed == Footprint(5, 2048, 11)
    assert not report.is_failure


def test_the_report_names_what_was_lost(crowd):
    [outcome] = freed(crowd, ids=(0,)).outcomes

    assert outcome.statements == LONG_AGO


def test_a_dry_run_deletes_nothing_and_says_the_same(crowd):
    report = freed(crowd, dry_run=True)

    assert results(report) == {0: "would-release", 1: "skipped", 2: "skipped", 3: "skipped"}
    assert crowd.asked("delete") == []
    assert report.is_dry_run
    assert report.outcomes[0].freed == Footprint(5, 2048, 11)


def test_a_dry_run_foretells_what_the_run_would_find(crowd):
    entry = an_entry(0, app_id="application_1_0001", last_statement=0.0)
    store = FakeStore.of(
        a_session(0, login="alice", app_id="application_1_0001"),
        authenticated_user="alice",
        statements={0: StatementTimes(999_990.0, 999_999.0, count=3)},  # another client of alice's has just used it
    )

    reports = [
        release([store], FakeLedger([entry]), FakeClock(), ReleaseRequest(dry_run=dry_run)) for dry_run in (True, False)
    ]

    assert [results(report) for report in reports] == [{0: "skipped"}, {0: "skipped"}]
    assert 0 in store.listed


def test_a_dry_run_tells_what_force_would_cost(crowd):
    report = freed(crowd, ids=(2,), force=True, dry_run=True)

    assert reason(report) == "it was busy: the running statement is lost"


def test_this_notebooks_session_is_never_freed_without_being_named(crowd):
    report = freed(crowd, options={"this": {(ENDPOINT, 0): None}})

    assert results(report)[0] == "skipped"
    assert 0 in crowd.listed


def test_this_notebooks_session_is_freed_when_asked_for(crowd):
    report = freed(crowd, this=True, options={"this": {(ENDPOINT, 1): None}})

    assert results(report) == {1: "released"}
    assert report.outcomes[0].row.this_notebook


def test_a_threshold_of_ones_own_is_kept(crowd):
    assert results(freed(crowd, idle_for=30.0))[1] == "released"


def test_a_busy_session_is_never_released_by_idle_for(crowd):
    assert results(freed(crowd, idle_for=0.0, force=True))[2] == "skipped"
    assert 2 in crowd.listed


def test_numbers_may_be_held_to_an_idle_time_too(crowd):
    report = freed(crowd, ids=(0, 1), idle_for=1800.0)

    assert results(report) == {0: "released", 1: "skipped"}
    assert report.outcomes[1].reason == "it has been idle for 1 min only, not for 30 min"


def test_an_unknown_idle_time_is_not_long_enough():
    report = freed(alices(a_session(1, login="alice")))

    assert reason(report) == "Livy does not tell how long it has been idle"


def test_for_no_length_of_time_an_unknown_idle_time_is_long_enough():
    store = alices(a_session(1, login="bob"), a_session(2, "busy", login="bob"))

    report = freed(store, user="bob", idle_for=0.0, is_operator=True)

    assert results(report) == {1: "released", 2: "skipped"}


@pytest.mark.parametrize(
    ("request_", "asked"),
    [
        ({}, "that is known to be yours"),
        ({"this": True}, "of this notebook"),
        ({"all_users": True, "is_operator": True}, "at all"),
        ({"user": "bob", "is_operator": True}, "of bob"),
    ],
)
def test_a_report_without_a_session_knows_whose_were_asked_for(request_, asked):
    report = freed(alices(), **request_)

    assert (report.outcomes, report.asked) == ((), asked)


def test_a_session_that_fails_with_a_live_driver_is_freed():
    assert results(freed(alices(a_session(1, "error", login="alice")))) == {1: "released"}


def test_a_busy_session_has_no_idle_time(crowd):
    [outcome] = freed(crowd, ids=(2,), force=True).outcomes

    assert (outcome.result, outcome.row.idle_seconds) == ("released", None)


def test_somebody_elses_session_is_refused_by_name(crowd):
    report = freed(crowd, ids=(4,), force=True)

    assert reason(report) == "it is bob's"
    assert report.is_failure
    assert crowd.asked("delete") == []


def test_a_session_of_nobody_known_is_freed_by_number_and_force_only(crowd):
    assert results(freed(crowd, ids=(5,))) == {5: "refused"}

    report = freed(crowd, ids=(5,), force=True)

    assert results(report) == {5: "released"}
    assert reason(report).startswith("nothing proves whose it is")


def test_a_starting_session_is_freed_by_number_with_a_warning(crowd):
    report = freed(crowd, ids=(3,))

    assert results(report) == {3: "released"}
    assert "may stay in the queue" in reason(report)
    assert crowd.asked("last_statement") == []


def test_a_number_that_livy_does_not_list_is_gone(crowd):
    report = freed(crowd, ids=(12,))

    assert (results(report), reason(report)) == ({12: "gone"}, "Livy lists no such session")
    assert not report.is_failure


def test_a_session_that_vanishes_before_its_turn_is_gone_and_struck_out():
    store = FakeStore.of(a_session(3, tags=TAGGED), after={"sessions": lambda store: store.listed.clear()})
    ledger = FakeLedger([an_entry(3, TAG)])

    assert results(freed(store, ledger, ids=(3,))) == {3: "gone"}
    assert ledger.entries() == []


def test_a_session_that_vanishes_before_its_idle_time_is_asked_for_is_gone_too():
    store = alices(a_session(1, login="alice"), after={"sessions": lambda store: store.listed.clear()})

    assert results(freed(store, ids=(1,), idle_for=60.0)) == {1: "gone"}


def test_a_session_that_somebody_deletes_first_is_gone(crowd):
    crowd.after["last_statement"] = lambda store: store.listed.pop(0)

    assert results(freed(crowd, ids=(0,))) == {0: "gone"}


def test_a_released_session_is_struck_out_of_the_ledger():
    store = FakeStore.of(a_session(3, tags=TAGGED))
    ledger = FakeLedger([an_entry(3, TAG), an_entry(4, "livyguard-11111111")])

    freed(store, ledger, ids=(3,))

    assert [entry.session_id for entry in ledger.entries()] == [4]


@pytest.mark.parametrize(
    "other",
    [{"login": "bob"}, {"proxy_user": "bob"}, {"app_id": "application_2"}, {"tags": frozenset({"livyguard-1"})}],
)
def test_a_number_that_means_another_session_meanwhile_is_left_alone(other):
    def restart(store):
        store.listed[0] = replace(store.listed[0], **other)

    store = alices(a_session(0, login="alice", app_id="application_1"), after={"sessions": restart})

    report = freed(store, ids=(0,))

    assert (results(report), reason(report)) == ({0: "skipped"}, "session 0 is now somebody else's")
    assert store.asked("delete") == []


def test_a_session_that_becomes_busy_meanwhile_is_left_alone():
    def use(store):
        store.listed[0] = replace(store.listed[0], state="busy")

    store = alices(a_session(0, login="alice"), statements={0: LONG_AGO}, after={"sessions": use})

    report = freed(store)

    assert (results(report), reason(report)) == ({0: "skipped"}, "meanwhile it is busy")


def test_a_session_that_was_used_meanwhile_is_left_alone():
    def use(store):
        store.statements[0] = JUST_NOW

    store = alices(a_session(0, login="alice"), statements={0: LONG_AGO}, after={"last_statement": use})

    assert reason(freed(store)) == "meanwhile it has been idle for 1 min only, not for 30 min"


def test_a_session_that_others_use_is_not_idle_because_the_ledger_says_so():
    store = FakeStore.of(a_session(3, tags=TAGGED), statements={3: JUST_NOW})
    ledger = FakeLedger([an_entry(3, TAG, last_statement=NOW - 9000)])

    assert results(freed(store, ledger)) == {3: "skipped"}
    assert 3 in store.listed


def test_livys_refusal_names_the_owner(crowd):
    crowd.refused.add(0)

    report = freed(crowd, ids=(0,))

    assert (results(report), reason(report)) == ({0: "refused"}, "Livy refuses: it is alice's")


def test_livys_refusal_of_a_session_without_owner_says_that_much(crowd):
    crowd.refused.add(5)

    assert reason(freed(crowd, ids=(5,), force=True)) == "Livy refuses: it is somebody else's"


@pytest.mark.parametrize("method", ["session", "delete"])
def test_an_error_of_livy_is_a_failure_of_that_session_alone(crowd, method):
    crowd.faults[method] = [LivyAnswer(500, "RPC channel is closed.", url="")]
    crowd.statements[1] = LONG_AGO

    report = freed(crowd)

    assert sorted(results(report).values()) == ["failed", "released", "skipped", "skipped"]
    assert report.is_failure


def test_a_connection_that_never_came_about_is_a_failure(crowd):
    crowd.faults["delete"] = [EndpointUnreachable("refused", ENDPOINT)]

    assert (results(freed(crowd, ids=(0,))), crowd.asked("session")) == ({0: "failed"}, [0])


HUNG = EndpointUnreachable("did not answer.", ENDPOINT, may_have_arrived=True)


def test_a_delete_that_hangs_is_looked_up_afterwards_and_may_have_done_its_work(crowd):
    class Hanging(FakeStore):
        def delete(self, session_id):
            super().delete(session_id)
            raise HUNG

    store = Hanging.of(a_session(0, login="alice"), authenticated_user="alice")

    assert results(freed(store, ids=(0,))) == {0: "released"}


def test_a_delete_that_hangs_and_did_nothing_is_a_failure(crowd):
    crowd.faults["delete"] = [HUNG]

    assert reason(freed(crowd, ids=(0,))) == "did not answer. Livy still lists it as idle."


def test_a_session_is_believed_gone_only_when_livy_no_longer_lists_it():
    class Lying(FakeStore):
        def delete(self, session_id):
            return True

    store = Lying.of(a_session(0, login="alice"), authenticated_user="alice")

    assert reason(freed(store, ids=(0,))) == "Livy says that it is deleted. Livy still lists it as idle."


def test_a_session_that_livy_is_shutting_down_is_released():
    class Slow(FakeStore):
        def delete(self, session_id):
            self.listed[session_id] = replace(self.listed[session_id], state="shutting_down")
            return True

    store = Slow.of(a_session(0, login="alice"), authenticated_user="alice")

    assert results(freed(store, ids=(0,))) == {0: "released"}


def test_where_livy_cannot_be_asked_afterwards_it_is_a_failure():
    class Dying(FakeStore):
        def delete(self, session_id):
            self.faults["session"] = [EndpointUnreachable("cut", ENDPOINT)]
            return super().delete(session_id)

    store = Dying.of(a_session(0, login="alice"), authenticated_user="alice")

    assert reason(freed(store, ids=(0,))) == "Livy says that it is deleted. Whether it is gone is not known: cut"


def test_what_is_about_to_be_freed_is_shown_before_anything_is(crowd):
    shown = []

    def show(rows):
        shown.extend((row.id, len(crowd.asked("delete"))) for row in rows)

    freed(crowd, ids=(0, 1), options={"show": show})

    assert shown == [(0, 0), (1, 0)]


def test_nothing_is_shown_where_nothing_is_freed(crowd):
    shown = []

    freed(crowd, ids=(4,), options={"show": shown.append})

    assert shown == []


@pytest.mark.parametrize(("asked", "whom"), [({"user": "bob"}, "bob"), ({"all_users": True}, "everybody")])
def test_only_an_operator_may_free_others_sessions(crowd, asked, whom):
    with pytest.raises(Refused, match=f"Only an operator may free the sessions of {whom}"):
        freed(crowd, **asked)

    assert crowd.calls == []


def test_ones_own_name_is_fine_for_anybody(crowd):
    assert results(freed(crowd, user="alice"))[0] == "released"


def test_by_ones_own_name_only_what_has_that_owner_is_freed():
    """At another endpoint this machine's record may prove more to be mine."""
    there = FakeStore.of(a_session(2, tags=TAGGED), endpoint="http://other", statements={2: LONG_AGO})
    ledger = FakeLedger([an_entry(2, TAG, endpoint="http://other")])

    report = release([alices(), there], ledger, FakeClock(NOW), ReleaseRequest(user="alice"))

    assert (report.outcomes, sorted(there.listed)) == ((), [2])


def test_a_shared_account_is_nobodys_own_name():
    with pytest.raises(Refused):
        freed(FakeStore(authenticated_user="hadoop"), user="hadoop")


def test_an_operator_frees_one_users_idle_sessions(crowd):
    report = freed(crowd, user="bob", is_operator=True)

    assert results(report) == {4: "released"}


@pytest.mark.parametrize("force", [False, True])
def test_an_operator_who_names_a_user_frees_nothing_that_only_a_tag_calls_theirs(force):
    store = alices(a_session(7, tags=frozenset({"livyguard-user-bob"})), statements={7: LONG_AGO})

    report = freed(store, user="bob", is_operator=True, force=force)

    assert results(report) == {7: "skipped"}
    assert reason(report).startswith("a tag claims that it is bob's")


def test_an_operator_frees_everybodys_idle_sessions_and_no_busy_one(crowd):
    report = freed(crowd, all_users=True, is_operator=True)

    assert results(report) == {0: "released", 1: "skipped", 2: "skipped", 3: "skipped", 4: "released", 5: "released"}


def test_a_number_on_several_endpoints_is_not_guessed():
    stores = [alices(a_session(1, login="alice")), alices(a_session(1, login="alice"), endpoint="http://other")]

    report = release(stores, FakeLedger(), FakeClock(NOW), ReleaseRequest(ids=(1,)))

    assert {outcome.reason for outcome in report.outcomes} == {
        "several endpoints list a session 1; --url says which is meant"
    }
    assert stores[0].asked("delete") == stores[1].asked("delete") == []


def an_endpoint_that_is_down():
    down = EndpointUnreachable("No connection to http://other.", "http://other")
    return alices(endpoint="http://other", faults={"sessions": [down]})


@pytest.mark.parametrize(
    ("number", "result", "said"),
    [
        (1, "refused", "an endpoint that cannot be read may list that number, too; --url says which is meant"),
        (9, "failed", "where it is, is not known: No connection to http://other."),
    ],
)
def test_a_number_is_not_guessed_while_an_endpoint_cannot_be_read(number, result, said):
    store = alices(a_session(1, login="alice"))

    report = release([store, an_endpoint_that_is_down()], FakeLedger(), FakeClock(NOW), ReleaseRequest(ids=(number,)))

    assert (results(report), reason(report)) == ({number: result}, said)
    assert report.is_failure
    assert store.asked("delete") == []


def test_a_release_says_which_endpoint_it_could_not_read():
    store = alices(a_session(1, login="alice"), statements={1: LONG_AGO})

    report = release([store, an_endpoint_that_is_down()], FakeLedger(), FakeClock(NOW), ReleaseRequest())

    assert results(report) == {1: "released"}
    assert report.to_json()["notes"] == ["No connection to http://other."]
    assert "Nothing is released there: No connection to http://other." in text(report)


def test_a_statement_that_has_not_ended_is_no_idle_time():
    """Livy calls a session idle a moment before it notes the end of the statement."""
    store = alices(a_session(1, login="alice"), statements={1: StatementTimes(NOW - 9000, None)})

    report = freed(store, idle_for=7200.0)

    assert results(report) == {1: "skipped"}
    assert "idle for 0 s only" in reason(report)


def test_many_are_freed_in_one_go():
    sessions = [a_session(number, login="alice") for number in range(60)]
    store = alices(*sessions, statements=dict.fromkeys(range(60), LONG_AGO))

    report = freed(store)

    assert len(report.having("released")) == 60
    assert store.listed == {}


def test_statements_that_cannot_be_read_do_not_keep_a_session(crowd):
    crowd.faults["last_statement"] = [LivyAnswer(500, "RPC channel is closed.", url="")]

    [outcome] = freed(crowd, ids=(0,)).outcomes

    assert (outcome.result, outcome.statements) == ("released", None)


# What a session that has not come up has in YARN.


def test_an_interruption_begins_no_further_release_and_tells_what_was_done():
    store = alices(*(a_session(number, login="alice") for number in range(40)))
    told = []

    def interrupt(outcome):
        told.append(outcome.session_id)
        if len(told) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        freed(store, options={"done": interrupt}, idle_for=0.0)

    assert sorted(told) == sorted(store.asked("delete"))
    assert len(store.listed) == 40 - len(told)


def test_a_fault_of_livyguard_itself_is_one_sessions_and_the_others_are_freed(crowd):
    crowd.after["delete"] = lambda _store: dict[str, str]()["?"]

    report = freed(crowd, ids=(0, 1))

    assert sorted(results(report).values()) == ["failed", "released"]
    assert "livyguard itself failed: KeyError" in "".join(outcome.reason or "" for outcome in report.outcomes)


def test_each_outcome_is_told_once_and_the_line_counts_them():
    store = alices(*(a_session(number, login="alice") for number in range(3)), a_session(3, "busy", login="alice"))
    told, line = [], RecordingProgress()

    freed(store, options={"done": told.append, "progress": line}, idle_for=0.0)

    assert sorted(outcome.session_id for outcome in told) == [0, 1, 2, 3]
    assert line.said[-1] == "Releasing sessions: 3 of 3"
