from livyguard.policy.footprint import Footprint
from livyguard.sessions.model import Links
from livyguard.sessions.ownership import ownership
from livyguard.sessions.rows import SessionList, SessionRow, Total, sum_of
from livyguard.testing import a_session, an_application
from livyguard.views.sessions import text


def row(session_id, owner=None, **fields):
    session = a_session(session_id, login=owner, **fields)
    return SessionRow(session, ownership(session, "alice", []))


def test_a_row_is_the_contracts_object():
    session = a_session(
        7,
        name="etl",
        login="alice",
        app_id="application_1",
        ceiling=Footprint(5, 40_960, 11),
        links=Links("http://ui", "http://log", "http://shs/history/application_1/"),
    )
    application = an_application(state="RUNNING", containers=3, memory_mib=9000, cores=5, share=12.5, queue="root.a")
    shown = SessionRow(session, ownership(session, "alice", []), 60, application=application, most_share=40.0)

    assert shown.to_json() == {
        "id": 7,
        "name": "etl",
        "owner": "alice",
        "owner_source": "owner",
        "mine": True,
        "state": "idle",
        "kind": "pyspark",
        "idle_seconds": 60,
        "quiet_seconds": 60,
        "executors": 5,
        "executors_held": 2,
        "memory_mib": 40_960,
        "memory_mib_held": 9000,
        "cores": 11,
        "cores_held": 5,
        "cluster_share": 12.5,
        "cluster_share_max": 40.0,
        "app_id": "application_1",
        "app_state": "RUNNING",
        "queue": "root.a",
        "endpoint": "http://livy.example.com:8998",
        "this_notebook": False,
        "links": {
            "spark_ui": "http://ui",
            "driver_log": "http://log",
            "history_server": "http://shs/history/application_1/",
        },
    }


def test_a_listing_is_a_sequence():
    rows = (row(1), row(2))
    listing = SessionList(rows)

    assert len(listing) == 2
    assert listing[0] is rows[0]
    assert list(listing[1:]) == [rows[1]]
    assert [one["id"] for one in listing.to_json()] == [1, 2]


def test_totals_are_by_owner_with_the_largest_first_and_nobodys_last():
    listing = SessionList(
        (
            row(1, "alice", ceiling=Footprint(2, 100, 1)),
            row(2, "bob", ceiling=Footprint(8, 800, None)),
            row(3, "alice", ceiling=Footprint(3, None, 2)),
            row(4, None, ceiling=Footprint(50, 1, 1)),
        )
    )

    assert listing.totals() == [
        Total("bob", 1, Footprint(8, 800, None)),
        Total("alice", 2, Footprint(5, None, 3)),
        Total(None, 1, Footprint(50, 1, 1)),
    ]


def test_what_is_known_of_none_stays_unknown_in_a_sum():
    assert sum_of([]) == Footprint()
    assert sum_of([Footprint(), Footprint(executors=0)]) == Footprint(executors=0)


def test_what_only_tags_call_somebodys_is_not_added_to_what_is_theirs():
    tagged = a_session(2, tags=frozenset({"livyguard-user-alice"}), ceiling=Footprint(90, 9, 9))
    listing = SessionList((row(1, "alice"), SessionRow(tagged, ownership(tagged, None, []))))

    assert [(total.owner, total.is_claimed, total.sessions) for total in listing.totals()] == [
        ("alice", True, 1),
        ("alice", False, 1),
    ]
    assert "alice (claimed)" in text(listing).partition("by owner")[2]
