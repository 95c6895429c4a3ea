"""Failures of a real Spark on a real YARN, met by one notebook whose kernel is never restarted."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
import requests

from tests.live.failing_stack import CROWDED, failing_yarn
from tests.live.mending import codes, configure, diagnosed, goes_on, shown
from tests.live.people import until
from tests.live.pythons import two_pythons
from tests.live.yarn_stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.lab import Kernel, Lab

pytestmark = [pytest.mark.live, pytest.mark.long]

EXECUTOR = "org.apache.spark.executor.YarnCoarseGrainedExecutorBackend"
#: A job fails with its first task, and executors may be lost as often as they like. One whose heap is full is left to
#: say so: YARN's `kill` would race with its words.
AT_ONCE = {
    "spark.task.maxFailures": "1",
    "spark.yarn.max.executor.failures": "50",
    "spark.executor.extraJavaOptions": "-XX:+UseSerialGC -XX:OnOutOfMemoryError=true",
}
#: No limit on executors, so that what is asked reaches Spark as it is.
UNLIMITED = """
version = 1
[cluster]
manager = "yarn"
dynamic_allocation = true
"""


@pytest.fixture(scope="module")
def stack(livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Run drivers beside Livy, which has their logs then."""
    folder = tmp_path_factory.mktemp("stack")
    with Stack(livy_home("0.9.0"), folder, yarn=failing_yarn(), deploy_mode="client") as stack:
        yield stack
        stack.clear()


@pytest.fixture(scope="module")
def unlimited(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """Yield a notebook whose policy limits nothing."""
    with stack.lab(tmp_path_factory.mktemp("bob")) as lab:
        assert lab.policy is not None
        lab.policy.write_text(UNLIMITED)
        yield lab.start()


@pytest.fixture(scope="module")
def at_once(lab: Lab) -> Kernel:
    """Return another notebook, in whose session a lost executor fails the job; it lives through all of these."""
    notebook = lab.start()
    configure(notebook, {"conf": AT_ONCE})
    notebook.fine("print(sc.parallelize(range(1), 1).count())")
    return notebook


def session_log(stack: Stack, words: str) -> str:
    """Return what Livy has of the log of a session that wrote some words; empty if none did."""
    where, size = f"{stack.livy.url}/sessions", {"size": 1000}
    answers = (requests.get(f"{where}/{number}/log", params=size, timeout=30).json() for number in stack.sessions())
    return next((log for answer in answers if words in (log := "\n".join(answer["log"]))), "")


def statement(lab: Lab, notebook: Kernel, code: str) -> list[str]:
    """Run a cell whose Spark job fails; return the codes that it shows, or that its text leads to."""
    cell = notebook.run(code)
    assert "Job aborted" in cell.text or "OutOfMemoryError" in cell.text or "SparkException" in cell.text, cell.text
    return codes(cell.text) or list(diagnosed(lab, cell.text))


def test_an_executor_that_outgrows_its_container(lab: Lab, at_once: Kernel) -> None:
    found = statement(
        lab,
        at_once,
        "def hoard(i):\n    kept = bytearray(b'x' * 1_500_000_000)\n    import time; time.sleep(60)\n    return i\n"
        "sc.parallelize(range(1), 1).map(hoard).collect()",
    )

    assert found == ["LG215"]
    goes_on(at_once)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, "LG217"), (signal.SIGTERM, "LG218")])
def test_an_executor_that_is_killed_on_its_node(
    lab: Lab, at_once: Kernel, tmp_path: Path, number: int, code: str
) -> None:
    began = tmp_path / "began"
    sent = at_once.client.execute(
        "def work(i):\n    import os, time\n"
        f"    with open({str(began)!r}, 'w') as file:\n        print(os.getpid(), file=file)\n"
        "    time.sleep(90)\nsc.parallelize(range(1), 1).map(work).collect()",
        allow_stdin=False,
    )
    worker = until(lambda: began.exists() and began.read_text().strip())
    (executor,) = [process for process in psutil.Process(int(worker)).parents() if EXECUTOR in process.cmdline()]
    executor.send_signal(number)

    said = at_once.finish(sent).text

    assert "Job aborted" in said
    assert (codes(said) or list(diagnosed(lab, said))) == [code]
    goes_on(at_once)


def test_an_executor_whose_heap_is_full(lab: Lab, at_once: Kernel) -> None:
    found = statement(
        lab,
        at_once,
        "spark.range(0, 1, 1, 1).selectExpr(\"length(concat_ws('', transform(sequence(1, 3000 + cast(id as int)), "
        "i -> repeat('x', 1000000))))\").collect()",
    )

    assert found == ["LG301"]
    goes_on(at_once)


