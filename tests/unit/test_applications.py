"""What YARN says of a starting session, and what becomes of its application."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from livyguard.applications import EVERY, Applications, Told
from livyguard.errors import ClusterError, EndpointUnreachable
from livyguard.patience import PAUSES
from livyguard.sessions.ending import Ending
from livyguard.testing import (
    ENDPOINT,
    FakeClock,
    FakeLedger,
    FakePods,
    FakeStore,
    FakeYarn,
    a_session,
    an_application,
    an_entry,
)

if TYPE_CHECKING:
    from livyguard.sessions.application import Application
    from livyguard.sessions.model import Session

TAG = "livyguard-0badcafe"
APP = "application_1700000000000_0001"
ENTRY = an_entry(7, tag=TAG)
OTHERS = a_session(7, login="bob", tags=frozenset({"livyguard-11111111"}), tells_tags=True)
AM_LIMIT = "Application is added to the scheduler and is not yet activated. Queue's AM resource limit exceeded."
BUSY = ClusterError("The ResourceManager http://rm:8088 refuses to show applications (503).", is_passing=True)
DOWN = ClusterError("No connection to the ResourceManager http://rm:8088.")


class Scene:
    """A Livy that has deleted session 7, and a YARN."""

    def __init__(self, *applications: Application, **yarn: object) -> None:
        self.yarn = FakeYarn.of(*applications, **yarn)
        self.store, self.clock = FakeStore.of(), FakeClock(0.0)
        self.ledger = FakeLedger([ENTRY])
        self.applications = Applications(self.yarn, self.ledger, self.clock)

    def end(self, **how: bool) -> Ending:
        return self.applications.end(self.store, ENTRY, **{"is_just_deleted": True, **how})

    def becomes(self, **fields: object) -> None:
        self.yarn.running[APP] = replace(self.yarn.running[APP], **fields)

    @property
    def states(self) -> list[str]:
        return [application.state for application in self.yarn.running.values()]


# Killing.


def test_the_application_is_killed_and_looked_up_again() -> None:
    scene = Scene(an_application(queue="root.default", memory_mib=2048))

    ending = scene.end()

    assert ending == Ending(
        f"Its application {APP} (ACCEPTED in queue root.default, 2,048 MiB) was ended; YARN says KILLED.", is_over=True
    )
    assert scene.states == ["KILLED"]


def test_one_that_takes_its_time_to_die_is_waited_for() -> None:
    scene = Scene(an_application(state="RUNNING"), dies_after=5)

    assert scene.end().is_over
    assert scene.yarn.asked("kill") == [APP]


def test_patience_ends_and_the_application_that_lives_on_is_named() -> None:
    scene = Scene(an_application(state="RUNNING"), dies_after=1000)

    ending = scene.end()

    assert ending.left == APP
    assert not ending.is_over
    assert ending.text == (
        f"Its application {APP} (RUNNING) was told to end, and YARN still says RUNNING after 15 s. "
        f"`yarn application -kill {APP}` ends it."
    )
    assert scene.clock.now() == pytest.approx(15, abs=0.1)


def test_a_refusal_of_yarn_is_told_with_what_to_do() -> None:
    scene = Scene(an_application())
    scene.yarn.faults["kill"] = [ClusterError("The ResourceManager http://rm:8088 refuses to kill it (403).")]

    ending = scene.end()

    assert ending.left == APP
    assert ending.text.endswith(
        f"could not be ended. The ResourceManager http://rm:8088 refuses to kill it (403). "
        f"`yarn application -kill {APP}` ends it."
    )


def test_a_fault_while_it_dies_is_no_answer_yet() -> None:
    scene = Scene(an_application(), dies_after=1)
    scene.yarn.faults["application"] = [DOWN]

    assert scene.end().is_over


def test_a_resource_manager_that_goes_away_after_the_kill_leaves_the_outcome_open() -> None:
    scene = Scene(an_application())
    scene.yarn.faults["application"] = [DOWN] * 20

    ending = scene.end()

    assert (ending.left, ending.is_over) == (APP, False)
    assert str(DOWN) in ending.text


def test_an_application_that_yarn_has_forgotten_meanwhile_is_over() -> None:
    scene = Scene(an_application())
    scene.yarn.after["kill"] = lambda yarn: yarn.running.clear()

    assert scene.end() == Ending(f"Its application {APP} (ACCEPTED) was ended; YARN no longer knows it.", is_over=True)


def test_an_application_that_spark_submit_brings_while_its_session_is_deleted_is_found() -> None:
    scene = Scene()
    scene.yarn.after["tagged"] = lambda yarn: yarn.running.update({APP: an_application()})

    assert scene.end().is_over
    assert scene.states == ["KILLED"]


def test_where_yarn_has_none_it_is_said_so() -> None:
    scene = Scene(an_application(tag="livyguard-11111111"))

    assert scene.end() == Ending("YARN has no application of it.", is_over=True)
    assert scene.states == ["ACCEPTED"]
    assert scene.clock.now() < 10


def test_one_that_has_ended_by_itself_is_told_and_not_killed() -> None:
    scene = Scene(an_application(state="FAILED"))

    assert scene.end() == Ending(f"Its application {APP} had ended; YARN says FAILED.", is_over=True)
    assert scene.yarn.asked("kill") == []


def test_of_several_each_that_lives_is_killed() -> None:
    scene = Scene(an_application(1, "FAILED"), an_application(2), an_application(3, "RUNNING"))

    assert scene.end().is_over
    assert scene.states == ["FAILED", "KILLED", "KILLED"]


def test_nothing_is_killed_that_this_machine_did_not_create() -> None:
    scene = Scene(an_application())
    scene.ledger.forget(ENTRY.endpoint, 7, TAG)

    ending = scene.end()

    assert ending.left == APP
    assert "is left alone: this machine has no record of a session tagged livyguard-0badcafe." in ending.text
    assert scene.states == ["ACCEPTED"]


@pytest.mark.parametrize(
    ("listed", "state"), [((), "KILLED"), ((a_session(7, tags=frozenset({TAG})),), "ACCEPTED")], ids=["gone", "listed"]
)
def test_without_a_delete_of_ours_livys_listing_decides(listed: tuple, state: str) -> None:
    scene = Scene(an_application())
    scene.store = FakeStore.of(*listed)

    ending = scene.end(is_just_deleted=False)

    assert scene.states == [state]
    assert ending.is_over == (state == "KILLED")


def test_without_a_delete_of_ours_a_livy_that_cannot_be_read_saves_the_application() -> None:
    scene = Scene(an_application())
    scene.store.faults["sessions"] = [EndpointUnreachable("Livy refuses the connection.", ENDPOINT)]

    assert "whether Livy still lists its session is not known" in scene.end(is_just_deleted=False).text
    assert scene.states == ["ACCEPTED"]


def test_a_session_that_this_kernel_has_no_record_of_has_no_application_to_end() -> None:
    scene = Scene(an_application())

    assert scene.applications.end(scene.store, None, is_just_deleted=True) == Ending()
    assert scene.yarn.calls == []


def test_whoever_copies_the_tag_of_another_loses_nothing_when_that_session_is_deleted() -> None:
    scene = Scene(an_application(), an_application(2, "RUNNING", user="bob"))
    scene.store = FakeStore.of(a_session(8, login="bob", tags=frozenset({TAG})))

    ending = scene.end()

    assert scene.states == ["ACCEPTED", "RUNNING"]
    assert (ending.left, ending.is_over) == (APP, False)
    assert f"is left alone: session 8 carries the tag {TAG}, too, so it may be that one's." in ending.text


@pytest.mark.parametrize(
    ("applications", "states"),
    [
        ([an_application()], ["KILLED"]),
        ([an_application(1, "FAILED"), an_application(2)], ["FAILED", "KILLED"]),
        ([an_application(), an_application(2, "RUNNING")], ["ACCEPTED", "RUNNING"]),
    ],
    ids=["one", "one-lives", "several"],
)
def test_after_a_delete_a_livy_that_cannot_be_read_saves_all_but_the_only_one(
    applications: list[Application], states: list[str]
) -> None:
    scene = Scene(*applications)
    scene.store.faults["sessions"] = [EndpointUnreachable("Livy refuses the connection.", ENDPOINT)]

    ending = scene.end()

    assert scene.states == states
    assert ("2 applications carry the tag" in ending.text) == (states[-1] == "RUNNING")


def test_a_copy_of_our_tag_under_another_number_is_not_ours_to_end_or_to_complain_of() -> None:
    copied = an_application(2, "RUNNING", tags=frozenset({TAG, "livy-session-12-a1b2c3d4"}))
    scene = Scene(an_application(1, tags=frozenset({TAG, "livy-session-7-a1b2c3d4"})), copied)

    ending = scene.end()

    assert (scene.states, ending.left, ending.is_over) == (["KILLED", "RUNNING"], None, True)
    assert scene.applications.find(scene.store, ENTRY) is None


# Operators.


def _started_for(session_id: int, number: int = 1) -> Application:
    """Return an application with a copied tag, and the tag that Livy itself gives."""
    tags = frozenset({"livyguard", "livyguard-11111111", f"livy-session-{session_id}-a1b2c3d4"})
    return an_application(number, tags=tags)


def test_an_operator_ends_the_application_of_a_session_that_they_named() -> None:
    scene = Scene(an_application(tag="livyguard-11111111"))

    assert scene.applications.end_for_operator(scene.store, OTHERS).is_over
    assert scene.states == ["KILLED"]


def test_a_tag_that_another_session_carries_too_ends_nothing() -> None:
    """Anybody can write anybody's tag into a session, and wait for an operator to free it."""
    scene = Scene(an_application(tag="livyguard-11111111"))
    scene.store = FakeStore.of(a_session(1, login="bob", tags=frozenset({"livyguard-11111111"})))

    assert "left alone" in scene.applications.end_for_operator(scene.store, OTHERS).text
    assert scene.states == ["ACCEPTED"]


