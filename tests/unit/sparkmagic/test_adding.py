"""Sessions that cells start by name: what starts one again, and what a cell is told whose session is not there."""

from __future__ import annotations

import pytest

from livyguard.errors import SessionGone, SessionNotStarted
from livyguard.sparkmagic.adding import Added

LINE = "add -s one -l python -u http://livy:8998 -t Basic_Access -a alice"


def added(line: str = LINE, password: str = "") -> Added:
    added = Added()
    added.typed("one", line, password)
    return added


@pytest.mark.parametrize(
    ("words", "password", "shown"),
    [
        ("", "", f"%spark {LINE}"),
        (" -p pw-1", "pw-1", f"%spark {LINE} -p …"),
        (" -ppw-1", "pw-1", f"%spark {LINE} -p…"),
        (" --password pw-1 -k", "pw-1", f"%spark {LINE} --password … -k"),
        (" --pass=pw-1", "pw-1", f"%spark {LINE} --pass=…"),
        (" -p alice", "alice", f"%spark {LINE.replace(' alice', ' …')} -p …"),
        (" -p one\\two", "what IPython made of it", "%spark add -s one …"),
    ],
)
def test_the_line_that_starts_it_again_is_the_typed_one_without_its_password(
    words: str, password: str, shown: str
) -> None:
    assert added(LINE + words, password).again("one") == shown


def test_a_line_shows_no_other_secret_and_steers_no_terminal() -> None:
    shown = added("add -s one -u http://alice:hunter2@livy:8998 \x1b[2J").again("one")

    assert "hunter2" not in shown
    assert "\x1b" not in shown


def test_of_a_session_that_a_widget_started_the_magic_alone_is_known() -> None:
    assert Added().again("two") == "%spark add -s two …"


def test_what_is_typed_anew_takes_the_place_of_what_was_typed() -> None:
    line = added()

    line.typed("one", "add -s one -u http://other:8998", "")

    assert line.again("one") == "%spark add -s one -u http://other:8998"


def test_the_next_step_of_a_start_is_the_next_cell_but_where_it_was_asked_for_by_name() -> None:
    line = added()

    assert line.next_step == "The next cell starts a new one."
    with line.starting("one"):
        assert line.next_step == f"`%spark {LINE}` starts a new one."
    assert line.next_step == "The next cell starts a new one."


def test_a_cell_whose_session_was_forgotten_is_told_so_until_it_is_started_again() -> None:
    line = added()
    line.forgotten("one", 7)

    for name in ("one", None):
        told = line.missing(name, [])
        assert isinstance(told, SessionGone)
        assert str(told) == (
            f"This notebook no longer has its session one, 7. `%spark {LINE}` starts it again; settings are kept."
        )
    with line.starting("one"):
        pass
    assert line.missing("one", []) is None


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_cell_whose_session_did_not_start_is_told_so(error: type[BaseException]) -> None:
    line = added()

    with pytest.raises(error), line.starting("one"):
        raise error

    told = line.missing(None, [])
    assert isinstance(told, SessionNotStarted)
    assert str(told) == f"This notebook has no session one: it did not start. `%spark {LINE}` starts it."


@pytest.mark.parametrize(("name", "held"), [("two", ["two"]), (None, ["two"]), ("three", [])])
def test_every_other_cell_is_sparkmagics(name: str | None, held: list[str]) -> None:
    line = added()
    line.forgotten("one", 7)

    assert line.missing(name, held) is None
    assert Added().missing(name, []) is None
