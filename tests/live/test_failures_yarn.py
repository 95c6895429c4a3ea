"""Failures of a real YARN, met by one notebook whose kernel is never restarted: the hint, and that it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.live.failing_stack import CROWDED, PRIVATE, STINGY, failing_yarn
from tests.live.mending import codes, configure, diagnosed, goes_on, shown
from tests.live.people import until
from tests.live.waiting import waits_in_yarn
from tests.live.yarn_stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.lab import Kernel, Lab

pytestmark = [pytest.mark.live, pytest.mark.long]

#: Seconds until SparkMagic gives up, where that is what is tested.
CLOCK = 20


@pytest.fixture(scope="module")
def stack(livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(livy_home("0.9.0"), tmp_path_factory.mktemp("stack"), yarn=failing_yarn()) as stack:
        yield stack
        stack.clear()


def session(notebook: Kernel, stack: Stack) -> str:
    """Let the notebook have a session, and return its application."""
    notebook.fine("kept = 1")
    (app,) = until(lambda: apps if len(apps := stack.guarded()) == 1 else None)  # the one before may be just ending
    return str(app["id"])


def ended(stack: Stack, app_id: str) -> None:
    """Wait until YARN and Livy know that a session's application has ended."""
    stack.yarn.wait_for(app_id, "FINISHED", "FAILED", "KILLED")
    until(lambda: all(one["state"] in {"dead", "killed", "error"} for one in stack.sessions().values()))


def refusal(notebook: Kernel, body: dict[str, object]) -> str:
    """Ask for a session that YARN refuses, and return what the cell says; without its cause the notebook goes on."""
    configure(notebook, body)
    said = shown(notebook.run("1 + 1"))
    notebook.fine("%%configure -f\n{}")
    goes_on(notebook, said)
    return said


def test_a_queue_that_does_not_exist(notebook: Kernel) -> None:
    said = refusal(notebook, {"queue": "nosuch"})

    assert codes(said) == ["LG205"]
    assert "unknown queue: nosuch" in said


def test_a_queue_that_is_not_for_everybody(notebook: Kernel) -> None:
    said = refusal(notebook, {"queue": PRIVATE})

    assert codes(said) == ["LG211"]
    assert f"to queue {PRIVATE}" in said


def test_a_driver_with_more_cores_than_any_node(notebook: Kernel) -> None:
    said = refusal(notebook, {"driverCores": 100})

    assert codes(said) == ["LG210"]


def test_a_queue_that_takes_no_more_applications(notebook: Kernel, stack: Stack) -> None:
    configure(notebook, {"queue": CROWDED})
    with stack.yarn.occupied(CROWDED, 256), stack.yarn.occupied(CROWDED, 256):
        said = shown(notebook.run("1 + 1"))

    assert codes(said) == ["LG219"]
    assert f"{CROWDED} takes no more applications" in said
    goes_on(notebook, said)
    assert stack.application()["queue"] == CROWDED


def test_a_user_who_holds_all_that_one_may(notebook: Kernel, stack: Stack) -> None:
    notebook.fine(
        "%%local\nimport sparkmagic.utils.configuration as conf\n"
        f'conf.override("livy_session_startup_timeout_seconds", {CLOCK})'
    )
    with stack.yarn.occupied(STINGY, 512):
        configure(notebook, {"queue": STINGY})
        sent, _ = waits_in_yarn(notebook, stack, "User's AM resource limit exceeded")
        said = shown(notebook.finish(sent))
    notebook.fine('%%local\nconf.override("livy_session_startup_timeout_seconds", 300)')

    assert codes(said) == ["LG203"]
    assert "User's AM resource limit exceeded" in said
    notebook.fine("%%configure -f\n{}")
    goes_on(notebook, said)


def test_an_application_that_somebody_kills(notebook: Kernel, stack: Stack) -> None:
    app_id = session(notebook, stack)
    stack.yarn.kill(app_id)
    ended(stack, app_id)

    said = shown(notebook.run("1 + 1"))

    assert codes(said) == ["LG212"]
    assert f"{app_id} was killed by user" in said
    goes_on(notebook, said)


