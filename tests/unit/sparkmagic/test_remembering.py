"""What the handlers note of the cells that run, and what they add to the loss of a session."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from livyguard.cells import Cells, Ran
from livyguard.errors import SessionGone
from livyguard.journal import Journal
from livyguard.sparkmagic import remembering as module
from livyguard.sparkmagic.remembering import Remembering, key
from livyguard.sparkmagic.route import on_route
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeStore, an_entry

CLIENT = SimpleNamespace(endpoint=SimpleNamespace(url=ENDPOINT))
FINAL = frozenset({"available", "cancelled", "error"})


class Notebook:
    """A kernel with session 7, and the guarded requests for its statements."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.journal = Journal(FakeLedger(), FakeClock())
        self.journal.created(an_entry(7, "livyguard-0badcafe"), FakeStore.of())
        self.cells = Cells()
        self.typed: tuple[str, str] | None = None
        self.answer: Any = {}
        self._remembering = Remembering(self.cells, self.journal)
        monkeypatch.setattr(module, "cell", lambda: self.typed)

    def reply(self, *_arguments: Any) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def post(self, code: str) -> None:
        self._remembering.post_statement(self.reply)(None, CLIENT, (7, {"code": code}), {})

    def get(self) -> None:
        self._remembering.get_statement(self.reply, FINAL)(None, CLIENT, (), {"session_id": 7, "statement_id": 0})

    def wait(self) -> None:
        session = SimpleNamespace(http_client=CLIENT, id=7)
        self._remembering.wait_for_idle(self.reply)(None, session, (), {})

    def run(self, code: str, answer: Any) -> None:
        self.post(code)
        self.answer = answer
        self.get()
        self.answer = {}

    @property
    def ran(self) -> Ran | None:
        return self.cells.of(key(self.journal, ENDPOINT, 7))


def ended(status: str = "ok", state: str = "available") -> dict[str, Any]:
    return {"state": state, "output": {"status": status}}


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    return Notebook(monkeypatch)


def test_a_cell_is_kept_as_it_was_typed_and_not_as_sparkmagic_sends_it(notebook: Notebook) -> None:
    notebook.typed = ("message-1", "%%sql -o t\nselect 1")
    notebook.run('spark.sql(u"""select 1""").toJSON()', ended())
    notebook.run("for line in …: print(line)", ended())

    assert notebook.ran == Ran(7, ("%%sql -o t\nselect 1",))


def test_what_no_cell_sent_is_kept_as_it_was_sent(notebook: Notebook) -> None:
    notebook.run("a = 1", ended())
    notebook.run("b = 2", ended())

    assert notebook.ran == Ran(7, ("a = 1", "b = 2"))


@pytest.mark.parametrize(
    "answer", [ended("error"), ended(state="cancelled"), {"state": "running"}, {"state": "available", "output": None}]
)
def test_what_fails_is_cancelled_or_does_not_end_is_left_out(notebook: Notebook, answer: dict[str, Any]) -> None:
    notebook.run("a = 1", answer)

    assert notebook.ran == Ran(7, (), failed=1)


def test_what_sparkmagic_runs_while_it_starts_a_session_is_no_cell(notebook: Notebook) -> None:
    with on_route("starting"):
        notebook.run("spark", ended())

    assert notebook.ran is None


@pytest.mark.parametrize("way", ["post", "get", "wait"])
def test_the_loss_of_a_session_tells_how_to_see_its_cells(notebook: Notebook, way: str) -> None:
    notebook.run("a = 1", ended())
    notebook.answer = SessionGone("Session 7 is gone.")

    ways = {"post": lambda: notebook.post("b"), "get": notebook.get, "wait": notebook.wait}
    with pytest.raises(SessionGone) as told:
        ways[way]()

    assert str(told.value) == (
        "Session 7 is gone.\n\n1 cell had run in it: `%livy_recover --cells` shows it, to run it again."
    )


def test_where_nothing_ran_the_loss_says_nothing_of_cells(notebook: Notebook) -> None:
    notebook.answer = SessionGone("Session 7 is gone.")

    with pytest.raises(SessionGone) as told:
        notebook.wait()

    assert str(told.value) == "Session 7 is gone."


def test_what_waits_and_is_not_gone_is_passed_on(notebook: Notebook) -> None:
    notebook.wait()

    assert notebook.ran is None
