"""Who holds a real YARN, and freeing it: two people with two sessions each, an operator, and what is left over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.people import Desk, Person, until
from tests.live.proxy import Proxy
from tests.live.waiting import stopped
from tests.live.yarn_scene import Scene, actions, listed, obey, orphans, starting
from tests.live.yarn_stack import NARROW, ROOMY, Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.live

PEOPLE = ("alice", "bob", "admin")
STATIC = {"numExecutors": 1}
#: No executor to begin with; a second after its work is done one is given back.
ELASTIC = {
    "spark.dynamicAllocation.enabled": "true",
    "spark.dynamicAllocation.shuffleTracking.enabled": "true",
    "spark.dynamicAllocation.maxExecutors": "1",
    "spark.dynamicAllocation.executorIdleTimeout": "1s",
}
CACHE = "numbers = sc.parallelize(range(4), 1).cache()\nnumbers.count()"
UNCACHE = "numbers.unpersist(blocking=True)"
#: Seconds until SparkMagic gives up.
CLOCK = 20
#: Where no ResourceManager listens.
NOBODY = "http://127.0.0.1:1"
IDLE = ("--idle-for", "0s")
EVERYBODYS = ("release", "--all-users", *IDLE, "--json")


@pytest.fixture(scope="module")
def desks(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Desk]:
    """Return everybody's machine; one policy holds on all of them."""
    desks = {name: Desk(tmp_path_factory.mktemp(name), stack.livy.url, name, claims=name) for name in PEOPLE}
    for desk in desks.values():
        obey(desk, stack.yarn.web)
    return desks


@pytest.fixture(scope="module")
def scene(stack: Stack, desks: dict[str, Desk]) -> Scene:
    people = {name: Person(stack.livy, name) for name in PEOPLE}
    alice, bob = people["alice"], people["bob"]
    with starting(desks["alice"], STATIC) as created:
        working = alice.create(**STATIC, executorMemory="768m")
        static, elastic = bob.create(**STATIC), bob.create(conf=ELASTIC)
        rested = created()
    for person, number in ((alice, working), (bob, static), (bob, elastic)):
        person.comes_up(number)
    alice.works(working)
    scene = Scene(stack, people, desks, rested, working, static, elastic)
    until(lambda: scene.executors() == {rested: 1, working: 1, static: 1, elastic: 0})
    return scene


def take_one(scene: Scene) -> None:
    """Let the elastic session hold an executor, if it holds none."""
    if not scene.executors()[scene.elastic]:
        scene.people["bob"].says(scene.elastic, CACHE)
        until(lambda: scene.executors()[scene.elastic] == 1)


def give_back(scene: Scene) -> None:
    """Let the elastic session give its executor back, if it holds one."""
    if scene.executors()[scene.elastic]:
        scene.people["bob"].says(scene.elastic, UNCACHE)
        until(lambda: scene.executors()[scene.elastic] == 0)


def test_the_listing_tells_what_every_session_holds_as_yarn_counts_it_for_one_request(scene: Scene) -> None:
    alices = scene.desks["alice"]
    with Proxy(scene.stack.yarn.web) as proxy:
        obey(alices, proxy.url)
        rows = listed(alices)
    obey(alices, scene.stack.yarn.web)

    held = scene.held()
    assert {number: {key: row[key] for key in held[number]} for number, row in rows.items()} == held
    share = 100 * scene.stack.yarn.allocated_mb() / ROOMY
    assert sum(row["cluster_share"] for row in rows.values()) == pytest.approx(share)
    assert {number: row["mine"] for number, row in rows.items()} == {
        scene.rested: True,
        scene.working: True,
        scene.static: False,
        scene.elastic: False,
    }
    assert [(method, path.partition("?")[0]) for method, path in proxy.asked] == [("GET", "/ws/v1/cluster/apps")]


def test_where_nobody_says_how_executors_are_allocated_holding_one_may_mean_work(scene: Scene) -> None:
    alices = scene.desks["alice"]
    obey(alices, scene.stack.yarn.web, more="")
    kept = alices.release(*IDLE, "--dry-run")
    obey(alices, scene.stack.yarn.web)
    freed = alices.release(*IDLE, "--dry-run")

    assert kept[scene.rested]["result"] == "skipped"
    assert "no statement runs, but it holds an executor" in kept[scene.rested]["reason"]
    assert freed[scene.rested]["result"] == "would-release"


