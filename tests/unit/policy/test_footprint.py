"""What a session holds at most."""

from __future__ import annotations

import pytest

from livyguard.policy.footprint import Footprint, bears_on_ceiling, ceiling, overhead

BODY = {"driverMemory": "4g", "driverCores": 1, "executorMemory": "8g", "executorCores": 2, "numExecutors": 3}


@pytest.mark.parametrize(("heap", "more"), [(1024, 384), (3840, 384), (3850, 385), (8192, 819), (0, 384)])
def test_the_overhead_is_a_tenth_and_at_least_384(heap, more):
    assert overhead(heap) == more


def test_everything_is_counted_with_its_overhead():
    assert ceiling(BODY) == Footprint(3, (4096 + 409) + 3 * (8192 + 819), 7)


def test_the_ceiling_of_dynamic_allocation_counts():
    body = {**BODY, "conf": {"spark.dynamicAllocation.maxExecutors": "8"}}

    assert ceiling(body).executors == 8


def test_without_dynamic_allocation_its_ceiling_does_not_count():
    conf = {"spark.dynamicAllocation.maxExecutors": "8", "spark.dynamicAllocation.enabled": "false"}

    assert ceiling({**BODY, "conf": conf}).executors == 3


def test_dynamic_allocation_without_a_ceiling_has_none():
    assert ceiling({**BODY, "conf": {"spark.dynamicAllocation.enabled": "true"}}) == Footprint()


def test_what_is_not_told_is_unknown():
    assert ceiling({"numExecutors": 3}) == Footprint(3, None, None)
    assert ceiling({}) == Footprint()
    assert ceiling("nonsense") == Footprint()


def test_zero_in_a_listing_means_that_nobody_asked():
    listed = {"numExecutors": 0, "executorCores": 0, "driverCores": 0, "conf": {"spark.executor.instances": "4"}}

    assert ceiling({**BODY, "numExecutors": 0}).executors is None
    assert ceiling(listed).executors == 4
    assert ceiling(listed).cores is None


def test_spark_defaults_count_where_the_body_is_silent():
    defaults = {"spark.executor.instances": "2", "spark.executor.memory": "1g", "spark.driver.memory": "1g"}

    assert ceiling({}, spark_defaults=defaults) == Footprint(2, 3 * (1024 + 384), None)


@pytest.mark.parametrize(
    ("conf", "executor"),
    [
        ({"spark.executor.memoryOverhead": "2g"}, 8192 + 2048),
        ({"spark.executor.memoryOverheadFactor": "0.5"}, 8192 + 4096),
        ({"spark.kubernetes.memoryOverheadFactor": "0.5"}, 8192 + 4096),
        ({"spark.executor.memoryOverheadFactor": "lots"}, 8192 + 819),
        ({"spark.executor.pyspark.memory": "1g"}, 8192 + 819 + 1024),
        ({"spark.memory.offHeap.size": "1g"}, 8192 + 819),
        ({"spark.memory.offHeap.size": "1g", "spark.memory.offHeap.enabled": "True"}, 8192 + 819 + 1024),
        ({"spark.executor.memoryOverhead": "${x}"}, 8192 + 819),
    ],
)
def test_what_adds_to_an_executor(conf, executor):
    size = ceiling({"numExecutors": 1, "executorMemory": "8g", "driverMemory": "1g", "conf": conf}).memory_mib

    driver = 1024 + (512 if "spark.kubernetes.memoryOverheadFactor" in conf else 384)
    assert size == driver + executor


def test_numbers_that_cannot_be_read_are_unknown():
    assert ceiling({"numExecutors": "many"}) == Footprint()


@pytest.mark.parametrize(
    ("manager", "kind", "size"),
    [
        ("kubernetes", "pyspark", 8192 + 3276),
        ("kubernetes", "r", 8192 + 3276),
        ("kubernetes", "spark", 8192 + 819),
        ("yarn", "pyspark", 8192 + 819),
        (None, "pyspark", 8192 + 819),
    ],
)
def test_kubernetes_leaves_python_and_r_more_beside_the_heap(manager, kind, size):
    body = {"kind": kind, "numExecutors": 1, "executorMemory": "8g", "driverMemory": "8g"}

    assert ceiling(body, manager=manager).memory_mib == 2 * size


def test_a_factor_that_is_given_counts_instead():
    conf = {"spark.executor.memoryOverheadFactor": "0.1", "spark.kubernetes.memoryOverheadFactor": "0.2"}
    body = {"kind": "pyspark", "numExecutors": 1, "executorMemory": "10g", "driverMemory": "10g", "conf": conf}

    assert ceiling(body, manager="kubernetes").memory_mib == (10240 + 1024) + (10240 + 2048)


def test_yarn_knows_no_factor_of_kubernetes():
    conf = {"spark.kubernetes.memoryOverheadFactor": "9"}
    body = {"numExecutors": 1, "executorMemory": "10g", "driverMemory": "10g", "conf": conf}

    assert ceiling(body, manager="yarn").memory_mib == 2 * (10240 + 1024)


def test_yarn_rounds_every_container_up_to_its_least_allocation():
    conf = {"spark.yarn.am.memory": "1g"}
    body = {"numExecutors": 3, "executorMemory": "8g", "driverMemory": "4g", "conf": conf}

    assert ceiling(body, manager="yarn", step=1024).memory_mib == 5120 + 2048 + 3 * 9216
    assert ceiling(body, manager="kubernetes", step=1024).memory_mib == 4505 + 1408 + 3 * 9011


def test_off_heap_memory_counts_in_whole_mebibytes_as_spark_asks_for_it():
    conf = {"spark.memory.offHeap.enabled": "true", "spark.memory.offHeap.size": "1600000"}
    body = {"numExecutors": 1, "executorMemory": "1g", "driverMemory": "1g", "conf": conf}

    assert ceiling(body).memory_mib == 1408 + 1409


@pytest.mark.parametrize(
    "key",
    [
        "spark.executor.instances",
        " spark.executor.memory ",
        "spark.yarn.driver.memoryOverhead",
        "spark.memory.offHeap.enabled",
        "spark.kubernetes.memoryOverheadFactor",
        "spark.driver.extraJavaOptions",
        "spark.executorEnv.JAVA_TOOL_OPTIONS",
    ],
)
def test_keys_that_make_a_session_larger_bear_on_its_ceiling(key):
    assert bears_on_ceiling(key)


@pytest.mark.parametrize("key", ["spark.yarn.tags", "spark.app.name", "spark.jars.packages", "spark.hadoop.memory", ""])
def test_most_keys_do_not(key):
    assert not bears_on_ceiling(key)
