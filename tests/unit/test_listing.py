import pytest

from livyguard.errors import EndpointUnreachable, InvalidInput, LivyAnswer
from livyguard.listing import list_sessions
from livyguard.sessions.model import StatementTimes
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeStore, a_session, an_entry

NOW = 1_000_000.0
TAG = "livyguard-0badcafe"
TAGGED = frozenset({TAG})


def listed(store, ledger=None, **options):
    return list_sessions([store], ledger or FakeLedger(), FakeClock(NOW), **options)


def alices(*sessions, **fields):
    return FakeStore.of(*sessions, authenticated_user="alice", **fields)


def test_everybody_is_listed_with_mine_first():
    store = alices(a_session(1, login="bob"), a_session(2, login="alice"), a_session(3))

    listing = listed(store)

    assert [(row.id, row.owner, row.mine) for row in listing] == [
        (2, "alice", True),
        (1, "bob", False),
        (3, None, None),
    ]
    assert listing.endpoints == (ENDPOINT,)
    assert listing.listed == 3


def test_the_ledger_tells_idle_times_without_a_request():
    store = FakeStore.of(a_session(3, tags=TAGGED))
    ledger = FakeLedger([an_entry(3, TAG, created=NOW - 900, last_statement=NOW - 600)])

    [row] = listed(store, ledger)

    assert (row.idle_seconds, row.mine) == (600, True)
    assert store.asked("last_statement") == []


def test_a_session_that_never_ran_anything_is_idle_since_its_creation():
    [row] = listed(FakeStore.of(a_session(3, tags=TAGGED)), FakeLedger([an_entry(3, TAG, created=NOW - 900)]))

    assert row.idle_seconds == 900


def test_where_the_ledger_last_saw_a_statement_begin_livy_is_asked_for_its_end():
    store = FakeStore.of(a_session(3, tags=TAGGED), statements={3: StatementTimes(NOW - 500, NOW - 100)})
    ledger = FakeLedger([an_entry(3, TAG, last_statement=NOW - 500, is_busy=True)])

    [row] = listed(store, ledger)

    assert row.idle_seconds == 100


def test_the_last_statement_tells_of_my_other_sessions():
    store = alices(a_session(1, login="alice"), statements={1: StatementTimes(NOW - 70, NOW - 60)})

    assert listed(store)[0].idle_seconds == 60


def test_others_are_only_asked_about_when_somebody_asks_for_idle_times():
    sessions = a_session(1, login="bob"), a_session(2)
    quiet, asked, by_id = alices(*sessions), alices(*sessions), alices(*sessions)

    listed(quiet)
    listed(asked, idle=True)
    listed(by_id, ids=[2])

    assert quiet.asked("last_statement") == []
    assert sorted(asked.asked("last_statement")) == [1, 2]
    assert by_id.asked("last_statement") == [2]


@pytest.mark.parametrize("state", ["starting", "recovering", "not_started", "busy", "dead", "error"])
def test_only_idle_sessions_are_asked_and_only_they_have_an_idle_time(state):
    store = alices(a_session(3, state, login="alice", tags=TAGGED), statements={3: StatementTimes(1.0, 2.0)})

    [row] = listed(store, FakeLedger([an_entry(3, TAG, last_statement=NOW - 60)]), ids=[3])

    assert row.idle_seconds is None
    assert store.asked("last_statement") == []


def test_few_are_asked_about_in_one_command():
    sessions = [a_session(number, login="alice") for number in range(30)]
    sessions += [a_session(number, login="bob") for number in range(30, 90)]
    mine, everybody = alices(*sessions), alices(*sessions)

    listed(mine)
    listed(everybody, idle=True)

    assert len(mine.asked("last_statement")) == 20
    assert len(everybody.asked("last_statement")) == 50


def test_what_the_filters_hide_is_not_asked_about():
    store = alices(a_session(1, login="alice"), a_session(2, login="bob"))

    listed(store, user="bob", idle=True)

    assert store.asked("last_statement") == [2]


def test_sessions_that_livy_does_not_tell_about_are_unknown():
    store = alices(a_session(1, login="alice"), a_session(2, login="alice"), refused={1})

    assert [row.idle_seconds for row in listed(store)] == [None, None]


def test_a_statement_without_an_end_counts_from_its_start():
    store = alices(a_session(1, login="alice"), statements={1: StatementTimes(NOW - 70, None)})

    assert listed(store)[0].idle_seconds == 70


def test_a_session_that_vanishes_meanwhile_is_dropped_without_fuss():
    def vanish(store):
        del store.listed[1]

    store = alices(a_session(1, login="alice"), a_session(2, login="alice"), after={"sessions": vanish})

    assert [row.id for row in listed(store)] == [2]


