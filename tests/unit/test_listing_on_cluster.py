"""What the listing tells of the cluster behind the endpoint."""

from livyguard.errors import ClusterError, EndpointUnreachable, LivyAnswer
from livyguard.listing import list_sessions
from livyguard.policy.footprint import Footprint
from livyguard.policy.model import Cluster
from livyguard.sessions.holders import Others
from livyguard.sessions.model import StatementTimes
from livyguard.testing import (
    ENDPOINT,
    FakeClock,
    FakeLedger,
    FakeStore,
    FakeYarn,
    RecordingProgress,
    a_session,
    an_application,
    an_entry,
)

NOW = 1_000_000.0
TAG = "livyguard-0badcafe"
APP = an_application(1).id
LONG_AGO = StatementTimes(NOW - 4000, NOW - 3600)


def alices(*sessions, **fields):
    return FakeStore.of(*sessions, authenticated_user="alice", **fields)


def listed(store, yarn, ledger=None, **options):
    stores = store if isinstance(store, list) else [store]
    return list_sessions(stores, ledger or FakeLedger(), FakeClock(NOW), clusters=yarn, **options)


def running(number=1, **fields):
    return an_application(number, "RUNNING", **{"containers": 4, "memory_mib": 6144, "cores": 7, **fields})


NUMBERED = frozenset({"livy-session-0-a1b2c3d4"})


class SeveralYarns(FakeYarn):
    """A view for each endpoint."""

    def __init__(self, views):
        super().__init__()
        self.views = views

    def holders(self, store):
        return self.views[store.endpoint]


def test_what_a_session_holds_stands_beside_what_it_can():
    yarn = FakeYarn.of(running(share=12.5, queue="root.a"))

    [row] = listed(alices(a_session(7, "busy", app_id=APP)), yarn)

    told = row.to_json()
    assert (told["executors_held"], told["memory_mib_held"], told["cores_held"]) == (3, 6144, 7)
    assert (told["cluster_share"], told["queue"], told["app_state"]) == (12.5, "root.a", "RUNNING")
    assert yarn.calls == [("living", "")]


def test_an_application_that_waits_holds_nothing_yet():
    [row] = listed(alices(a_session(7, "starting", app_id=APP)), FakeYarn.of(an_application(1, containers=0)))

    assert (row.held.executors, row.app_id) == (0, APP)


def test_two_endpoints_before_one_cluster_ask_it_once():
    yarn = FakeYarn.of(running())
    stores = [alices(a_session(7, app_id=APP)), alices(a_session(7, "busy"), endpoint="http://b:8998")]

    rows = listed(stores, yarn)

    assert len(yarn.calls) == 1
    assert {row.endpoint: row.held.executors for row in rows} == {ENDPOINT: 3, "http://b:8998": None}


def test_a_cluster_that_is_read_under_two_log_ins_is_counted_once():
    apps = [
        running(1, tags=NUMBERED),
        running(2, tags=NUMBERED),
        running(3, tags=NUMBERED),
        running(4, tags=frozenset()),
    ]
    yarns = {ENDPOINT: FakeYarn.of(*apps), "http://b:8998": FakeYarn.of(*apps)}
    stores = [FakeStore.of(a_session(0, app_id=apps[n].id), endpoint=place) for n, place in enumerate(yarns)]

    found = listed(stores, SeveralYarns(yarns))

    assert [orphan.application.id for orphan in found.orphans] == [apps[2].id]
    assert found.others == Others(1, 6144, 7)


def test_an_idle_session_that_holds_executors_is_not_idle():
    store = alices(a_session(7, login="alice", app_id=APP), statements={7: LONG_AGO})

    [row] = listed(store, FakeYarn.of(running()))

    assert (row.state, row.is_idle, row.to_json()["idle_seconds"]) == ("idle", False, None)
    assert row.to_json()["quiet_seconds"] == 3600
    assert list(listed(store, FakeYarn.of(running()), idle=True)) == []
    assert list(listed(store, FakeYarn.of(running()), idle_for=60.0)) == []
    assert store.asked("last_statement") == [7]


def test_without_dynamic_allocation_executors_say_nothing():
    store = alices(a_session(7, login="alice", app_id=APP), statements={7: LONG_AGO})

    [row] = listed(store, FakeYarn.of(running(), policy=Cluster(dynamic_allocation=False)), idle=True)

    assert row.to_json()["idle_seconds"] == 3600