def test_an_operator_ends_nothing_while_livy_cannot_be_read() -> None:
    scene = Scene(an_application(tag="livyguard-11111111"))
    scene.store.faults["sessions"] = [EndpointUnreachable("Livy refuses the connection.", ENDPOINT)]

    assert "left alone" in scene.applications.end_for_operator(scene.store, OTHERS).text
    assert scene.states == ["ACCEPTED"]


@pytest.mark.parametrize(
    ("applications", "session"),
    [
        ([_started_for(12)], OTHERS),
        ([_started_for(7)], replace(OTHERS, app_id="application_1700000000000_0009")),
        ([_started_for(7), _started_for(7, 2)], OTHERS),
        ([_started_for(7)], replace(OTHERS, tags=frozenset({"livyguard-11111111", TAG}))),
        ([_started_for(7)], replace(OTHERS, tags=frozenset())),
    ],
    ids=["another number", "another application", "several", "two tags", "no tag"],
)
def test_an_operator_ends_nothing_that_may_be_of_a_session_from_which_the_tag_was_copied(
    applications: list[Application], session: Session
) -> None:
    """Another Livy in front of the same cluster may list that session, so that this one's listing tells nothing."""
    scene = Scene(*applications)

    ending = scene.applications.end_for_operator(scene.store, session)

    assert set(scene.states) == {"ACCEPTED"}
    assert ending.left is None


