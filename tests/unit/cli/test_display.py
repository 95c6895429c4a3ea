"""What a terminal shows beside a result: on standard error, harmless, with commands instead of cells."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from livyguard.cli.display import TerminalDisplay
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.policy.decision import Decision
from livyguard.sessions.outcome import Outcome, ReleaseReport
from livyguard.testing import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator

GONE = "Session '13' not found."


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what stands on standard error; standard output is the result's alone."""
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def test_a_hint_comes_with_commands_and_the_way_to_its_long_form(capsys: pytest.CaptureFixture[str]) -> None:
    (hint,) = diagnose(Case(error=GONE))

    TerminalDisplay().hint(hint)

    said = shown(capsys)
    assert said.startswith("LG101 ")
    assert "livyguard sessions --mine\n" in said
    assert said.endswith("livyguard explain LG101\n")


def test_a_failure_is_its_text_and_the_best_hint_if_there_is_one() -> None:
    hints = diagnose(Case(error=GONE))

    assert TerminalDisplay().failure(" It failed. \n", []) == "It failed."
    assert TerminalDisplay().failure("It failed.", [*hints, *hints]).count("LG101 ") == 1


def test_what_others_wrote_is_harmless_in_a_notice(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalDisplay().notice("\x1b[31mred")

    assert shown(capsys) == "\\x1b[31mred\n"


def test_a_decision_that_changes_nothing_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalDisplay().decision(Decision("allow", None, "alice", {}))

    assert shown(capsys) == ""


def test_a_report_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalDisplay().released(ReleaseReport((Outcome(3, "gone", "it was gone already"),)))

    assert "1 already gone" in shown(capsys)


#: A command that takes as long as its clock says, and tells at its end what it cost.
COMMAND = """
import json, sys, threading, time
from contextlib import closing
from livyguard.cli.display import TerminalDisplay
from livyguard.testing import FakeClock
clock = FakeClock()
display = TerminalDisplay(clock.now)
def say(*texts):
    for text in texts:
        clock.sleep(0.3)
        line.show(text)
with closing(display.progress()) as line:
    {body}
    threads = threading.active_count()
print(json.dumps(["rich" in sys.modules, threads, threading.active_count()]))
"""
TEN = 'say(*(f"Releasing sessions: {number} of 10" for number in range(1, 11)))'
ERASE = "\r\x1b[2K"


class Terminal:
    """A terminal of this machine, with a command whose standard error it is."""

    def __init__(self, columns: int = 80) -> None:
        self._ours, self.theirs = pty.openpty()
        os.set_blocking(self._ours, False)
        self.set_columns(columns)

    def set_columns(self, columns: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))

    def run(self, body: str, **environment: str) -> tuple[str, str]:
        """Run a command; return what it wrote on standard output and on the terminal."""
        done = subprocess.run(
            [sys.executable, "-c", COMMAND.format(body=body)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.theirs,
            env=surroundings(environment),
            text=True,
            check=False,
        )
        return done.stdout, self.read()

    def read(self) -> str:
        """Return what came since."""
        try:
            return os.read(self._ours, 1_000_000).decode()
        except BlockingIOError:
            return ""

    def close(self) -> None:
        os.close(self._ours)
        os.close(self.theirs)


def surroundings(environment: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}}
    return {**kept, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **environment}


def screen(written: str) -> list[str]:
    """Return the rows of a screen that understands a new line, a return, and the erasing of a line."""
    rows, column = [""], 0
    for token in re.findall(r"\x1b\[2K|[^\x1b]|\x1b", written):
        if token == "\n":
            rows.append("")
        elif token == "\r":
            column = 0
        elif token == "\x1b[2K":
            rows[-1] = " " * column
        else:
            rows[-1] = rows[-1][:column].ljust(column) + token + rows[-1][column + 1 :]
            column += 1
    return [row.rstrip() for row in rows]


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


def test_a_terminal_has_one_line_that_is_rewritten_and_taken_away(terminal: Terminal) -> None:
    out, written = terminal.run(TEN)

    frames = written.split(ERASE)
    assert frames[0] == frames[-1] == ""
    assert frames[1:-1] == [
        f"Releasing sessions: {number} of 10, {seconds} s"
        for number, seconds in ((4, 1), (5, 1), (6, 1), (7, 2), (8, 2), (9, 2), (10, 3))
    ]
    assert screen(written) == [""]
    assert len(out.splitlines()) == 1


def test_a_command_that_is_done_within_a_second_writes_nothing_to_the_terminal(terminal: Terminal) -> None:
    assert terminal.run('say("1 of 3", "2 of 3", "3 of 3")')[1] == ""


def test_neither_a_thread_nor_rich_is_there_until_a_line_is_drawn(terminal: Terminal) -> None:
    drawn, _ = terminal.run(TEN)
    quick, _ = terminal.run('say("1 of 1")')

    assert json.loads(drawn) == [True, 1, 1]
    assert json.loads(quick) == [False, 1, 1]


