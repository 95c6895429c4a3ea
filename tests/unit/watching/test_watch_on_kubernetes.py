"""A start that is watched where the cluster is Kubernetes."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.capacity.namespace import NamespaceRoom
from livyguard.errors import ClusterError
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.patience import asks_once
from livyguard.policy.model import Cluster
from livyguard.policy.pods import PodAsks
from livyguard.startup import wait_until_up
from livyguard.testing import FakePods, a_session, an_application
from livyguard.views.starting import line

from .scene import ENTRY, ME, Scene, asked_when

if TYPE_CHECKING:
    from livyguard.hints.model import Hint
    from livyguard.sessions.application import Application

POD = "livy-session-7-432c09f701f5-driver"
APP = "spark-432c09f701f5499bb291b9fd5f363705"
NO_NODE = "Unschedulable: 0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available."
BACK_OFF = 'ImagePullBackOff: Back-off pulling image "registry.example.com/spark-py:3.5.44"'
REFUSED = ClusterError("Kubernetes at https://k8s does not let u list the resourcequotas in the namespace spark (403).")
MINE = a_session(41, "idle", login=ME, app_id="spark-41")
BUSY = ClusterError("Kubernetes at https://k8s cannot list pods now (503).", is_passing=True)
#: What a driver of a gibibyte asks for, overhead included.
ASKS = PodAsks(1408, Decimal(1))
ROOM = NamespaceRoom(memory_mib=3072, cores=Decimal("2.5"), pods=8)
BODY = {"kind": "spark", "driverMemory": "1g", "executorMemory": "1g", "executorCores": 1, "numExecutors": 4}


def driver(said: str = NO_NODE, **fields: Any) -> Application:
    """Return the application of session 7: a driver's pod that waits."""
    told = {"queue": "spark", "containers": 0, "memory_mib": 0, "started": 100.0, "queued": (100.0,)}
    told |= {"driver_pod": f"spark/{POD}", "driver_asks": ASKS, "diagnostics": said}
    return replace(_application(APP, "Pending", 7), **{**told, **fields})


def holding(number: int, *queued: float, user: str = "bob") -> Application:
    """Return another session's application: a driver and two executors, and executors that wait."""
    held = {"queue": "spark", "containers": 3, "memory_mib": 3 * 1408, "cores": 3, "user": user, "queued": queued}
    return replace(_application(f"spark-{number}", "Running", number), started=50.0, driver_pod="spark/x", **held)


def _application(app_id: str, state: str, number: int) -> Application:
    return an_application(1, state, ENTRY.tag if number == 7 else f"livyguard-{number:08}", id=app_id)


def scene(*applications: Application, **fields: Any) -> tuple[Scene, FakePods]:
    pods = FakePods.of(*applications, **fields)
    policy = Cluster(manager="kubernetes")
    return Scene(is_configured=False, namespace=pods, policy=policy, sessions=(MINE,)), pods


def hint_of(scene: Scene) -> Hint:
    hint = scene.said[-1].hint
    assert hint is not None
    return hint


def test_the_line_says_why_the_driver_waits_what_is_before_it_and_what_the_quota_leaves() -> None:
    at, _ = scene(driver(), holding(3, 90.0, 99.0, 101.0), holding(4, 99.5), left=ROOM)

    at.pass_time(at.watch(BODY), 8)

    assert line(at.said[-1]) == (
        "Session 7 starting · 7 s · Kubernetes Pending (Unschedulable) in spark · 3 pods before it · quota leaves "
        "2.5 cores, 3.0 GiB, 8 pods"
    )


