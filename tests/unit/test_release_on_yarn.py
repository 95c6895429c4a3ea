"""What a release does to the YARN application of a session that was starting."""

import pytest

from livyguard.applications import Applications
from livyguard.errors import ClusterError, LivyAnswer
from livyguard.policy.footprint import Footprint
from livyguard.policy.model import Cluster
from livyguard.release import ReleaseRequest, release
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeYarn, a_session, an_application, an_entry
from tests.unit.test_release import LONG_AGO, NOW, TAG, TAGGED, alices, reason, results

APP = "application_1700000000000_0001"
ALICES = an_entry(3, TAG, login="alice")


class Starting:
    """Alice's session 3 starts, tagged by this machine, and its application waits."""

    def __init__(self, *applications, entries=(ALICES,), **yarn):
        session = a_session(3, "starting", login="alice", tags=TAGGED, ceiling=Footprint(5, 2048, 11))
        self.store, self.ledger, self.clock = alices(session), FakeLedger(entries), FakeClock(NOW)
        self.yarn = FakeYarn.of(*(applications or [an_application(tag=TAG, queue="default", memory_mib=2048)]), **yarn)

    def freed(self, **request):
        request = ReleaseRequest(**{"ids": (3,), **request})
        applications = Applications(self.yarn, self.ledger, self.clock)
        return release([self.store], self.ledger, self.clock, request, applications=applications)

    @property
    def states(self):
        return [one.state for one in self.yarn.running.values()]


def test_a_starting_session_takes_its_application_with_it():
    scene = Starting()

    report = scene.freed()

    assert results(report) == {3: "released"}
    assert scene.states == ["KILLED"]
    assert reason(report) == (
        f"it was starting; its application {APP} (ACCEPTED in queue default, 2,048 MiB) was ended; YARN says KILLED"
    )
    assert report.freed == Footprint(5, 2048, 11)
    assert scene.ledger.entries() == []
    assert not report.is_failure


def test_an_application_that_lives_on_is_a_failure_and_frees_nothing():
    scene = Starting()
    scene.yarn.faults["kill"] = [ClusterError("The ResourceManager refuses to kill it (403).")]

    report = scene.freed()

    assert results(report) == {3: "released"}
    assert report.outcomes[0].left_over == APP
    assert report.outcomes[0].to_json()["left_over"] == APP
    assert report.is_failure
    assert report.freed == Footprint()
    assert f"`yarn application -kill {APP}` ends it" in reason(report)
    assert len(scene.ledger.entries()) == 1


def test_an_application_that_lived_on_is_ended_when_its_session_is_named_again():
    scene = Starting()
    scene.yarn.faults["kill"] = [ClusterError("The ResourceManager refuses to kill it (403).")]
    scene.freed()

    report = scene.freed()

    assert results(report) == {3: "gone"}
    assert scene.states == ["KILLED"]
    assert reason(report).startswith(f"Livy lists no such session; its application {APP} (ACCEPTED")
    assert scene.ledger.entries() == []
    assert not report.is_failure


def test_an_application_that_cannot_be_ended_the_second_time_either_is_kept_in_mind():
    scene = Starting()
    scene.yarn.faults["kill"] = [ClusterError("The ResourceManager refuses to kill it (403).")] * 2
    scene.freed()

    report = scene.freed()

    assert (results(report), report.outcomes[0].left_over) == ({3: "gone"}, APP)
    assert report.is_failure
    assert scene.ledger.entries() == [ALICES]


def test_a_session_that_livy_no_longer_lists_and_yarn_does_not_have_is_just_gone():
    scene = Starting(an_application(state="KILLED", tag=TAG))
    scene.store.listed.clear()

    report = scene.freed()

    assert (results(report), reason(report)) == ({3: "gone"}, "Livy lists no such session")


def test_the_same_number_of_another_endpoint_is_another_session():
    scene = Starting(entries=[an_entry(3, TAG, endpoint=f"{ENDPOINT}1")])
    scene.store.listed.clear()

    assert reason(scene.freed()) == "Livy lists no such session"
    assert scene.states == ["ACCEPTED"]