def test_each_frees_their_own_idle_sessions_and_yarn_has_back_what_they_held(scene: Scene) -> None:
    alice = scene.people["alice"]
    before, sessions = scene.held(), scene.alive()
    take_one(scene)

    alices = scene.desks["alice"].release(*IDLE)
    after_alice = scene.held(), scene.alive()
    bobs = scene.desks["bob"].release(*IDLE)
    after_bob = scene.held(), scene.alive()

    assert {number: one["result"] for number, one in alices.items()} == {
        scene.rested: "released",
        scene.working: "skipped",
    }
    assert alices[scene.rested]["app_id"] == before[scene.rested]["app_id"]
    assert alices[scene.rested]["held"] == {
        key: before[scene.rested][f"{key}_held"] for key in ("executors", "memory_mib", "cores")
    }
    assert alices[scene.working]["reason"] == "it is busy"
    assert [set(seen) for seen in after_alice] == [set(sessions) - {scene.rested}] * 2
    assert {number: one["result"] for number, one in bobs.items()} == {
        scene.static: "released",
        scene.elastic: "skipped",
    }
    assert bobs[scene.static]["app_id"] == before[scene.static]["app_id"]
    assert "no statement runs, but it holds an executor" in bobs[scene.elastic]["reason"]
    assert [set(seen) for seen in after_bob] == [{scene.working, scene.elastic}] * 2
    assert alice.get(f"/sessions/{scene.working}/state")["state"] == "busy"
    assert [one["left_over"] for one in [*alices.values(), *bobs.values()]] == [None] * 4


def test_a_session_is_idle_once_it_has_given_its_executors_back(scene: Scene) -> None:
    bobs, number = scene.desks["bob"], scene.elastic
    take_one(scene)
    holding, idle = listed(bobs)[number], set(listed(bobs, "--idle"))
    give_back(scene)

    given_back = listed(bobs, "--idle")[number]
    foretold = bobs.release(*IDLE, "--dry-run")[number]

    assert (holding["state"], holding["executors_held"], holding["idle_seconds"]) == ("idle", 1, None)
    assert number not in idle
    assert given_back["executors_held"] == 0
    assert given_back["idle_seconds"] >= 0
    assert foretold["result"] == "would-release"


def test_an_operator_frees_everybodys_idle_sessions_a_line_each_and_yarn_holds_nothing(scene: Scene) -> None:
    scene.people["alice"].rests(scene.working)
    give_back(scene)
    before, sessions = scene.held(), scene.alive()
    whose = {number: owner for number, (owner, _state) in sessions.items()}
    assert {scene.working, scene.elastic} <= set(whose)  # the others may have been freed before

    foretold = actions(scene.desks["admin"], *EVERYBODYS, "--dry-run")
    untouched = scene.held(), scene.alive()
    freed = actions(scene.desks["admin"], *EVERYBODYS)

    assert {number: (one["result"], one["owner"]) for number, one in foretold.items()} == {
        number: ("would-release", owner) for number, owner in whose.items()
    }
    assert untouched == (before, sessions)
    assert {number: (one["result"], one["owner"]) for number, one in freed.items()} == {
        number: ("released", owner) for number, owner in whose.items()
    }
    assert {number: one["app_id"] for number, one in freed.items()} == {
        number: before[number]["app_id"] for number in whose
    }
    assert scene.alive() == {}
    assert scene.stack.yarn.living() == []
    until(lambda: scene.stack.yarn.allocated_mb() == 0)


@pytest.fixture
def left_over(stack: Stack, desks: dict[str, Desk]) -> Iterator[dict[str, Any]]:
    """Leave an application of alice's in YARN: whoever waited for its session is killed, and Livy told to delete it.

    Its driver, stopped by a signal, has a container and gets no further.
    """
    alice = Person(stack.livy, "alice")
    with starting(desks["alice"], STATIC):
        app = stack.application()
        until(lambda: stack.masters().get(app["id"])).suspend()
    (number,) = alice.alive()
    assert alice.delete(number) == 200
    yield {"app_id": app["id"], "session": number}
    stack.yarn.kill(app["id"])


def test_what_a_lost_start_left_in_yarn_is_found_and_ended_by_whoever_began_it(
    stack: Stack, desks: dict[str, Desk], left_over: dict[str, Any]
) -> None:
    app_id = left_over["app_id"]
    held = stack.yarn.describe(app_id)["allocatedMB"]
    rows, mine = listed(desks["alice"]), orphans(desks["alice"])[app_id]
    said, bobs = desks["alice"].command("sessions").stdout, orphans(desks["bob"])[app_id]

    refused = desks["bob"].release("--app", app_id)[None]
    survived = stack.yarn.living()
    foretold = desks["alice"].release("--app", app_id, "--dry-run")[None]
    ended = desks["alice"].release("--app", app_id)[None]

    assert rows == {}
    assert (mine["mine"], mine["session"], mine["endpoint"]) == (True, left_over["session"], stack.livy.url)
    assert mine["memory_mib"] == held >= 1024
    assert "Applications without a session on this endpoint" in said
    assert f"this machine's: session {left_over['session']}, which is gone" in said
    assert f"livyguard release --app {app_id}" in said
    assert (bobs["mine"], bobs["session"]) == (None, None)
    assert (refused["result"], refused["app_id"]) == ("refused", app_id)
    assert "this machine has no record of creating it" in refused["reason"]
    assert [app["id"] for app in survived] == [app_id]
    assert foretold["result"] == "would-release"
    assert (ended["result"], ended["app_id"]) == ("released", app_id)
    assert stack.yarn.describe(app_id)["state"] == "KILLED"
    assert orphans(desks["alice"]) == {}
    until(lambda: stack.yarn.allocated_mb() == 0)