def test_who_holds_the_namespace_and_what_its_quota_leaves_stand_with_the_hint() -> None:
    at, _ = scene(driver(), holding(41, user="alice"), holding(3), left=ROOM)

    at.pass_time(at.watch(BODY), 8)

    hint = hint_of(at)
    told = [f"{fact.source}: {fact.text}" for fact in hint.evidence if fact.is_current]
    assert hint.code == "LG401"
    assert told[0].startswith("held in namespace spark: you: 1 session, 2 executors, 4.1 GiB; bob: 1 application")
    assert told[1:] == ["left by the quota of namespace spark: 2.5 cores, 3.0 GiB, 8 pods"]
    assert hint.fixes[0].cell == "%livy_release 41"
    assert at.said[-1].is_whole


def test_the_largest_request_that_the_quota_lets_in_counts_the_driver_that_waits_as_given_back() -> None:
    at, _ = scene(driver(), left=ROOM)

    at.pass_time(at.watch(BODY), 8)

    fix = next(fix for fix in hint_of(at).fixes if "the namespace's quota" in fix.label)
    assert fix.label.startswith("Interrupt this start, and ask for the largest that the namespace's quota lets in now.")
    # Of 3072 + 1408 MiB the driver takes 1408 and each executor 1408; of 3.5 cores each takes one.
    assert fix.cell == (
        '%%configure -f\n{"driverMemory": "1g", "executorMemory": "1g", "executorCores": 1, "numExecutors": 2, '
        '"conf": {"spark.dynamicAllocation.maxExecutors": "2"}}'
    )
    smaller = [each for each in hint_of(at).fixes if '"driverMemory"' in (each.cell or "")]
    assert smaller[-1] == fix, "a node is what is lacking: a smaller driver comes first"
    assert len(smaller) == 2


def asked_less(scene: Scene) -> list[Any]:
    """Return what the cells ask for that are to be less than what was asked for."""
    told = [fix.cell or "" for fix in hint_of(scene).fixes if fix.label.startswith(("Ask for less", "If you asked"))]
    return [json.loads(cell.partition("\n")[2]) for cell in told]


@pytest.mark.parametrize(
    ("body", "said", "less"),
    [
        (BODY, NO_NODE, [{"driverMemory": "512m"}]),
        ({"driverMemory": "8g"}, NO_NODE, [{"driverMemory": "1024m"}]),
        ({}, NO_NODE, [{"driverMemory": "512m"}]),
        ({"driverMemory": "512m"}, NO_NODE, []),
        ({"driverCores": 4}, NO_NODE.replace("memory", "cpu"), [{"driverCores": 1}]),
        ({"driverMemory": "8g"}, NO_NODE.replace("memory", "cpu"), []),
    ],
    ids=str,
)
def test_less_is_less_than_what_was_asked_for(body: dict[str, Any], said: str, less: list[Any]) -> None:
    at, _ = scene(driver(said))

    at.pass_time(at.watch(body), 8)

    assert hint_of(at).code == "LG401"
    assert asked_less(at) == less


def test_while_a_node_is_being_added_waiting_comes_before_freeing() -> None:
    grows = f"pod {POD}: TriggeredScaleUp: pod triggered scale-up: [{{spot 1->2 (max: 3)}}]"
    at, _ = scene(driver(), holding(41, user="alice"), holding(3), events={POD: (grows,)}, left=ROOM)

    at.pass_time(at.watch(BODY), 12)

    first, *others = hint_of(at).fixes
    assert first.label.startswith("Wait for the node that is being added, a minute or two; the start then goes on")
    assert others[0].cell == "%livy_release 41"


def test_limits_of_cores_that_are_used_up_are_told_and_nothing_is_offered() -> None:
    limits = {f"spark.kubernetes.{side}.limit.cores": "1" for side in ("driver", "executor")}
    at, _ = scene(driver(), left=NamespaceRoom(memory_mib=65_536, limit_cores=Decimal(0)))

    at.pass_time(at.watch({**BODY, "conf": limits}), 8)

    assert "left by the quota of namespace spark: limits of 0 cores, 64.0 GiB" in [
        f"{fact.source}: {fact.text}" for fact in hint_of(at).evidence
    ]
    assert not any("quota lets in" in fix.label for fix in hint_of(at).fixes)


