"""What the quotas of a namespace leave, and the largest request that they let in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from livyguard.capacity.fitting import largest_request
from livyguard.capacity.namespace import BOUNDLESS, NamespaceRoom
from livyguard.policy.fold import fold
from livyguard.policy.footprint import Footprint, Sizes

SIZE = Sizes(driver_mib=1408, executor_mib=1408, driver_cores=1, executor_cores=2)


def largest(body: dict[str, Any], room: NamespaceRoom) -> dict[str, Any] | None:
    return largest_request(body, fold(body).entries, room)


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
    driver = Footprint(None, 1408, 1)

    whole = NamespaceRoom(memory_mib=-100, cores=Decimal("-0.5"), pods=0).with_back(driver)

    assert whole == NamespaceRoom(memory_mib=1308, cores=Decimal("0.5"), pods=1)
    assert NamespaceRoom().with_back(driver) == NamespaceRoom()
    assert NamespaceRoom(memory_mib=1, cores=Decimal(1)).with_back(Footprint()) == NamespaceRoom(1, Decimal(1))


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
