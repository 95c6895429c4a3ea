"""What adds to a session beside its heaps: counted, or refused where it cannot be read."""

from __future__ import annotations

import pytest

MAX = "spark.dynamicAllocation.maxExecutors"
SESSION = '"session.memory" = { max = "20g" }\n"session.cores" = { max = 10 }'
OVERHEAD = '"executor.memory_overhead" = { max = "1g" }\n"driver.memory_overhead" = { max = "1g" }'
SMALL = {"driverMemory": "1g", "executorMemory": "1g", "executorCores": 1}
EXECUTOR, DRIVER = "spark.executor.memoryOverheadFactor", "spark.driver.memoryOverheadFactor"
BOTH = "spark.kubernetes.memoryOverheadFactor"


@pytest.mark.parametrize(
    ("conf", "ceiling"),
    [
        ({}, "9"),
        ({"spark.memory.offHeap.enabled": " true ", "spark.memory.offHeap.size": "4g"}, "3"),
        ({"spark.memory.offHeap.enabled": "TRUE", "spark.memory.offHeap.size": "4g"}, "3"),
        ({"spark.unsafe.offHeap": "true", "spark.memory.offHeap.size": "4g"}, "3"),
        ({"spark.memory.offHeap.enabled": "false", "spark.memory.offHeap.size": "4g"}, "9"),
        ({EXECUTOR: "4d"}, "3"),
        ({EXECUTOR: ".4e1"}, "3"),
        ({BOTH: "4"}, "3"),
        ({"spark.executor.minMemoryOverhead": "4g"}, "3"),
        ({"spark.executor.minMemoryOverhead": "1m"}, "9"),
        ({"spark.driver.minMemoryOverhead": "17g"}, "1"),
        ({"spark.kubernetes.executor.request.cores": "4500m"}, "1"),
        ({"spark.kubernetes.driver.request.cores": "6"}, "4"),
        ({"spark.yarn.am.memory": "10g"}, "5"),
        ({"spark.yarn.am.memory": "10g", "spark.yarn.am.memoryOverhead": "4g"}, "3"),
        ({"spark.yarn.am.memoryOverhead": "14g"}, "3"),
        ({"spark.yarn.am.cores": 5}, "4"),
    ],
)
def test_it_counts(limits, conf, ceiling):
    assert limits(SESSION, {**SMALL, "conf": conf}).request["conf"][MAX] == ceiling


@pytest.mark.parametrize(
    "conf",
    [
        {"spark.memory.offHeap.enabled": "${x}"},
        {"spark.unsafe.offHeap": "yes"},
        {EXECUTOR: "0x1p10"},
        {EXECUTOR: "${x}"},
        {DRIVER: "-5"},
        {BOTH: "NaN"},
        {"spark.executor.minMemoryOverhead": "lots"},
        {"spark.kubernetes.driver.request.cores": "many"},
        {"spark.yarn.am.memory": "${x}"},
    ],
)
def test_what_cannot_be_read_is_refused(limits, conf):
    decision = limits(SESSION, {"conf": conf})

    assert [each.property for each in decision.violations][:1] not in ([], None)
    assert decision.nearest == {}
    assert limits('"queue" = { fixed = "a" }', {"conf": conf}).verdict == "allow"


@pytest.mark.parametrize("key", [EXECUTOR, BOTH])
def test_a_factor_beyond_the_limit_is_replaced_by_the_limit(limits, key):
    decision = limits(OVERHEAD, {"executorMemory": "8g", "conf": {key: "0.5"}})

    assert decision.verdict == "clamp"
    assert decision.request["conf"]["spark.executor.memoryOverhead"] == "1g"
    assert [(each.property, each.asked, each.given) for each in decision.changes] == [
        ("executor.memory_overhead", "0.5", "1g")
    ]


def test_a_least_overhead_beyond_the_limit_is_replaced_too(limits):
    decision = limits(OVERHEAD, {"conf": {"spark.driver.minMemoryOverhead": "4g"}})

    assert decision.request == {"conf": {"spark.driver.memoryOverhead": "1g"}}


@pytest.mark.parametrize("body", [{"conf": {EXECUTOR: "0.5"}}, {"conf": {BOTH: "9", EXECUTOR: "0"}}])
def test_a_factor_within_the_limit_is_left_alone(limits, body):
    assert limits('"executor.memory_overhead" = { max = "1g" }', body).changes == ()


def test_an_overhead_that_is_given_outright_wins_over_its_factor(limits):
    body = {"conf": {DRIVER: "50", "spark.driver.memoryOverhead": "512m"}}

    assert limits(OVERHEAD, body).changes == ()


@pytest.mark.parametrize(
    ("limit", "body"),
    [
        ('{ max = "1g", on_violation = "deny" }', {"conf": {DRIVER: "50"}}),
        ('{ max = "1g" }', {"conf": {DRIVER: "${x}"}}),
        ('{ max = "1g" }', {"conf": {DRIVER: "-5"}}),
        ('{ max = "1g" }', {"driverMemory": "${x}", "conf": {DRIVER: "1"}}),
    ],
)
def test_a_factor_is_refused(limits, limit, body):
    decision = limits(f'"driver.memory_overhead" = {limit}', body)

    assert decision.verdict == "deny"
    assert decision.nearest is None or DRIVER not in decision.nearest.get("conf", {})


def test_a_forbidden_overhead_leaves_its_factor_out(limits):
    decision = limits('"driver.memory_overhead" = { forbidden = true }', {"conf": {BOTH: "50"}})

    assert decision.request == {}


def test_the_old_spelling_of_a_heap_option_is_one_too(limits):
    conf = {"spark.driver.extraJavaOptions": "-mx64g"}

    assert limits('"driver.memory" = { max = "4g" }', {"conf": conf}).request == {"driverMemory": "4g"}
