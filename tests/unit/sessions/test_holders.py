import pytest

from livyguard.sessions.holders import Holdings, Orphan, Others, at_work, is_livys
from livyguard.testing import ENDPOINT, a_session, an_application, an_entry

TAG, OTHER = "livyguard-0badcafe", "livyguard-00c0ffee"
ELSEWHERE = "http://other.example.com:8998"
PLACE = "the ResourceManager http://rm:8088"


def holdings(*applications, endpoints=(ENDPOINT,)):
    return Holdings(PLACE, tuple(applications), frozenset(endpoints))


def joined(held, *sessions, tags=None):
    found = held.joined(sessions, tags or [None] * len(sessions))
    return [application.id[-4:] if application else None for application in found]


def tagged(session_id, *tags, **fields):
    return a_session(session_id, tags=frozenset(tags), tells_tags=True, **fields)


def test_a_session_has_the_application_that_livy_names():
    held = holdings(an_application(1), an_application(2))

    assert joined(held, a_session(7, app_id=an_application(2).id), a_session(8)) == ["0002", None]


def test_before_livy_names_one_the_tag_of_the_session_tells():
    assert joined(holdings(an_application(1, tag=TAG)), tagged(7, "livyguard", TAG)) == ["0001"]


def test_where_livy_shows_no_tags_the_one_that_this_machine_noted_tells():
    assert joined(holdings(an_application(1, tag=TAG)), a_session(7), tags=[TAG]) == ["0001"]


def test_an_id_that_the_cluster_does_not_have_is_not_looked_for_by_its_tag():
    held = holdings(an_application(1, tag=TAG))

    assert joined(held, tagged(7, TAG, app_id="application_1_0009")) == [None]


@pytest.mark.parametrize(
    ("applications", "sessions"),
    [
        ([an_application(1, tag=TAG)], [tagged(7, TAG), tagged(8, TAG)]),
        ([an_application(1, tag=TAG), an_application(2, tag=TAG)], [tagged(7, TAG)]),
        ([an_application(1, tag=TAG)], [tagged(7, TAG, OTHER)]),
    ],
    ids=["two sessions", "two applications", "two tags"],
)
def test_a_tag_that_is_not_one_sessions_own_joins_nothing(applications, sessions):
    assert set(joined(holdings(*applications), *sessions)) == {None}


def test_a_copied_tag_joins_no_application_of_another_session():
    """Anybody sees our tags and can write them; what Livy itself says tells whose an application is."""
    named = holdings(an_application(1, tag=TAG))
    numbered = holdings(an_application(1, tags=frozenset({TAG, "livy-session-41-a1b2c3d4"})))

    assert joined(named, a_session(3, app_id=an_application(1).id), tagged(7, TAG)) == ["0001", None]
    assert joined(numbered, tagged(7, TAG)) == [None]
    assert joined(numbered, tagged(41, TAG)) == ["0001"]


def test_another_endpoints_sessions_have_nothing_here():
    held = holdings(an_application(1, tag=TAG), endpoints=[ELSEWHERE])

    assert joined(held, tagged(7, TAG), a_session(8, app_id=an_application(1).id)) == [None, None]


def orphans(held, *sessions, entries=()):
    return {orphan.application.id[-4:]: orphan for orphan in held.orphans(sessions, entries)}


def test_an_application_of_a_livy_without_a_listed_session_is_an_orphan():
    livys = an_application(1, tags=frozenset({"livy-session-7-abcd1234"}))
    ours = an_application(2, tag=TAG)
    batch = an_application(3, tags=frozenset({"livy-batch-7-abcd1234"}))
    spark_submit = an_application(4, tags=frozenset())

    assert set(orphans(holdings(livys, ours, batch, spark_submit))) == {"0001", "0002"}


@pytest.mark.parametrize(
    "session",
    [
        a_session(7, app_id=an_application(1).id),
        tagged(7, TAG),
        tagged(7, TAG, OTHER),
        a_session(7, tells_tags=False),
    ],
    ids=["by id", "by tag", "perhaps by tag", "by the number under which it was noted"],
)
def test_one_that_a_listed_session_may_own_is_none(session):
    assert orphans(holdings(an_application(1, tag=TAG)), session, entries=[an_entry(7, TAG)]) == {}


def test_a_session_that_shows_other_tags_under_the_number_is_another():
    [orphan] = orphans(holdings(an_application(1, tag=TAG)), tagged(7, OTHER), entries=[an_entry(7, TAG)]).values()

    assert orphan.is_ours


NUMBERED = frozenset({"livy-session-7-a1b2c3d4"})


