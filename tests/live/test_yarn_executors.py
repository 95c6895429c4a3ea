"""What a session holds in YARN, as the ResourceManager counts it, and how often it is there."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.capacity.containers import Container, session_size
from livyguard.capacity.plan import plan
from livyguard.capacity.site import Site
from livyguard.policy.allocation import SPARK
from livyguard.policy.fold import fold
from tests.live.cutting_proxy import CuttingProxy
from tests.live.people import until
from tests.live.yarn_stack import NARROW, Containers, Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.lab import Kernel

pytestmark = pytest.mark.live

STATIC = {"numExecutors": 6}
DYNAMIC = {
    "conf": {
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.shuffleTracking.enabled": "true",
        "spark.dynamicAllocation.maxExecutors": "6",
    }
}
#: Twelve tasks of a second: with dynamic allocation on, Spark asks for more executors after one second, and again.
WORK = "sc.parallelize(range(12), 12).map(lambda n: __import__('time').sleep(1) or n).sum()"
#: The policy's two, and the application master.
GIVEN = 3
#: A person with two, of the policy's sizes.
SIZES = {"driverMemory": "512m", "executorMemory": "512m"}
PLANNED = plan(
    Site("yarn", Container(8192, Fraction(16)), step=256, counts_cores=False),
    session_size(fold(SIZES).entries, SPARK, "yarn", step=256),
    users=1,
    executors=2,
)


@pytest.fixture(scope="module")
def stack(livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(livy_home("0.9.0"), tmp_path_factory.mktemp("stack")) as stack:
        yield stack


def works(kernel: Kernel, body: dict[str, Any]) -> None:
    kernel.fine(f"%%configure\n{json.dumps(body)}")
    assert "66" in kernel.fine(WORK).text


@pytest.mark.parametrize("body", [STATIC, DYNAMIC], ids=["static", "dynamic"])
def test_a_clamped_session_gets_no_more_executors_than_given_and_as_much_as_a_plan_counts(
    stack: Stack, tmp_path: Path, body: dict[str, Any]
) -> None:
    with stack.lab(tmp_path) as lab, Containers(stack.yarn) as containers:
        works(lab.start(), body)
        app = stack.application()

    assert (containers.most, app["runningContainers"]) == (GIVEN, GIVEN)
    assert PLANNED.containers == GIVEN
    assert (app["allocatedMB"], app["allocatedVCores"]) == (PLANNED.held.memory_mib, PLANNED.held.cores)


def test_without_the_guard_the_same_request_gets_more(stack: Stack, tmp_path: Path) -> None:
    body = DYNAMIC | SIZES

    with stack.lab(tmp_path) as lab, Containers(stack.yarn) as containers:
        works(lab.start(load=False), body)

    assert containers.most > GIVEN


@pytest.mark.parametrize(
    "loss",
    [
        CuttingProxy.bad_gateway,
        pytest.param(CuttingProxy.cut, marks=pytest.mark.long),
        pytest.param(CuttingProxy.cut_midway, marks=pytest.mark.long),
    ],
)
def test_a_session_whose_answer_was_lost_is_adopted_and_there_is_one(
    stack: Stack, tmp_path: Path, loss: Callable[[CuttingProxy], None]
) -> None:
    before = len(stack.yarn.applications())

    with CuttingProxy(stack.livy.url) as proxy, stack.lab(tmp_path, proxy.url) as lab:
        kernel = lab.start()
        loss(proxy)
        said = kernel.fine("sc.applicationId")
        (session,) = stack.sessions().values()
        app = stack.application()

    assert "answer was lost" in said.text
    assert app["id"] in said.text
    assert session["appId"] == app["id"]
    assert proxy.posts == 1
    assert len(stack.yarn.applications()) == before + 1


@pytest.mark.long
def test_notebooks_that_lose_their_answers_at_once_adopt_each_its_own(stack: Stack, tmp_path: Path) -> None:
    many = 4
    with (
        stack.yarn.occupied(NARROW, 256),
        CuttingProxy(stack.livy.url) as proxy,
        stack.lab(tmp_path, proxy.url) as lab,
    ):
        kernels = [lab.start() for _ in range(many)]
        for kernel in kernels:
            kernel.fine(f'%%configure\n{{"queue": "{NARROW}"}}')
            proxy.bad_gateway()
        sent = [kernel.client.execute("1 + 1", allow_stdin=False) for kernel in kernels]
        until(lambda: len(stack.guarded()) == many)
        apps, numbers = stack.guarded(), sorted(stack.sessions())
        for kernel in kernels:
            kernel.manager.interrupt_kernel()
        said = [kernel.finish(cell).text for kernel, cell in zip(kernels, sent, strict=True)]
        states = {stack.state(app) for app in apps}

    adopted = [int(number) for text in said for number in re.findall(r"it had created, (\d+), is used", text)]
    assert sorted(adopted) == numbers
    assert proxy.posts == many
    assert states == {"KILLED"}
