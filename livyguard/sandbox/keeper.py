"""Runs a server, and ends it with everything that it started as soon as whoever started it ends, in whatever way.

A JVM that is the child of a test or of a terminal outlives both where they are killed, and its own children outlive
it. So a small watcher stands in between: it holds the other end of a pipe, which the kernel closes when the owner is
gone, and as a child subreaper (Linux) it inherits whatever the server leaves behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

__all__ = ["Kept"]

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, linux/prctl.h
_LOOK = 0.02
_BURIAL = 0.2


class Kept:
    """A server process between ``with`` and its end.

    Args:
        argv: the command.
        log: file that gets its standard output and error; what was there stays.
        env: its environment; None = this process's.
        cwd: its working directory; None = this process's.
        grace: seconds between SIGTERM for the command and SIGKILL for all that is left.

    Attributes:
        log: that file.
        pid: of the command; 0 before the start.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        grace: float = 10.0,
    ) -> None:
        self._argv, self._env, self._cwd, self._grace = list(argv), env, cwd, grace
        self.log = Path(log)
        self.pid = 0
        self._watcher: subprocess.Popen[bytes] | None = None

    def start(self) -> Kept:
        """Start the command.

        Raises:
            OSError: the log cannot be written, or the command cannot be started.
        """
        told, tell = os.pipe()
        watcher = [sys.executable, "-m", "livyguard.sandbox.keeper", str(tell), str(self._grace), *self._argv]
        try:
            with self.log.open("ab") as log:
                self._watcher = subprocess.Popen(  # noqa: S603 - whoever holds a Kept decides what runs
                    watcher,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=None if self._env is None else dict(self._env),
                    cwd=self._cwd,
                    pass_fds=(tell,),
                    start_new_session=True,  # Ctrl-C is the owner's to handle
                )
        finally:
            os.close(tell)
            with os.fdopen(told, "rb") as pipe:
                answer = pipe.read().decode()
        if not answer.isdecimal():
            self.stop()
            raise OSError(f"{self._argv[0]} cannot be started: {answer or f'see {self.log}'}")
        self.pid = int(answer)
        return self

    def __enter__(self) -> Kept:  # noqa: PYI034 - typing.Self is not in Python 3.10
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def poll(self) -> int | None:
        """Return the command's exit code; None while it runs. Negative: the signal that ended it."""
        if self._watcher is None:
            return None
        code = self._watcher.poll()
        return code if code is None or code < _SIGNALLED else _SIGNALLED - code

    def descendants(self) -> list[psutil.Process]:
        """Return the command, everything it started, and everything that those left behind."""
        if self._watcher is None:
            return []
        try:
            return psutil.Process(self._watcher.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def stop(self) -> None:
        """End the command, then whatever is left; back when all is gone."""
        if self._watcher is None or self._watcher.stdin is None:
            return
        self._watcher.stdin.close()
        self._watcher.wait()


_SIGNALLED = 128  # a watcher tells the signal that ended its command as shells do


def _inherit_orphans() -> None:
    """Become the parent of every descendant that loses its own; elsewhere than on Linux they are lost."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)


def _end(command: subprocess.Popen[bytes], grace: float) -> None:
    """Let the command end by itself, then kill everything that is left."""
    left = set(psutil.Process().children(recursive=True))
    if command.poll() is None:
        command.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            command.wait(grace)
    while left := {one for one in left.union(psutil.Process().children(recursive=True)) if _lives(one)}:
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        command.poll()
        _bury(command)
        time.sleep(_LOOK)


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def _bury(command: subprocess.Popen[bytes]) -> None:
    """Take the exit codes of inherited processes, that none stays a zombie; the command's own is Popen's to take."""
    for child in psutil.Process().children():
        with contextlib.suppress(ChildProcessError, psutil.NoSuchProcess):
            if child.pid != command.pid and child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)


def main(tell: int, grace: float, argv: Sequence[str]) -> int:
    """Run the command until it ends or standard input does."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    _inherit_orphans()
    with os.fdopen(tell, "wb") as pipe:
        try:
            command = subprocess.Popen(argv, stdin=subprocess.DEVNULL)  # noqa: S603 - that is what it is for
        except OSError as fault:
            pipe.write(str(fault).encode())
            return 1
        pipe.write(str(command.pid).encode())

    def watch_owner() -> None:
        while os.read(0, 1):  # not sys.stdin, whose lock a daemon thread would hold at the end
            pass
        stopped.set()

    threading.Thread(target=watch_owner, daemon=True).start()
    while command.poll() is None and not stopped.wait(_BURIAL):
        _bury(command)
    _end(command, grace)
    code = command.wait()
    return code if code >= 0 else _SIGNALLED - code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