def test_a_dry_run_ends_no_application_and_foretells_it():
    scene = Starting()
    running, gone = scene.freed(dry_run=True), None
    scene.store.listed.clear()
    gone = scene.freed(dry_run=True)

    assert scene.states == ["ACCEPTED"]
    assert (results(running), results(gone)) == ({3: "would-release"}, {3: "would-release"})
    assert reason(running) == "it is starting; what it has in YARN would be ended with it"
    assert reason(gone) == f"Livy lists no such session; its application {APP} (ACCEPTED) would be ended"


def test_without_a_resource_manager_the_session_is_freed_and_it_is_said_how_to_look():
    scene = Starting(is_configured=False, manager_is_yarn=True)

    report = scene.freed()

    assert results(report) == {3: "released"}
    assert not report.is_failure
    assert reason(report).startswith("it was starting; its application may stay in the queue: the policy names no")
    assert f"yarn application -list -appTags {TAG}" in reason(report)


def test_on_another_cluster_manager_a_starting_session_is_told_as_before():
    report = Starting(is_configured=False, manager_is_yarn=False).freed()

    assert "may stay in the queue for a while" in reason(report)
    assert "resource_manager" not in reason(report)


def test_where_spark_submit_has_not_reached_yarn_it_is_said_so():
    report = Starting(an_application(tag="livyguard-11111111")).freed()

    assert reason(report) == "it was starting; YARN has no application of it"
    assert not report.is_failure


def test_the_application_of_a_session_that_was_up_is_livys_to_end():
    scene = Starting(an_application(state="RUNNING", tag=TAG))
    scene.store.listed[3] = a_session(3, "idle", login="alice", tags=TAGGED)
    scene.store.after["delete"] = lambda _store: scene.yarn.running.update({APP: an_application(state="FINISHED")})

    report = scene.freed()

    assert results(report) == {3: "released"}
    assert reason(report) is None
    assert (scene.states, scene.yarn.asked("kill")) == (["FINISHED"], [])
    assert report.outcomes[0].to_json()["app_id"] == APP


def test_one_that_lives_on_although_livy_has_deleted_its_session_is_ended():
    scene = Starting(an_application(state="RUNNING", tag=TAG, memory_mib=2048))
    scene.store.listed[3] = a_session(3, "idle", login="alice", tags=TAGGED)

    report = scene.freed()

    assert results(report) == {3: "released"}
    assert scene.states == ["KILLED"]
    assert not report.is_failure


def test_one_that_lives_on_and_is_no_record_of_this_machines_is_told_and_left():
    scene = Starting(an_application(state="RUNNING", tag=TAG, memory_mib=2048), entries=())
    scene.store.listed[3] = a_session(3, "idle", login="alice", tags=TAGGED)

    report = scene.freed()

    assert (results(report), report.outcomes[0].left_over) == ({3: "released"}, APP)
    assert scene.states == ["RUNNING"]
    assert reason(report).startswith(f"its application {APP} (RUNNING, 2,048 MiB) lives on 15 s after its session")
    assert report.is_failure


def test_an_operator_ends_what_lives_on_of_somebody_elses():
    scene = Starting(an_application(state="RUNNING", tag=TAG), entries=())
    scene.store.listed[3] = a_session(3, "idle", login="bob", tags=TAGGED)

    report = scene.freed(ids=(), all_users=True, idle_for=0.0, is_operator=True, force=True)

    assert results(report) == {3: "released"}
    assert scene.states == ["KILLED"]


def test_whether_it_lives_on_may_stay_unknown():
    scene = Starting(an_application(state="RUNNING", tag=TAG))
    scene.store.listed[3] = a_session(3, "idle", login="alice", tags=TAGGED)
    scene.yarn.faults["application"] = [ClusterError("The ResourceManager is away.")] * 20

    report = scene.freed()

    assert results(report) == {3: "released"}
    assert not report.is_failure


