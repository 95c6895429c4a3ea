"""What holds for every request and every policy."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livyguard.policy.fold import fold
from livyguard.policy.footprint import ceiling
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import Policy
from livyguard.policy.properties import PROPERTIES

ALICE = Identity("alice", "reported", "a test")
LONG = settings(settings.get_profile("long"))

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
        "session.memory": bounds(["40g", "200g", "900g"], lowest=False).map(
            lambda limit: {key: limit[key] for key in limit if key != "default"}
        ),
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
def policies(draw: Any, limits: st.SearchStrategy[dict[str, Any]] = LIMITS) -> Policy:
    chosen = draw(limits)
    if draw(st.booleans()):
        chosen |= {"executors.max": draw(EXECUTORS)}
    tenant = {"name": "team", "users": ["alice"], "limits": chosen, "session_configs": draw(PRESETS)}
    unlisted = draw(st.sampled_from([{}, {}, {}, {"unlisted": "deny"}]))
    return Policy.model_validate({"cluster": draw(CLUSTERS), "tenant": [{**tenant, **unlisted}]})


def number(body: Any, field: str | None, key: str) -> int | None:
    """Read a number from what Livy would be sent, on its own, as Spark would."""
    conf = body.get("conf") or {}
    value = body.get(field) if field and body.get(field) is not None else conf.get(key)
    return None if value is None else int(value)


def mebibytes(text: str) -> int:
    amount, unit = re.fullmatch(r"(\d+)([kmgt]?)b?", text.strip().lower()).groups()  # type: ignore[union-attr]
    return int(int(amount) * {"k": 1 / 1024, "": 1, "m": 1, "g": 1024, "t": 1024**2}[unit])


def check_total(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)

    assert decision.verdict in {"allow", "clamp", "deny"}
    assert (decision.request is None) == (decision.verdict == "deny") == bool(decision.violations)
    json.dumps(decision.to_json())


def check_idempotent(policy: Policy, body: Any) -> None:
    first = judge(policy, ALICE, body)
    if first.request is None:
        return

    again = judge(policy, ALICE, first.request)

    assert again.verdict == "allow", (again.changes, again.violations)
    if "null" not in json.dumps(body):
        assert again.request == first.request
        assert again.changes == ()


def check_bounds(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)
    limit = policy.tenant[0].limits.get("executors.max")
    if decision.request is None or limit is None:
        return
    most = number(decision.request, None, "spark.dynamicAllocation.maxExecutors")

    assert most is not None
    assert (limit.min or 1) <= most <= limit.max
    for field, key in (
        ("numExecutors", "spark.executor.instances"),
        (None, "spark.dynamicAllocation.initialExecutors"),
        (None, "spark.dynamicAllocation.minExecutors"),
    ):
        assert (number(decision.request, field, key) or 0) <= most
    streaming = number(decision.request, None, "spark.streaming.dynamicAllocation.maxExecutors")
    assert (streaming or 0) <= limit.max


def check_memory(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)
    limit = policy.tenant[0].limits.get("executor.memory")
    if decision.request is None or limit is None or "executorMemory" not in decision.request:
        return

    assert mebibytes(decision.request["executorMemory"]) <= mebibytes(limit.max)
    assert mebibytes(decision.request["executorMemory"]) >= mebibytes(limit.min or "0")
    assert "spark.executor.memory" not in decision.request.get("conf", {})


def check_clamp(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)
    if decision.verdict == "deny":
        return

    assert (decision.verdict == "clamp") == any(change.asked is not None for change in decision.changes)


def check_nearest(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)
    if decision.nearest is None:
        return

    assert judge(policy, ALICE, decision.nearest).verdict == "allow"


def check_secrets(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)

    assert "s3cr3t" not in repr((decision.changes, decision.violations, decision.notices))


def check_narrowing(policy: Policy, body: Any) -> None:
    """Halving the executor limit never lets more through."""
    limit = policy.tenant[0].limits.get("executors.max")
    if limit is None or limit.min is not None or limit.max < 2:
        return
    raw = policy.tenant[0].model_dump(exclude_none=True, exclude_defaults=True)
    raw["limits"]["executors.max"] = {"max": limit.max // 2}
    narrow = Policy.model_validate({"tenant": [raw]})
    wide_decision, narrow_decision = judge(policy, ALICE, body), judge(narrow, ALICE, body)
    if wide_decision.request is None or narrow_decision.request is None:
        return
    key = "spark.dynamicAllocation.maxExecutors"

    assert number(narrow_decision.request, None, key) <= limit.max // 2


def check_spelling(policy: Policy, bodies: tuple[Any, Any]) -> None:
    one, other = (judge(policy, ALICE, body) for body in bodies)

    assert one.verdict == other.verdict
    assert one.request == other.request
    assert one.nearest == other.nearest
    assert [(change.property, change.given, change.rule) for change in one.changes] == [
        (change.property, change.given, change.rule) for change in other.changes
    ]


def check_in_full(policy: Policy, body: Any) -> None:
    """A value sent is no larger than what was asked, unless a minimum or a default says so."""
    decision = judge(policy, ALICE, body)
    if decision.request is None:
        return
    ours, theirs = ceiling(decision.request), ceiling(body)
    limit = policy.tenant[0].limits.get("executors.max")
    if limit is not None and theirs.executors is not None and ours.executors is not None:
        preset = policy.tenant[0].session_configs.get("numExecutors", 0)
        asked = number(fold(body).to_body(), "numExecutors", "spark.executor.instances") or 0
        doors = [int(value) for value in [fold(body).to_body().get("conf", {}).get("spark.cores.max", 0)]]
        assert ours.executors <= max(
            theirs.executors, asked, preset, limit.min or 0, limit.default or limit.max, *doors
        )


CHECKS = [
    check_total,
    check_idempotent,
    check_bounds,
    check_memory,
    check_clamp,
    check_nearest,
    check_secrets,
    check_narrowing,
    check_in_full,
]
TWO_SPELLINGS = READABLE.flatmap(lambda request: st.tuples(spelled(request), spelled(request)))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_holds_for_every_request(check: Any) -> None:
    given(policies(), BODIES | PLAINLY | PLAINLY)(check)()


def test_it_is_total_on_any_json() -> None:
    given(policies(), ANYTHING)(check_total)()


def test_the_spelling_makes_no_difference() -> None:
    given(policies(), TWO_SPELLINGS)(check_spelling)()


@pytest.mark.long
def test_the_spelling_makes_no_difference_in_thousands_of_cases() -> None:
    LONG(given(policies(), TWO_SPELLINGS)(check_spelling))()


@pytest.mark.long
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_holds_for_thousands_of_requests(check: Any) -> None:
    LONG(given(policies(), ANYTHING | BODIES | PLAINLY | PLAINLY)(check))()