def test_an_operator_ends_the_one_that_livy_numbered_and_named() -> None:
    scene = Scene(_started_for(7))
    session = replace(OTHERS, app_id=_started_for(7).id)

    assert scene.applications.end_for_operator(scene.store, session).is_over


# Nobody to ask.


def test_without_a_resource_manager_it_is_said_how_to_look() -> None:
    text = Scene(is_configured=False, manager_is_yarn=True).end().text

    assert text == (
        "Its application may stay in the queue: the policy names no [cluster] resource_manager by which livyguard "
        f"could end it. `yarn application -list -appTags {TAG}` shows it, `yarn application -kill` ends it."
    )


def test_where_the_policy_does_not_say_that_it_is_yarn_the_sentence_is_conditional() -> None:
    assert Scene(is_configured=False).end().text.startswith("If it runs on YARN, its application may stay")


def test_on_another_cluster_manager_nothing_is_said_of_yarn() -> None:
    assert Scene(is_configured=False, manager_is_yarn=False).end() == Ending()


def test_of_a_session_that_had_ended_nothing_is_said_where_nobody_can_be_asked() -> None:
    assert Scene(is_configured=False, manager_is_yarn=True).end(was_starting=False) == Ending()
    assert Scene(an_application()).end(was_starting=False).is_over