class Idle:
    """Alice's session 3 and bob's session 4 are idle for Livy, and their applications hold what the test says."""

    def __init__(self, executors=3, policy=None, entries=(), **fields):
        sessions = [a_session(3, login="alice", app_id=APP, **fields), a_session(4, login="bob", **fields)]
        self.store, self.ledger, self.clock = alices(*sessions), FakeLedger(entries), FakeClock(NOW)
        self.store.statements = {3: LONG_AGO, 4: LONG_AGO}
        self.store.after["delete"] = lambda _store: self.yarn.running.clear()
        self.yarn = FakeYarn.of(an_application(state="RUNNING", containers=executors + 1), policy=policy)

    freed = Starting.freed


def test_an_idle_session_that_holds_executors_is_not_idle():
    scene = Idle(executors=3, policy=Cluster(dynamic_allocation=True))

    report = scene.freed(ids=())

    assert results(report) == {3: "skipped"}
    assert reason(report) == (
        "no statement runs, but it holds 3 executors: a streaming query may be running, or a table is cached; --force "
        "frees it nevertheless"
    )
    assert 3 in scene.store.listed


@pytest.mark.parametrize(
    ("scene", "request_"),
    [
        (lambda: Idle(executors=0), {"ids": ()}),
        (lambda: Idle(dynamic_allocation=False), {"ids": ()}),
        (lambda: Idle(least_executors=3), {"ids": ()}),
        (lambda: Idle(policy=Cluster(dynamic_allocation=False)), {"ids": ()}),
        (lambda: Idle(policy=Cluster(spark_defaults={"spark.dynamicAllocation.enabled": "false"})), {"ids": ()}),
        (Idle, {"ids": (), "force": True}),
        (Idle, {"ids": (3,)}),
    ],
    ids=["driver only", "static by conf", "least", "static cluster", "static by defaults", "force", "by number"],
)
def test_one_that_holds_no_more_than_it_keeps_or_that_was_named_is_freed(scene, request_):
    scene = scene()

    assert results(scene.freed(**request_)) == {3: "released"}
    assert 3 not in scene.store.listed


def test_one_executor_is_no_plural():
    assert "it holds an executor, and whether" in reason(Idle(executors=1).freed(ids=()))


def test_where_nobody_says_whether_executors_are_held_always_the_policy_is_named():
    assert reason(Idle(executors=3).freed(ids=())) == (
        "no statement runs, but it holds 3 executors, and whether it would give them back is not known: [cluster] "
        "dynamic_allocation in the policy says it; --force frees it nevertheless"
    )


def test_a_clusters_own_word_counts_less_than_the_sessions():
    scene = Idle(policy=Cluster(dynamic_allocation=False), dynamic_allocation=True)

    assert results(scene.freed(ids=())) == {3: "skipped"}


def test_while_the_cluster_cannot_be_asked_other_peoples_sessions_stay_and_mine_are_freed():
    scene = Idle()
    scene.yarn.faults["living"] = [ClusterError("No connection to the ResourceManager.")]

    report = scene.freed(ids=(), all_users=True, is_operator=True)

    assert results(report) == {3: "released", 4: "skipped"}
    assert report.outcomes[1].reason == (
        "its cluster cannot be asked whether something runs in it; --force frees it nevertheless"
    )
    assert report.notes == ("No connection to the ResourceManager.",)


def test_what_others_hold_behind_yarns_access_control_may_be_at_work_and_mine_is_mine():
    scene = Idle()
    bobs = an_application(2, "RUNNING")
    scene.yarn.running = {APP: an_application(state="RUNNING"), bobs.id: bobs}
    scene.store.listed[4] = a_session(4, login="bob", app_id=bobs.id)

    report = scene.freed(ids=(), all_users=True, is_operator=True)

    assert results(report) == {3: "released", 4: "skipped"}
    assert "does not show us what it holds" in report.outcomes[1].reason


def test_a_session_that_ended_for_livy_and_lives_on_in_yarn_is_freed_with_its_application():
    scene = Starting()
    scene.store.listed[3] = a_session(3, "dead", login="alice", tags=TAGGED)

    report = scene.freed(ids=())

    assert results(report) == {3: "released"}
    assert scene.states == ["KILLED"]
    assert reason(report).startswith("it had ended for Livy (dead); its application")


