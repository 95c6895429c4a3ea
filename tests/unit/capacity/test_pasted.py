"""The policy's lines of a plan: whatever people ask for, they get no more than what was planned with."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livyguard.capacity.asking import Options
from livyguard.capacity.containers import session_size
from livyguard.capacity.fits import fits
from livyguard.capacity.lint import lint
from livyguard.capacity.promise import read_policy
from livyguard.policy.fold import fold
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse
from tests.unit.capacity.asked import EKS, STANDALONE, YARN, ask

ALICE = Identity("alice", "reported", "a test")
CLIENT = {**YARN, "deploy_mode": "client"}
OFF_HEAP = ("spark.memory.offHeap.enabled=true", "spark.memory.offHeap.size=1g")
CLUSTERS = [
    {"worker_type": "G.1X"},
    {"worker_type": "Standard"},
    {"worker_type": "G.2X", "executor_memory": "8g"},
    {"worker_type": "m5.4xlarge"},
    {"worker_type": "m5.4xlarge", "conf": ("spark.executor.memoryOverheadFactor=0.1",)},
    {"worker_memory": "10g", "executor_memory": "4g", "am_share": "1"},
    {"worker_memory": "16g", "executor_memory": "4g", "driver_memory": "6g"},
    YARN,
    {**YARN, "count_cores": True, "executor_cores": "4", "driver_cores": "2"},
    {**YARN, "conf": ("spark.executor.memoryOverhead=100m", "spark.driver.memoryOverhead=1g")},
    {**YARN, "conf": ("spark.executor.memoryOverheadFactor=0.2", "spark.driver.minMemoryOverhead=2g")},
    {**YARN, "conf": ("spark.executor.memoryOverheadFactor=0.06", "spark.executor.pyspark.memory=1500m")},
    {**YARN, "conf": OFF_HEAP},
    {**YARN, "queue_share": "0.4", "am_share": "50%", "executor_cores": "4", "count_cores": True},
    {**EKS, "worker_cores": "15", "drivers_apart": True},
    {**YARN, "conf": ("spark.memory.offHeap.size=1g",)},
    {**YARN, "conf": ("spark.yarn.am.memory=8g",)},
    {**YARN, "conf": ("spark.kubernetes.memoryOverheadFactor=0.5",)},
    CLIENT,
    {**CLIENT, "driver_memory": "20g"},
    {**CLIENT, "conf": ("spark.yarn.am.memory=2g",)},
    {**CLIENT, "conf": ("spark.yarn.am.memoryOverhead=2g", "spark.yarn.am.cores=3"), "count_cores": True},
    EKS,
    *({**EKS, "kind": kind} for kind in ("spark", "sql", "shared", "sparkr")),
    {**EKS, "deploy_mode": "client"},
    {**EKS, "executor_memory": "8g", "executor_cores": "4", "driver_cores": "2"},
    {**EKS, "conf": ("spark.kubernetes.executor.request.cores=2",), "executor_cores": "4"},
    {**EKS, "worker_cores": "4", "conf": ("spark.kubernetes.executor.request.cores=2",), "executor_cores": "8"},
    {**EKS, "conf": ("spark.kubernetes.executor.request.cores=3", "spark.kubernetes.driver.request.cores=1500m")},
    {**EKS, "conf": ("spark.kubernetes.executor.limit.cores=4", "spark.executor.minMemoryOverhead=1g")},
    {**EKS, "conf": ("spark.kubernetes.memoryOverheadFactor=0.1", *OFF_HEAP)},
    {**EKS, "conf": ("spark.executor.memoryOverhead=64m", "spark.executor.pyspark.memory=2g")},
    STANDALONE,
    {**STANDALONE, "deploy_mode": "cluster", "executor_cores": "4"},
    {**STANDALONE, "conf": ("spark.executor.memoryOverhead=5g", "spark.kubernetes.executor.request.cores=9")},
]
SIZES = st.sampled_from(["100m", "450m", "1g", "3g", "9g", "50g"])
FACTORS = st.sampled_from(["0", "0.01", "0.1", "0.3", "2"])
CORES = st.sampled_from(["1", "2", "5", "40"])
PARTS = st.sampled_from(["100m", "1500m", "2", "30"])
CONF = {
    "spark.executor.memory": SIZES,
    "spark.driver.memory": SIZES,
    "spark.executor.memoryOverhead": SIZES,
    "spark.yarn.executor.memoryOverhead": SIZES,
    "spark.driver.memoryOverhead": SIZES,
    "spark.executor.memoryOverheadFactor": FACTORS,
    "spark.driver.memoryOverheadFactor": FACTORS,
    "spark.kubernetes.memoryOverheadFactor": FACTORS,
    "spark.executor.minMemoryOverhead": SIZES,
    "spark.driver.minMemoryOverhead": SIZES,
    "spark.executor.pyspark.memory": SIZES,
    "spark.memory.offHeap.size": SIZES,
    "spark.memory.offHeap.enabled": st.sampled_from(["true", "false"]),
    "spark.unsafe.offHeap": st.just("true"),
    "spark.kubernetes.executor.request.cores": PARTS,
    "spark.kubernetes.driver.request.cores": PARTS,
    "spark.kubernetes.executor.limit.cores": PARTS,
    "spark.yarn.am.memory": SIZES,
    "spark.yarn.am.memoryOverhead": SIZES,
    "spark.yarn.am.cores": CORES,
    "spark.executor.cores": CORES,
    "spark.driver.cores": CORES,
    "spark.dynamicAllocation.maxExecutors": CORES,
    "spark.executor.instances": CORES,
}
REQUESTS = st.fixed_dictionaries(
    {"conf": st.fixed_dictionaries({}, optional=CONF)},
    optional={
        "kind": st.sampled_from(["pyspark", "spark", "sparkr", "shared"]),
        "executorMemory": SIZES,
        "driverMemory": SIZES,
        "executorCores": CORES.map(int),
        "driverCores": CORES.map(int),
        "numExecutors": CORES.map(int),
    },
)
PLANS = [ask(users="3", executors="5", **cluster) for cluster in CLUSTERS]


def pasted(found):
    return read(found.policy)


@cache
def read(text):
    return parse(text, source="pasted")


def sized(found, body):
    """Return what the containers of a body take there."""
    site = found.asked.site
    otherwise = {**found.asked.sizing.otherwise, "kind": fold({"kind": "spark"}).entries["kind"]}
    return session_size(fold(body).entries, otherwise, site.manager, step=site.step, deploy_mode=site.deploy_mode)


def is_within(one, other, *, with_cores):
    return one.memory_mib <= other.memory_mib and (one.cores <= other.cores or not with_cores)


def has_whole_cores(found):
    """Tell whether a policy can say how many cores a worker has."""
    offered = found.asked.site.offered
    return offered is None or offered.cores.denominator == 1


@settings(deadline=None)  # the first of each plan reads its policy
@given(found=st.sampled_from(PLANS), body=REQUESTS)
def test_whatever_is_asked_for_no_container_is_larger_than_the_planned_one(found, body):
    decision = judge(pasted(found), ALICE, body)

    if decision.verdict != "deny" and found.asked.site.worker_type is None:
        got, planned, cores = sized(found, decision.request), found.asked.size, found.asked.site.counts_cores
        assert is_within(got.executor, planned.executor, with_cores=cores)
        assert (got.driver is None) == (planned.driver is None)
        assert got.driver is None or is_within(got.driver, planned.driver, with_cores=cores)
        assert got.beside_livy_mib <= planned.beside_livy_mib
    if decision.verdict != "deny":
        assert int(decision.request["conf"]["spark.dynamicAllocation.maxExecutors"]) <= 5


@pytest.mark.parametrize("found", PLANS)
def test_its_own_settings_pass_as_they_are_and_take_what_was_planned(found):
    decision = judge(pasted(found), ALICE, {**found.session_configs, "kind": found.asked.sizing.otherwise["kind"].raw})

    assert decision.verdict == "allow"
    assert sized(found, decision.request) == found.asked.size


@pytest.mark.parametrize("found", PLANS)
def test_who_asks_for_nothing_gets_no_more_than_was_planned(found):
    assert judge(pasted(found), ALICE, {"kind": found.asked.sizing.otherwise["kind"].raw}).verdict == "allow"


@pytest.mark.parametrize("found", PLANS)
def test_lint_has_nothing_to_say_of_it(found):
    assert lint(pasted(found)) == ()


@pytest.mark.parametrize("found", PLANS)
def test_it_promises_what_was_planned_and_nothing_is_left_without_a_limit(found):
    promised = fits(pasted(found), people={"defaults": 90}, site=found.asked.site, at_once=Fraction(1))

    assert promised.worst.need.workers == found.cells[0].plan.workers
    assert promised.worst.fits
    assert not [note for note in promised.notes if note.startswith("Nothing limits")]


@pytest.mark.parametrize("people", [(), ("defaults=3",)], ids=["uncounted", "counted"])
@pytest.mark.parametrize("found", [each for each in PLANS if has_whole_cores(each)])
def test_with_the_options_that_it_names_the_planner_counts_it_as_the_plan(found, people):
    told = next((line.split(" with ")[1] for line in found.policy.splitlines() if line.startswith("# livyguard")), "")
    options = {
        name.replace("-", "_"): value.strip() or True
        for name, _, value in (each.partition(" ") for each in told.split("--")[1:])
    }

    promised = read_policy(Options(people=people, **options)).fit(pasted(found))

    assert promised.worst.need == found.cells[0].plan.need


@pytest.mark.parametrize("kind", ["spark", "sql", "shared"])
def test_without_python_its_heaps_fill_the_workers_that_were_planned(kind):
    nodes = {"manager": "kubernetes", "worker_memory": "16g", "worker_cores": "16"}
    sizes = {"driver_memory": "1500m", "executor_memory": "4g", "executor_cores": "1"}
    found = ask(users="9", executors="4", kind=kind, **nodes, **sizes)

    promised = read_policy(Options(people=("defaults=9",))).fit(pasted(found))

    assert (found.cells[0].plan.workers, promised.worst.need.workers) == (14, 14)


@pytest.mark.parametrize("found", PLANS)
def test_its_lines_are_few(found):
    assert len(found.policy.splitlines()) <= 26
