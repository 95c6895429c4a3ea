"""What the handlers note of the cells that run, and what they add to the loss of a session."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from livyguard.cells import Cells, Ran
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

    @property
    def said(self) -> str:
        return self._remembering.what_ran(ENDPOINT, 7)

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


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (0, ""),
        (1, "\n\n1 cell had run in it: `%livy_recover --cells` shows it, to run it again."),
        (2, "\n\n2 cells had run in it: `%livy_recover --cells` shows them, to run them again."),
    ],
)
def test_of_a_session_that_is_lost_it_is_said_how_to_see_its_cells(notebook: Notebook, cells: int, said: str) -> None:
    for number in range(cells):
        notebook.run(f"a = {number}", ended())

    assert notebook.said == said


def test_where_no_cell_came_to_a_good_end_nothing_is_said_of_cells(notebook: Notebook) -> None:
    notebook.run("1 / 0", ended("error"))

    assert notebook.said == ""
