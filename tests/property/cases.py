"""Requests and policies to try: every spelling, every kind of value, limits of every sort."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from livyguard.policy.identity import Identity
from livyguard.policy.model import Policy
from livyguard.policy.properties import PROPERTIES

ALICE = Identity("alice", "reported", "a test")

SIZES = [
    "1g",
    "2048m",
    "8g",
    "16G",
    "64g",
    " 4g ",
    4096,
    "8192",
    "1tb",
    "7x",
    "",
    "-1g",
    "1.5g",
    None,
    True,
    "${env:M}",
]
COUNTS = [
    0,
    1,
    2,
    3,
    5,
    8,
    40,
    "4",
    " 40 ",
    "40",
    10**12,
    -1,
    4.0,
    4.5,
    "1e3",
    "0x10",
    "\uff14",
    None,
    True,
    [],
    "${x}",
]
TEXTS = ["root.a", "root.b", "bob", "alice", "", None, 7, ["x"], {"a": 1}, "{user}", "${x}"]
LISTS = [["io.delta:a:1"], ["io.delta:a:1,evil:b:2"], "evil:b:2", [], None, 3, ["x", 4]]

FIELDS = {
    "numExecutors": COUNTS,
    "executorCores": COUNTS,
    "driverCores": COUNTS,
    "executorMemory": SIZES,
    "driverMemory": SIZES,
    "queue": TEXTS,
    "proxyUser": TEXTS,
    "kind": ["pyspark", "python", "spark", None],
    "jars": LISTS,
    " numExecutors ": COUNTS,
    "spark.executor.memory": SIZES,
    "unheard_of": TEXTS,
}
CONF = {
    "spark.executor.instances": COUNTS,
    "spark.dynamicAllocation.maxExecutors": COUNTS,
    "spark.dynamicAllocation.minExecutors": COUNTS,
    "spark.dynamicAllocation.initialExecutors": COUNTS,
    "spark.dynamicAllocation.enabled": ["true", "false", True, "maybe", None],
    "spark.streaming.dynamicAllocation.enabled": ["true", "false"],
    "spark.streaming.dynamicAllocation.maxExecutors": COUNTS,
    "spark.cores.max": COUNTS,
    "spark.executor.memory": SIZES,
    " spark.executor.memory": SIZES,
    "spark.yarn.executor.memoryOverhead": SIZES,
    "spark.kubernetes.executor.request.cores": ["500m", "2", "64", "x"],
    "spark.executorEnv.SPARK_EXECUTOR_MEMORY": SIZES,
    "spark.driver.extraJavaOptions": ["-Xmx64g", "-Dspark.executor.instances=99 -Da=b", "-Xmx${x}", "'", ""],
    "spark.jars.packages": LISTS,
    "spark.jars": LISTS,
    "spark.hadoop.fs.s3a.secret.key": ["s3cr3t", None],
    "spark.hadoop. fs.s3a.secret.key": ["s3cr3t"],
    "spark.ui.enabled": [True, "false", 1, {"a": {"b": []}}],
    "spark.task.cpus": ["1", "2", 8],
    "spark.memory.offHeap.enabled": ["true", "false", True],
    "spark.memory.offHeap.size": ["256m", "1g", "8g", 10**9],
    "spark.executor.pyspark.memory": SIZES,
    "spark.executor.memoryOverheadFactor": ["0.2", "1", 3, "lots"],
    "spark.driver.defaultJavaOptions": ["-Xms4g", "-Xmx2g -Xms1g", "-Da=b\\ -Xmx99g"],
    "spark.kubernetes.executor.limit.cores": ["500m", "3", "64"],
    "spark.yarn.am.memory": SIZES,
    "spark.executor.resource.memory-mb.amount": ["4096", None],
}


def of(table: dict[str, list[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in table.items()})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=8), each, max_size=3),
    max_leaves=10,
)
CONFS = of(CONF) | st.sampled_from([None, {}, [1], "x"])
BODIES = st.builds(lambda body, conf: {**body, "conf": conf}, of(FIELDS), CONFS) | of(FIELDS)

WHOLE = st.sampled_from([1, 2, 3, 5, 8, 9, 40, 500])
MEMORY = st.sampled_from(["512m", "1g", "3g", "8g", "9g", "64g"])
#: Values that Spark reads, by canonical property: what a clamp has to deal with.
READABLE = st.fixed_dictionaries(
    {},
    optional={
        "executors.count": WHOLE,
        "executors.max": WHOLE,
        "executors.min": WHOLE,
        "executors.initial": WHOLE,
        "executor.memory": MEMORY,
        "executor.memory_overhead": MEMORY,
        "executor.cores": WHOLE,
        "driver.memory": MEMORY,
        "queue": st.sampled_from(["root.a", "root.b", "elsewhere"]),
        "proxy_user": st.sampled_from(["alice", "bob"]),
        "kind": st.sampled_from(["pyspark", "sql"]),
        "conf.spark.cores.max": WHOLE,
        "conf.spark.task.cpus": WHOLE,
        "conf.spark.memory.offHeap.enabled": st.just("true"),
        "conf.spark.memory.offHeap.size": MEMORY,
        "conf.spark.driver.defaultJavaOptions": st.sampled_from(["-Xms8g", "-Da=b -Xms1g"]),
        "conf.spark.jars.packages": st.sampled_from(["io.delta:a:1", "evil:b:2", "io.delta:a:1,evil:b:2"]),
        "conf.spark.ui.enabled": st.sampled_from(["true", "false"]),
    },
)


def respelled(value: Any) -> st.SearchStrategy[Any]:
    """Spell one value as Spark reads it the same."""
    if isinstance(value, int):
        return st.sampled_from([value, str(value), f" {value} ", f"+{value}", float(value)])
    found = re.fullmatch(r"(\d+)([mg])", value)
    if found is None:
        return st.just(value)
    mib = int(found[1]) * (1024 if found[2] == "g" else 1)
    return st.sampled_from([value, value.upper(), f"{value}b", f" {value}", f"{mib}m", mib, str(mib), f"{mib * 1024}k"])


@st.composite
def spelled(draw: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Write a request down in one of the many ways in which Livy, Spark and SparkMagic take it."""
    body: dict[str, Any] = {}
    conf: dict[str, Any] = {}
    for name in draw(st.permutations(sorted(request))):
        known = PROPERTIES.get(name)
        keys = list(known.keys) if known else [name.removeprefix("conf.")]
        value = draw(respelled(request[name])) if known and name not in {"queue", "proxy_user"} else request[name]
        place = draw(st.sampled_from(["field", "conf", "astray"]))
        key = draw(st.sampled_from(["", " "])) + draw(st.sampled_from(keys))
        if known and known.field and place == "field":
            body[known.field] = value
        elif place == "astray":
            body[key] = value
        else:
            conf[key] = value
    return {**body, "conf": conf} if conf or draw(st.booleans()) else body


