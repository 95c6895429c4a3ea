"""A real Livy that is restarted and gives bob the numbers that alice's notebooks know: what is his stays his."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.sandbox.livy.configuration import LivyOptions
from livyguard.sandbox.livy.server import LivyServer
from tests.live.people import LONG_STARTS, Desk, Person, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.lab import Kernel

pytestmark = pytest.mark.live


@dataclass(frozen=True)
class Stack:
    """A Livy whose access control is off, so that nothing but livyguard protects what is bob's.

    Attributes:
        bob: has session 0, idle, and 1 and 2, which start.
        notebooks: of alice's; they had sessions of these numbers before the restart.
    """

    bob: Person
    notebooks: list[Kernel]
    desk: Desk

    @property
    def bobs(self) -> tuple[dict[int, tuple[str, str]], list[Any]]:
        """Return what bob has, and what runs or ran in it."""
        return self.bob.alive(), self.bob.get("/sessions/0/statements")["statements"]


@pytest.fixture(scope="module")
def stack(livy_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    options = LivyOptions(users=True, csrf=True, conf=LONG_STARTS)
    with LivyServer(options, livy_home("0.9.0"), tmp_path_factory.mktemp("livy")) as server:
        desk = Desk(tmp_path_factory.mktemp("alice"), server.url)
        bob = Person(server, "bob")
        notebooks = [desk.start() for _ in range(3)]
        for number, notebook in enumerate(notebooks):
            notebook.fine("1 + 1")
            assert bob.alive()[number] == ("alice", "idle")
        server.restart()
        assert [bob.create(), bob.stuck(), bob.stuck()] == [0, 1, 2]
        bob.comes_up(0)
        bob.says(0, "spark._jvm.System.err.println('bob was here: java.lang.OutOfMemoryError')")
        until(lambda: "bob was here" in "".join(bob.get("/sessions/0/log", size=1000)["log"]))
        yield Stack(bob, notebooks, desk)
        desk.stop()
        for number in bob.alive():
            bob.delete(number)
        server.end_drivers()


def test_a_lost_session_is_told_and_the_notebook_starts_afresh(stack: Stack) -> None:
    notebook, before = stack.notebooks[0], stack.bobs

    released = notebook.fine("%livy_release --idle-for 0s")
    named = notebook.fails("%livy_release 0 --force")
    listed = notebook.fine("%livy_sessions")
    log = notebook.fails("%%logs")
    missed = notebook.fails("2 + 2")
    again = notebook.fails("%%sql\nselect 1")
    this = notebook.fine("%livy_release --this")

    assert "no live session that is known to be yours" in released.text
    assert "it is bob's" in named.error
    assert "this notebook" not in listed.text
    assert "LG104" in log.error
    assert "bob was here" not in log.text + missed.text + again.text
    assert "LG104" in missed.error
    assert "numbers sessions from 0 again" in missed.error
    assert "LG104" in again.error
    assert "its number now belongs to another" in this.text
    assert "LG104" in this.text
    assert stack.bobs == before
    notebook.fine("2 + 2")
    assert stack.bob.alive() == {**before[0], 3: ("alice", "idle")}
    notebook.fine("%livy_release --this")
    assert stack.bobs == before


def test_sparkmagics_own_deletes_spare_who_has_the_number_now(stack: Stack) -> None:
    notebook, before = stack.notebooks[1], stack.bobs

    deleted = notebook.run("%%delete -f -s 1")
    info = notebook.fine("%%info")
    cleaned = notebook.fine("%%cleanup -f")

    assert "Cannot delete this kernel's session" in deleted.text
    assert "bob" not in info.text
    assert "Left alone, since not proven to be yours: 3 of bob" in cleaned.text
    assert "its number now belongs to another" in cleaned.text
    assert stack.bobs == before
    refused = notebook.fails("%%delete -f -s 1")  # this notebook has none now
    assert "it is bob's" in refused.error
    assert stack.bobs == before


def test_a_command_line_that_recorded_the_number_frees_nothing(stack: Stack) -> None:
    before = stack.bobs

    assert stack.desk.release("--idle-for", "0s") == {}
    assert {one["reason"] for one in stack.desk.release(0, 1, 2, "--force").values()} == {"it is bob's"}

    assert stack.bobs == before


def test_the_end_of_a_kernel_spares_who_has_the_number_now(stack: Stack) -> None:
    notebook, before = stack.notebooks.pop(), stack.bobs
    stack.desk.kernels.remove(notebook)

    notebook.stop()

    assert stack.bobs == before
