"""Every route to a session, on a real Livy with users, access control and CSRF protection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from livyguard.sandbox.livy.configuration import LivyOptions
from livyguard.sandbox.livy.server import LivyServer
from tests.lab import PYSPARK, PYTHON
from tests.live.people import LONG_STARTS, Desk, Person
from tests.routes import ROUTES, Notebook, is_clamped, is_refused, replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.live

#: Their request is sent by the same code as another's, by another magic or from the other kernel.
_ALIKE = {"sql", "spark-add-inside-pyspark", "widget", "livysession"}
_ROUTES = [
    pytest.param(*route.values, id=route.id, marks=pytest.mark.long if route.id in _ALIKE else ()) for route in ROUTES
]


@pytest.fixture(scope="module")
def livy(livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivyServer]:
    options = LivyOptions(users=True, access_control=True, csrf=True, conf=LONG_STARTS)
    with LivyServer(options, livy_home("0.9.0"), tmp_path_factory.mktemp("livy")) as server:
        yield server


@pytest.fixture(scope="module")
def alice(livy: LivyServer) -> Person:
    return Person(livy, "alice")


@pytest.fixture
def desk(livy: LivyServer, alice: Person, tmp_path: Path) -> Iterator[Desk]:
    """Return alice's machine; whatever she has created is freed at its end, so that one session lives at a time."""
    desk = Desk(tmp_path, livy.url)
    yield desk
    desk.stop()
    for number in alice.alive():
        alice.delete(number)
    livy.end_drivers()


@pytest.fixture(scope="module")
def notebooks(livy: LivyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Notebook]]:
    """Return one notebook of each kernel: what is refused leaves nothing behind in them."""
    desk = Desk(tmp_path_factory.mktemp("alice"), livy.url)
    yield {argv[2]: Notebook(desk.start(argv), livy.url, is_wrapper=argv is PYSPARK) for argv in (PYSPARK, PYTHON)}
    desk.stop()


@pytest.mark.parametrize(("argv", "take"), _ROUTES)
def test_a_greedy_request_is_clamped_on_every_route(alice: Person, desk: Desk, argv: list[str], take: Any) -> None:
    notebook = Notebook(desk.start(argv), desk.url, is_wrapper=argv is PYSPARK)
    before = len(alice.sessions())

    session = is_clamped(take, notebook, lambda: alice.sessions()[max(alice.sessions())])

    assert session["driverMemory"] == "512m"
    assert session["state"] == "idle"
    assert len(alice.alive()) == 1
    if take is not replaced:
        assert len(alice.sessions()) == before + 1


@pytest.mark.parametrize(("argv", "take"), [route for route in ROUTES if route.values[1] is not replaced])
def test_a_denied_request_creates_nothing(
    alice: Person, notebooks: dict[str, Notebook], argv: list[str], take: Any
) -> None:
    before = alice.sessions()

    is_refused(take, notebooks[argv[2]])

    assert alice.sessions() == before


def test_a_denied_replacement_leaves_the_session_and_its_variables_alone(alice: Person, desk: Desk) -> None:
    notebook = Notebook(desk.start(PYSPARK), desk.url, is_wrapper=True)
    notebook.kernel.fine("kept = 41")
    [number] = alice.alive()

    is_refused(replaced, notebook)

    assert alice.alive() == {number: ("alice", "idle")}
    assert "42" in notebook.kernel.fine("kept + 1").text
