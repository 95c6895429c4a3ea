import pytest

from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.sessions.model import UNTOLD
from livyguard.sessions.ownership import is_another, mine, ownership, proof
from livyguard.testing import a_session, an_entry

TAG = "livyguard-0badcafe"
TAGGED = frozenset({"livyguard", TAG})


@pytest.mark.parametrize(
    ("session", "user", "answer"),
    [
        (a_session(login="alice"), "alice", True),
        (a_session(login="alice"), "bob", False),
        (a_session(login="alice"), None, False),
        (a_session(login="knox", proxy_user="alice"), "alice", True),
        (a_session(login="alice", proxy_user="bob"), "alice", False),
        (a_session(proxy_user="alice"), "alice", None),
        (a_session(proxy_user="alice"), "bob", False),
        (a_session(), "alice", None),
        (a_session(), None, None),
    ],
)
def test_an_owner_whom_livy_tells_decides(session, user, answer):
    assert mine(session, user, []) is answer


@pytest.mark.parametrize("account", sorted(SHARED_ACCOUNTS))
def test_a_shared_account_names_nobody_even_if_we_are_it(account):
    assert mine(a_session(login=account), account, []) is None


def test_a_site_names_its_own_shared_accounts():
    assert mine(a_session(login="notebooks"), "notebooks", [], frozenset({"notebooks"})) is None


@pytest.mark.parametrize("session", [a_session(3, tags=TAGGED), a_session(3, login="livy", tags=TAGGED)])
def test_where_livy_names_nobody_the_ledger_proves_it(session):
    assert mine(session, None, [an_entry(3, TAG)]) is True


def test_where_livy_logs_nobody_in_a_name_proves_nothing_and_the_ledger_does():
    session = a_session(3, proxy_user="alice", tags=TAGGED)

    assert mine(session, "alice", [an_entry(3, TAG)]) is True
    assert mine(session, "alice", [an_entry(3, TAG, login="alice")]) is None


def test_a_service_account_that_acts_for_people_is_proven_by_ledger_and_log_in():
    session = a_session(3, login="knox", proxy_user="alice", tags=TAGGED)

    assert mine(session, "knox", [an_entry(3, TAG, login="knox")]) is True
    assert mine(session, "knox", [an_entry(3, TAG, login="hue")]) is False
    assert mine(session, "knox", []) is False


@pytest.mark.parametrize(
    ("session", "entry", "is_proven"),
    [
        (a_session(3, tags=TAGGED), an_entry(3, TAG), True),
        (a_session(3, app_id="application_1"), an_entry(3, TAG, app_id="application_1"), True),
        (a_session(3), an_entry(3, TAG), False),
        (a_session(3, app_id="application_2"), an_entry(3, TAG, app_id="application_1"), False),
        (a_session(3, app_id="application_1"), an_entry(3, TAG), False),
        (a_session(3), an_entry(3, TAG, app_id="application_1"), False),
        (a_session(4, tags=TAGGED), an_entry(3, TAG), False),
        (a_session(3, tags=TAGGED), an_entry(3, "livyguard-11111111"), False),
        (a_session(3, tags=TAGGED), an_entry(3, TAG, endpoint="http://other"), False),
    ],
)
def test_a_number_alone_proves_nothing(session, entry, is_proven):
    assert (proof(session, [entry]) is entry) is is_proven


@pytest.mark.parametrize(
    ("session", "number"),
    [
        (a_session(3, tags=TAGGED), 3),
        (a_session(3, login="livy", tags=TAGGED), 3),
        (a_session(3, tags=frozenset({"livyguard", "livyguard-ffffffff"})), None),
        (a_session(3), None),
        (a_session(3, tags=TAGGED, endpoint="http://another:8998"), None),
    ],
)
def test_until_livy_tells_its_number_a_session_that_was_asked_for_is_known_by_its_tag(session, number):
    proven = proof(session, [an_entry(UNTOLD, TAG)])

    assert (None if proven is None else proven.session_id) == number


def test_of_several_entries_for_a_number_the_one_that_proves_counts():
    old, new = an_entry(3, "livyguard-11111111"), an_entry(3, TAG)

    assert proof(a_session(3, tags=TAGGED), [old, new]) is new


@pytest.mark.parametrize(
    ("session", "entries", "owner", "source"),
    [
        (a_session(login="alice"), [], "alice", "owner"),
        (a_session(login="knox", proxy_user="alice"), [], "alice", "proxyUser"),
        (a_session(3, tags=TAGGED), [an_entry(3, TAG, user="alice")], "alice", "ledger"),
        (a_session(3, tags=TAGGED), [an_entry(3, TAG)], None, "ledger"),
        (a_session(3, login="hadoop", tags=TAGGED), [an_entry(3, TAG)], "hadoop", "ledger"),
        (a_session(tags=frozenset({"livyguard-user-bob"})), [], "bob", "claimed"),
        (a_session(login="hadoop", tags=frozenset({"livyguard-user-bob"})), [], "bob", "claimed"),
        (a_session(tags=frozenset({"livyguard-user-"})), [], None, None),
        (a_session(login="hadoop"), [], "hadoop", "owner"),
        (a_session(), [], None, None),
    ],
)
def test_the_owner_is_shown_with_what_told_it(session, entries, owner, source):
    told = ownership(session, None, entries)

    assert (told.owner, told.source) == (owner, source)


def test_a_claimed_name_is_shown_and_never_acted_on():
    session = a_session(tags=frozenset({"livyguard-user-alice"}))

    assert ownership(session, "alice", []).mine is None


@pytest.mark.parametrize(
    ("found", "noted", "other"),
    [
        ({"tags": frozenset({"livyguard-0badcafe"}), "tells_tags": True}, {}, False),
        ({"tags": frozenset({"livyguard-ffffffff"}), "tells_tags": True}, {}, True),
        ({"tells_tags": True}, {}, True),
        ({"tells_tags": False}, {}, False),
        ({"app_id": "application_2_1"}, {"app_id": "application_1_1"}, True),
        ({"app_id": "application_1_1"}, {"app_id": "application_1_1"}, False),
        ({"app_id": "application_2_1"}, {"app_id": None}, False),
        ({"app_id": None}, {"app_id": "application_1_1"}, False),
        ({"login": "bob"}, {"login": "alice"}, True),
        ({"login": None}, {"login": "alice"}, False),
    ],
)
def test_a_session_is_another_only_where_tag_application_or_owner_prove_it(found, noted, other):
    assert is_another(a_session(7, **found), an_entry(7, tag="livyguard-0badcafe", **noted)) is other


def test_a_build_that_has_no_field_for_the_log_in_does_not_say_that_there_is_none():
    session = a_session(3, proxy_user="alice", tells_login=False)

    assert mine(session, "alice", []) is True
    assert mine(session, "bob", []) is False