def test_a_dry_run_foretells_that_too():
    scene = Starting()
    scene.store.listed[3] = a_session(3, "dead", login="alice", tags=TAGGED)

    report = scene.freed(dry_run=True)

    assert results(report) == {3: "would-release"}
    assert reason(report) == "it had ended for Livy (dead); what it has in YARN would be ended with it"
    assert scene.states == ["ACCEPTED"]


def test_an_application_of_mine_that_another_machine_started_is_left_alone():
    scene = Starting(entries=())

    report = scene.freed()

    assert results(report) == {3: "released"}
    assert scene.states == ["ACCEPTED"]
    assert "may stay in the queue for a while" in reason(report)


def test_an_operator_who_names_somebodys_starting_session_ends_its_application():
    scene = Starting(entries=())
    scene.store.listed[3] = a_session(3, "starting", login="bob", tags=TAGGED)

    report = scene.freed(is_operator=True, force=True)

    assert results(report) == {3: "released"}
    assert scene.states == ["KILLED"]


def test_a_session_that_livy_does_not_delete_keeps_its_application():
    scene = Starting()
    scene.store.faults["delete"] = [LivyAnswer(500, "closed", url=f"{ENDPOINT}/sessions/3")]

    assert results(scene.freed()) == {3: "failed"}
    assert scene.states == ["ACCEPTED"]


def vanish(store):
    store.listed.clear()


@pytest.mark.parametrize("method", ["sessions", "session"], ids=["before the re-read", "before the DELETE"])
def test_a_starting_session_that_vanishes_meanwhile_takes_its_application_with_it(method):
    scene = Starting()
    scene.store.after[method] = vanish

    report = scene.freed()

    assert results(report) == {3: "gone"}
    assert scene.states == ["KILLED"]
    assert reason(report).startswith(f"it was gone already; its application {APP} (ACCEPTED in queue default")
    assert scene.ledger.entries() == []
    assert not report.is_failure


@pytest.mark.parametrize("call", ["kill", "tagged"])
def test_what_a_vanished_session_leaves_in_yarn_is_kept_in_mind(call):
    scene = Starting()
    scene.store.after["session"] = vanish
    scene.yarn.faults[call] = [ClusterError("The ResourceManager refuses (403).")]

    report = scene.freed()

    assert "The ResourceManager refuses (403)." in reason(report)
    assert scene.ledger.entries() == [ALICES]
    assert report.is_failure == (call == "kill")


def test_a_released_session_whose_application_nobody_could_ask_for_can_be_named_again():
    scene = Starting()
    scene.yarn.faults["tagged"] = [ClusterError("No connection.")]
    scene.freed()

    again = scene.freed()

    assert (results(again), scene.states) == ({3: "gone"}, ["KILLED"])
    assert scene.ledger.entries() == []


@pytest.mark.parametrize("state", ["starting", "idle"])
def test_a_session_that_vanishes_where_yarn_cannot_be_asked_is_forgotten(state):
    scene = Starting(is_configured=False)
    scene.store.listed[3] = a_session(3, state, login="alice", tags=TAGGED)
    scene.store.after["session"] = vanish

    report = scene.freed()

    assert results(report) == {3: "gone"}
    assert ("if it runs on YARN" in reason(report)) == (state == "starting")
    assert scene.ledger.entries() == []


# What runs in YARN of a session that Livy no longer lists.


@pytest.fixture
def forgotten():
    """Livy was restarted and has forgotten session 3, whose application runs."""
    scene = Starting(an_application(state="RUNNING", tag=TAG))
    scene.store.listed.clear()
    return scene


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_runs_although_livy_does_not_list_it_is_left_alone_without_force(forgotten, dry_run):
    report = forgotten.freed(dry_run=dry_run)

    assert (results(report), report.outcomes[0].left_over) == ({3: "refused"}, APP)
    assert report.is_failure
    assert forgotten.states == ["RUNNING"]
    assert reason(report) == (
        f"Livy lists no such session, but its application {APP} runs in YARN, perhaps for another Livy by now; "
        "--force frees it nevertheless, and what runs in it is lost"
    )
    assert forgotten.ledger.entries() == [ALICES]


