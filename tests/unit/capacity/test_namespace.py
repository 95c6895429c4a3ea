"""What the quotas of a namespace leave, and the largest request that they let in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from livyguard.capacity.fitting import largest_request
from livyguard.capacity.namespace import BOUNDLESS, NamespaceRoom
from livyguard.policy.fold import fold
from livyguard.policy.pods import PodAsks, Wanted

SIZE = Wanted(PodAsks(1408, Decimal(1)), PodAsks(1408, Decimal(2)))
LIMITED = Wanted(PodAsks(1408, Decimal(1), Decimal(1)), PodAsks(1408, Decimal(2), Decimal("2.5")))


def largest(body: dict[str, Any], room: NamespaceRoom) -> dict[str, Any] | None:
    offer = largest_request(body, fold(body).entries, room)
    return None if offer is None else offer.body


@pytest.mark.parametrize(
    ("room", "driver"),
    [
        (NamespaceRoom(), None),
        (NamespaceRoom(memory_mib=4096), 4096),
        (NamespaceRoom(memory_mib=-1), 0),
        (NamespaceRoom(pods=1), BOUNDLESS),
        (NamespaceRoom(memory_mib=4096, pods=0), 0),
        (NamespaceRoom(memory_mib=4096, cores=Decimal("0.5")), 0),
        (NamespaceRoom(cores=Decimal(1)), BOUNDLESS),
    ],
)
def test_a_driver_is_bounded_by_memory_cores_and_pods(room: NamespaceRoom, driver: int | None) -> None:
    assert room.driver_within(SIZE) == driver


@pytest.mark.parametrize(
    ("room", "number"),
    [
        (NamespaceRoom(), None),
        (NamespaceRoom(memory_mib=1408 * 4), 3),
        (NamespaceRoom(memory_mib=1408 * 4, cores=Decimal("5.5")), 2),
        (NamespaceRoom(cores=Decimal(100), pods=2), 1),
        (NamespaceRoom(pods=0), 0),
    ],
)
def test_executors_are_bounded_by_the_scarcest_beside_the_driver(room: NamespaceRoom, number: int | None) -> None:
    assert room.executors_beside(1408, SIZE) == number


def test_what_the_driver_asks_for_comes_back_where_something_bounds_it() -> None:
    driver = PodAsks(1408, Decimal("0.5"), Decimal(1))

    whole = NamespaceRoom(memory_mib=-100, cores=Decimal("-0.5"), pods=0, limit_cores=Decimal(0)).with_back(driver)

    assert whole == NamespaceRoom(memory_mib=1308, cores=Decimal(0), pods=1, limit_cores=Decimal(1))
    assert NamespaceRoom().with_back(driver) == NamespaceRoom()
    assert NamespaceRoom(memory_mib=1, cores=Decimal(1)).with_back(PodAsks()) == NamespaceRoom(1, Decimal(1))


def test_a_request_beyond_the_quota_gets_fewer_executors_and_stays_as_it_is() -> None:
    body = {"executorMemory": "2g", "executorCores": 2, "numExecutors": 10, "conf": {"my.key": "x"}}

    found = largest(body, NamespaceRoom(cores=Decimal(8)))

    assert found is not None
    assert found["numExecutors"] == 3
    assert found["conf"] == {"my.key": "x", "spark.dynamicAllocation.maxExecutors": "3"}


def test_a_python_driver_is_as_small_as_what_kubernetes_leaves_python_wants() -> None:
    room = NamespaceRoom(memory_mib=8192)

    found = largest({"kind": "pyspark", "driverMemory": "8g", "numExecutors": 1}, room)

    assert found is not None
    heap = int(found["driverMemory"].removesuffix("m"))
    executor = 1024 + int(1024 * 0.4)
    assert heap + int(heap * 0.4) + executor <= 8192
    assert heap + 1 + int((heap + 1) * 0.4) + executor + 2 > 8192


@pytest.mark.parametrize("room", [NamespaceRoom(), NamespaceRoom(memory_mib=512), NamespaceRoom(memory_mib=1 << 30)])
def test_there_is_no_smaller_request_where_nothing_bounds_it_nothing_fits_or_everything_does(
    room: NamespaceRoom,
) -> None:
    assert largest({"numExecutors": 2}, room) is None


@pytest.mark.parametrize(
    ("conf", "cores", "number"),
    [
        ({"spark.kubernetes.executor.request.cores": "500m"}, "2.5", 3),
        ({"spark.kubernetes.driver.request.cores": "200m"}, "1.5", 1),
        ({"spark.kubernetes.executor.request.cores": "1500m"}, "4.5", 2),
        ({"spark.kubernetes.executor.request.cores": "${env:X}"}, "2.5", 1),
        ({}, "1.5", None),
    ],
    ids=str,
)
def test_the_cores_that_kubernetes_is_asked_to_reserve_count_parts_of_one_too(
    conf: dict[str, str], cores: str, number: int | None
) -> None:
    found = largest({"numExecutors": 4, "conf": conf}, NamespaceRoom(cores=Decimal(cores)))

    assert (found or {}).get("numExecutors") == number


@pytest.mark.parametrize(
    ("left", "size", "driver"),
    [
        ("0", LIMITED, 0),
        ("-1", LIMITED, 0),
        ("1", LIMITED, BOUNDLESS),
        ("4", SIZE, None),
        ("0", SIZE, None),
    ],
)
def test_a_quota_on_limits_of_cores_bounds_pods_that_have_one_and_tells_nothing_of_others(
    left: str, size: Wanted, driver: int | None
) -> None:
    assert NamespaceRoom(limit_cores=Decimal(left)).driver_within(size) == driver


def test_limits_of_cores_are_shared_out_as_the_request_names_them() -> None:
    named = {f"spark.kubernetes.{side}.limit.cores": cores for side, cores in (("driver", "1"), ("executor", "1500m"))}
    room = NamespaceRoom(limit_cores=Decimal(6))

    found = largest({"numExecutors": 9, "conf": named}, room)

    assert found is not None
    assert found["numExecutors"] == 3
    assert largest({"numExecutors": 9, "conf": {**named, "spark.kubernetes.driver.limit.cores": "many"}}, room) is None
    assert largest({"numExecutors": 9}, room) is None


def test_an_overhead_that_the_operator_set_is_taken_off_the_largest_heap() -> None:
    asked = {"driverMemory": "4g", "executorMemory": "1g", "numExecutors": 2}
    sent = fold({**asked, "conf": {"spark.kubernetes.memoryOverheadFactor": "0.9"}}).entries

    offer = largest_request(asked, sent, NamespaceRoom(memory_mib=3000))

    assert offer is not None
    heap = int(offer.body["driverMemory"].removesuffix("m"))
    executor = 1024 + int(1024 * 0.9)
    assert (heap, offer.body["numExecutors"]) == (555, 1)
    assert heap + max(384, int(heap * 0.9)) + executor <= 3000
