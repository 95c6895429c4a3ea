"""What Spark refuses to start with beside a value that was changed is changed with it."""

from __future__ import annotations

import pytest

CORES = '"executor.cores" = { max = 4 }'
JAVA = "spark.driver.extraJavaOptions"
STREAMING = "spark.streaming.dynamicAllocation"
LIMIT = "spark.kubernetes.executor.limit.cores"
OFF_HEAP = {"spark.memory.offHeap.enabled": "true", "spark.memory.offHeap.size": "8g"}


def test_a_task_takes_no_more_cores_than_an_executor_is_given(limits):
    decision = limits(CORES, {"executorCores": 8, "conf": {"spark.task.cpus": "8"}})

    assert decision.verdict == "clamp"
    assert decision.request == {"executorCores": 4, "conf": {"spark.task.cpus": "4"}}
    change = decision.changes[-1]
    assert (change.property, change.asked, change.given) == ("conf.spark.task.cpus", "8", 4)
    assert change.reason == "It goes with executor.cores, or Spark does not start."


def test_cores_that_are_forbidden_leave_one_for_a_task(limits):
    decision = limits('"executor.cores" = { forbidden = true }', {"executorCores": 8, "conf": {"spark.task.cpus": 2}})

    assert decision.request == {"conf": {"spark.task.cpus": "1"}}


@pytest.mark.parametrize("task", ["2", "many", "${x}"])
def test_what_a_task_takes_is_left_alone_where_it_fits_or_cannot_be_read(limits, task):
    decision = limits(CORES, {"executorCores": 8, "conf": {"spark.task.cpus": task}})

    assert decision.request["conf"] == {"spark.task.cpus": task}


def test_what_does_not_start_as_it_was_asked_is_not_mended(limits):
    body = {"executorCores": 2, "conf": {"spark.task.cpus": "4", "spark.memory.offHeap.enabled": "true"}}

    assert limits(CORES, body).request == body


def test_kubernetes_is_given_a_limit_of_cores_that_is_no_less_than_the_cores(limits):
    decision = limits('"executor.cores" = { min = 4 }', {"executorCores": 2, "conf": {LIMIT: "3"}})

    assert decision.request == {"executorCores": 4, "conf": {LIMIT: "4"}}


@pytest.mark.parametrize("conf", [{LIMIT: "8"}, {LIMIT: "3", "spark.kubernetes.executor.request.cores": "1"}])
def test_a_limit_of_cores_that_holds_what_is_asked_for_stays(limits, conf):
    decision = limits('"executor.cores" = { min = 4 }', {"executorCores": 2, "conf": conf})

    assert decision.request == {"executorCores": 4, "conf": conf}


@pytest.mark.parametrize(
    ("limit", "sent"),
    [
        ("{ forbidden = true }", {}),
        ("{ max = 0 }", {"spark.memory.offHeap.size": "0b"}),
        ('{ max = "1g" }', {**OFF_HEAP, "spark.memory.offHeap.size": "1g"}),
    ],
)
def test_off_heap_memory_that_is_given_no_size_is_switched_off(limits, limit, sent):
    assert limits(f'"executor.offheap_memory" = {limit}', {"conf": OFF_HEAP}).request == (
        {"conf": sent} if sent else {}
    )


@pytest.mark.parametrize("option", ["-Xms8g", "-XX:InitialHeapSize=8589934592", "-ms99999999999999999999m"])
def test_a_first_heap_beyond_the_largest_is_left_out(limits, option):
    body = {"driverMemory": "8g", "conf": {JAVA: f"-Da=b {option}"}}

    assert limits('"driver.memory" = { max = "4g" }', body).request == {"driverMemory": "4g", "conf": {JAVA: "-Da=b"}}


def test_a_first_heap_that_fits_stays(limits):
    body = {"driverMemory": "8g", "conf": {JAVA: "-Xms4096m  -Da=b"}}

    assert limits('"driver.memory" = { max = "4g" }', body).request["conf"] == {JAVA: "-Xms4096m  -Da=b"}