@pytest.mark.parametrize(
    ("session", "answer"),
    [
        (a_session(7, "starting"), set()),
        (a_session(8, "starting"), {"0001"}),
        (a_session(7, "starting", app_id="application_1_0009"), {"0001"}),
        (a_session(7, "dead"), {"0001"}),
        (a_session(7, "starting", endpoint=ELSEWHERE), {"0001"}),
    ],
    ids=["its number", "another number", "has its application", "has ended", "another endpoint"],
)
def test_one_whose_session_livy_has_not_joined_yet_is_none(session, answer):
    assert set(orphans(holdings(an_application(1, tags=NUMBERED)), session)) == answer


def test_a_new_session_with_tags_of_its_own_does_not_hide_what_is_left_of_the_one_before():
    left = an_application(1, tags=NUMBERED | {TAG})

    assert set(orphans(holdings(left), tagged(7, OTHER))) == {"0001"}
    assert set(orphans(holdings(left), a_session(7))) == set()


def test_one_that_a_session_of_any_endpoint_names_is_none():
    held = holdings(an_application(1, tag=TAG), endpoints=[ELSEWHERE])

    assert orphans(held, a_session(7, app_id=an_application(1).id)) == {}


def test_one_with_a_tag_that_was_copied_from_a_session_of_ours_is_not_ours():
    held = holdings(an_application(1, tags=frozenset({TAG, "livy-session-12-a1b2c3d4"})))

    [orphan] = orphans(held, entries=[an_entry(7, TAG)]).values()

    assert (orphan.entry, orphan.is_ours) == (None, False)


def test_an_orphan_is_ours_only_where_its_endpoint_was_asked():
    held = holdings(an_application(1, tag=TAG), an_application(2, tag=OTHER))
    there = an_entry(9, OTHER, endpoint=ELSEWHERE)

    found = orphans(held, entries=[an_entry(7, TAG), there])

    assert [found[number].is_ours for number in ("0001", "0002")] == [True, False]
    assert found["0002"].entry == there


def test_the_largest_orphan_stands_first():
    held = holdings(an_application(1, memory_mib=None), an_application(2, memory_mib=10), an_application(3))

    assert [orphan.application.id[-4:] for orphan in held.orphans((), ())] == ["0002", "0001", "0003"]


def test_an_orphan_is_an_object_in_json():
    application = an_application(
        1, "RUNNING", TAG, user="livy", queue="default", name="livy-session-7", started=12.5, containers=2, memory_mib=5
    )
    ours = Orphan(application, PLACE, an_entry(7, TAG), is_asked=True).to_json()

    assert ours == {
        "app_id": application.id,
        "state": "RUNNING",
        "user": "livy",
        "queue": "default",
        "name": "livy-session-7",
        "started": 12.5,
        "containers": 2,
        "memory_mib": 5,
        "cores": None,
        "driver_pod": None,
        "diagnostics": None,
        "tags": ["livyguard", TAG],
        "place": PLACE,
        "session": 7,
        "endpoint": ENDPOINT,
        "mine": True,
    }
    assert Orphan(application, PLACE).to_json()["mine"] is None


def test_what_is_no_session_is_added_up():
    etl = an_application(1, tags=frozenset({"etl"}), memory_mib=100, cores=4)
    waiting = an_application(2, tags=frozenset())

    held = holdings(etl, waiting, an_application(3, memory_mib=9))

    assert Others.of(held.others()) == Others(2, 100, 4)


@pytest.mark.parametrize(
    ("tag", "answer"),
    [
        ("livyguard", True),
        ("livyguard-user-alice", True),
        ("livyguarded", False),
        ("livy-session-12-ab12cd34", True),
        ("livy-batch-12-ab12cd34", False),
        ("my-livy-session-12-ab", False),
    ],
)
def test_livys_tags_are_known(tag, answer):
    assert is_livys(tag) is answer


@pytest.mark.parametrize(
    ("session", "containers", "is_dynamic", "answer"),
    [
        (a_session(), 4, None, "perhaps"),
        (a_session(), 4, True, "yes"),
        (a_session(), 4, False, "no"),
        (a_session(), 1, True, "no"),
        (a_session(), 1, None, "no"),
        (a_session(), 0, True, "no"),
        (a_session(), None, True, "no"),
        (a_session(dynamic_allocation=False), 4, True, "no"),
        (a_session(dynamic_allocation=True), 4, False, "yes"),
        (a_session(dynamic_allocation=True), 4, None, "yes"),
        (a_session(least_executors=3), 4, True, "no"),
        (a_session(least_executors=2), 4, True, "yes"),
        (a_session(state="busy"), 4, True, "no"),
    ],
)
def test_a_session_is_at_work_while_it_holds_more_than_it_keeps(session, containers, is_dynamic, answer):
    application = an_application(state="RUNNING", containers=containers)

    assert at_work(session, application, is_dynamic=is_dynamic) == answer


def test_nobody_knows_of_a_session_without_an_application():
    assert at_work(a_session(), None, is_dynamic=True) == "no"
