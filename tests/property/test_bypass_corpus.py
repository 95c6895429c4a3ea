"""Attempts to get past the example policy, judged by what would reach Spark, with no code of the evaluator."""

from __future__ import annotations

import re
from typing import Any

import pytest

from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import Policy

POLICY = Policy.model_validate(
    {
        "tenant": [
            {
                "name": "team",
                "users": ["*"],
                "limits": {
                    "executors.max": {"max": 8, "default": 5},
                    "executor.memory": {"max": "16g", "default": "8g"},
                    "executor.cores": {"max": 4},
                    "driver.memory": {"max": "8g"},
                    "executor.memory_overhead": {"max": "2g"},
                    "queue": {"fixed": "root.team"},
                    "proxy_user": {"fixed": "{user}"},
                    "conf.spark.jars.packages": {"pattern": r"io\.delta:.*"},
                    "conf.spark.hadoop.fs.s3a.*.key": {"forbidden": True},
                },
            }
        ]
    }
)
DA = "spark.dynamicAllocation"
BODIES: list[Any] = [
    {"numExecutors": 400},
    {"numExecutors": "400"},
    {"numExecutors": "\uff14\uff10\uff10"},
    {"numExecutors": 4e2},
    {"numExecutors": "4e2"},
    {"numExecutors": [400]},
    {"numExecutors": 2**64},
    {"numExecutors": -1},
    {"numExecutors": None, "conf": {"spark.executor.instances": 400}},
    {"numExecutors": 1, "conf": {"spark.executor.instances": 400}},
    {" numExecutors": 400},
    {"conf": {" spark.executor.instances\t": 400}},
    {"spark.executor.instances": 400},
    {" spark.executor.instances": 400, "conf": None},
    {"conf": {f"{DA}.maxExecutors": "400"}},
    {"conf": {f"{DA}.maxExecutors": None}},
    {"conf": {f"{DA}.maxExecutors": ""}},
    {"conf": {f"{DA}.maxExecutors": "${spark.mine}", "spark.mine": "400"}},
    {"conf": {f"{DA}.minExecutors": 400, f"{DA}.maxExecutors": 401}},
    {"conf": {f"{DA}.initialExecutors": 400}},
    {"conf": {f"{DA}.enabled": "false", "spark.executor.instances": "400"}},
    {"conf": {"spark.streaming.dynamicAllocation.enabled": "true"}},
    {
        "conf": {
            "spark.streaming.dynamicAllocation.enabled": "true",
            "spark.streaming.dynamicAllocation.maxExecutors": 99,
        }
    },
    {"conf": {"spark.cores.max": "4000"}},
    {"conf": {"spark.driver.extraJavaOptions": f"-D{DA}.maxExecutors=400"}},
    {"conf": {"spark.driver.extraJavaOptions": f"'-D{DA}.maxExecutors=400'"}},
    {"conf": {"spark.driver.defaultJavaOptions": "-Dspark.executor.instances=400 -Xmx99g"}},
    {"conf": {"spark.driver.extraJavaOptions": "-Dspark.driver.extraJavaOptions=-Xmx99g"}},
    {"conf": {"spark.driver.extraJavaOptions": "${spark.mine}", "spark.mine": "-Xmx99g"}},
    {"conf": {"spark.driver.extraJavaOptions": "-XX:VMOptionsFile=/tmp/x"}},
    {"conf": {"spark.yarn.appMasterEnv.JAVA_TOOL_OPTIONS": "-XX:MaxHeapSize=99g"}},
    {"conf": {"spark.executorEnv.SPARK_EXECUTOR_MEMORY": "99g"}},
    {"conf": {"spark.yarn.appMasterEnv.SPARK_EXECUTOR_INSTANCES": "400"}},
    {"executorMemory": "99G"},
    {"executorMemory": "101376"},
    {"executorMemory": 101376},
    {"executorMemory": "103809024k"},
    {"executorMemory": "99g\u00a0"},
    {"executorMemory": {"a": "99g"}},
    {"executorMemory": None, "spark.executor.memory": "99g"},
    {"executorMemory": "1g", "conf": {"spark.executor.memory": "99g"}},
    {"conf": {"spark.yarn.executor.memoryOverhead": "99g"}},
    {"conf": {"spark.executor.memoryOverhead": "1g", "spark.yarn.executor.memoryOverhead": "99g"}},
    {"driverMemory": True},
    {"conf": {"spark.yarn.am.memory": "99g"}},
    {"executorCores": "64"},
    {"conf": {"spark.kubernetes.executor.request.cores": "64"}},
    {"conf": {"spark.kubernetes.executor.limit.cores": "64000m"}},
    {"queue": "root.other"},
    {"conf": {"spark.yarn.queue": "root.other"}},
    {"conf": {"spark.executorEnv.SPARK_YARN_QUEUE": "root.other"}},
    {"proxyUser": "bob"},
    {"conf": {"livy.rsc.proxy-user": "bob"}},
    {"conf": {"livy.rsc.proxy_user": "bob"}},
    {"conf": {"spark.__livy__.livy.rsc.proxy-user": "bob"}},
    {"conf": {"spark.yarn.appMasterEnv.HADOOP_USER_NAME": "bob"}},
    {"conf": {"spark.jars.packages": "io.delta:a:1,evil:b:2"}},
    {"conf": {"spark.jars.packages": "io.delta:a:1\n,evil:b:2"}},
    {"conf": {"spark.jars.packages": ["evil:b:2"]}},
    {"conf": {"spark.hadoop.fs.s3a.secret.key": "x"}},
    {"conf": {"spark.hadoop. fs.s3a.secret.key ": "x"}},
    {"spark.hadoop.fs.s3a.bucket.b.access.key": "x"},
    {"conf": [["spark.executor.instances", 400]]},
    {"conf": "spark.executor.instances=400"},
    [{"numExecutors": 400}],
]