def test_a_request_that_the_quota_lets_in_is_not_made_smaller_by_it() -> None:
    at, _ = scene(driver(), left=NamespaceRoom(memory_mib=65_536))

    at.pass_time(at.watch(BODY), 8)

    assert not any("quota lets in" in fix.label for fix in hint_of(at).fixes)


def test_why_an_image_cannot_be_pulled_is_read_from_the_events_as_soon_as_it_waits() -> None:
    why = f'pod {POD}: Failed: Failed to pull image "registry.example.com/spark-py:3.5.44": manifest unknown'
    at, _ = scene(driver(BACK_OFF, containers=1, queued=()), events={POD: (why,)}, left=ROOM)
    watch = at.watch(BODY)

    at.pass_time(watch, 1)
    first = hint_of(at).code
    at.pass_time(watch, 4)

    assert first == "LG402"
    assert "The registry has no such image" in hint_of(at).cause
    assert not any(fact.is_current for fact in hint_of(at).evidence), "no room mends it"
    assert line(at.said[-1]) == "Session 7 starting · 4 s · Kubernetes Pending (ImagePullBackOff) in spark"


def test_what_the_scheduler_said_before_a_node_took_the_pod_is_no_reason_any_more() -> None:
    old = f"pod {POD}: FailedScheduling: 0/3 nodes are available: 3 Insufficient memory."
    at, pods = scene(driver(), events={POD: (old,)})
    watch = at.watch(BODY)
    at.pass_time(watch, 6)
    pods.running[APP] = driver("ContainerCreating", containers=1, queued=())

    at.pass_time(watch, 3)

    assert at.said[-1].hint is None
    assert line(at.said[-1]).endswith("Kubernetes Pending (ContainerCreating) in spark")


def test_a_driver_that_runs_waits_for_nothing() -> None:
    at, _ = scene(driver("", state="Running", containers=1, queued=()), holding(3, 90.0), left=ROOM)

    at.pass_time(at.watch(BODY), 8)

    assert line(at.said[-1]) == "Session 7 starting · 7 s · Kubernetes Running in spark"
    assert at.said[-1].hint is None


FORBIDDEN = (
    'Exception in thread "main" io.fabric8.kubernetes.client.KubernetesClientException: Failure executing: POST at: '
    "https://10.0.0.1/api/v1/namespaces/spark/pods. Message: pods "
    f'"{POD}" is forbidden: exceeded quota: compute, requested: requests.memory=4506Mi, used: requests.memory=7Gi, '
    "limited: requests.memory=10Gi. Received status: Status(code=403)."
)


def test_a_driver_that_the_quota_refuses_is_told_from_the_log_with_the_largest_that_it_lets_in() -> None:
    at, _ = scene(left=NamespaceRoom(memory_mib=3072))
    watch = at.watch({**BODY, "driverMemory": "4g"})
    at.log = [FORBIDDEN]

    at.pass_time(watch, 3)
    (failed,) = watch.with_ways(diagnose(Case(error="Session 7 ended in state dead.", log=(FORBIDDEN,), session_id=7)))

    for hint, begins in ((hint_of(at), "Interrupt this start"), (failed, "Ask for the largest that the namespace's")):
        assert hint.code == "LG403"
        assert "left by the quota of namespace spark: 3.0 GiB" in [
            f"{fact.source}: {fact.text}" for fact in hint.evidence
        ]
        (fix,) = (fix for fix in hint.fixes if "%%configure" in (fix.cell or ""))
        assert fix.label.startswith(begins)
        assert '"driverMemory": "1280m"' in (fix.cell or "")
        assert '"numExecutors": 1' in (fix.cell or "")


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ({"quota": [REFUSED] * 9}, "Kubernetes Pending (Unschedulable) in spark · 1 pod before it"),
        (
            {"said_of": [REFUSED] * 9},
            "Kubernetes Pending (Unschedulable) in spark · 1 pod before it · quota leaves 3.0 GiB",
        ),
        ({"living": [REFUSED] * 9}, "Kubernetes Pending (Unschedulable) in spark · quota leaves 3.0 GiB"),
        ({"tagged": [REFUSED] * 9}, ""),
    ],
    ids=["quota", "events", "all pods", "pods"],
)
def test_what_kubernetes_does_not_show_is_left_out_and_nothing_else(refused: dict[str, Any], said: str) -> None:
    at, _ = scene(driver(), holding(3, 90.0), left=NamespaceRoom(memory_mib=3072), faults=refused)

    at.pass_time(at.watch(BODY), 8)

    assert line(at.said[-1]) == " · ".join(("Session 7 starting", "7 s", *([said] if said else [])))
    assert (at.said[-1].hint is None) == (not said)