def test_options_that_hold_nothing_else_go_with_it(limits):
    body = {"driverMemory": "8g", "conf": {JAVA: "-Xms8g"}}

    assert limits('"driver.memory" = { max = "4g" }', body).request == {"driverMemory": "4g"}


def test_streaming_starts_with_no_more_than_its_most(limits):
    conf = {f"{STREAMING}.enabled": "true", f"{STREAMING}.minExecutors": 40, "spark.dynamicAllocation.maxExecutors": 3}

    sent = limits('"executors.max" = { max = 8 }', {"conf": conf}).request["conf"]

    assert (sent[f"{STREAMING}.minExecutors"], sent[f"{STREAMING}.maxExecutors"]) == ("3", "3")


@pytest.mark.parametrize(
    "conf",
    [
        {f"{STREAMING}.enabled": "true", f"{STREAMING}.maxExecutors": "${spark.mine}}"},
        {f"{STREAMING}.enabled": "${spark.mine}}"},
        {"spark.cores.max": "${spark.mine}}"},
    ],
)
@pytest.mark.parametrize("lines", ['"session.memory" = { max = "40g" }', '"session.cores" = { max = 40 }'])
def test_executors_that_spark_puts_in_at_the_start_are_refused_where_the_session_is_limited(limits, conf, lines):
    decision = limits(lines, {"conf": conf})

    assert decision.verdict == "deny"
    assert decision.nearest is not None


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ('"driver.memory" = { max = "512m" }', {"driverMemory": "512m"}),
        ('"executor.memory" = { min = "2g" }', {"executorMemory": "2g"}),
        ('"driver.memory" = { max = "4g" }', {}),
    ],
)
def test_sparks_own_default_is_held_to_a_limit_too(limits, line, sent):
    decision = limits(line, {})

    assert decision.request == sent
    assert decision.verdict == "allow"


def test_yarns_least_allocation_counts_against_the_memory_of_a_session(limits):
    lines = '"session.memory" = { max = "20g" }'
    yarn = '[cluster]\nmanager = "yarn"\n'
    body = {"driverMemory": "1g", "executorMemory": "1g"}

    def most(above):
        return limits(lines, body, above=above).request["conf"]["spark.dynamicAllocation.maxExecutors"]

    assert most(yarn) == "13"
    assert most(f'{yarn}minimum_allocation = "1g"') == "9"
    assert most('[cluster]\nmanager = "kubernetes"\nminimum_allocation = "1g"') == "13"


def test_python_takes_more_beside_its_heap_on_kubernetes(limits):
    lines = '"session.memory" = { max = "50g" }'
    body = {"driverMemory": "4g", "executorMemory": "4g"}

    def most(kind):
        decision = limits(lines, {**body, "kind": kind}, above='[cluster]\nmanager = "kubernetes"')
        return decision.request["conf"]["spark.dynamicAllocation.maxExecutors"]

    assert (most("spark"), most("pyspark")) == ("10", "7")


def test_streaming_is_refused_where_there_is_no_room_for_what_spark_starts_it_with(limits):
    conf = {f"{STREAMING}.enabled": "true"}

    decision = limits('"executors.max" = { max = 1 }', {"conf": conf})

    assert decision.violations[0].reason.startswith("Spark starts 2 executors before")
    assert decision.nearest == {}
    assert limits('"executors.max" = { max = 2 }', {"conf": conf}).verdict == "allow"


@pytest.mark.parametrize("name", ["count", "initial", "min"])
def test_what_spark_defaults_say_of_executors_is_held_to_a_limit_of_its_own(limits, name):
    keys = {"count": "executor.instances", "initial": "dynamicAllocation.initialExecutors"}
    key = f"spark.{keys.get(name, 'dynamicAllocation.minExecutors')}"
    above = f'[cluster]\nspark_defaults = {{ "{key}" = "50" }}'

    sent = limits(f'"executors.{name}" = {{ max = 3 }}', {}, above=above).request

    assert sent == ({"numExecutors": 3} if name == "count" else {"conf": {key: "3"}})
