"""What is launched of an answer stays within the limits and starts; more limits, less room. The oracle tells.

What "never allows more" means here:

* *Within.* Whatever request a policy lets through, what Livy and Spark launch of it is within each of its limits.
* *Layers.* Whatever request a stack of policies lets through is within the limits of each layer (but for ``fixed``, of
  which the first layer's holds), and each layer alone lets that very request through as it is. A later layer may change
  what is preferred: a stack may send more than one layer alone *would have sent*, never more than it lets through.
* *Narrowing.* What a narrower policy lets through is within the wider one too. Nothing that is launched grows, except
  what is raised to a least value, and except the number of executors where a computed limit holds the whole session:
  smaller executors leave room for more of them, and the session stays within its limit.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livyguard.policy.judge import judge
from livyguard.policy.layers import stacked
from livyguard.policy.model import Policy
from tests.property.attempts import ATTEMPTS
from tests.property.cases import ALICE, BODIES, CLUSTERS, PLAINLY, tables
from tests.property.oracle import Launch, excesses, launch
from tests.property.plain import amount, least, plain, preferred

LONG = settings(settings.get_profile("long"))
REQUESTS = BODIES | PLAINLY | PLAINLY | st.sampled_from(list(ATTEMPTS.values()))
ROOMY = st.sampled_from([None, "yarn", "kubernetes"])


def launched(body: Any, cluster: dict[str, Any]) -> Launch:
    return launch(
        body,
        manager=cluster.get("manager"),
        is_dynamic=cluster.get("dynamic_allocation"),
        defaults=cluster.get("spark_defaults"),
    )


def kinds_of(faults: list[str]) -> set[str]:
    return {re.split(r"[0-9=:]", fault)[0] for fault in faults}


def limits_of(table: dict[str, Any]) -> dict[str, Any]:
    return table["tenant"][0]["limits"]


def presets_of(table: dict[str, Any]) -> dict[str, Any]:
    return table["tenant"][0]["session_configs"]


def check_within(table: dict[str, Any], body: Any) -> None:
    decision = judge(Policy.model_validate(table), ALICE, body)
    if decision.request is None:
        return
    found = launched(decision.request, table["cluster"])

    assert excesses(found, plain(limits_of(table))) == []
    for name, number in least(limits_of(table)).items():
        assert found.most.get(name, number) >= number, name


def check_starts(table: dict[str, Any], body: Any) -> None:
    """A changed request starts, unless what was asked would not have started for the same reason."""
    decision = judge(Policy.model_validate(table), ALICE, body)
    if decision.verdict != "clamp":
        return
    asked = judge(None, ALICE, body).request
    found = launched(decision.request, table["cluster"])

    assert kinds_of(found.faults) <= kinds_of(launched(asked, table["cluster"]).faults), found.faults


def check_no_more_than_asked(table: dict[str, Any], body: Any) -> None:
    """Of every size, what is launched is at most what was asked, preset or put in by the limit itself."""
    decision = judge(Policy.model_validate(table), ALICE, body)
    if decision.request is None:
        return
    asked = launched(judge(None, ALICE, body).request, table["cluster"])
    preset = launched(presets_of(table), table["cluster"])
    found = launched(decision.request, table["cluster"])

    for name in ("executor.memory", "executor.cores", "driver.memory", "driver.cores", "executor.pyspark_memory"):
        given = [asked.most.get(name, 0), preset.most.get(name, 0), *preferred(limits_of(table), name)]
        assert found.most.get(name, 0) <= max(given), name


def check_layers(layers: list[dict[str, Any]], body: Any) -> None:
    policies = [Policy.model_validate(table) for table in layers]
    decision = judge(stacked(policies), ALICE, body)
    if decision.request is None:
        return
    found = launched(decision.request, layers[0]["cluster"])
    fixed: set[str] = set()

    for table, alone in zip(layers, policies, strict=True):
        limits = limits_of(table)
        own = {name: limit for name, limit in limits.items() if name not in fixed or "fixed" not in limit}
        assert excesses(found, plain(own)) == []
        fixed |= {name for name, limit in limits.items() if "fixed" in limit}
        # What an earlier layer presets is no key that a later one has to list; alone it knows nothing of it.
        is_foreign = table["tenant"][0].get("unlisted") and any("conf" in presets_of(each) for each in layers)
        if own == limits and not is_foreign:
            again = judge(alone, ALICE, decision.request)
            assert again.verdict == "allow", (again.changes, again.violations)


def check_a_layer_more(layers: list[dict[str, Any]], body: Any) -> None:
    """What is refused for its limits by the first layer is within them wherever more layers let something through."""
    first, *_ = layers
    alone = judge(Policy.model_validate(first), ALICE, body)
    stack = judge(stacked([Policy.model_validate(table) for table in layers]), ALICE, body)
    if stack.request is None or alone.request is None:
        return
    computed = any(name.startswith("session.") for name in limits_of(first))
    before, after = launched(alone.request, first["cluster"]), launched(stack.request, first["cluster"])
    room = plain(limits_of(first))

    for name in () if computed else after.most.keys() & room.keys():
        assert after.most[name] <= max(before.most.get(name, 0), room[name]), name


@st.composite
def narrowed(draw: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A policy, and the same one with one limit narrower."""
    wide = draw(tables().filter(lambda table: table["tenant"][0]["limits"]))
    narrow = copy.deepcopy(wide)
    limits = limits_of(narrow)
    limit = limits[draw(st.sampled_from(sorted(limits)))]
    ways = ["deny"]
    if "max" in limit and limit.get("min") is None and not isinstance(limit["max"], str):
        ways.append("fewer")
    if "max" in limit and limit.get("min") is None and isinstance(limit["max"], str):
        ways.append("smaller")
    if "max" in limit and "default" in limit and limit.get("min") is None:
        ways.append("least")
    if len(limit.get("allow", ())) > 1:
        ways.append("choice")
    way = draw(st.sampled_from(ways))
    if way == "deny":
        limit["on_violation"] = "deny"
    elif way == "fewer":
        limit["max"] = max(limit["max"] // draw(st.sampled_from([2, 4, 100])), 1)
    elif way == "smaller":
        limit["max"] = draw(st.sampled_from(["512m", "1g"]).filter(lambda each: mib(each) <= mib(limit["max"])))
    elif way == "least":
        limit["min"] = limit["max"]
    else:
        limit["allow"] = limit["allow"][:1]
    return wide, narrow


def mib(text: str) -> float:
    return amount("executor.memory", text)


def check_narrowing(both: tuple[dict[str, Any], dict[str, Any]], body: Any) -> None:
    wide, narrow = both
    before, after = (judge(Policy.model_validate(table), ALICE, body) for table in both)
    if after.request is None:
        return
    found = launched(after.request, wide["cluster"])

    assert excesses(found, plain(limits_of(wide))) == []
    assert excesses(found, plain(limits_of(narrow))) == []
    if before.request is None or any(name.startswith("session.") for name in limits_of(wide)):
        return
    raised = least(limits_of(narrow))
    most = launched(before.request, wide["cluster"]).most
    for name, number in found.most.items():
        if not name.startswith("session."):
            assert number <= max(most.get(name, 0), raised.get(name, 0), raised.get(_kin(name), 0)), name


def _kin(name: str) -> str:
    return "executors.max" if name.startswith("executors.") else name


LAYERS = CLUSTERS.flatmap(
    lambda cluster: st.lists(tables().map(lambda table: {**table, "cluster": cluster}), min_size=1, max_size=3)
)
TABLES = st.builds(
    lambda table, manager: {**table, "cluster": {**table["cluster"], **({"manager": manager} if manager else {})}},
    tables(),
    ROOMY,
)
CHECKS = [
    (check_within, TABLES),
    (check_starts, TABLES),
    (check_no_more_than_asked, TABLES),
    (check_layers, LAYERS),
    (check_a_layer_more, LAYERS),
    (check_narrowing, narrowed()),
]
NAMED = pytest.mark.parametrize(("check", "policies"), CHECKS, ids=[check.__name__ for check, _ in CHECKS])


@NAMED
def test_it_holds_for_every_request(check: Any, policies: Any) -> None:
    given(policies, REQUESTS)(check)()


@pytest.mark.long
@NAMED
def test_it_holds_for_thousands_of_requests(check: Any, policies: Any) -> None:
    LONG(given(policies, REQUESTS)(check))()