def test_a_session_whose_statements_cannot_be_read_stays_in_the_list():
    store = alices(
        a_session(1, login="alice"), faults={"last_statement": [LivyAnswer(500, "RPC channel is closed.", url="")]}
    )

    [row] = listed(store)

    assert row.idle_seconds is None


def test_an_idle_time_is_never_negative():
    store = alices(a_session(1, login="alice"), statements={1: StatementTimes(NOW, NOW + 5)})

    assert listed(store)[0].idle_seconds == 0


def test_idle_for_keeps_what_is_known_to_be_idle_long_enough():
    store = alices(
        *(a_session(number, login="alice") for number in range(3)),
        a_session(3, "busy", login="alice"),
        statements={0: StatementTimes(1.0, NOW - 1800), 1: StatementTimes(1.0, NOW - 1799)},
    )

    assert [row.id for row in listed(store, idle_for=1800.0)] == [0]


def test_filters_go_together():
    store = alices(
        a_session(1, "busy", login="alice"), a_session(2, "idle", login="alice"), a_session(3, "busy", login="bob")
    )

    assert [row.id for row in listed(store, mine=True, states=["busy"])] == [1]


def test_a_word_that_is_no_state_or_column_is_told_before_livy_is_asked():
    store = alices()

    with pytest.raises(InvalidInput, match="idel"):
        listed(store, states=["idel"])
    with pytest.raises(InvalidInput, match="colour"):
        listed(store, sort="colour")

    assert store.calls == []


def test_a_column_sorts():
    store = alices(a_session(1, login="bob", name="b"), a_session(2, login="alice", name="c"), a_session(3, name="a"))

    assert [row.id for row in listed(store, sort="name")] == [3, 1, 2]


def test_numbers_that_livy_does_not_list_are_told():
    listing = listed(alices(a_session(1, login="alice")), ids=[1, 12])

    assert [row.id for row in listing] == [1]
    assert listing.missing == (12,)


def test_this_notebooks_session_is_marked_on_its_own_endpoint_only():
    here, there = alices(a_session(1)), FakeStore.of(a_session(1), endpoint="http://other")

    listing = list_sessions([here, there], FakeLedger(), FakeClock(NOW), this={(ENDPOINT, 1): None})

    assert [(row.endpoint, row.this_notebook) for row in listing] == [
        ("http://livy.example.com:8998", True),
        ("http://other", False),
    ]


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"login": "alice", "tags": frozenset({"livyguard-0badcafe"})}, True),
        ({"login": "alice", "app_id": "application_1_0001"}, True),
        ({"login": "alice"}, False),
        ({"login": "mallory", "tags": frozenset({"livyguard-0badcafe"})}, False),
        ({"tags": frozenset({"livyguard-0badcafe"})}, False),
    ],
    ids=["tag", "application", "nothing", "copied by somebody", "copied by nobody known"],
)
def test_this_notebooks_session_is_known_by_another_url_of_its_livy(fields, answer):
    ours = an_entry(1, tag="livyguard-0badcafe", app_id="application_1_0001", endpoint="http://localhost:8998")
    store = alices(a_session(1, **fields))

    listing = list_sessions([store], FakeLedger(), FakeClock(NOW), this={(ours.endpoint, 1): ours})

    assert [row.this_notebook for row in listing] == [answer]


def test_a_number_that_belongs_to_another_since_a_restart_of_livy_is_not_this_notebooks():
    ours = an_entry(1, tag="livyguard-0badcafe", login="alice")
    store = alices(a_session(1, login="bob", tags=frozenset({"livyguard-11111111"}), tells_tags=True))

    listing = list_sessions([store], FakeLedger(), FakeClock(NOW), this={(ENDPOINT, 1): ours})

    assert [row.this_notebook for row in listing] == [False]


def test_one_endpoint_that_is_down_does_not_hide_the_other():
    down = FakeStore(endpoint="http://down", faults={"sessions": [EndpointUnreachable("down", "http://down")]})

    listing = list_sessions([down, alices(a_session(1))], FakeLedger(), FakeClock(NOW))

    assert [row.id for row in listing] == [1]
    assert [str(fault) for fault in listing.faults] == ["down"]


def test_where_no_endpoint_answers_its_fault_is_raised():
    down = FakeStore(faults={"sessions": [EndpointUnreachable("down", ENDPOINT)]})

    with pytest.raises(EndpointUnreachable, match="down"):
        listed(down)


def test_livys_own_words_tell_who_we_are_where_the_authentication_does_not():
    store = FakeStore.of(a_session(1, login="alice"))

    assert [row.mine for row in listed(store)] == [False]
    assert [row.mine for row in listed(store, logins={ENDPOINT: "alice"})] == [True]


def test_the_authentication_outranks_what_was_learned():
    store = FakeStore.of(a_session(1, login="bob"), authenticated_user="alice")

    assert [row.mine for row in listed(store, logins={ENDPOINT: "bob"})] == [False]