def test_what_another_livy_may_own_is_shown_and_ended_by_an_operator_alone(
    stack: Stack, desks: dict[str, Desk]
) -> None:
    with stack.yarn.occupied(NARROW, 256, tags=["livy-session-0-a1b2c3d4"]) as app_id:
        shown, said = orphans(desks["alice"]), desks["alice"].command("sessions").stdout
        refused = desks["alice"].release("--app", app_id, "--force")[None]
        survived = stack.yarn.living()
        ended = desks["admin"].release("--app", app_id)[None]
        state = stack.yarn.describe(app_id)["state"]

    assert (shown[app_id]["mine"], shown[app_id]["session"], shown[app_id]["memory_mib"]) == (None, None, 256)
    assert "another Livy may own" in said
    assert f"livyguard release --app {app_id}" not in said
    assert refused["result"] == "refused"
    assert refused["reason"] == "this machine has no record of creating it; an operator may end it"
    assert [app["id"] for app in survived] == [app_id]
    assert ended["result"] == "released"
    assert state == "KILLED"


@pytest.fixture
def unsubmitted(stack: Stack, desks: dict[str, Desk]) -> Iterator[int]:
    """Begin a session of bob's with livyguard that YARN does not know of: spark-submit is stopped by a signal."""
    with starting(desks["bob"], STATIC):
        (number,) = until(Person(stack.livy, "bob").alive)
        until(lambda: stack.livy.drivers().get(number)).suspend()
    yield number
    stack.livy.end_drivers()


@pytest.fixture
def no_resource_manager(stack: Stack) -> Iterator[Callable[[], None]]:
    """Stop the ResourceManager; return what starts it again."""
    stack.yarn.stop_resource_manager()
    yield stack.yarn.start_resource_manager
    stack.yarn.start_resource_manager()


def test_with_yarn_down_sessions_are_listed_and_freed_and_what_is_not_known_is_said(
    stack: Stack, desks: dict[str, Desk], unsubmitted: int, no_resource_manager: Callable[[], None]
) -> None:
    lacks = f"are not shown: No connection to the ResourceManager {stack.yarn.web}."

    told = desks["alice"].command("sessions")
    as_json = desks["alice"].command("sessions", "--json")
    freed = desks["bob"].release(unsubmitted)[unsubmitted]
    no_resource_manager()
    again = desks["alice"].command("sessions", "--json")

    assert (told.returncode, as_json.returncode) == (0, 0)
    (row,) = json.loads(as_json.stdout)
    assert (row["id"], row["owner"], row["state"]) == (unsubmitted, "bob", "starting")
    assert [row[key] for key in ("executors_held", "memory_mib_held", "cores_held", "cluster_share")] == [None] * 4
    assert lacks in told.stdout
    assert lacks in as_json.stderr
    assert freed["result"] == "released"
    assert "not known" in freed["reason"]
    assert (again.returncode, json.loads(again.stdout), again.stderr) == (0, [], "")


@pytest.mark.long
def test_a_session_of_mine_on_another_livy_of_the_same_yarn_is_left_alone(stack: Stack, desks: dict[str, Desk]) -> None:
    desk = desks["alice"]
    with stack.another_livy("another") as another:
        desk.turn_to(another.url)
        with starting(desk, STATIC) as created:
            number = created()
        app = stack.application()
        desk.turn_to(stack.livy.url)

        (shown,) = orphans(desk).values()
        outcomes = desk.release(*IDLE), desk.release(number, "--force")
        refused = desk.release("--app", app["id"])[None]
        alive = Person(another, "alice").alive()
        desk.turn_to(another.url)
        freed = desk.release(*IDLE)[number]
        desk.turn_to(stack.livy.url)

    assert (shown["app_id"], shown["mine"], shown["endpoint"]) == (app["id"], None, another.url)
    assert outcomes[0] == {}
    assert outcomes[1][number]["result"] == "gone"
    assert refused["result"] == "refused"
    assert f"it is of session {number} on {another.url}, which was not asked" in refused["reason"]
    assert alive == {number: ("alice", "idle")}
    assert (freed["result"], freed["app_id"]) == ("released", app["id"])
    assert stack.yarn.living() == []


@pytest.mark.long
def test_what_a_notebooks_time_out_left_while_yarn_could_not_be_asked_is_found_and_ended(
    stack: Stack, desks: dict[str, Desk], request: pytest.FixtureRequest
) -> None:
    desk = desks["alice"]
    desk.configure(livy_session_startup_timeout_seconds=CLOCK)
    obey(desk, NOBODY)
    kernel = desk.start()
    request.addfinalizer(desk.stop)
    with stopped(kernel, stack) as sent:
        app = stack.application()
        until(lambda: stack.masters().get(app["id"])).suspend()
    said = kernel.finish(sent).text
    obey(desk, stack.yarn.web)

    shown = orphans(desk)[app["id"]]
    ended = desk.release("--app", app["id"])[None]

    assert f"did not start up in {CLOCK} seconds" in said
    assert shown["mine"] is True
    assert (ended["result"], ended["app_id"]) == ("released", app["id"])
    assert stack.yarn.living() == []
