"""The largest request that would start now, in what a queue of YARN has left."""

from __future__ import annotations

from typing import Any

import pytest

from livyguard.capacity.fitting import largest_request
from livyguard.capacity.queue import QueueRoom, named
from livyguard.policy.fold import fold
from livyguard.policy.model import Cluster
from livyguard.policy.tenancy import Tenancy, everybodys


def room(**fields: Any) -> QueueRoom:
    return QueueRoom("narrow", **{"active": 1, "step": 256, **fields})


def largest(body: dict[str, Any], left: QueueRoom, cluster: Tenancy | None = None) -> dict[str, Any] | None:
    offer = largest_request(body, fold(body).entries, left, cluster)
    return None if offer is None else offer.body


@pytest.mark.parametrize(
    ("left", "driver"),
    [
        (room(driver_limit=3072, drivers=1024), 2048),
        (room(driver_limit=3072, drivers=4096), 0),
        (room(driver_limit=3072, drivers=0, user_limit=1024, user_drivers=512), 512),
        (room(driver_limit=256, drivers=0, active=0, free=4096), 4096),
        (room(driver_limit=256, drivers=0, active=0), None),
        (room(driver_limit=8192, drivers=0, free=4096, nodes=(1024, 2048)), 2048),
        (room(nodes=()), 0),
        (room(driver_limit=4096, drivers=0, user_free=0), 4096),
        (room(driver_limit=4096, drivers=0, user_free=-1), 0),
        (room(), None),
    ],
)
def test_a_driver_is_bounded_by_its_share_the_queue_and_the_largest_node(left: QueueRoom, driver: int | None) -> None:
    assert left.largest_driver == driver


@pytest.mark.parametrize(
    ("left", "number"),
    [
        (room(free=8192), 5),
        (room(nodes=(2048, 3000)), 3),
        (room(nodes=(1024, 1500)), 1),
        (room(nodes=(1024, 1300), free=2100), 1),
        (room(nodes=(512, 512)), 0),
        (room(free=512), 0),
        (room(free=8192, user_free=1023), 0),
        (room(free=8192, user_free=1024), 1),
        (room(free=8192, user_free=1024 + 1280), 2),
        (room(), None),
    ],
)
def test_executors_lie_on_nodes_beside_the_driver(left: QueueRoom, number: int | None) -> None:
    assert left.executors(1024, 1280 if left.nodes is None else 1024) == number


def test_what_the_nodes_have_free_is_told_beside_the_queue() -> None:
    assert room(free=4096).largest_free is None
    assert room(free=4096).on((1024, 2048)).largest_driver == 2048


@pytest.mark.parametrize(("share", "heap"), [(1024, "640m"), (8192, "7448m"), (1100, "640m"), (768, None), (0, None)])
def test_a_heap_leaves_room_for_its_overhead_and_yarns_rounding(share: int, heap: str | None) -> None:
    found = largest({"driverMemory": "20g"}, room(driver_limit=share, drivers=0, free=65_536))

    assert (found or {}).get("driverMemory") == heap


#: 3,072 MiB left for drivers.
NARROW = QueueRoom("q", driver_limit=4096, drivers=1024, active=1, free=8192, step=1024)
ASKED = {"driverMemory": "4g", "executorMemory": "1g", "numExecutors": 2}


@pytest.mark.parametrize(
    ("defaults", "heap"),
    [
        ({}, "2688m"),
        ({"spark.driver.memoryOverhead": "2g"}, "1g"),
        ({"spark.driver.memoryOverheadFactor": "0.5"}, "2g"),
        ({"spark.yarn.am.memory": "1g"}, "640m"),
        ({"spark.driver.memoryOverhead": "3g"}, None),
    ],
    ids=str,
)
def test_an_overhead_that_the_operator_set_is_taken_off_the_largest_heap(
    defaults: dict[str, str], heap: str | None
) -> None:
    of_cluster = largest(ASKED, NARROW, everybodys(Cluster(spark_defaults=defaults)))
    of_livy = largest_request(ASKED, fold({**ASKED, "conf": defaults}).entries, NARROW)

    assert (of_cluster or {}).get("driverMemory") == heap
    assert (None if of_livy is None else of_livy.body["driverMemory"]) == heap


@pytest.mark.parametrize(
    ("key", "value", "heap"),
    [
        ("spark.driver.memoryOverhead", "2g", "2688m"),
        ("spark.driver.memoryOverheadFactor", "0.5", "2688m"),
        ("spark.driver.minMemoryOverhead", "1g", "2688m"),
        ("spark.yarn.am.memory", "1g", "2688m"),
    ],
)
def test_what_the_user_gave_the_driver_beside_its_heap_is_left_out_by_name(key: str, value: str, heap: str) -> None:
    body = {**ASKED, "conf": {key: value}}

    offer = largest_request(body, fold(body).entries, NARROW)

    assert offer is not None
    assert (offer.body["driverMemory"], offer.without) == (heap, (key,))
    assert key not in offer.body.get("conf", {})


