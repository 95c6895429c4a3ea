"""The largest request that fits into what a real YARN has left, as it is printed, starts while YARN is as full."""

from __future__ import annotations

import getpass
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.live.waiting import largest, shown
from tests.live.yarn import SERVER, Queue, YarnOptions
from tests.live.yarn_stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.lab import Kernel

pytestmark = [pytest.mark.live, pytest.mark.long]

#: A queue of half the cluster; one user may hold four fifths of that.
SHARED = "shared"
#: A queue of the fair scheduler that may hold half the cluster.
HALF = "root.half"
#: Of an application whose master sleeps, and holds what it was given.
ALIVE = frozenset({"ACCEPTED", "RUNNING"})
ALLOCATIONS = """<?xml version="1.0"?>
<allocations>
  <queue name="default"/>
  <queue name="half">
    <maxResources>4096 mb, 16 vcores</maxResources>
    <maxAMShare>-1.0</maxAMShare>
  </queue>
</allocations>
"""


@pytest.fixture
def started(
    livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[YarnOptions], Stack]:
    """Return a Livy on a YARN that runs as told."""
    return lambda yarn: Stack(livy_home("0.9.0"), tmp_path_factory.mktemp("stack"), yarn=yarn)


@contextmanager
def waiting(kernel: Kernel, body: dict[str, Any], wanted: str) -> Iterator[str]:
    """Let a session wait; yield what is shown of it, once that is whole. Then interrupt the start, as it says."""
    kernel.fine(f"%%configure -f\n{json.dumps(body)}")
    sent = kernel.client.execute("1 + 1", allow_stdin=False)
    yield shown(kernel, sent, wanted)
    kernel.manager.interrupt_kernel()
    assert kernel.finish(sent).status == "error"


def works(kernel: Kernel) -> None:
    said = kernel.fine("print(40 + 2)")
    assert "42" in said.stdout, said.text


def test_beside_what_one_user_holds(started: Callable[[YarnOptions], Stack], tmp_path: Path) -> None:
    shared = {"default": Queue(50), SHARED: Queue(50, am_share=1.0, user_limit=0.8)}
    as_livy = {"hadoop.http.staticuser.user": getpass.getuser()}
    yarn = YarnOptions(memory_mb=8192, queues=shared, core_site=as_livy)
    with started(yarn) as stack, stack.lab(tmp_path) as lab, stack.yarn.occupied(SHARED, 1024) as occupier:
        kernel = lab.start()
        with waiting(kernel, {"queue": SHARED, "driverMemory": "3g"}, "the largest that would start now") as told:
            cell = largest(told)
        kernel.fine(cell)
        works(kernel)

        assert "LG203" in told
        assert "User's AM resource limit exceeded" in " ".join(told.split())
        assert '"driverMemory"' in cell
        assert stack.yarn.describe(occupier)["state"] in ALIVE, "it is as full"
        assert [app["queue"] for app in stack.guarded()] == [SHARED]


def test_in_a_queue_of_the_fair_scheduler(started: Callable[[YarnOptions], Stack], tmp_path: Path) -> None:
    file = tmp_path / "allocations.xml"
    file.write_text(ALLOCATIONS)
    fair = {
        "yarn.resourcemanager.scheduler.class": f"{SERVER}.resourcemanager.scheduler.fair.FairScheduler",
        "yarn.scheduler.fair.allocation.file": file,
    }
    home = tmp_path / "home"
    home.mkdir()
    with started(YarnOptions(memory_mb=8192, yarn_site=fair)) as stack, stack.lab(home) as lab:
        kernel = lab.start()
        with stack.yarn.occupied(HALF, 2048) as occupier:
            with waiting(kernel, {"queue": HALF, "driverMemory": "3g"}, "the largest that would start now") as told:
                cell = largest(told)
            kernel.fine(cell)
            works(kernel)

            assert "LG204" in told
            assert "exceeds current queue or its parents maximum resource allowed" in " ".join(told.split())
            assert "the queue, or one above it, is full" in " ".join(told.split())
            assert '"driverMemory"' in cell
            assert stack.yarn.describe(occupier)["state"] in ALIVE, "it is as full"
            assert [app["queue"] for app in stack.guarded()] == [HALF]
