"""What a plan counts, held to what a real ResourceManager grants."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.capacity.containers import Container, SessionSize, session_size
from livyguard.capacity.plan import Plan, need, plan
from livyguard.capacity.site import Site
from livyguard.policy.allocation import SPARK
from livyguard.policy.fold import fold
from tests.live.people import Person, until
from tests.live.spark_apps import ALL_THERE, running_apps, settled
from tests.live.yarn import Queue, Yarn, YarnOptions
from tests.live.yarn_stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.live, pytest.mark.long]

DOMINANT = "org.apache.hadoop.yarn.util.resource.DominantResourceCalculator"
#: Of one node, and of what is for many; the scheduler's number, no real memory.
MEMORY, CORES = 32_768, 32
STATIC = {"spark.dynamicAllocation.enabled": "false"}


@dataclass(frozen=True)
class Terms:
    """How a YARN counts: its least allocation, MiB, and whether it looks at cores."""

    step: int = 1024
    counts_cores: bool = False

    def yarn(self, memory: int = MEMORY, cores: int = CORES, **options: Any) -> YarnOptions:
        site: dict[str, Any] = {
            "yarn.scheduler.minimum-allocation-mb": self.step,
            "yarn.scheduler.maximum-allocation-mb": memory,
            "yarn.scheduler.maximum-allocation-vcores": cores,
        }
        if self.counts_cores:
            site["yarn.scheduler.capacity.resource-calculator"] = DOMINANT
        return YarnOptions(memory_mb=memory, vcores=cores, yarn_site=site, **options)

    def site(self, memory: int = MEMORY, cores: int = CORES, **how: Any) -> Site:
        offered = Container(memory, Fraction(cores))
        return Site("yarn", offered, step=self.step, counts_cores=self.counts_cores, **how)


@dataclass(frozen=True)
class Case:
    """A session's body, and how many people have one with so many executors."""

    name: str
    terms: Terms
    body: dict[str, Any] = field(default_factory=dict, hash=False)
    conf: dict[str, Any] = field(default_factory=dict, hash=False)
    executors: int = 2
    users: int = 1
    deploy_mode: str = "cluster"

    @property
    def whole(self) -> dict[str, Any]:
        small = {"driverMemory": "512m", "executorMemory": "512m", "numExecutors": self.executors}
        return {**small, **self.body, "conf": {**STATIC, **self.conf}}

    def plan(self, **how: Any) -> Plan:
        size = session_size(fold(self.whole).entries, SPARK, "yarn", step=self.terms.step, deploy_mode=self.deploy_mode)
        return plan(self.terms.site(**how, deploy_mode=self.deploy_mode), size, self.users, self.executors)


FINE, HALF, COARSE = Terms(256), Terms(512), Terms(1024)
WITH_CORES, COARSE_WITH_CORES = Terms(256, counts_cores=True), Terms(1024, counts_cores=True)
EVERYTHING = {
    "spark.executor.memoryOverheadFactor": "0.45",
    "spark.driver.memoryOverhead": "500m",
    "spark.memory.offHeap.enabled": "true",
    "spark.memory.offHeap.size": "130m",
    "spark.executor.pyspark.memory": "150m",
}
CORES_ASKED = {"driverCores": 2, "executorCores": 3}

