"""What `--app` does: an application that has no session is ended by its own id."""

import pytest

from livyguard.applications import Applications
from livyguard.errors import ClusterError, EndpointUnreachable, LivyAnswer
from livyguard.release import ReleaseRequest, release
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeYarn, a_session, an_application, an_entry
from livyguard.views.release import text
from tests.unit.test_release import NOW, TAG, TAGGED, alices, reason

APP = an_application(1).id
ELSEWHERE = "http://other.example.com:8998"


class Scene:
    """Alice asks, and YARN has what the test says."""

    def __init__(self, *applications, sessions=(), entries=(), **yarn):
        self.store, self.ledger, self.clock = alices(*sessions), FakeLedger(entries), FakeClock(NOW)
        self.yarn = FakeYarn.of(*(applications or [an_application(1, tag=TAG, queue="default")]), **yarn)

    def ended(self, app_id=APP, **request):
        request = ReleaseRequest(apps=(app_id,), **request)
        applications = Applications(self.yarn, self.ledger, self.clock)
        self.report = release([self.store], self.ledger, self.clock, request, applications=applications)
        [outcome] = self.report.outcomes
        assert (outcome.session_id, outcome.to_json()["app_id"]) == (None, app_id)
        return outcome.result

    @property
    def states(self):
        return [one.state for one in self.yarn.running.values()]


MINE = an_entry(7, TAG, login="alice")


def test_what_this_machine_left_behind_is_ended():
    scene = Scene(entries=[MINE])

    assert scene.ended() == "released"
    assert scene.states == ["KILLED"]
    assert reason(scene.report) == f"its application {APP} (ACCEPTED in queue default) was ended; YARN says KILLED"
    assert scene.ledger.entries() == []
    assert not scene.report.is_failure


def test_what_it_held_is_told():
    scene = Scene(an_application(1, "RUNNING", TAG, containers=2, memory_mib=2048, cores=1), entries=[MINE])

    assert scene.ended() == "released"
    assert scene.report.outcomes[0].to_json()["held"] == {"executors": 1, "memory_mib": 2048, "cores": 1}
    assert text(scene.report).startswith("Ended 1 application that held 1 executor, 2.0 GiB, 1 core.")


def test_one_that_runs_is_ended_too_since_it_was_named():
    scene = Scene(an_application(1, "RUNNING", TAG), entries=[MINE])

    assert (scene.ended(), scene.states) == ("released", ["KILLED"])


def test_a_dry_run_ends_nothing():
    scene = Scene(entries=[MINE])

    assert (scene.ended(dry_run=True), scene.states) == ("would-release", ["ACCEPTED"])
    assert reason(scene.report) == "it is ACCEPTED and would be ended"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "this machine has no record of creating it; an operator may end it"),
        (
            {"entries": [an_entry(7, TAG, endpoint=ELSEWHERE)]},
            f"it is of session 7 on {ELSEWHERE}, which was not asked; an operator may end it",
        ),
        (
            {"entries": [an_entry(7, TAG, login="bob")]},
            "this machine's record of it was made under another log-in; an operator may end it",
        ),
    ],
    ids=["no record", "another endpoint", "another log-in"],
)
def test_what_is_not_proven_to_be_mine_stays(fields, said):
    scene = Scene(**fields)

    assert scene.ended() == "refused"
    assert scene.states == ["ACCEPTED"]
    assert reason(scene.report) == said
    assert scene.report.outcomes[0].left_over == APP


def test_one_that_carries_a_tag_copied_from_a_session_of_mine_stays():
    copied = an_application(1, "RUNNING", tags=frozenset({TAG, "livy-session-12-a1b2c3d4"}))
    scene = Scene(copied, entries=[MINE])

    assert (scene.ended(), scene.states) == ("refused", ["RUNNING"])
    assert reason(scene.report) == "this machine has no record of creating it; an operator may end it"


def test_one_whose_session_livy_lists_under_its_number_stays():
    scene = Scene(sessions=[a_session(7, login="alice")], entries=[MINE])

    assert (scene.ended(), scene.states) == ("refused", ["ACCEPTED"])
    assert reason(scene.report).startswith("Livy still lists its session 7")


def test_while_livy_cannot_be_asked_again_it_stays():
    scene = Scene(entries=[MINE])
    scene.store.after["sessions"] = lambda store: store.faults.update(sessions=[LivyAnswer(500, "", url=ENDPOINT)])

    assert (scene.ended(), scene.states) == ("refused", ["ACCEPTED"])
    assert reason(scene.report).startswith("whether Livy still lists its session is not known")


def test_an_operator_ends_whatever_was_named():
    scene = Scene(an_application(1, "RUNNING", tags=frozenset({"livy-session-7-abcd1234"})))

    assert (scene.ended(is_operator=True), scene.states) == ("released", ["KILLED"])


def test_an_operator_ends_no_application_of_a_listed_session():
    scene = Scene(sessions=[a_session(7, "busy", login="bob", app_id=APP)])

    assert (scene.ended(is_operator=True), scene.states) == ("refused", ["ACCEPTED"])
    assert reason(scene.report) == (
        "session 7 runs in it, and Livy lists that as busy; the session is what is released"
    )


def test_while_an_endpoint_cannot_be_read_that_may_list_its_session_it_stays_even_for_an_operator():
    scene = Scene(an_application(1, "RUNNING", TAG))
    down = EndpointUnreachable(f"No connection to {ELSEWHERE}.", ELSEWHERE)
    stores = [scene.store, alices(endpoint=ELSEWHERE, faults={"sessions": [down]})]
    request = ReleaseRequest(apps=(APP,), is_operator=True)
    applications = Applications(scene.yarn, scene.ledger, scene.clock)

    report = release(stores, scene.ledger, scene.clock, request, applications=applications)

    assert reason(report) == f"whether a session runs in it is not known: No connection to {ELSEWHERE}."
    assert (report.is_failure, scene.states) == (True, ["RUNNING"])


def test_one_whose_session_has_ended_for_livy_is_ended():
    sessions = [a_session(7, "dead", login="bob", app_id=APP, tags=TAGGED)]

    scene = Scene(sessions=sessions)

    assert (scene.ended(is_operator=True), scene.states) == ("released", ["KILLED"])


def test_one_that_is_over_or_unknown_is_gone():
    over = Scene(an_application(1, "FINISHED", TAG))

    assert over.ended() == "gone"
    assert reason(over.report) == "it had ended; YARN says FINISHED"
    assert over.ended("application_1_0042") == "gone"
    assert reason(over.report) == "YARN knows no such application"


def test_without_a_resource_manager_it_cannot_be_ended():
    scene = Scene(is_configured=False)

    assert scene.ended() == "failed"
    assert reason(scene.report) == "the policy names no [cluster] resource_manager by which livyguard could end it"


def test_a_resource_manager_that_is_away_is_a_failure():
    scene = Scene(entries=[MINE])
    scene.yarn.faults["application"] = [ClusterError("The ResourceManager is away.")]

    assert scene.ended() == "failed"
    assert reason(scene.report) == "The ResourceManager is away."


def test_a_kill_that_is_refused_is_a_failure():
    scene = Scene(entries=[MINE])
    scene.yarn.faults["kill"] = [ClusterError("The ResourceManager refuses to kill it (403).")]

    assert scene.ended() == "failed"
    assert scene.report.outcomes[0].left_over == APP
    assert scene.ledger.entries() == [MINE]
