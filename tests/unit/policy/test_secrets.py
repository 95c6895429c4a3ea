"""A secret in a request stands in nothing that is shown."""

from __future__ import annotations

import json

import pytest

from livyguard.views.decision import html, text

CANARY = "c4n4ry"
SECRET = f"password={CANARY}"
LINES = """
"executors.max" = { max = 4, default = 2 }
"executor.memory" = { max = "4g" }
"executor.memory_overhead" = { max = "1g" }
"session.memory" = { max = "40g" }
"queue" = { allow = ["a"] }
"conf.spark.a.*" = { max = 4 }
"conf.spark.b" = { allow = [true] }
"conf.spark.my.token" = { pattern = "x" }
"conf.spark.jars.packages" = { block = ["b"], on_violation = "deny" }
"""
KEYS = [
    "spark.executor.memory",
    "spark.executor.instances",
    "spark.dynamicAllocation.maxExecutors",
    "spark.dynamicAllocation.enabled",
    "spark.executor.memoryOverhead",
    "spark.executor.memoryOverheadFactor",
    "spark.memory.offHeap.enabled",
    "spark.yarn.queue",
    "spark.driver.memory",
    "spark.cores.max",
    "spark.a.b",
    "spark.b",
    "spark.jars.packages",
    "spark.yarn.dist.jars",
    "spark.executorEnv.SPARK_EXECUTOR_MEMORY",
    "spark.driver.extraJavaOptions",
    "livy.rsc.server.connect.timeout",
    "spark.unlisted",
]
VALUES = [
    SECRET,
    f"{SECRET} ${{x}}",
    f"https://me:{CANARY}@host/a",
    f"-Xmx{SECRET}",
    f"-Dspark.executor.memory={SECRET}",
]
BODIES = [{"conf": {key: value}} for key in KEYS for value in [*VALUES, [SECRET], {"a": SECRET}]]
BODIES += [{field: value} for field in ("executorMemory", "numExecutors", "queue", "kind", "ttl") for value in VALUES]
BODIES += [{"conf": {key: value}} for key in ("spark.my.token", "spark.a.secret") for value in (CANARY, {"a": CANARY})]
BODIES += [{"conf": SECRET}, {"conf": [SECRET]}, [SECRET], SECRET, {"extra": SECRET}, {"myToken": CANARY}]


@pytest.mark.parametrize("body", BODIES, ids=str)
@pytest.mark.parametrize("tenant", ["", 'unlisted = "deny"', 'on_violation = "deny"'])
def test_no_way_of_showing_a_decision_tells_it(limits, body, tenant):
    decision = limits(LINES, body, tenant=tenant)

    told = json.dumps({**decision.to_json(), "request": None}) + text(decision) + html(decision)
    assert CANARY not in told
    assert CANARY not in repr((decision.changes, decision.violations, decision.notices))