SUBMITTED = [
    Case("small", FINE),
    Case("overheads", FINE, conf={"spark.driver.memoryOverhead": "600", "spark.executor.memoryOverhead": "100m"}),
    Case(
        "factors",
        FINE,
        {"driverMemory": "1000m", "executorMemory": "2g"},
        {"spark.driver.memoryOverheadFactor": "0.5", "spark.executor.memoryOverheadFactor": "0.3"},
    ),
    Case("off-heap", FINE, conf={"spark.memory.offHeap.enabled": "true", "spark.memory.offHeap.size": "300m"}),
    Case("off-heap-off", FINE, conf={"spark.memory.offHeap.size": "300m"}),
    Case("pyspark", FINE, conf={"spark.executor.pyspark.memory": "200m"}),
    Case("everything", FINE, {"executorMemory": "1100m", **CORES_ASKED}, EVERYTHING),
    Case("client", FINE, {"driverMemory": "1g", "executorMemory": "640m"}, deploy_mode="client"),
    Case(
        "client-sized",
        FINE,
        {"driverMemory": "1g"},
        {"spark.yarn.am.memory": "700m", "spark.yarn.am.memoryOverhead": "100", "spark.yarn.am.cores": "2"},
        deploy_mode="client",
    ),
    Case("three-executors", HALF, {"driverMemory": "640m", "executorMemory": "1g"}, executors=3),
    Case("two-users", HALF, conf=EVERYTHING, users=2),
    Case("large", COARSE, {"driverMemory": "3g", "executorMemory": "4g", **CORES_ASKED}),
    Case("exactly-a-step", COARSE, {"driverMemory": "640m", "executorMemory": "1664m"}),
    Case("cores", WITH_CORES, CORES_ASKED),
    Case("cores-client", WITH_CORES, {"executorCores": 2}, {"spark.yarn.am.cores": "3"}, deploy_mode="client"),
    Case("cores-two-users", COARSE_WITH_CORES, {**CORES_ASKED, "executorMemory": "1g"}, users=2, executors=1),
]
#: Each of these is asked of Livy.
POSTED = [
    Case("sizes", HALF, {"driverMemory": "1g", "executorMemory": "1200m", "executorCores": 2}),
    Case("everything", COARSE, conf=EVERYTHING, executors=3),
    Case("three-users", COARSE, executors=1, users=3),
    Case("cores", COARSE_WITH_CORES, CORES_ASKED),
]
#: In the order in which each YARN is started once.
ALL_TERMS = (FINE, HALF, COARSE, WITH_CORES, COARSE_WITH_CORES)


def cases(listed: list[Case]) -> list[Any]:
    ordered = sorted(listed, key=lambda case: ALL_TERMS.index(case.terms))
    return [pytest.param(case.terms, case, id=case.name) for case in ordered]


