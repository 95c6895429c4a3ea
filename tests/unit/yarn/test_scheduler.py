"""What the ResourceManager tells of queues and nodes.

``scheduler.json`` and ``fair_scheduler.json`` are a real YARN 3.3.6's, one queue of each occupied; the latter without
its ``resourceInformations``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from livyguard.capacity.queue import QueueRoom
from livyguard.yarn.scheduler import free_of_nodes, leaves, queue_room, slim

RECORDED = (Path(__file__).parent / "scheduler.json").read_text()
ANSWER: dict[str, Any] = json.loads(RECORDED, object_hook=slim)
FAIR: dict[str, Any] = json.loads((Path(__file__).parent / "fair_scheduler.json").read_text(), object_hook=slim)


@pytest.mark.parametrize("name", ["narrow", "root.narrow"])
def test_an_occupied_queue_tells_its_share_of_drivers_and_what_is_left(name: str) -> None:
    assert queue_room(ANSWER, name, "dr.who") == QueueRoom(
        "narrow",
        driver_limit=256,
        drivers=256,
        user_limit=256,
        user_drivers=256,
        active=1,
        free=7936,
        step=256,
    )


def test_whoever_holds_nothing_in_a_queue_has_no_drivers_there() -> None:
    room = queue_room(ANSWER, "default", "alice")

    assert room is not None
    assert (room.user_drivers, room.active, room.free) == (0, 0, 7936)


def test_a_queue_below_others_has_no_more_left_than_they_have() -> None:
    leaf = {"queueName": "q", "numActiveApplications": 2, "resourcesUsed": {"memory": 1024}, **_partition(8192)}
    parent = {"queueName": "team", "resourcesUsed": {"memory": 3072}, **_partition(4096), "queues": {"queue": leaf}}
    other = {"queueName": "q", "resourcesUsed": {"memory": 1024}, **_partition(2048)}
    answer = _of(parent, {"queueName": "else", "resourcesUsed": {"memory": 1024}, "queues": {"queue": [other]}})

    found = queue_room(answer, "root.team.q", None)

    assert found is not None
    assert (found.free, found.active, found.driver_limit, found.step) == (1024, 2, None, None)


@pytest.mark.parametrize(
    ("factor", "user", "left"),
    [(0.8, "alice", 1228), (0.8, "bob", 3276), (0.25, "alice", -1024), (-1.0, "alice", None), ("x", "alice", None)],
)
def test_a_user_may_hold_so_many_times_what_the_queue_is_guaranteed(factor: float, user: str, left: int | None) -> None:
    alice = {"username": "alice", "resourcesUsed": {"memory": 2048}, "userResourceLimit": {"memory": 1024}}
    partition = {"effectiveMaxResource": {"memory": 8192}, "effectiveMinResource": {"memory": 4096}}
    queue = {"queueName": "q", "userLimitFactor": factor, "users": {"user": alice}}
    queue["capacities"] = {"queueCapacitiesByPartition": [partition]}

    found = queue_room(_of(queue), "q", user)

    assert found is not None
    assert found.user_free == left


def fair(name: str, most: int, held: int, *below: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a queue of the fair scheduler."""
    queues = {"childQueues": {"queue": [*below]}} if below else {}
    return {"queueName": name, "maxResources": {"memory": most}, "usedResources": {"memory": held}, **queues, **fields}


def of_drivers(most: int, held: int) -> dict[str, Any]:
    return {"amMaxResources": {"memory": most}, "amUsedResources": {"memory": held}}


@pytest.mark.parametrize("name", ["root.users.alice", "alice", "users.alice"])
def test_a_queue_of_the_fair_scheduler_tells_its_share_of_drivers_and_what_is_left(name: str) -> None:
    alice = fair("root.users.alice", 6144, 3072, numActiveApps=1, maxApps=2_147_483_647, **of_drivers(4096, 1024))
    root = fair("root", 8192, 7168, fair("root.users", 8192, 3072, alice), fair("root.etl", 8192, 4096))

    found = queue_room(_of_fair(root), name, "alice")

    assert found == QueueRoom("alice", driver_limit=4096, drivers=1024, free=1024)


def test_a_real_fair_scheduler_tells_what_a_queue_of_half_the_cluster_has_left() -> None:
    half, whole = queue_room(FAIR, "root.half", "dr.who"), queue_room(FAIR, "default", "alice")

    assert half == QueueRoom("half", drivers=2048, free=2048)
    assert half.on((6144,)).largest_driver == 2048
    assert whole is not None
    assert whole.free == 6144, "the root has no more"