def mib(text: Any) -> float:
    amount, unit = re.fullmatch(r"(\d+)([kmgt]?)b?", str(text)).groups()  # type: ignore[union-attr]
    return int(amount) * {"k": 1 / 1024, "": 1, "m": 1, "g": 1024, "t": 1024**2}[unit]


def faults(request: dict[str, Any]) -> list[str]:
    """Return what a request would get that the policy does not give: an oracle of its own."""
    conf = request.get("conf", {})
    found = []

    def over(value: Any, limit: float, what: str) -> None:
        if value is not None and float(value) > limit:
            found.append(f"{what} {value}")

    streaming = "spark.streaming.dynamicAllocation"
    over(conf[f"{DA}.maxExecutors"], 8, "max")
    for key in (f"{DA}.minExecutors", f"{DA}.initialExecutors"):
        over(conf.get(key), float(conf[f"{DA}.maxExecutors"]), key)
    over(request.get("numExecutors"), 8, "count")
    if conf.get(f"{streaming}.enabled") == "true":
        over(conf[f"{streaming}.maxExecutors"], 8, "streaming")
    over(conf.get("spark.cores.max"), 8 * 4, "cores.max")
    over(mib(request["executorMemory"]), 16384, "executor")
    over(mib(request.get("driverMemory", "1g")), 8192, "driver")
    over(mib(conf.get("spark.executor.memoryOverhead", 0)), 2048, "overhead")
    over(mib(conf.get("spark.yarn.am.memory", 0)), 8192, "am")
    over(request.get("executorCores"), 4, "cores")
    for key in ("request", "limit"):
        over(str(conf.get(f"spark.kubernetes.executor.{key}.cores", 0)).replace("000m", ""), 4, key)
    found += [
        request[field] for field, only in (("queue", "root.team"), ("proxyUser", "alice")) if request[field] != only
    ]
    for key, value in conf.items():
        twice = key in {"spark.executor.memory", "spark.executor.instances", "spark.yarn.queue", "spark.executor.cores"}
        secret = key.startswith("spark.hadoop.fs.s3a.")
        livy = "livy.rsc" in key
        is_read = "Options" in key or "Env." in key or key == "spark.jars.packages"
        options = is_read and any(each in value for each in ("-Xmx", "-XX:MaxHeap", "-Dspark", "${", "evil"))
        if twice or secret or livy or options or key != key.strip():
            found.append(f"{key}={value}")
    environment = {key.rpartition(".")[2]: value for key, value in conf.items() if "Env." in key}
    over(mib(environment.get("SPARK_EXECUTOR_MEMORY", 0)), 16384, "environment")
    over(environment.get("SPARK_EXECUTOR_INSTANCES"), 8, "environment")
    found += [value for key, value in environment.items() if key == "HADOOP_USER_NAME" and value != "alice"]
    found += [value for key, value in environment.items() if key == "SPARK_YARN_QUEUE" and value != "root.team"]
    return found + [key for key in request if key != key.strip() or key.startswith("spark.")]


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_nothing_gets_past_the_policy(body):
    decision = judge(POLICY, Identity("alice", "reported", "a test"), body)

    if decision.request is not None:
        assert faults(decision.request) == []
    if decision.nearest is not None:
        again = judge(POLICY, Identity("alice", "reported", "a test"), decision.nearest)
        assert again.verdict == "allow"
        assert faults(again.request) == []
