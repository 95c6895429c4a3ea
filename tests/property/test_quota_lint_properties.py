"""What lint says of a quota holds for every request: none starts where none fits, none reaches what it calls idle."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from livyguard.policy.fold import fold
from livyguard.policy.holding import footprint
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.lint import lint
from livyguard.policy.model import Policy
from livyguard.policy.tenancy import resolve

ALICE = Identity("alice", "reported", "a test")
SIZES = st.sampled_from(["450m", "512m", "900m", "1g", "3g"])
COUNTS = st.sampled_from([1, 2, 3, 8])


def some(**fields):
    return st.fixed_dictionaries({}, optional=fields)


def limit(values):
    return (
        some(default=values) | some(max=values) | some(min=values) | some(fixed=values) | some(allow=st.lists(values))
    )


LIMITS = some(
    **{
        "executors.max": limit(COUNTS),
        "executors.count": limit(COUNTS),
        **dict.fromkeys(["executor.memory", "driver.memory", "executor.memory_overhead"], limit(SIZES)),
        "executor.cores": limit(COUNTS),
        "session.memory": st.fixed_dictionaries({"max": st.sampled_from(["2g", "8g", "32g"])}),
        "session.cores": st.fixed_dictionaries({"max": st.sampled_from([2, 8])}),
    }
)
QUOTA = some(
    sessions=st.sampled_from([0, 1, 2]),
    executors=st.sampled_from([0, 1, 4]),
    memory=st.sampled_from(["512m", "900m", "2g", "8g", "32g"]),
    cores=st.sampled_from([1, 2, 8]),
)
CLUSTER = some(
    manager=st.sampled_from(["yarn", "kubernetes"]),
    minimum_allocation=st.sampled_from(["1g", "512m"]),
    dynamic_allocation=st.booleans(),
    spark_defaults=st.just({"spark.executor.memory": "512m"}),
)
BODY = some(
    numExecutors=st.sampled_from([1, 2, 40]),
    executorMemory=SIZES,
    driverMemory=SIZES,
    executorCores=COUNTS,
    conf=some(
        **{
            "spark.dynamicAllocation.maxExecutors": st.sampled_from(["1", "2", "40"]),
            "spark.dynamicAllocation.enabled": st.sampled_from(["true", "false"]),
            **dict.fromkeys(
                ["spark.executor.memoryOverhead", "spark.driver.memoryOverhead"], st.sampled_from(["0", "10m"])
            ),
        }
    ),
)
SMALLEST = {
    "numExecutors": 1,
    "executorMemory": "450m",
    "driverMemory": "450m",
    "conf": {
        "spark.dynamicAllocation.maxExecutors": "1",
        "spark.executor.memoryOverhead": "0",
        "spark.driver.memoryOverhead": "0",
    },
}


@settings(max_examples=400, deadline=None)
@given(limits=LIMITS, quota=QUOTA, team=QUOTA, cluster=CLUSTER, bodies=st.lists(BODY, min_size=1, max_size=4))
@example({"executor.memory": {"allow": ["3g"]}}, {"memory": "2g"}, {}, {}, [{}, SMALLEST])
@example({"executor.memory_overhead": {"min": "3g"}}, {"memory": "2g"}, {}, {}, [{}, SMALLEST])
@example({"executors.max": {"min": 2}}, {"executors": 1}, {}, {}, [{"numExecutors": 1}])
@example({"executors.max": {"fixed": 2}}, {"cores": 2}, {}, {"dynamic_allocation": False}, [SMALLEST])
@example({"executors.max": {"fixed": 2}, "session.cores": {"max": 2}}, {"cores": 2}, {}, {}, [{}])
@example({"executors.max": {"max": 8}}, {"memory": "900m"}, {}, {}, [SMALLEST])
@example(
    {"executors.max": {"max": 8}}, {"memory": "2g"}, {}, {"manager": "yarn", "minimum_allocation": "1g"}, [SMALLEST]
)
def test_no_request_contradicts_what_lint_says_of_quotas(limits, quota, team, cluster, bodies):
    policy = Policy.model_validate(
        {"cluster": cluster, "defaults": {"limits": limits, "quota": quota, "team_quota": team}}
    ).named("p", {})
    stated = limits.get("executors.max", {})
    most = stated.get("max", stated.get("fixed"))
    found = {(each.code, each.where.removeprefix("p: defaults.")) for each in lint(policy)}
    unfit = {where for code, where in found if code == "LG892"}
    unreached = {where.split(".max.")[0] for code, where in found if code == "LG895"}

    for body in [*bodies, SMALLEST]:
        decision = judge(policy, ALICE, body)
        if decision.verdict != "deny":
            assert not unfit
            held = footprint(fold(decision.request).entries, resolve(policy, ALICE))
            assert "limits.executors" not in unreached or held.executors < most


@settings(max_examples=200, deadline=None)
@given(limits=LIMITS, quota=QUOTA, cluster=CLUSTER)
def test_a_session_for_which_nobody_asks_anything_is_refused_where_lint_says_so(limits, quota, cluster):
    policy = Policy.model_validate({"cluster": cluster, "defaults": {"limits": limits, "quota": quota}}).named("p", {})
    said = {each.where.removeprefix("p: defaults.") for each in lint(policy) if each.code in {"LG892", "LG893"}}

    refused = {each.property for each in judge(policy, ALICE, {}).violations}

    if refused and all(name.startswith("quota.") for name in refused):
        assert refused == said
