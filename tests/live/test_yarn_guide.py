"""The queues of the guide to EMR, in a real ResourceManager: what it makes of them, and how many drivers it starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.live.people import until
from tests.live.yarn import Queue, Yarn, YarnOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.live, pytest.mark.long]

GUIDE = Path(__file__).parents[2] / "notebooks" / "guides" / "emr-two-teams.ipynb"
PREFIX = "yarn.scheduler.capacity."
#: The guide's cluster as one node, MiB; the scheduler's numbers, no real memory.
CLUSTER = 10 * 56 * 1024
#: A driver of 4 GiB, with its overhead, rounded up to 32 MiB.
DRIVER = 4_512
PEOPLE = 8


def classification(name: str, file: str = "queues") -> dict[str, str]:
    """Return the properties of one of the classifications that the guide writes for EMR, into one of its files."""
    cells = nbformat.read(GUIDE, as_version=4).cells
    (text,) = [cell.source for cell in cells if cell.source.startswith(f"%%writefile {{folder}}/{file}.json")]
    return next(each["Properties"] for each in json.loads(text.partition("\n")[2]) if each["Classification"] == name)


def options(drivers: float) -> YarnOptions:
    """Return a YARN with the guide's queues, in which drivers may hold a share of a queue."""
    settings = classification("capacity-scheduler")
    settings[f"{PREFIX}maximum-am-resource-percent"] = str(drivers)
    names = settings[f"{PREFIX}root.queues"].split(",")

    def of(name: str, key: str, otherwise: str) -> str:
        return settings.get(f"{PREFIX}root.{name}.{key}", otherwise)

    queues = {
        name: Queue(
            capacity=int(of(name, "capacity", "")),
            maximum=int(of(name, "maximum-capacity", "100")),
            user_limit=float(of(name, "user-limit-factor", "1")),
            applications=int(told) if (told := of(name, "maximum-applications", "")) else None,
            am_share=drivers,
        )
        for name in names
    }
    sizes = {"yarn.scheduler.minimum-allocation-mb": 32, "yarn.scheduler.maximum-allocation-mb": CLUSTER}
    return YarnOptions(
        memory_mb=CLUSTER,
        vcores=160,
        queues=queues,
        yarn_site={**settings, **classification("yarn-site"), **sizes},
    )


@pytest.fixture(scope="module", params=[0.1, 0.2], ids=["Hadoop's own 10 %", "the guide's 20 %"])
def busy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[float, Yarn]]:
    """The other queues are full, then eight analysts start a driver each; everybody is one user to YARN."""
    with Yarn(tmp_path_factory.mktemp("guide") / "yarn", options(request.param)) as yarn:
        others = {"etl": CLUSTER // 2, "default": CLUSTER // 10}
        for queue, memory in others.items():
            yarn.sleep(queue, memory)
        until(lambda: yarn.allocated_mb() >= sum(others.values()))
        for _ in range(PEOPLE):
            yarn.sleep("analytics", DRIVER)
        until(lambda: asked(yarn.queue("analytics")) == PEOPLE)
        yield request.param, yarn


def asked(queue: dict[str, Any]) -> int:
    return int(queue["numActiveApplications"]) + int(queue["numPendingApplications"])


def test_yarn_reads_the_shares_of_the_guide(busy: tuple[float, Yarn]) -> None:
    _, yarn = busy
    shares = {name: yarn.queue(name)["capacity"] for name in ("analytics", "etl", "nightly", "default")}

    assert shares == pytest.approx({"analytics": 40, "etl": 50, "nightly": 0, "default": 10})
    assert [yarn.queue(name)["preemptionDisabled"] for name in shares] == [False] * 4
    assert yarn.queue("analytics")["userLimit"] == pytest.approx(12)


def test_of_eight_drivers_five_start_with_hadoops_share_and_all_with_the_guides(busy: tuple[float, Yarn]) -> None:
    share, yarn = busy
    queue = yarn.queue("analytics")

    assert queue["numActiveApplications"] == (5 if share == pytest.approx(0.1) else PEOPLE)
    assert queue["numPendingApplications"] == PEOPLE - queue["numActiveApplications"]


def test_a_queue_without_a_capacity_takes_what_runs_at_night(busy: tuple[float, Yarn]) -> None:
    _, yarn = busy

    application = yarn.sleep("nightly", 32)

    until(lambda: yarn.describe(application)["allocatedMB"] == 32)


#: A queue as the guide warns of it: it takes applications, and has no part of the label's nodes.
FORGOTTEN = "forgotten"


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Yarn]]:
    """One of two nodes, each as large as the guide's two core nodes, has the label: the node, and its YARN."""
    guide = options(0.2)
    folder = tmp_path_factory.mktemp("labels")
    site = {
        **guide.yarn_site,
        **classification("yarn-site", "labels"),
        **classification("capacity-scheduler", "labels"),
        "yarn.node-labels.fs-store.root-dir": (folder / "labels").as_uri(),
        "yarn.scheduler.maximum-allocation-mb": CLUSTER // 5,
    }
    queues = {**(guide.queues or {}), FORGOTTEN: Queue(capacity=0, maximum=50, applications=10)}
    two = YarnOptions(memory_mb=CLUSTER // 5, vcores=32, nodes=2, queues=queues, yarn_site=site)
    with Yarn(folder / "yarn", two) as yarn:
        yield yarn.label_a_node("CORE"), yarn


def test_all_drivers_of_the_analysts_start_on_the_labelled_nodes(labelled: tuple[str, Yarn]) -> None:
    core, yarn = labelled

    drivers = [yarn.sleep("analytics", DRIVER, label="CORE") for _ in range(PEOPLE)]

    until(lambda: all(yarn.describe(driver)["allocatedMB"] == DRIVER for driver in drivers))
    assert {yarn.describe(driver)["amHostHttpAddress"] for driver in drivers} == {core}


def test_a_driver_of_a_queue_without_a_part_of_the_label_waits(labelled: tuple[str, Yarn]) -> None:
    _, yarn = labelled

    driver = yarn.sleep(FORGOTTEN, DRIVER, label="CORE")

    until(lambda: "AM Partition = CORE" in yarn.describe(driver)["diagnostics"])
    assert "Queue's Absolute capacity = 0.0 %" in yarn.describe(driver)["diagnostics"]
    assert yarn.describe(driver)["state"] == "ACCEPTED"
