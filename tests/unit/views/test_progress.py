"""The line that says how far a command is: when it comes, what it says, what it leaves."""

from __future__ import annotations

import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from livyguard.testing import FakeClock
from livyguard.views.notebook import NotebookDisplay
from livyguard.views.progress import Line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from IPython.utils.capture import CapturedIO

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e\n"


class Paper:
    """Keeps what is drawn; a drawing, and the end, can be made to fail."""

    def __init__(self, fault: BaseException | None = None, fault_at_end: Exception | None = None) -> None:
        self.drawn: list[tuple[str, int]] = []
        self.left: list[tuple[str, int]] = []
        self._faults = fault, fault_at_end

    def draw(self, text: str, seconds: int) -> None:
        self.drawn.append((text, seconds))
        if fault := self._faults[0]:
            raise fault

    def leave(self, text: str, seconds: int) -> None:
        self.left.append((text, seconds))
        if fault := self._faults[1]:
            raise fault


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def paper() -> Paper:
    return Paper()


def count_to(last: int, line: Line, clock: FakeClock, seconds: float) -> None:
    """Say ``1 of last`` to ``last of last``, evenly over that many seconds."""
    for number in range(1, last + 1):
        clock.sleep(seconds / last)
        line.show(f"{number} of {last}")


def test_a_command_that_is_done_within_a_second_shows_nothing(paper: Paper, clock: FakeClock) -> None:
    with closing(Line(paper, clock.now)) as line:
        count_to(100, line, clock, 0.9)

    assert (paper.drawn, paper.left) == ([], [])


def test_a_line_that_was_never_drawn_does_not_come_when_all_is_done(paper: Paper, clock: FakeClock) -> None:
    with closing(Line(paper, clock.now)) as line:
        line.show("0 of 1")
        clock.sleep(5)

    assert (paper.drawn, paper.left) == ([], [])


def test_the_line_comes_once_the_command_has_taken_a_second_and_tells_how_long(paper: Paper, clock: FakeClock) -> None:
    line = Line(paper, clock.now)

    for seconds in (0.9, 0.1, 11.5):
        clock.sleep(seconds)
        line.show(f"after {seconds}")

    assert paper.drawn == [("after 0.1", 1), ("after 11.5", 12)]


def test_it_is_drawn_four_times_a_second_at_most_and_the_last_word_is_never_lost(
    paper: Paper, clock: FakeClock
) -> None:
    with closing(Line(paper, clock.now)) as line:
        count_to(10_000, line, clock, 3.01)

    assert 6 <= len(paper.drawn) <= 9
    assert ("10000 of 10000", 3) not in paper.drawn
    assert paper.left == [("10000 of 10000", 3)]


def test_what_says_nothing_new_is_not_drawn_again(paper: Paper, clock: FakeClock) -> None:
    line = Line(paper, clock.now)

    for seconds in (1, 0.5, 0.5):
        clock.sleep(seconds)
        line.show("the same")

    assert paper.drawn == [("the same", 1), ("the same", 2)]


def test_it_is_left_once_and_says_nothing_after(paper: Paper, clock: FakeClock) -> None:
    line = Line(paper, clock.now)
    clock.sleep(1)
    line.show("done")

    line.close()
    line.close()
    clock.sleep(1)
    line.show("more")

    assert (paper.drawn, paper.left) == ([("done", 1)], [("done", 1)])


def test_a_drawing_that_fails_ends_the_line_and_not_the_command(clock: FakeClock) -> None:
    paper = Paper(OSError("the terminal is gone"))

    with closing(Line(paper, clock.now)) as line:
        count_to(3, line, clock, 6)

    assert (paper.drawn, paper.left) == ([("1 of 3", 2)], [])


def test_an_end_that_fails_is_no_fault_of_the_command(clock: FakeClock) -> None:
    paper = Paper(fault_at_end=ValueError("I/O operation on closed file"))

    with closing(Line(paper, clock.now)) as line:
        count_to(1, line, clock, 1)

    assert paper.left == [("1 of 1", 1)]