def test_the_policys_history_server_has_a_page_for_each():
    policy = Cluster(history_server="http://shs:18080")

    [row] = listed(alices(a_session(7, app_id=APP)), FakeYarn(policy=policy))

    assert row.to_json()["links"]["history_server"] == f"http://shs:18080/history/{APP}/"


def test_applications_without_a_session_are_told():
    entry = an_entry(9, TAG)
    yarn = FakeYarn.of(running(1), running(2, tags=frozenset({"etl"})))

    listing = listed(alices(a_session(7, login="alice")), yarn, FakeLedger([entry]))

    [orphan] = listing.orphans
    assert (orphan.application.id, orphan.is_ours) == (APP, True)
    assert listing.others == Others(1, 6144, 7)
    assert listing.clusters == (yarn.place,)


def test_a_cluster_that_cannot_be_asked_is_a_fault_and_the_listing_goes_on():
    fault = ClusterError("No connection to the ResourceManager.")
    yarn = FakeYarn.of(running(), faults={"living": [fault]})

    listing = listed(alices(a_session(7, login="alice", app_id=APP)), yarn)

    assert listing.cluster_faults == (fault,)
    assert [(row.id, row.to_json()["executors_held"]) for row in listing] == [(7, None)]
    assert (listing.orphans, listing.clusters) == ((), ())


def test_a_cluster_that_is_wrongly_configured_is_one_too():
    fault = ClusterError("The policy's [cluster] resource_manager is empty.")

    class Wrong(FakeYarn):
        def holders(self, _store):
            raise fault

    assert listed(alices(a_session(7)), Wrong()).cluster_faults == (fault,)


def test_where_an_endpoint_could_not_be_read_no_application_lacks_its_session():
    down = alices(endpoint="http://b:8998", faults={"sessions": [EndpointUnreachable("down", "http://b:8998")]})

    listing = listed([alices(a_session(7)), down], FakeYarn.of(running()))

    assert listing.orphans == ()
    assert len(listing.faults) == 1


def test_totals_tell_what_each_owner_holds():
    yarn = FakeYarn.of(running(1, share=12.5), running(2, share=25.0), running(3))
    sessions = [
        a_session(1, "busy", login="alice", app_id=an_application(1).id),
        a_session(2, "busy", login="bob", app_id=an_application(2).id),
        a_session(3, "busy", login="alice", app_id=an_application(3).id),
    ]

    totals = {total.owner: total for total in listed(alices(*sessions), yarn).totals()}

    assert totals["alice"].held.memory_mib == 2 * 6144
    assert (totals["alice"].share, totals["bob"].share) == (12.5, 25.0)


def test_no_more_statements_are_asked_for_than_is_polite_and_the_rest_is_counted():
    mine = [a_session(number, login="alice") for number in range(25)]
    others = [a_session(number, login="bob") for number in range(25, 100)]
    store = alices(*mine, *others, statements=dict.fromkeys(range(100), LONG_AGO))

    listing = listed(store, None, idle=True)

    assert len(store.asked("last_statement")) == 50
    assert listing.not_looked_at == 50
    assert sum(row.idle_seconds is not None for row in listing) == 50


def test_the_line_says_what_is_being_read():
    line, yarn = RecordingProgress(), FakeYarn.of(running())

    listed(alices(a_session(7)), yarn, progress=line)

    assert line.said == [f"Asking {yarn.place}", f"Reading the sessions of {ENDPOINT}"]


def test_looks_are_told_and_a_fault_of_one_leaves_its_time_unknown():
    line = RecordingProgress()
    fault = LivyAnswer(500, "boom", url=ENDPOINT)
    store = alices(a_session(7, login="alice"), faults={"last_statement": [fault]})

    [row] = listed(store, None, progress=line)

    assert row.idle_seconds is None
    assert line.said[-1] == "Asking for the last statement of an idle session"


def test_without_a_resource_manager_the_policys_workers_tell_what_can_be_taken():
    policy = Cluster(manager="glue", workers=18, worker_type="G.1X")
    sessions = [a_session(number, "busy", login="alice", ceiling=Footprint(5)) for number in (1, 2)]

    listing = listed(alices(*sessions), FakeYarn(is_configured=False, policy=policy))

    assert [round(row.most_share) for row in listing] == [33, 33]
    assert round(listing.totals()[0].most_share) == 67