def test_a_fair_queue_in_which_no_driver_ever_asked_for_room_tells_no_limit_for_them() -> None:
    root = fair("root", 8192, 0, fair("root.default", 8192, 0, **of_drivers(0, 0)))

    found = queue_room(_of_fair(root), "default", None)

    assert found == QueueRoom("default", drivers=0, free=8192)
    assert found.largest_driver == 8192


@pytest.mark.parametrize(("most", "active", "is_told"), [(2, 2, False), (0, 0, False), (2, 1, True)])
def test_a_fair_queue_that_runs_as_many_as_it_may_has_no_room_that_could_be_told(
    most: int, active: int, is_told: bool
) -> None:
    queue = fair("root.q", 8192, 0, maxApps=most, numActiveApps=active)

    room = queue_room(_of_fair(fair("root", 8192, 0, queue)), "root.q", None)

    assert (room is not None) == is_told


def test_a_fair_queue_that_stands_alone_below_another_may_stand_there_bare() -> None:
    used = {"maxResources": {"memory": 4096}, "usedResources": {"memory": 1024}}
    bare = {"queueName": "root.a", **used, "childQueues": {"queueName": "root.a.b", **used}}
    answer = {"scheduler": {"schedulerInfo": {"rootQueue": {"queueName": "root", "childQueues": bare}}}}

    assert [(leaf.path, leaf.free()) for leaf in leaves(answer)] == [("root.a.b", 3072)]


@pytest.mark.parametrize("childless", [{}, {"queue": []}, [], None], ids=str)
def test_a_fair_queue_with_none_below_it_is_a_leaf(childless: object) -> None:
    root = {"queueName": "root", "childQueues": [{"queueName": "root.a", "childQueues": childless}]}

    assert [leaf.path for leaf in leaves({"scheduler": {"schedulerInfo": {"rootQueue": root}}})] == ["root.a"]


@pytest.mark.parametrize(
    "used", ["Infinity", "-Infinity", "NaN", "1" + "0" * 400, "1e308", "-1", "true", '"x"', "[]", "50"]
)
@pytest.mark.parametrize("most", ["Infinity", "-Infinity", "NaN", "1" + "0" * 400, "1e308", "-1", "0", "true", "100"])
def test_shares_that_are_none_tell_nothing_of_what_is_left(most: str, used: str) -> None:
    queue = f'{{"queueName": "a", "absoluteMaxCapacity": {most}, "absoluteUsedCapacity": {used}}}'
    answer = json.loads(f'{{"scheduler": {{"schedulerInfo": {{"queues": {{"queue": [{queue}]}}}}}}}}')

    (leaf,) = leaves(answer)

    known = (most, used) == ("100", "50")
    assert (leaf.free(8192), leaf.queue.used_share) == ((4096, 0.5) if known else (None, None))


def test_a_name_that_two_queues_have_names_neither() -> None:
    root = fair(
        "root", 1, 0, fair("root.a", 1, 0, fair("root.a.q", 1, 0)), fair("root.b", 1, 0, fair("root.b.q", 1, 0))
    )

    assert queue_room(_of_fair(root), "q", None) is None
    assert queue_room(_of_fair(root), "root.b.q", None) is not None


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"scheduler": "none"},
        {"scheduler": {"schedulerInfo": {"type": "fairScheduler", "rootQueue": {}}}},
        {"scheduler": {"schedulerInfo": {"queueName": "root", "queues": {"queue": None}}}},
    ],
)
def test_other_schedulers_and_unknown_queues_tell_nothing(answer: dict[str, Any]) -> None:
    assert queue_room(answer, "narrow", "alice") is None
    assert queue_room(ANSWER, "nowhere", "alice") is None


def test_the_nodes_that_are_up_tell_what_they_have_free() -> None:
    up, down = {"state": "RUNNING", "availMemoryMB": 512}, {"state": "LOST", "availMemoryMB": 4096}

    assert free_of_nodes({"nodes": {"node": [up, down, {"state": "RUNNING", "availMemoryMB": True}]}}) == (512,)
    assert free_of_nodes({"nodes": {"node": up}}) == (512,)
    assert free_of_nodes({"nodes": None}) == ()
    assert free_of_nodes({}) is None


def _partition(most: int) -> dict[str, Any]:
    return {"capacities": {"queueCapacitiesByPartition": [{"effectiveMaxResource": {"memory": most}}]}}


def _of_fair(root: dict[str, Any]) -> dict[str, Any]:
    return {"scheduler": {"schedulerInfo": {"type": "fairScheduler", "rootQueue": root}}}


def _of(*queues: dict[str, Any]) -> dict[str, Any]:
    return {"scheduler": {"schedulerInfo": {"queueName": "root", **_partition(16_384), "queues": {"queue": [*queues]}}}}