def test_ctrl_c_in_a_drawing_reaches_the_command_and_the_line_is_left_in_order(clock: FakeClock) -> None:
    paper = Paper(KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt), closing(Line(paper, clock.now)) as line:
        count_to(1, line, clock, 1)

    assert paper.left == [("1 of 1", 1)]


def test_what_others_wrote_is_one_harmless_line(paper: Paper, clock: FakeClock) -> None:
    line = Line(paper, clock.now)
    clock.sleep(1)

    line.show(HOSTILE + "x" * 10_000)

    ((text, _),) = paper.drawn
    assert text.startswith("<script>alert(1)</script>\\x1b[31m\\u202e\\nxxx")
    assert text.isprintable()
    assert len(text) == 200


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """IPython's own shell, which has no kernel."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    yield InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    InteractiveShell.clear_instance()


def said_by(clock: FakeClock, text: str = "37 of 100") -> CapturedIO:
    """Return what a command of three seconds that ends in this text leaves in a notebook."""
    with capture_output() as said, closing(NotebookDisplay(now=clock.now).progress()) as line:
        count_to(100, line, clock, 3)
        line.show(text)
    return said


def test_a_cell_has_one_output_that_ends_in_the_last_state(
    shell: InteractiveShell, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "kernel", "any", raising=False)

    said = said_by(clock)

    first, *updates = said.outputs
    assert first.data["text/plain"] == "34 of 100, 1 s"
    assert (first.update, {each.update for each in updates}) == (False, {True})
    assert len({each.transient["display_id"] for each in said.outputs}) == 1
    assert updates[-1].data == {"text/plain": "37 of 100, 3 s", "text/html": "<div>37 of 100, 3 s</div>"}
    assert said.stdout == said.stderr == ""


def test_two_commands_have_an_output_each(
    shell: InteractiveShell, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "kernel", "any", raising=False)

    outputs = [*said_by(clock).outputs, *said_by(clock).outputs]

    assert len({each.transient["display_id"] for each in outputs}) == 2


def test_what_others_wrote_is_escaped_in_html(
    shell: InteractiveShell, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "kernel", "any", raising=False)

    last = said_by(clock, HOSTILE).outputs[-1].data

    assert last["text/html"] == "<div>&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[31m\\u202e\\n, 3 s</div>"
    assert last["text/plain"] == "<script>alert(1)</script>\\x1b[31m\\u202e\\n, 3 s"


@pytest.mark.usefixtures("shell")
def test_a_shell_without_a_kernel_shows_no_line_for_each_update(clock: FakeClock) -> None:
    said = said_by(clock)

    assert (said.outputs, said.stdout, said.stderr) == ([], "", "")


def test_a_program_without_ipython_shows_nothing(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    assert not InteractiveShell.initialized()

    with closing(NotebookDisplay(now=clock.now).progress()) as line:
        count_to(100, line, clock, 3)

    assert capsys.readouterr() == ("", "")


def test_a_kernel_that_goes_down_does_not_fail_the_command(
    shell: InteractiveShell, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish(**_: object) -> None:
        raise OSError("the socket is closed")

    monkeypatch.setattr(shell, "kernel", "any", raising=False)
    monkeypatch.setattr(shell.display_pub, "publish", publish)

    with closing(NotebookDisplay(now=clock.now).progress()) as line:
        count_to(100, line, clock, 3)


def test_a_line_has_no_thread_and_needs_no_rich(
    shell: InteractiveShell, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "kernel", "any", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
        monkeypatch.delitem(sys.modules, name)
    before = threading.enumerate()

    with capture_output() as said, closing(NotebookDisplay(now=clock.now).progress()) as line:
        count_to(100, line, clock, 3)
        during = threading.enumerate()

    assert said.outputs
    assert during == before == threading.enumerate()
    assert "rich" not in sys.modules