def test_what_runs_although_livy_does_not_list_it_is_ended_with_force(forgotten):
    report = forgotten.freed(force=True)

    assert (results(report), forgotten.states) == ({3: "gone"}, ["KILLED"])
    assert forgotten.ledger.entries() == []


@pytest.mark.parametrize("state", ["ACCEPTED", "RUNNING"])
def test_what_was_started_under_another_login_is_not_mine_to_end(state):
    bobs = an_entry(3, TAG, login="bob")
    scene = Starting(an_application(state=state, tag=TAG), entries=[bobs])
    scene.store.listed.clear()

    report = scene.freed(force=True)

    assert (results(report), reason(report)) == ({3: "gone"}, "Livy lists no such session")
    assert scene.states == [state]
    assert scene.ledger.entries() == [bobs]


@pytest.mark.parametrize(("noted", "now"), [(None, "alice"), ("alice", None), ("svc", None), ("a.smith", "alice")])
def test_a_login_that_nobody_knows_or_that_livy_spells_so_is_no_other(noted, now):
    scene = Starting(entries=[an_entry(3, TAG, login=noted)])
    scene.store.listed.clear()
    scene.store.authenticated_user = now

    logins = {ENDPOINT: noted} if noted and now else {}
    applications = Applications(scene.yarn, scene.ledger, scene.clock)
    release([scene.store], scene.ledger, scene.clock, ReleaseRequest((3,)), logins=logins, applications=applications)

    assert scene.states == ["KILLED"]


# Tags that were copied from another's session.


@pytest.mark.parametrize("state", ["dead", "starting"])
@pytest.mark.parametrize("request_", [{"ids": (3,), "force": True}, {"ids": (), "all_users": True, "idle_for": 0.0}])
def test_an_operator_who_frees_a_session_with_a_copied_tag_ends_nobody_elses_application(state, request_):
    """Mallory's session carries the tag of one that another Livy in front of the same YARN lists."""
    victim = an_application(1, "RUNNING", tags=frozenset({TAG, "livy-session-41-a1b2c3d4"}), containers=9)
    scene = Starting(victim, entries=())
    scene.store.listed[3] = a_session(3, state, login="mallory", tags=TAGGED, tells_tags=True)

    scene.freed(is_operator=True, **request_)

    assert scene.states == ["RUNNING"]


def test_in_bulk_what_a_tag_alone_tells_of_somebody_elses_ended_session_is_left_alone():
    scene = Starting(an_application(1, "RUNNING", TAG), entries=())
    scene.store.listed[3] = a_session(3, "dead", login="mallory", tags=TAGGED, tells_tags=True)

    report = scene.freed(ids=(), all_users=True, is_operator=True)

    assert (results(report), scene.states) == ({3: "skipped"}, ["RUNNING"])
    assert "a tag alone, which anybody can write" in reason(report)


def test_a_session_that_is_read_again_alone_is_given_no_application_that_another_may_have():
    """Two sessions carry one tag, so it joins neither; by itself either would carry it alone."""
    scene = Starting(an_application(1, "RUNNING", TAG, containers=9), entries=())
    scene.store.listed = {
        number: a_session(number, "idle", login=login, tags=TAGGED, tells_tags=True)
        for number, login in ((3, "alice"), (4, "mallory"))
    }

    report = scene.freed()

    assert (results(report), reason(report), scene.states) == ({3: "released"}, None, ["RUNNING"])


def test_on_kubernetes_a_session_that_ended_for_livy_leaves_its_pod_to_be_looked_at():
    pods = an_application(1, "Running", TAG, driver_pod="spark/driver-3")
    scene = Starting(pods, manager_is_yarn=False)
    scene.store.listed[3] = a_session(3, "dead", login="alice", tags=TAGGED)

    report = scene.freed()

    assert reason(report) == (
        "it had ended for Livy (dead); its pod spark/driver-3 may live on; `kubectl delete pod` ends it"
    )
    assert report.outcomes[0].left_over == pods.id
    assert scene.yarn.asked("kill") == []
    assert scene.ledger.entries() == [ALICES]