def test_where_the_client_of_kubernetes_is_not_installed_the_start_goes_on_without_it() -> None:
    at, _ = scene(driver())

    def missing(_store: object) -> None:
        message = "Who holds the cluster is read from Kubernetes with its Python client, which is not installed."
        raise ClusterError(message)

    at.yarn.pods = missing  # type: ignore[method-assign, assignment]
    at.log = [FORBIDDEN]

    at.pass_time(at.watch(BODY), 4)

    assert line(at.said[-1]) == "Session 7 starting · 3 s"
    assert hint_of(at).code == "LG403"


def test_a_server_that_is_down_is_asked_twice_a_minute() -> None:
    at, namespace = scene(faults={method: [REFUSED] * 99 for method in ("tagged", "quota", "living")})

    at.pass_time(at.watch(BODY), 60)

    assert [method for method, _ in namespace.calls] == ["tagged", "tagged"]
    assert {line(start).rpartition(" · ")[0] for start in at.said} == {"Session 7 starting"}


@pytest.mark.parametrize("pods", [[driver()], [driver("", state="Running", containers=1)], []], ids=len)
@pytest.mark.parametrize("faults", [{}, {"tagged": [REFUSED] * 99}, {"quota": [REFUSED] * 99}], ids=str)
def test_it_costs_at_most_one_request_a_second_to_the_last_second(
    pods: list[Application], faults: dict[str, Any]
) -> None:
    at, namespace = scene(*pods, holding(3, 90.0), left=ROOM, faults=faults)
    watch = at.watch(BODY)
    livy, kubernetes = asked_when(at.store, at.clock), asked_when(namespace, at.clock)

    wait_until_up(at.store, 7, at.clock, 120.0, entry=ENTRY, applications=at.applications, watch=watch)

    for moments in (livy, kubernetes):
        assert all(later - sooner >= 1.0 for sooner, later in itertools.pairwise(moments)), moments
    assert len(kubernetes) > 4


def test_the_pages_of_a_long_list_are_read_one_a_second_and_the_sessions_own_pods_between_them() -> None:
    at, namespace = scene(driver(), holding(3, 90.0), left=ROOM, pages=12)
    watch, moments = at.watch(BODY), asked_when(namespace, at.clock)
    at.pass_time(watch, 45)
    told, is_whole = line(at.said[-1]), any(start.is_whole for start in at.said if start.hint is not None)
    namespace.running[APP] = driver("", state="Running", containers=1, queued=())

    at.pass_time(watch, 3)

    assert all(later - sooner >= 1.0 for sooner, later in itertools.pairwise(moments))
    assert namespace.requests == len(namespace.calls), "a page is a request"
    own = ["tagged", "application"]
    assert all(one in own or other in own for (one, _), (other, _) in itertools.pairwise(namespace.calls))
    assert "1 pod before it" in told
    assert is_whole
    assert line(at.said[-1]) == "Session 7 starting · 47 s · Kubernetes Running in spark"


