"""Sessions that do not come up, on a real YARN: the reason, what is left of them, and the way on."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.lab import PYTHON, Cell, Kernel, Lab
from tests.live.people import until
from tests.live.waiting import shown, waits_in_yarn
from tests.live.yarn_stack import NARROW, Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.live

#: Seconds until SparkMagic gives up, where that is what is tested.
CLOCK = 20
#: The hint's own cell for more of them.
PATIENT = """%%local
import sparkmagic.utils.configuration as conf
conf.override("livy_session_startup_timeout_seconds", 300)"""


@pytest.fixture(scope="module", params=["0.9.0", pytest.param("0.8.0", marks=pytest.mark.long)])
def stack(
    request: pytest.FixtureRequest, livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    with Stack(livy_home(request.param), tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture
def lab(stack: Stack, tmp_path: Path) -> Iterator[Lab]:
    with stack.lab(tmp_path) as lab:
        yield lab


@pytest.fixture
def hasty(lab: Lab) -> Lab:
    """The machine of somebody whose SparkMagic gives up soon: for what is said then."""
    lab.configure(livy_session_startup_timeout_seconds=CLOCK)
    return lab


@pytest.fixture
def full_queue(stack: Stack) -> Iterator[Callable[[], None]]:
    """Fill the narrow queue; return what makes room in it."""
    with stack.yarn.occupied(NARROW, 256) as occupier:
        yield lambda: stack.yarn.kill(occupier)


def configure(kernel: Kernel, body: dict[str, Any]) -> None:
    kernel.fine(f"%%configure -f\n{json.dumps(body)}")


def text(cell: Cell) -> str:
    """Return why a cell failed, its lines joined."""
    assert cell.status == "error", cell.text
    assert "Traceback" not in cell.text
    return " ".join(cell.error.split())


def works(kernel: Kernel) -> None:
    """Start a session in the next cell, without a restart of the kernel."""
    kernel.fine(PATIENT)
    said = kernel.fine("print(40 + 2)")
    assert "42" in said.text
    assert "fatal error" not in said.text


def test_a_full_queue_is_told_and_the_application_killed(
    stack: Stack, hasty: Lab, full_queue: Callable[[], None]
) -> None:
    kernel, why = hasty.start(), "Queue's AM resource limit exceeded"
    configure(kernel, {"queue": NARROW})
    sent, app = waits_in_yarn(kernel, stack, why)

    said = text(kernel.finish(sent))

    assert f"did not start up in {CLOCK} seconds" in said
    assert "LG202" in said
    assert why in said
    assert stack.state(app) == "KILLED"
    assert stack.sessions() == {}
    full_queue()
    works(kernel)
    assert stack.application()["queue"] == NARROW


def test_what_a_start_waits_for_is_said_while_it_waits_and_the_release_it_names_lets_it_go_on(
    stack: Stack, lab: Lab
) -> None:
    first, second, other = lab.start(), lab.start(), lab.start(PYTHON)
    configure(first, {"queue": NARROW})
    works(first)
    (held,) = stack.sessions()
    configure(second, {"queue": NARROW})
    sent = second.client.execute("print(40 + 2)", allow_stdin=False)

    told = shown(second, sent, f"%livy_release {held}\n")
    other.fine(f"%livy_release {held}")
    said = second.finish(sent)

    assert re.match(r"Session \d+ starting · \d+ s · YARN ACCEPTED in (root\.)?narrow", told)
    assert "LG202" in told
    assert re.search(r"held in queue (root\.)?narrow: you: 1 session, \d executors?, \d\.\d GiB", told)
    assert (said.status, "42" in said.text) == ("ok", True), said.text
    assert [app["queue"] for app in stack.guarded()] == [NARROW]


@pytest.fixture
def no_node(stack: Stack) -> Iterator[Callable[[], None]]:
    """Stop the only node; return what starts it again."""
    stack.yarn.stop_node_manager()
    yield stack.yarn.start_node_manager
    stack.yarn.start_node_manager()


def test_a_stopped_node_manager_is_told_and_the_application_killed(
    stack: Stack, hasty: Lab, no_node: Callable[[], None]
) -> None:
    kernel, why = hasty.start(), "Skipping AM assignment as cluster resource is empty"
    sent, app = waits_in_yarn(kernel, stack, why)

    said = text(kernel.finish(sent))

    assert f"did not start up in {CLOCK} seconds" in said
    assert "LG209" in said
    assert why in said
    assert stack.state(app) == "KILLED"
    assert stack.sessions() == {}
    no_node()
    works(kernel)


def test_a_container_larger_than_any_node_is_told_without_a_wait(stack: Stack, lab: Lab) -> None:
    kernel = lab.start()
    before = len(stack.yarn.applications())

    for field, code in (("driverMemory", "LG207"), ("executorMemory", "LG208")):
        configure(kernel, {field: "16g"})
        said = text(kernel.run("1 + 1"))
        assert code in said
        assert "(8192 MB)" in said
        assert "did not start up in" not in said

    assert len(stack.yarn.applications()) == before
    assert stack.sessions() == {}
    configure(kernel, {})
    works(kernel)


@pytest.mark.usefixtures("full_queue")
def test_a_starting_session_is_released_by_its_number_and_yarn_frees_it(stack: Stack, lab: Lab) -> None:
    kernel, other = lab.start(), lab.start(PYTHON)
    configure(kernel, {"queue": NARROW, "conf": {"spark.yarn.tags": "mine"}})
    sent = kernel.client.execute("1 + 1", allow_stdin=False)
    app = stack.application()
    (number,) = stack.sessions()

    released = other.fine(f"%livy_release {number}")
    state = stack.state(app)
    said = text(kernel.finish(sent))

    tags = app["applicationTags"].split(",")
    assert {"mine", "livyguard", "livyguard-user-alice"} < set(tags)
    assert [tag for tag in tags if re.fullmatch("livyguard-[0-9a-f]{8}", tag)]
    assert [tag for tag in tags if tag.startswith(f"livy-session-{number}-")]
    assert app["id"] in released.text
    assert state == "KILLED"
    assert stack.sessions() == {}
    assert f"session {number}" in said.lower()


@pytest.mark.long
@pytest.mark.usefixtures("full_queue")
def test_ctrl_c_in_the_queue_leaves_no_application(stack: Stack, lab: Lab) -> None:
    kernel = lab.start()
    configure(kernel, {"queue": NARROW})
    sent = kernel.client.execute("1 + 1", allow_stdin=False)
    app = stack.application()

    kernel.manager.interrupt_kernel()
    said = kernel.finish(sent)

    assert (said.status, app["id"] in said.text) == ("error", True)
    assert stack.state(app) == "KILLED"
    assert stack.sessions() == {}


@pytest.mark.long
def test_livys_own_clock_is_told(stack: Stack, lab: Lab, full_queue: Callable[[], None]) -> None:
    kernel = lab.start()
    # Livy cannot be stopped meanwhile, as a kernel can: livyguard asks it what it looks for in YARN.
    configure(kernel, {"queue": NARROW, "conf": {"livy.rsc.server.connect.timeout": "60s"}})
    sent = kernel.client.execute("1 + 1", allow_stdin=False)
    app = stack.application()

    said = text(kernel.finish(sent))

    assert "LG202" in said
    assert stack.state(app) == "KILLED"
    full_queue()
    works(kernel)


@pytest.mark.long
def test_a_full_cluster_is_told_and_the_application_killed(stack: Stack, hasty: Lab) -> None:
    kernel, why = hasty.start(), "waiting for resources to be assigned for AM"
    with stack.yarn.occupied(NARROW, 7680):
        sent, app = waits_in_yarn(kernel, stack, why)

        said = text(kernel.finish(sent))

    assert "LG204" in said
    assert why in said
    assert stack.state(app) == "KILLED"
    works(kernel)


@pytest.mark.long
@pytest.mark.parametrize("seconds", [0, 1, 2, 3, 5, 8])
def test_a_session_released_at_any_moment_of_its_start_leaves_nothing_in_yarn(
    stack: Stack, lab: Lab, seconds: int
) -> None:
    kernel, other = lab.start(), lab.start(PYTHON)
    sent = kernel.client.execute("1 + 1", allow_stdin=False)
    (number,) = until(stack.sessions)

    other.fine(f"import time; time.sleep({seconds})")
    other.fine(f"%livy_release {number}")
    said = text(kernel.finish(sent))

    assert f"session {number}" in said.lower()
    assert stack.sessions() == {}
    until(lambda: not stack.submitting())
    assert stack.yarn.living() == []
