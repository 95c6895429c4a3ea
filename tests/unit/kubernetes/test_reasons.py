"""What Kubernetes says of a session that does not start reaches its hints, as it does from YARN."""

from __future__ import annotations

import pytest

from livyguard.applications import Applications, Told
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.kubernetes.pods import KubernetesPods
from livyguard.testing import FakeClock, FakeLedger, FakeStore, an_entry
from livyguard.views.starting import line
from livyguard.watching.watch import Watch

TIMED_OUT = "Session {} did not start up in 60 seconds."
TAG = "livyguard-0a1b2c3d"


class OnKubernetes:
    """A cluster without a ResourceManager."""

    def __init__(self, pods):
        self._pods = pods

    def view(self, _store):
        return None

    def pods(self, _store):
        return self._pods

    def described(self, _store):
        return None

    def is_yarn(self, _store):
        return False


class Shown:
    """Keeps what is said of a start."""

    def __init__(self):
        self.last = None

    def show(self, start):
        self.last = start


@pytest.fixture
def told(api, written):
    """Return what is known of a session after these answers."""

    def ask(*names, session_id=7, tag=TAG):
        api.plays(*names)
        clusters = OnKubernetes(KubernetesPods(written(api.url), "spark"))
        entry = an_entry(session_id, tag=tag)
        applications = Applications(clusters, FakeLedger([entry]), FakeClock(0.0))
        applications.observe(FakeStore.of(), entry)
        return applications.testimony(FakeStore.of(), entry)

    return ask


def hint_of(told, session_id=7):
    case = Case(TIMED_OUT.format(session_id), (), told.lines, told.state, session_id=session_id, startup_seconds=60)
    (hint,) = diagnose(case)
    return hint


def test_a_driver_that_no_node_takes_is_told_as_such_and_not_as_a_start_that_was_slow(told):
    seen = told("pending")
    hint = hint_of(seen)

    assert seen.state == "Pending"
    assert hint.code == "LG401"
    assert hint.title == "Session 7 did not start: no node takes its driver"
    assert "2 with too little memory left" in hint.cause
    assert {fact.source for fact in hint.evidence} == {"Kubernetes"}


def test_what_a_driver_waited_for_is_kept_when_livy_has_deleted_its_pod(told):
    assert hint_of(told("pending", "two-users")).code == "LG401"


def test_a_driver_without_its_image_is_told_with_the_images_name(api, told):
    pods = api.recorded("pending")
    pods["items"][1]["metadata"]["labels"]["livyguard"] = "0badcafe"
    api.says(pods)
    hint = hint_of(told(session_id=8, tag="livyguard-0badcafe"), 8)

    assert hint.code == "LG402"
    assert hint.title == ("Session 8 did not start: a node cannot get the image registry.example.com/spark-py:3.5.44")


def test_executors_that_no_node_takes_are_told_from_a_driver(told):
    hint = hint_of(told("waiting-executors", session_id=3, tag="livyguard-0badcafe"), 3)

    assert hint.code == "LG401"
    assert hint.title == "Session 3 gets no more executors: no node takes one"


def test_a_start_that_is_watched_says_that_kubernetes_lets_it_wait_and_why(api, written):
    api.plays("pending")
    clusters, entry, clock = (
        OnKubernetes(KubernetesPods(written(api.url), "spark")),
        an_entry(7, tag=TAG),
        FakeClock(0.0),
    )
    applications, shown = Applications(clusters, FakeLedger([entry]), clock), Shown()
    watch = Watch(FakeStore.of(), entry, clock=clock, applications=applications, line=shown, rows=lambda: (), asked={})
    for _ in range(4):
        watch.look("starting")
        clock.sleep(1)

    assert line(shown.last) == "Session 7 starting · 3 s · Kubernetes Pending (Unschedulable) in spark"
    assert shown.last.hint.title == "Session 7 waits: no node takes its driver"


@pytest.mark.parametrize(("session_id", "tag"), [(7, "livyguard-11111111"), (9, TAG)])
def test_pods_of_another_session_say_nothing_of_this_one(told, session_id, tag):
    assert told("pending", session_id=session_id, tag=tag) == Told()


def test_where_nobody_can_be_asked_there_is_no_testimony():
    entry = an_entry(7, tag=TAG)
    applications = Applications(OnKubernetes(None), FakeLedger([entry]), FakeClock(0.0))

    assert applications.testimony(FakeStore.of(), entry) == Told()