#: A start that waits for five seconds, what is known of its reason from the third on.
START = """
from livyguard.hints.model import Hint
from livyguard.hints.start import Start
view = TerminalDisplay().starting()
hint = Hint("LG202", "queue-am-limit", "Session 7 waits", "The queue is full.")
for seconds in range(6):
    found = dict(hint=hint, is_whole=seconds > 2) if seconds > 1 else {}
    view.show(Start(7, "starting", seconds, "YARN", "ACCEPTED", "root.narrow", 3, **found))
view.close(Start(7, "idle", 6))
""".replace("\n", "\n    ")


def test_what_a_start_waits_for_stands_once_above_its_line_which_is_gone_in_the_end(terminal: Terminal) -> None:
    terminal.set_columns(120)
    _, written = terminal.run(START)

    rows = screen(written)
    assert rows[0] == "LG202 Session 7 waits"
    assert (rows[-1], written.count("LG202 Session 7 waits")) == ("", 1)
    line = "Session 7 starting · {} s · YARN ACCEPTED in root.narrow · 3 applications before it"
    assert [line.format(seconds) in written for seconds in range(6)] == [False, *[True] * 5]


def test_a_pipe_sees_nothing_of_a_start_that_waits() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND.format(body=START)],
        capture_output=True,
        env=surroundings({}),
        text=True,
        check=False,
    )

    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize("term", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_rewrite_a_line_shows_none(terminal: Terminal, term: str) -> None:
    out, written = terminal.run(TEN, TERM=term)

    assert written == ""
    assert json.loads(out)[0] is False


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"FORCE_COLOR": "1"}])
def test_the_line_has_no_colour_and_is_rewritten_all_the_same(terminal: Terminal, environment: dict[str, str]) -> None:
    _, written = terminal.run(TEN, **environment)

    assert set(re.findall(r"\x1b[^a-zA-Z]*[a-zA-Z]", written)) == {"\x1b[2K"}
    assert screen(written) == [""]


@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}, {"TTY_COMPATIBLE": "1"}])
def test_what_is_no_terminal_gets_nothing_while_the_command_runs(environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", COMMAND.format(body=TEN)]

    done = subprocess.run(command, capture_output=True, text=True, check=True, env=surroundings(environment))

    assert done.stderr == ""
    assert json.loads(done.stdout) == [False, 1, 1]


def test_a_notice_stands_alone_and_the_line_goes_on_below(terminal: Terminal) -> None:
    _, written = terminal.run(TEN + '; display.notice("Session 3 is busy."); line.show("now"); say("after")')

    assert screen(written) == ["Session 3 is busy.", ""]
    assert written.split("Session 3 is busy.\r\n")[1] == f"{ERASE}after, 3 s{ERASE}"


def test_a_line_wider_than_the_terminal_is_cut_and_keeps_its_seconds(terminal: Terminal) -> None:
    terminal.set_columns(30)

    _, written = terminal.run('say(*["Releasing the sessions of a long name"] * 4)')
    _, wide = terminal.run('say(*["会话会话会话会话会话会话会话会话"] * 4)')

    assert written == f"{ERASE}Releasing the session..., 1 s{ERASE}"
    assert wide == f"{ERASE}会话会话会话会话会话..., 1 s{ERASE}"


def test_a_terminal_that_tells_no_size_is_taken_for_one_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unsized(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Unsized())
    monkeypatch.setenv("TERM", "xterm")
    clock = FakeClock()

    line = TerminalDisplay(clock.now).progress()
    clock.sleep(1)
    line.show("x" * 100)

    assert sys.stderr.getvalue() == f"{ERASE}{'x' * 71}..., 1 s"


def test_a_terminal_that_lacks_a_character_gets_its_code_on_one_line(terminal: Terminal) -> None:
    terminal.set_columns(30)

    _, written = terminal.run('say(*["会话会话会话会话"] * 4)', PYTHONIOENCODING="ascii")

    assert written == f"{ERASE}\\u4f1a\\u8bdd\\u4f1a\\u8..., 1 s{ERASE}"


def test_what_others_wrote_moves_no_cursor(terminal: Terminal) -> None:
    _, written = terminal.run(r'say(*["\x1b[2J\x1b[31m\u202e\n\r"] * 4)')

    assert written == f"{ERASE}\\x1b[2J\\x1b[31m\\u202e\\n\\r, 1 s{ERASE}"


def test_ctrl_c_leaves_a_clean_line_and_a_visible_cursor(terminal: Terminal) -> None:
    body = TEN + '; print("here", flush=True); time.sleep(600)'
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND.format(body=body)],
        stdout=subprocess.PIPE,
        stderr=terminal.theirs,
        env=surroundings({}),
        text=True,
    )

    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    before = terminal.read()
    process.send_signal(signal.SIGINT)
    process.communicate()
    after = terminal.read()

    assert screen(before) == ["Releasing sessions: 10 of 10, 3 s"]
    assert after.startswith(f"{ERASE}Traceback")
    assert "\x1b[?25l" not in before + after


@pytest.mark.parametrize("closing", ["sys.stderr.close()", "sys.stderr = None", "__import__('os').close(2)"])
def test_a_closed_standard_error_does_not_fail_the_command(terminal: Terminal, closing: str) -> None:
    before, _ = terminal.run(f"{closing}; {TEN}")
    during, _ = terminal.run(f"{TEN}; {closing}; {TEN}")

    assert json.loads(before)[1:] == [1, 1]
    assert json.loads(during) == [True, 1, 1]