def test_whoever_watches_sends_each_question_once() -> None:
    at, namespace = scene(driver(), holding(3, 90.0), left=ROOM)
    called, once = namespace._called, set()

    def note(method: str, argument: Any) -> None:
        once.add((method, asks_once()))
        called(method, argument)

    namespace._called = note  # type: ignore[method-assign]

    at.pass_time(at.watch(BODY), 12)

    assert once == {(method, True) for method in ("tagged", "application", "quota", "said_of", "living")}
    assert not asks_once()


def test_a_page_that_fails_begins_the_list_anew() -> None:
    at, namespace = scene(driver(), holding(3, 90.0), pages=3)
    watch = at.watch(BODY)
    while len(namespace.asked("living")) < 2:
        at.pass_time(watch, 1)
    namespace.faults["living"] = [REFUSED]

    at.pass_time(watch, 30)

    assert "1 pod before it" in line(at.said[-1])


def test_of_a_list_that_comes_to_no_end_nothing_is_known() -> None:
    at, namespace = scene(driver(), holding(3, 90.0))
    watch = at.watch(BODY)
    at.pass_time(watch, 8)
    told = line(at.said[-1])
    namespace.living_by_page = lambda: iter([None, None])  # type: ignore[method-assign, assignment]

    at.pass_time(watch, 16)

    assert "1 pod before it" in told
    assert at.said[-1].before is None


@pytest.mark.parametrize("method", ["tagged", "quota", "said_of", "living"])
def test_a_kubernetes_that_is_busy_once_tells_the_same_within_seconds(method: str) -> None:
    at, namespace = scene(driver(), holding(3, 90.0), left=ROOM, faults={method: [BUSY]})

    at.pass_time(at.watch(BODY), 9)

    assert "1 pod before it · quota leaves 2.5 cores" in line(at.said[-1])
    assert namespace.asked("said_of")


def test_while_no_pod_is_there_who_holds_and_what_is_left_are_told_of_the_namespace() -> None:
    at, _ = scene(holding(3), left=NamespaceRoom(memory_mib=3072, cores=Decimal("1.0")))
    at.log = [FORBIDDEN]

    at.pass_time(at.watch(BODY), 8)

    facts = [f"{fact.source}: {fact.text}" for fact in hint_of(at).evidence if fact.is_current]
    assert [fact.partition(": ")[0] for fact in facts] == [
        "held in namespace spark",
        "left by the quota of namespace spark",
    ]
    assert facts[1].endswith(": 1 core, 3.0 GiB")


def strange(*_: object) -> None:
    message = "unhashable type: 'list'"
    raise TypeError(message)


@pytest.mark.parametrize("method", ["tagged", "quota", "said_of", "living_by_page"])
def test_an_answer_that_nobody_foresaw_ends_no_start(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livyguard.watching.watch.FORGIVEN", (Exception,))
    at, namespace = scene(driver(), holding(3, 90.0), left=ROOM)
    watch = at.watch(BODY)
    setattr(namespace, method, strange)

    at.pass_time(watch, 28)
    broken = line(at.said[-1])
    delattr(namespace, method)
    at.pass_time(watch, 32)

    assert broken == "Session 7 starting · 27 s"
    assert "1 pod before it · quota leaves 2.5 cores" in line(at.said[-1])
    watch.close("idle")


def test_what_cannot_be_put_into_a_way_to_room_leaves_a_failure_its_own_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    at, _ = scene(driver())
    watch = at.watch(BODY)
    hints = diagnose(Case(error="Session 7 ended in state dead.", log=(FORBIDDEN,), session_id=7))
    monkeypatch.setattr("livyguard.watching.watch.with_room", strange)
    with pytest.raises(TypeError):
        watch.with_ways(hints)
    monkeypatch.setattr("livyguard.watching.watch.FORGIVEN", (Exception,))

    assert watch.with_ways(hints) == hints