@pytest.fixture(scope="module")
def stack(
    request: pytest.FixtureRequest, livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    with Stack(livy_home("0.9.0"), folder, yarn=request.param.yarn()) as stack:
        yield stack
        stack.clear()


def counted(found: Plan) -> tuple[int, int, int]:
    """Return how many containers, MiB and cores a plan says are held."""
    return found.containers, found.held.memory_mib, int(found.held.cores)


@pytest.mark.parametrize(("stack", "case"), cases(SUBMITTED), indirect=["stack"], scope="module")
def test_an_application_is_granted_what_is_planned(stack: Stack, tmp_path: Path, case: Case) -> None:
    with running_apps(
        stack.yarn, tmp_path, case.whole, case.executors, users=case.users, deploy_mode=case.deploy_mode
    ) as ready:
        until(lambda: all(file.exists() for file in ready))

        assert counted(case.plan()) == settled(stack.yarn)


@pytest.mark.parametrize(("stack", "case"), cases(POSTED), indirect=["stack"], scope="module")
def test_a_session_is_granted_what_is_planned(stack: Stack, case: Case) -> None:
    somebody = Person(stack.livy, None)
    try:
        numbers = [somebody.create(**case.whole) for _ in range(case.users)]
        for number in numbers:
            somebody.says(somebody.comes_up(number), ALL_THERE.format(executors=case.executors))

        assert counted(case.plan()) == settled(stack.yarn)
    finally:
        stack.clear()


@pytest.mark.parametrize("stack", [FINE], ids=["fine"], indirect=True)
def test_an_overhead_that_only_spark_4_knows_is_planned_and_less_is_granted(stack: Stack, tmp_path: Path) -> None:
    case = Case("least", FINE, conf={"spark.executor.minMemoryOverhead": "800m"}, executors=1)
    with running_apps(stack.yarn, tmp_path, case.whole, case.executors) as ready:
        until(lambda: all(file.exists() for file in ready))
        _, granted, _ = settled(stack.yarn)

    assert granted == Case("without", FINE, executors=1).plan().held.memory_mib < case.plan().held.memory_mib


@pytest.mark.parametrize(
    ("case", "memory", "cores"),
    [
        # Three of 2 GiB: two nodes have the memory, and no place for the third.
        pytest.param(Case("memory", COARSE, {"driverMemory": "1g", "executorMemory": "1g"}), 3072, 8, id="memory"),
        pytest.param(Case("cores", COARSE_WITH_CORES, {"driverCores": 2, "executorCores": 2}), 8192, 3, id="cores"),
    ],
)
def test_the_planned_nodes_hold_everything_and_one_fewer_does_not(
    tmp_path: Path, case: Case, memory: int, cores: int
) -> None:
    found = case.plan(memory=memory, cores=cores)

    for nodes in (found.workers, found.workers - 1):
        folder = tmp_path / str(nodes)
        folder.mkdir()
        with (
            Yarn(folder / "yarn", case.terms.yarn(memory, cores, nodes=nodes)) as yarn,
            running_apps(yarn, folder, case.whole, case.executors) as ready,
        ):
            if nodes == found.workers:
                until(lambda ready=ready: ready[0].exists())
                assert counted(found) == settled(yarn)
            else:
                until(lambda yarn=yarn: yarn.running() == found.containers - 1)
                until(lambda yarn=yarn: yarn.metrics()["containersPending"])
                assert settled(yarn)[0] == found.containers - 1
                assert not ready[0].exists()


def test_the_planned_nodes_hold_what_two_people_have_in_containers_of_two_sizes(tmp_path: Path) -> None:
    case = Case("two-sizes", COARSE, {"executorMemory": "1g"}, users=2)
    found = case.plan(memory=3072)

    options = case.terms.yarn(3072, nodes=found.workers)
    with (
        Yarn(tmp_path / "yarn", options) as yarn,
        running_apps(yarn, tmp_path, case.whole, case.executors, users=case.users) as ready,
    ):
        until(lambda: all(file.exists() for file in ready))

        assert counted(found) == settled(yarn)


#: By name: how much of the cluster, per cent, and how much of that for drivers.
QUEUES = {
    "tenth": Queue(40, 0.1, maximum=40),
    "quarter": Queue(30, 0.25, maximum=30),
    "third": Queue(20, 0.33, maximum=20),
    "whole": Queue(10, 1.0, maximum=10),
}


@pytest.mark.parametrize(("terms", "nodes"), [(COARSE, 2), (FINE, 3), (WITH_CORES, 2)], ids=["coarse", "fine", "cores"])
def test_as_many_drivers_run_as_are_planned(tmp_path: Path, terms: Terms, nodes: int) -> None:
    memory, cores = 10_243, 12
    driver = SessionSize(Container(1024, Fraction(2)), Container(1024, Fraction(1)))
    with Yarn(tmp_path / "yarn", terms.yarn(memory, cores, nodes=nodes, queues=QUEUES)) as yarn:
        for name, queue in QUEUES.items():
            share, of_drivers = Fraction(queue.capacity, 100), Fraction(str(queue.am_share))
            site = terms.site(memory, cores, queue_share=share, am_share=of_drivers)
            users = max(users for users in range(1, 20) if users == 1 or need(site, driver, users, 0).workers <= nodes)

            apps = [yarn.sleep(name, 1024, cores=2) for _ in range(users + 1)]
            until(lambda apps=apps: "limit exceeded" in yarn.describe(apps[-1])["diagnostics"])
            until(lambda apps=apps, users=users: held(yarn, apps[:users]) == users)

            limit = yarn.queue(name)["AMResourceLimit"]
            expected = (limit["memory"], limit["vCores"] * 1000) if terms.counts_cores else (limit["memory"],)
            assert site.drivers_limit(nodes) == expected
            assert held(yarn, apps) == users
            for app in apps:
                yarn.kill(app)


def test_a_queue_holds_as_much_as_is_planned(tmp_path: Path) -> None:
    queues = {"most": Queue(70, 1.0, maximum=70), "rest": Queue(30, 1.0, maximum=30)}
    site = FINE.site(10_240, queue_share=Fraction(70, 100))
    driver = SessionSize(Container(2048, Fraction(1)), Container(2048, Fraction(1)))
    users = max(users for users in range(1, 20) if need(site, driver, users, 0).workers <= 2)

    with Yarn(tmp_path / "yarn", FINE.yarn(10_240, nodes=2, queues=queues)) as yarn:
        apps = [yarn.sleep("most", 2048) for _ in range(users + 1)]
        until(lambda: "assigned for AM" in yarn.describe(apps[-1])["diagnostics"])
        until(lambda: held(yarn, apps[:users]) == users)

        # Seven would be exactly 70 % of 20 GiB, and YARN takes that for a mebibyte less.
        assert users == 6
        assert held(yarn, apps) == users
        (capacities,) = yarn.queue("most")["capacities"]["queueCapacitiesByPartition"]
        assert site.queue_limit(2) == (capacities["effectiveMaxResource"]["memory"],)
        for app in apps:
            yarn.kill(app)


def held(yarn: Yarn, apps: list[str]) -> int:
    """Return how many of these applications hold something."""
    return sum(yarn.describe(app)["allocatedMB"] > 0 for app in apps)