def test_a_resource_manager_that_does_not_answer_is_one_sentence() -> None:
    scene = Scene(an_application())
    scene.yarn.faults["tagged"] = [DOWN]

    ending = scene.end()

    assert (ending.left, ending.is_over) == (None, False)
    assert ending.text == (
        "Whether YARN still has an application of it is not known. No connection to the ResourceManager "
        f"http://rm:8088. `yarn application -list -appTags {TAG}` shows it, `yarn application -kill` ends it."
    )


# What YARN says of a start.


def test_yarns_reason_is_told_with_state_and_queue() -> None:
    scene = Scene(an_application(queue="default", diagnostics=f"{AM_LIMIT}\nDetails : x"))

    assert scene.applications.testimony(scene.store, ENTRY) == Told(
        "ACCEPTED", (f"{APP} ACCEPTED in queue default: {AM_LIMIT}", "Details : x")
    )


def test_the_reason_for_waiting_is_kept_when_livy_has_killed_the_application() -> None:
    scene = Scene(an_application(diagnostics=AM_LIMIT))

    scene.applications.observe(scene.store, ENTRY)
    scene.becomes(state="KILLED", diagnostics=f"Application {APP} was killed by user livy")
    told = scene.applications.testimony(scene.store, ENTRY)

    assert told == Told(
        "KILLED", (f"{APP} ACCEPTED: {AM_LIMIT}", f"{APP} KILLED: Application {APP} was killed by user livy")
    )


def test_an_application_that_yarn_forgot_is_told_as_it_was_seen_last() -> None:
    scene = Scene(an_application(diagnostics=AM_LIMIT))

    scene.applications.observe(scene.store, ENTRY)
    scene.yarn.running.clear()

    assert scene.applications.testimony(scene.store, ENTRY) == Told("ACCEPTED", (f"{APP} ACCEPTED: {AM_LIMIT}",))


def test_a_session_that_starts_is_looked_at_now_and_then_and_by_its_id_once_it_is_known() -> None:
    scene = Scene(an_application())

    for _ in range(10):
        scene.applications.observe(scene.store, ENTRY)
        scene.clock.sleep(EVERY / 2)

    assert [method for method, _ in scene.yarn.calls] == ["tagged", *["application"] * 4]


def test_a_resource_manager_that_is_down_is_left_in_peace_for_a_while() -> None:
    scene = Scene(an_application())
    scene.yarn.faults["tagged"] = [DOWN] * 9

    for _ in range(int(PAUSES[-1])):
        scene.applications.observe(scene.store, ENTRY)
        scene.clock.sleep(1)

    assert len(scene.yarn.calls) == 1


