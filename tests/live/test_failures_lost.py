"""Sessions lost on a real Livy, under a cell or between two, by one notebook whose kernel is never restarted."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import pytest

from tests.live.failing_livy import OPTIONS, desk_of, ends, running, session
from tests.live.mending import codes, goes_on, shown
from tests.live.people import Person, until
from tests.live.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from livyguard.sandbox.livy.server import LivyServer
    from tests.lab import Kernel

pytestmark = [pytest.mark.live, pytest.mark.long]

#: The number that SparkMagic has for this notebook's session.
ANOTHER_NUMBER = """%%local
km = get_ipython().find_cell_magic("configure").__self__
km.spark_controller.session_manager.get_session(km.session_name).id = {}
"""
LONG = "import time\ntime.sleep(600)"


@pytest.fixture(scope="module")
def kernel(server: LivyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with desk_of(tmp_path_factory.mktemp("alice"), server.url) as desk:
        yield desk.start()


def begins(notebook: Kernel, admin: Person, number: int, code: str = LONG) -> str:
    """Send a cell and return once its statement runs."""
    sent = notebook.client.execute(code, allow_stdin=False)
    until(lambda: admin.sessions()[number]["state"] == "busy")
    return sent


def test_a_driver_that_is_killed_under_a_cell(notebook: Kernel, server: LivyServer, admin: Person) -> None:
    number = session(notebook, admin)
    sent = begins(notebook, admin, number)
    server.drivers()[number].kill()

    said = shown(notebook.finish(sent))

    assert codes(said) == ["LG114"]
    assert "Session isn't active" in said
    goes_on(notebook, said)


def test_a_session_that_somebody_deletes_under_a_cell(notebook: Kernel, admin: Person) -> None:
    number = session(notebook, admin)
    sent = begins(notebook, admin, number)
    assert admin.delete(number) == 200

    said = shown(notebook.finish(sent))

    assert codes(said) == ["LG115"]
    assert "Session isn't active" in said
    goes_on(notebook, said)


def test_a_cell_that_ends_its_driver(notebook: Kernel, admin: Person) -> None:
    number = session(notebook, admin)
    shown(notebook.run("sc._jvm.java.lang.System.exit(0)"))
    until(lambda: admin.sessions()[number]["state"] == "dead")

    said = shown(notebook.run("1 + 1"))

    assert codes(said) == ["LG111"]
    goes_on(notebook, said)


def test_a_number_that_livy_never_gave(notebook: Kernel, admin: Person) -> None:
    number = session(notebook, admin)
    notebook.fine(ANOTHER_NUMBER.format(number + 90))

    said = shown(notebook.run("1 + 1"))

    assert codes(said) == ["LG112"]
    assert str(number) in notebook.fine("%livy_sessions --mine").text  # the hint's own: what there is
    goes_on(notebook, said)
    admin.delete(number)
    ends(admin, number)


class Balancer(Proxy):
    """Stands before two Livys, and keeps whoever asks at the first of them as long as it is told to.

    Args:
        livys: their URLs.

    Attributes:
        is_sticky: whether it does; else they take turns, the second first.
    """

    def __init__(self, *livys: str) -> None:
        super().__init__(livys[0])
        self.is_sticky = True
        self._first, self._turns = livys[0], cycle(reversed(livys))

    def __enter__(self) -> Balancer:  # noqa: PYI034 - typing.Self is not in Python 3.10
        super().__enter__()
        return self

    def _forward(self, handler: BaseHTTPRequestHandler) -> None:
        self._to = self._first if self.is_sticky else next(self._turns)
        super()._forward(handler)


@pytest.fixture
def balancer(
    server: LivyServer, livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Balancer]:
    with (
        running(OPTIONS, livy_home("0.9.0"), tmp_path_factory.mktemp("another")) as another,
        Balancer(server.url, another.url) as balancer,
    ):
        yield balancer


def test_an_address_with_more_than_one_livy_behind_it(balancer: Balancer, tmp_path: Path) -> None:
    with desk_of(tmp_path, balancer.url) as desk:
        notebook = desk.start()
        notebook.fine("kept = 42")
        balancer.is_sticky = False
        said = shown(notebook.run("1 + 1"))
        balancer.is_sticky = True
        notebook.fine("%livy_sessions --mine")  # the hint's own: it is there in the next answer
        kept = notebook.fine("print(kept)").stdout

    assert codes(said) == ["LG110"]
    assert "42" in kept