def test_an_overhead_of_the_users_that_costs_no_heap_stays() -> None:
    body = {**ASKED, "conf": {"spark.driver.memoryOverhead": "128m"}}

    offer = largest_request(body, fold(body).entries, NARROW)

    assert offer is not None
    assert (offer.body["driverMemory"], offer.without) == ("2944m", ())
    assert offer.body["conf"]["spark.driver.memoryOverhead"] == "128m"


def test_no_larger_heap_is_offered_than_was_asked_for() -> None:
    body = {**ASKED, "driverMemory": "1g", "conf": {"spark.driver.memoryOverhead": "6g"}}

    offer = largest_request(body, fold(body).entries, NARROW)

    assert offer is not None
    assert (offer.body["driverMemory"], offer.without) == ("1g", ("spark.driver.memoryOverhead",))


def test_what_would_start_as_it_is_asked_needs_no_smaller_request() -> None:
    left = room(driver_limit=8192, drivers=0, free=65536)

    assert largest({"numExecutors": 4}, left) is None


def test_executors_are_fewer_and_everything_else_stays() -> None:
    left = room(driver_limit=8192, drivers=0, free=8192)
    body = {"numExecutors": 40, "executorMemory": "2g", "queue": "narrow", "conf": {"my.key": "x"}}

    found = largest(body, left)

    assert found is not None
    assert {**found, "conf": None} == {**body, "numExecutors": 2, "conf": None}
    assert found["conf"] == {"my.key": "x", "spark.dynamicAllocation.maxExecutors": "2"}


def test_a_driver_beyond_the_share_becomes_as_large_as_the_share_lets_it() -> None:
    left = room(driver_limit=4096, drivers=2048, free=8192)
    body = {"driverMemory": "4g", "numExecutors": 1, "conf": {"spark.driver.memoryOverhead": "1g"}}

    assert largest(body, left) == {
        "driverMemory": "1664m",
        "numExecutors": 1,
        "conf": {"spark.dynamicAllocation.maxExecutors": "1"},
    }


def test_the_largest_driver_leaves_room_for_an_executor() -> None:
    found = largest({"driverMemory": "20g"}, room(active=0, free=8192, nodes=(8192,)))

    assert found is not None
    assert (found["driverMemory"], found["conf"]["spark.dynamicAllocation.maxExecutors"]) == ("6051m", "1")


def test_a_driver_leaves_an_executor_room_in_what_one_user_may_hold() -> None:
    left = room(user_limit=3328, user_drivers=1024, user_free=1228, free=6144)

    found = largest({"driverMemory": "3g", "executorMemory": "512m"}, left)

    assert found is not None
    assert (found["driverMemory"], found["conf"]["spark.dynamicAllocation.maxExecutors"]) == ("640m", "1")


@pytest.mark.parametrize(
    "left",
    [
        room(),
        room(driver_limit=512, drivers=0, free=8192),
        room(driver_limit=8192, drivers=0, free=1536),
        room(active=0, free=2048, nodes=(1024, 1024)),
    ],
    ids=["untold", "no-driver", "no-executor", "nodes-too-small"],
)
def test_where_nothing_of_use_would_start_there_is_no_request(left: QueueRoom) -> None:
    assert largest({"driverMemory": "4g"}, left) is None


def test_the_policys_words_on_the_cluster_count() -> None:
    cluster = Cluster(
        manager="yarn",
        minimum_allocation="2g",
        dynamic_allocation=False,
        spark_defaults={"spark.executor.memory": "3g", "spark.executor.instances": "6"},
    )

    found = largest({}, room(driver_limit=8192, drivers=0, free=14_336), everybodys(cluster))

    assert found == {"numExecutors": 3}


def test_a_session_without_executors_is_not_offered_some() -> None:
    left, fixed = room(driver_limit=2048, drivers=0, free=8192), everybodys(Cluster(dynamic_allocation=False))

    assert largest({"driverMemory": "4g", "conf": {"spark.executor.instances": "0"}}, left, fixed) is None


def test_a_request_that_no_number_bounds_is_left_alone() -> None:
    left = room(driver_limit=8192, drivers=0, free=8192)

    assert largest({"conf": {"spark.executor.memory": "${env:X}"}}, left) is not None
    assert largest({"conf": {"spark.driver.memory": "oops"}}, left) is not None


@pytest.mark.parametrize(
    ("wanted", "path"),
    [("root.a.q", "root.a.q"), ("a.q", "root.a.q"), ("r", "root.b.r"), ("q", None), ("root", None), ("x.r", None)],
)
def test_a_queue_is_named_by_its_path_or_by_a_last_part_that_no_other_has(wanted: str, path: str | None) -> None:
    assert named(wanted, ["root.a.q", "root.b.q", "root.b.r"]) == path