@pytest.mark.parametrize(
    ("faults", "took", "at"),
    [
        ([BUSY], 0.0, [0, 1]),
        ([BUSY] * 7, 0.0, [0, 1, 3, 7, 15, 31, 61, 91]),
        ([BUSY, DOWN], 0.0, [0, 1, 31]),
        ([BUSY], 10.0, [0, 40]),
    ],
    ids=["one", "many in a row", "refused", "waited for long"],
)
def test_after_a_passing_fault_it_is_asked_again_soon_and_later_the_more_there_are(
    faults: list[ClusterError], took: float, at: list[int]
) -> None:
    scene = Scene(an_application())
    scene.yarn.faults["tagged"] = list(faults)
    tagged, moments = scene.yarn.tagged, []

    def slow(tag: str) -> list[Application]:
        moments.append(scene.clock.now())
        scene.clock.sleep(took if scene.yarn.faults["tagged"] else 0.0)
        return tagged(tag)

    scene.yarn.tagged = slow  # type: ignore[method-assign]

    while not scene.applications.seen(ENTRY).is_told:
        scene.applications.observe(scene.store, ENTRY)
        scene.clock.sleep(1)

    assert moments == at


def test_where_yarn_knows_no_application_that_is_evidence_too() -> None:
    assert Scene().applications.testimony(FakeStore.of(), ENTRY) == Told(
        None, (f"no application carries the tag {TAG}",)
    )


def test_without_anybody_to_ask_there_is_no_testimony() -> None:
    down = Scene()
    down.yarn.faults["tagged"] = [DOWN]

    assert down.applications.testimony(down.store, ENTRY) == Told()
    assert Scene(is_configured=False).applications.testimony(FakeStore.of(), ENTRY) == Told()
    assert Scene().applications.testimony(FakeStore.of(), None) == Told()


def test_an_application_without_diagnostics_still_tells_its_state() -> None:
    scene = Scene(an_application(state="RUNNING"))

    assert scene.applications.testimony(scene.store, ENTRY).lines == (f"{APP} RUNNING: no diagnostics",)


# Looking only.


def test_of_several_living_ones_that_which_runs_is_found() -> None:
    scene = Scene(an_application(1), an_application(2, "RUNNING"))

    found = scene.applications.find(scene.store, ENTRY)

    assert found is not None
    assert found.state == "RUNNING"


def test_the_living_application_of_a_session_is_found() -> None:
    living = an_application(2, "RUNNING")
    scene = Scene(an_application(1, "FAILED"), living)

    assert scene.applications.find(scene.store, ENTRY) == living
    assert scene.applications.knows(scene.store)


def test_where_nobody_can_be_asked_none_is_found() -> None:
    scene = Scene(an_application())
    scene.yarn.faults["tagged"] = [DOWN]

    assert scene.applications.find(scene.store, ENTRY) is None
    assert Scene(is_configured=False).applications.find(FakeStore.of(), ENTRY) is None


def test_there_is_somebody_to_ask_on_yarn_and_on_kubernetes() -> None:
    on_kubernetes = Scene(is_configured=False, namespace=FakePods())

    assert Scene().applications.asks(FakeStore.of())
    assert on_kubernetes.applications.asks(FakeStore.of())
    assert not on_kubernetes.applications.knows(FakeStore.of()), "nothing is ended there"
    assert not Scene(is_configured=False).applications.asks(FakeStore.of())


def test_a_resource_manager_whose_url_is_none_counts_as_unknown() -> None:
    class Misspelt(FakeYarn):
        def view(self, store: object) -> FakeYarn:
            raise ClusterError("The policy's [cluster] resource_manager 'rm:8088' is no URL that can be asked.")

    applications = Applications(Misspelt(), FakeLedger([ENTRY]), FakeClock())

    assert not applications.knows(FakeStore.of())
    assert not applications.asks(FakeStore.of())
    assert "'rm:8088' is no URL" in applications.end(FakeStore.of(), ENTRY, is_just_deleted=True).text