def test_a_driver_that_is_killed_on_its_node(notebook: Kernel, stack: Stack) -> None:
    app_id = session(notebook, stack)
    stack.masters()[app_id].kill()
    ended(stack, app_id)

    said = shown(notebook.run("1 + 1"))

    assert codes(said) == ["LG217"]
    goes_on(notebook, said)


def test_a_driver_that_outgrows_its_container(notebook: Kernel, stack: Stack) -> None:
    app_id = session(notebook, stack)
    notebook.run("import time\nhoard = bytearray(b'x' * 1_500_000_000)\ntime.sleep(60)")
    ended(stack, app_id)

    said = shown(notebook.run("1 + 1"))

    assert codes(said) == ["LG215"]
    assert "PHYSICAL" in said
    goes_on(notebook, said)


def test_a_driver_whose_words_yarn_alone_keeps(notebook: Kernel, stack: Stack, tmp_path: Path) -> None:
    notebook.fine("%livy_release --this")  # room for another's
    before = {app["id"] for app in stack.yarn.applications()}
    with stack.lab(tmp_path) as lab:
        assert lab.policy is not None
        lab.policy.write_text('version = 1\n[cluster]\nmanager = "yarn"\ndynamic_allocation = true\n')
        unlimited = lab.start()
        allocation = {
            "enabled": "true",
            "initialExecutors": "5",
            "maxExecutors": "2",
            "shuffleTracking.enabled": "true",
        }
        configure(unlimited, {"conf": {f"spark.dynamicAllocation.{key}": value for key, value in allocation.items()}})

        said = shown(unlimited.run("1 + 1"))

        (app_id,) = {app["id"] for app in stack.yarn.applications()} - before
        assert codes(said) in (["LG212"], ["LG107"])  # whoever is first to end it: Livy, or its driver
        assert f"yarn logs -applicationId {app_id} | livyguard diagnose -" in said
        logs = sorted((stack.yarn.folder / "logs" / "containers" / str(app_id)).rglob("stderr"))
        assert list(diagnosed(lab, "".join(log.read_text(errors="replace") for log in logs))) == ["LG304"]


def test_a_node_that_is_lost(notebook: Kernel, stack: Stack) -> None:
    app_id = session(notebook, stack)
    stack.yarn.stop_node_manager()
    ended(stack, app_id)

    said = shown(notebook.run("1 + 1"))

    assert codes(said) == ["LG214"]
    stack.yarn.start_node_manager()
    goes_on(notebook, said)


def test_an_executor_that_makes_room_for_another_queue(
    notebook: Kernel, stack: Stack, lab: Lab, tmp_path: Path
) -> None:
    began = tmp_path / "began"
    configure(notebook, {"executorMemory": "5g"})
    session(notebook, stack)
    sent = notebook.client.execute(
        "def work(i):\n    import os, time\n"
        f"    if not os.path.exists({str(began)!r}):\n        open({str(began)!r}, 'w').close()\n"
        "        time.sleep(600)\n    return i\nprint(sc.parallelize(range(1), 1).map(work).count())",
        allow_stdin=False,
    )
    until(began.exists)
    with stack.yarn.occupied(CROWDED, 2048):
        hints = diagnosed(lab, until(lambda: stack.yarn.log("was preempted")))
    done = notebook.finish(sent)

    assert list(hints) == ["LG213"]
    assert done.stdout.strip().endswith("1"), done.text


def test_a_driver_that_makes_room_for_another_queue(notebook: Kernel, stack: Stack) -> None:
    configure(notebook, {"queue": STINGY, "driverMemory": "3g"})
    app_id = session(notebook, stack)
    with stack.yarn.occupied("default", 4864):
        ended(stack, app_id)
        said = shown(notebook.run("1 + 1"))

    assert codes(said) == ["LG213"]
    goes_on(notebook, said)