PLAINLY = READABLE.flatmap(spelled)
ANYTHING = JSON | st.dictionaries(st.sampled_from([*FIELDS, "conf"]), JSON, max_size=5) | BODIES

ACTION = st.sampled_from([{}, {}, {}, {"on_violation": "deny"}])


@st.composite
def bounds(draw: Any, values: list[Any], *, lowest: bool = True) -> dict[str, Any]:
    low, high = sorted(draw(st.tuples(*[st.integers(0, len(values) - 1)] * 2)))
    limit = {"max": values[high], **draw(ACTION)}
    if lowest and draw(st.booleans()):
        limit["min"] = values[low]
    if draw(st.booleans()):
        limit["default"] = draw(st.sampled_from(values))
    return limit


def computed(values: list[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return bounds(values, lowest=False).map(lambda limit: {key: limit[key] for key in limit if key != "default"})


EXECUTORS = bounds([1, 2, 4, 8, 20])
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "executors.max": EXECUTORS,
        "executors.count": bounds([1, 2, 4, 8]),
        "executor.memory": bounds(["1g", "4g", "8g", "32g"]),
        "executor.cores": bounds([1, 2, 4]),
        "driver.memory": bounds(["2g", "4g", "8g"]),
        "executor.memory_overhead": bounds(["512m", "2g"]),
        "executor.pyspark_memory": bounds(["512m", "2g"]),
        "executor.offheap_memory": bounds(["512m", "2g"]) | st.just({"forbidden": True}),
        "driver.cores": bounds([1, 2, 4]),
        "session.memory": computed(["40g", "200g", "900g"]),
        "session.cores": computed([8, 40, 200]),
        "queue": st.sampled_from([{"fixed": "root.a"}, {"allow": ["root.a", "root.b"], "default": "root.a"}]),
        "proxy_user": st.sampled_from([{"fixed": "{user}"}, {"fixed": "{user}", "on_violation": "deny"}]),
        "conf.spark.jars.packages": st.sampled_from(
            [{"pattern": r"io\.delta:.*"}, {"pattern": r"io\.delta:.*", "on_violation": "deny"}, {"forbidden": True}]
        ),
        "conf.spark.hadoop.fs.s3a.*.key": st.sampled_from([{"forbidden": True}, {"forbidden": True, "reason": "r"}]),
        "kind": st.sampled_from([{"allow": ["pyspark", "spark"], "default": "pyspark"}, {"required": True}]),
    },
)
PRESETS = st.sampled_from([{}, {"driverMemory": "4g"}, {"numExecutors": 30, "conf": {"spark.ui.enabled": "false"}}])
CLUSTERS = st.sampled_from([{}, {"dynamic_allocation": True}, {"spark_defaults": {"spark.executor.instances": "50"}}])


@st.composite
def tables(draw: Any, limits: st.SearchStrategy[dict[str, Any]] = LIMITS) -> dict[str, Any]:
    """One policy as its file has it."""
    chosen = draw(limits)
    if draw(st.booleans()):
        chosen |= {"executors.max": draw(EXECUTORS)}
    tenant = {"name": "team", "users": ["alice"], "limits": chosen, "session_configs": draw(PRESETS)}
    unlisted = draw(st.sampled_from([{}, {}, {}, {"unlisted": "deny"}]))
    return {"cluster": draw(CLUSTERS), "tenant": [{**tenant, **unlisted}]}


def policies(limits: st.SearchStrategy[dict[str, Any]] = LIMITS) -> st.SearchStrategy[Policy]:
    return tables(limits).map(Policy.model_validate)
