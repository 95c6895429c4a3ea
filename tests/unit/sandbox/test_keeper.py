"""A server under a keeper ends with everything that it started, however its owner ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from livyguard.sandbox.keeper import Kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: A server that leaves a grandchild behind: in a session of its own, deaf to SIGTERM, its parent gone.
LEAVES_ONE_BEHIND = """
import pathlib, subprocess, sys, time
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
leave = f"subprocess.Popen([sys.executable, '-c', {deaf!r}], start_new_session=True)"
middle = f"import subprocess, sys; print({leave}.pid)"
with subprocess.Popen([sys.executable, "-uc", middle], stdout=subprocess.PIPE, text=True) as parent:
    number = parent.stdout.readline()
pathlib.Path("left").write_text(number)
"""
STAYS = LEAVES_ONE_BEHIND + "time.sleep(600)"
OWNER = """
import pathlib, sys, time
from livyguard.sandbox.keeper import Kept
with Kept([sys.executable, "-c", pathlib.Path("server.py").read_text()], log=pathlib.Path("log")) as kept:
    pathlib.Path("server").write_text(str(kept.pid))
    time.sleep(600)
"""


def wait_for(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + 30
    while not (value := condition()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)
    return value


def number_in(file: Path) -> int:
    return int(wait_for(lambda: file.exists() and file.read_text()))


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_command_runs_with_its_log_and_tells_how_it_ended(tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"

    with Kept([sys.executable, "-uc", code], log=tmp_path / "log") as kept:
        assert wait_for(lambda: kept.poll() is not None)

    assert kept.poll() == 3
    assert (tmp_path / "log").read_text() == "out\nerr\n"


def test_a_command_that_was_killed_tells_its_signal(tmp_path: Path) -> None:
    with Kept([sys.executable, "-c", "import time; time.sleep(600)"], log=tmp_path / "log") as kept:
        psutil.Process(kept.pid).kill()
        wait_for(lambda: kept.poll() is not None)

    assert kept.poll() == -signal.SIGKILL


def test_a_command_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    kept = Kept(["/no/such/command"], log=tmp_path / "log")

    with pytest.raises(OSError, match=r"/no/such/command cannot be started: .*No such file"):
        kept.start()

    assert kept.descendants() == []


def test_what_the_command_left_behind_is_ended_with_it(tmp_path: Path) -> None:
    with Kept([sys.executable, "-c", STAYS], log=tmp_path / "log", cwd=tmp_path) as kept:
        left = number_in(tmp_path / "left")
        assert {process.pid for process in kept.descendants()} == {kept.pid, left}

    assert not lives(left)
    assert not lives(kept.pid)
    assert kept.poll() == -signal.SIGTERM


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_everything_ends_when_the_owner_does(tmp_path: Path, how: signal.Signals) -> None:
    (tmp_path / "server.py").write_text(STAYS)
    with subprocess.Popen([sys.executable, "-c", OWNER], cwd=tmp_path, stderr=subprocess.DEVNULL) as owner:
        server, left = number_in(tmp_path / "server"), number_in(tmp_path / "left")

        owner.send_signal(how)

    wait_for(lambda: not lives(server) and not lives(left))


def test_the_end_of_a_command_ends_what_it_left_behind(tmp_path: Path) -> None:
    with Kept([sys.executable, "-c", LEAVES_ONE_BEHIND], log=tmp_path / "log", cwd=tmp_path) as kept:
        wait_for(lambda: kept.poll() is not None)

        assert not lives(number_in(tmp_path / "left"))


def test_a_command_deaf_to_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    log = tmp_path / "log"
    with Kept([sys.executable, "-c", code], log=log, grace=0.2) as kept:
        wait_for(lambda: "deaf" in log.read_text())

    assert kept.poll() == -signal.SIGKILL
