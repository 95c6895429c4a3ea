"""Other doors to a limited resource are judged as that resource."""

from __future__ import annotations

import pytest

MEMORY = '"executor.memory" = { max = "8g" }\n"driver.memory" = { max = "4g" }'
CORES = '"executor.cores" = { max = 4 }\n"driver.cores" = { max = 2 }'


@pytest.mark.parametrize(
    ("lines", "conf", "sent"),
    [
        (MEMORY, {"spark.driver.extraJavaOptions": "-Xmx64g -Da=b"}, {"driverMemory": "4g"}),
        (MEMORY, {"spark.driver.extraJavaOptions": "-Dspark.executor.memory=64g"}, {"executorMemory": "8g"}),
        (MEMORY, {"spark.executorEnv.JAVA_TOOL_OPTIONS": "-Xmx64g"}, {"executorMemory": "8g"}),
        (
            MEMORY,
            {"spark.executorEnv.SPARK_EXECUTOR_MEMORY": "64g"},
            {"conf": {"spark.executorEnv.SPARK_EXECUTOR_MEMORY": "8g"}},
        ),
        (MEMORY, {"spark.yarn.am.memory": "64g"}, {"conf": {"spark.yarn.am.memory": "4g"}}),
        (
            CORES,
            {"spark.kubernetes.executor.request.cores": "64"},
            {"conf": {"spark.kubernetes.executor.request.cores": "4"}},
        ),
        (
            CORES,
            {"spark.kubernetes.executor.limit.cores": "4500m"},
            {"conf": {"spark.kubernetes.executor.limit.cores": "4"}},
        ),
        (CORES, {"spark.kubernetes.driver.limit.cores": "3"}, {"conf": {"spark.kubernetes.driver.limit.cores": "2"}}),
    ],
)
def test_a_door_is_lowered(limits, lines, conf, sent):
    decision = limits(lines, {"conf": conf})

    assert decision.verdict == "clamp"
    request = dict(decision.request)
    if "spark.driver.extraJavaOptions" in request.get("conf", {}):
        assert "-Xmx" not in request.pop("conf")["spark.driver.extraJavaOptions"]
    assert request == sent
    assert decision.changes[0].property in {"executor.memory", "driver.memory", "executor.cores", "driver.cores"}


@pytest.mark.parametrize("cores", ["500m", "0.5", "4", "4000m"])
def test_a_door_within_the_limit_is_left_alone(limits, cores):
    conf = {"spark.kubernetes.executor.request.cores": cores}

    assert limits(CORES, {"conf": conf}).request == {"conf": conf}


@pytest.mark.parametrize(
    "conf",
    [
        {"spark.kubernetes.executor.request.cores": "lots"},
        {"spark.kubernetes.executor.request.cores": "1e3"},
        {"spark.driver.extraJavaOptions": "-Xmx${x}"},
        {"spark.driver.extraJavaOptions": "-Xmx"},
        {"spark.driver.extraJavaOptions": "'"},
        {"spark.yarn.am.memory": "${x}"},
    ],
)
def test_a_door_that_cannot_be_read_is_refused(limits, conf):
    decision = limits(f"{MEMORY}\n{CORES}", {"conf": conf})

    assert decision.verdict == "deny"
    assert decision.nearest is not None


def test_doors_to_what_is_not_limited_are_open(limits):
    conf = {"spark.yarn.am.memory": "64g", "spark.driver.extraJavaOptions": "-Da=${x}"}

    assert limits('"queue" = { fixed = "a" }', {"conf": conf}).request["conf"] == conf


def test_a_fixed_property_shuts_its_doors(limits):
    lines = '"proxy_user" = { fixed = "{user}" }'

    decision = limits(lines, {"conf": {"spark.yarn.appMasterEnv.HADOOP_USER_NAME": "hdfs"}})

    assert decision.request == {
        "proxyUser": "alice",
        "conf": {"spark.yarn.appMasterEnv.HADOOP_USER_NAME": "alice"},
    }


def test_a_forbidden_property_shuts_its_doors(limits):
    lines = '"proxy_user" = { forbidden = true, on_violation = "deny" }'

    assert limits(lines, {"conf": {"livy.rsc.proxy-user": "bob"}}).verdict == "deny"
    assert limits(lines, {"conf": {"spark.executorEnv.HADOOP_USER_NAME": "bob"}}).verdict == "deny"


def test_lists_under_other_keys_are_judged_item_by_item(limits):
    conf = {"spark.yarn.dist.jars": "a.jar,evil.jar", "spark.archives": "x.zip"}

    decision = limits('"jars" = { block = ["evil.jar"] }', {"conf": conf})

    assert decision.request == {"conf": {"spark.yarn.dist.jars": "a.jar", "spark.archives": "x.zip"}}


@pytest.mark.parametrize(
    ("limit", "key"), [("archives", "livy.rsc.sparkr.package"), ("py_files", "livy.rsc.pyspark.archives")]
)
def test_what_livy_adds_to_a_list_is_judged_with_it(limits, limit, key):
    decision = limits(f'"{limit}" = {{ pattern = "good.*" }}', {"conf": {key: "good.zip,evil.zip"}})

    assert decision.request == {"conf": {key: "good.zip"}}


def test_streaming_that_somebody_switches_on_by_reference_is_refused(limits):
    conf = {"spark.streaming.dynamicAllocation.enabled": "${spark.mine}", "spark.mine": "true"}

    assert limits('"executors.max" = { max = 8 }', {"conf": conf}).verdict == "deny"


@pytest.mark.parametrize(
    ("limited", "key", "value"),
    [
        ("spark.kryoserializer.buffer.max", "spark.kryoserializer.buffer.max.mb", "2048"),
        ("livy.rsc.server.idle-timeout", "livy.rsc.server.idle_timeout", "9d"),
    ],
)
def test_an_older_name_of_a_key_is_held_to_the_limit_of_the_newer(limits, limited, key, value):
    lines = f'"conf.{limited}" = {{ max = "64m", on_violation = "deny" }}'

    assert limits(lines, {"conf": {key: value}}).verdict == "deny"


def test_a_key_with_a_limit_of_its_own_is_judged_by_that(limits):
    lines = f'{CORES}\n"conf.spark.kubernetes.executor.request.cores" = {{ max = 16 }}'
    conf = {"spark.kubernetes.executor.request.cores": "8"}

    assert limits(lines, {"conf": conf}).verdict == "allow"


def test_a_door_of_a_limited_property_is_no_unlisted_key(limits):
    conf = {"spark.kubernetes.executor.request.cores": "2"}

    assert limits(CORES, {"conf": conf}, tenant='unlisted = "deny"').verdict == "allow"
