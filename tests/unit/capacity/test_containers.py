"""What a driver and an executor take, as each manager counts it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from livyguard.capacity.containers import Container, SessionSize, session_size
from livyguard.policy.allocation import SPARK
from livyguard.policy.fold import fold

BODY = {"driverMemory": "2g", "driverCores": 2, "executorMemory": "8g", "executorCores": 4, "kind": "pyspark"}


def size(manager: str, body: dict[str, Any] | None = None, **how: Any) -> SessionSize:
    return session_size(fold(BODY if body is None else body).entries, SPARK, manager, **how)


def container(memory_mib: int, cores: int | str) -> Container:
    return Container(memory_mib, Fraction(cores))


@pytest.mark.parametrize(
    ("manager", "how", "driver", "executor"),
    [
        ("yarn", {"step": 1}, (2048 + 384, 2), (8192 + 819, 4)),
        ("yarn", {"step": 1024}, (3072, 2), (9216, 4)),
        ("glue", {}, (2048 + 384, 2), (8192 + 819, 4)),
        ("kubernetes", {}, (2048 + 819, 2), (8192 + 3276, 4)),
        ("standalone", {}, (2048, 2), (8192, 4)),
    ],
)
def test_each_manager_counts_the_overhead_in_its_own_way(
    manager: str, how: dict[str, Any], driver: tuple[int, int], executor: tuple[int, int]
) -> None:
    assert size(manager, **how) == SessionSize(container(*driver), container(*executor))


def test_what_nobody_says_is_what_spark_takes() -> None:
    assert size("yarn", {}) == SessionSize(container(1408, 1), container(1408, 1))


def test_overheads_that_are_stated_or_scaled_count() -> None:
    body = {
        **BODY,
        "conf": {
            "spark.executor.memoryOverhead": "2g",
            "spark.executor.pyspark.memory": "1g",
            "spark.driver.memoryOverheadFactor": "0.5",
            "spark.kubernetes.executor.request.cores": "500m",
        },
    }

    assert size("kubernetes", body) == SessionSize(container(3072, 2), container(8192 + 3072, "1/2"))


@pytest.mark.parametrize("manager", ["yarn", "glue", "standalone"])
@pytest.mark.parametrize("cores", ["500m", "9"])
def test_what_kubernetes_is_asked_to_reserve_counts_on_no_other_manager(manager: str, cores: str) -> None:
    conf = {f"spark.kubernetes.{side}.request.cores": cores for side in ("driver", "executor")}

    assert size(manager, {**BODY, "conf": conf}) == size(manager)


@pytest.mark.parametrize(
    ("conf", "master"),
    [
        ({}, (896, 1)),
        ({"spark.yarn.am.memory": "6g", "spark.yarn.am.cores": "3"}, (6144 + 614, 3)),
        ({"spark.yarn.am.memoryOverhead": "100m"}, (612, 1)),
    ],
)
def test_where_the_driver_runs_beside_livy_yarn_has_its_application_master(
    conf: dict[str, str], master: tuple[int, int]
) -> None:
    found = size("yarn", {**BODY, "conf": conf}, deploy_mode="client")

    assert found == SessionSize(container(*master), container(9011, 4), 2048)


def test_a_master_is_rounded_as_every_container_is() -> None:
    assert size("yarn", step=1024, deploy_mode="client").driver == container(1024, 1)


def test_in_cluster_mode_nobody_asks_for_a_master_beside_the_driver() -> None:
    assert size("yarn", {**BODY, "conf": {"spark.yarn.am.memory": "6g"}}) == size("yarn")


@pytest.mark.parametrize("manager", ["kubernetes", "standalone"])
def test_a_driver_beside_livy_takes_nothing_of_a_worker(manager: str) -> None:
    found = size(manager, deploy_mode="client")

    assert (found.driver, found.beside_livy_mib) == (None, 2048)


def test_containers_add_up() -> None:
    one = container(1024, "1/2")

    assert one + one == one * 2 == container(2048, 1)
    assert one * 2 - one == one