def test_a_driver_whose_heap_is_full(lab: Lab, at_once: Kernel) -> None:
    found = statement(
        lab, at_once, "big = spark.range(0, 60, 1, 60).selectExpr(\"repeat('x', 20000000) as x\")\nbig._jdf.collect()"
    )

    assert found == ["LG302"]
    goes_on(at_once)


def test_a_result_larger_than_the_driver_takes(lab: Lab, notebook: Kernel) -> None:
    configure(notebook, {"conf": {"spark.driver.maxResultSize": "1m"}})

    found = statement(lab, notebook, "len(sc.parallelize(range(2000000), 2).collect())")

    assert found == ["LG303"]
    goes_on(notebook)


def test_workers_whose_python_is_not_that_of_their_driver(lab: Lab, notebook: Kernel, tmp_path: Path) -> None:
    configure(notebook, {"conf": {"spark.pyspark.python": str(two_pythons(tmp_path))}})
    job = "print(sc.parallelize(range(1), 1).map(lambda i: i + 42).collect())"

    found = statement(lab, notebook, job)
    configure(notebook, {"conf": {"spark.pyspark.python": sys.executable}})  # what is the same everywhere, as it says
    done = notebook.fine(job).stdout

    assert found == ["LG308"]
    assert "[42]" in done


def test_a_package_that_is_nowhere(notebook: Kernel, tmp_path: Path) -> None:
    settings = tmp_path / "ivy.xml"
    settings.write_text(
        '<ivysettings><settings defaultResolver="empty"/><resolvers><filesystem name="empty">'
        f'<artifact pattern="{tmp_path}/[artifact].jar"/></filesystem></resolvers></ivysettings>'
    )
    package = {"spark.jars.packages": "com.example:nowhere:1.0", "spark.jars.ivySettings": str(settings)}
    configure(notebook, {"conf": {**package, "spark.jars.ivy": str(tmp_path / "ivy")}})

    said = shown(notebook.run("1 + 1"))
    notebook.fine("%%configure -f\n{}")
    goes_on(notebook, said)

    assert codes(said) == ["LG310"]
    assert "com.example#nowhere;1.0: not found" in said


def test_a_staging_directory_that_cannot_be_written(notebook: Kernel) -> None:
    configure(notebook, {"conf": {"spark.yarn.stagingDir": "file:///proc/nowhere"}})

    said = shown(notebook.run("1 + 1"))
    notebook.fine("%%configure -f\n{}")
    goes_on(notebook, said)

    assert codes(said) == ["LG311"]


def test_more_executors_at_first_than_at_most(unlimited: Kernel) -> None:
    allocation = {"enabled": "true", "initialExecutors": "5", "maxExecutors": "2", "shuffleTracking.enabled": "true"}
    conf = {f"spark.dynamicAllocation.{key}": value for key, value in allocation.items()}
    configure(unlimited, {"driverMemory": "512m", "conf": conf})

    said = shown(unlimited.run("1 + 1"))
    unlimited.fine("%%configure -f\n{}")
    goes_on(unlimited, said)
    unlimited.fine("%livy_release --this")

    assert codes(said) == ["LG304"]


def test_a_cluster_without_sparks_shuffle_service(stack: Stack, unlimited: Kernel, lab: Lab) -> None:
    conf = {"spark.dynamicAllocation.enabled": "true", "spark.shuffle.service.enabled": "true"}
    configure(unlimited, {"driverMemory": "512m", "conf": conf | {"spark.dynamicAllocation.minExecutors": "1"}})
    unlimited.fine("1 + 1")

    hints = diagnosed(lab, until(lambda: stack.yarn.log("spark_shuffle")))

    assert list(hints) == ["LG305"]
    configure(unlimited, {})
    goes_on(unlimited)
    unlimited.fine("%livy_release --this")


def test_a_job_for_which_there_is_no_executor(stack: Stack, lab: Lab, notebook: Kernel) -> None:
    configure(notebook, {"queue": CROWDED})
    with stack.yarn.occupied(CROWDED, 1024):  # the application master still fits beside it, an executor does not
        notebook.fine("kept = 1")
        sent = notebook.client.execute("print(sc.parallelize(range(1), 1).count())", allow_stdin=False)
        log = until(lambda: session_log(stack, "Initial job has not accepted any resources"))
        hints = diagnosed(lab, log)
    done = notebook.finish(sent)

    assert list(hints) == ["LG306"]
    assert done.stdout.strip().endswith("1"), done.text
