"""A real Apache Livy as a process of this one's."""

from __future__ import annotations

import contextlib
import re
import sys
import time
from pathlib import Path

import psutil
import requests

from livyguard.sandbox.java import find_java
from livyguard.sandbox.keeper import Kept
from livyguard.sandbox.livy.configuration import LOG4J, LivyOptions, environment, livy_conf, spark_defaults, spark_env
from livyguard.sandbox.ports import free_port, is_free

__all__ = ["LivyServer", "NotUp"]

_PATIENCE = 90.0
_LOOK = 0.1
_LOG_LINES = 30
#: What Livy logs once it is bound to its port (WebServer.scala, 0.8 and 0.9).
_LISTENS = b"WebServer: Starting server on "
#: How a driver is told its settings, and the one that names its session.
_TOLD = "--properties-file"
_SESSION_ID = re.compile(r"^spark\.__livy__\.livy\.client\.session-id=(\d+)$", re.MULTILINE)


class NotUp(Exception):
    """Livy ended, or did not answer, instead of coming up; the text ends with its log's last lines."""


class LivyServer:
    """Runs Livy between ``with`` and its end, on loopback.

    Args:
        options: how.
        home: an unpacked Livy.
        folder: its own; gets configuration, logs and temporary files. It stays, the logs in it.

    Attributes:
        url: where it listens, without a trailing slash; stays through a restart.
        log: its log.
    """

    def __init__(self, options: LivyOptions, home: Path, folder: Path) -> None:
        self._options, self._home, self._folder = options, home, Path(folder)
        self._port = options.port
        self._kept: Kept | None = None
        self._log_before = 0
        self.log = self._folder / "livy.log"

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Of Livy's JVM; 0 while it does not run."""
        return self._kept.pid if self._kept else 0

    def start(self) -> LivyServer:
        """Start, and return when it answers.

        Raises:
            NotUp: the port that was asked for is taken, or it ended or did not answer.
            JavaNotFound: there is no Java.
            ImportError: the ``sandbox`` extra is not installed.
        """
        import pyspark  # noqa: PLC0415 - its home is wanted, nothing else

        if self._options.port and not is_free(self._options.port):  # else whoever has it would pass for this Livy
            raise NotUp(f"Port {self._options.port} of 127.0.0.1 is taken.")
        for name in ("conf", "logs", "tmp"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        self._port = self._port or free_port()
        conf = self._folder / "conf"
        (conf / "livy.conf").write_text(livy_conf(self._options, self._port), encoding="utf-8")
        (conf / "spark-defaults.conf").write_text(spark_defaults(self._options), encoding="utf-8")
        (conf / "spark-env.sh").write_text(spark_env(self._folder), encoding="utf-8")
        (conf / "log4j.properties").write_text(LOG4J, encoding="utf-8")
        env = environment(
            self._options,
            self._folder,
            self._home,
            spark=Path(pyspark.__file__).parent,
            java=find_java().home,
            python=sys.executable,
        )
        self._log_before = self.log.stat().st_size if self.log.exists() else 0
        argv = ["bash", str(self._home / "bin" / "livy-server")]
        self._kept = Kept(argv, log=self.log, env=env, cwd=self._folder).start()
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End it and every driver that it started; back when all are gone."""
        if self._kept is not None:
            self._kept.stop()
            self._kept = None

    def restart(self) -> None:
        """End it and start it anew at the same URL: ids begin at 0 again, no session is known."""
        self.stop()
        self.start()

    def __enter__(self) -> LivyServer:  # noqa: PYI034 - typing.Self is not in Python 3.10
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def drivers(self) -> dict[int, psutil.Process]:
        """Return the drivers that live (spark-submit's JVMs; on YARN what waits for the application), by session id."""
        found = {}
        for process in psutil.Process(self.pid).children() if self.pid else []:
            with contextlib.suppress(psutil.NoSuchProcess, OSError):
                line = process.cmdline()
                told = Path(line[line.index(_TOLD) + 1]) if _TOLD in line else None
                number = _SESSION_ID.search(told.read_text(encoding="utf-8")) if told else None
                if number:
                    found[int(number[1])] = process
        return found

    def end_drivers(self) -> None:
        """Kill the drivers of sessions that are no longer listed.

        Livy forgets a session that is deleted while it starts, and not on YARN its driver starts up nevertheless.
        """
        drivers = self.drivers()  # before the listing: a session that begins in between is not harmed
        query = {"user.name": self._options.superusers[0]} if self._options.users else {}
        answer = requests.get(f"{self.url}/sessions", params={"size": "100000", **query}, timeout=30)
        answer.raise_for_status()
        listed = {session["id"] for session in answer.json()["sessions"]}
        for number, process in drivers.items():
            if number not in listed:
                _kill(process)

    def wait_until_ended(self, look: float = 0.5) -> str:
        """Return the last lines of the log once Livy has ended by itself; whoever waits may be interrupted.

        Args:
            look: seconds between two looks.
        """
        while self._kept is not None and self._kept.poll() is None:
            time.sleep(look)
        return self._tail()

    def _wait(self) -> None:
        """Wait until its own log says that it listens, and it answers; without authentication that may be a 401."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            if self._kept is None or self._kept.poll() is not None:
                raise NotUp(f"Livy ended before it came up:\n{self._tail()}")
            with contextlib.suppress(requests.RequestException):
                if _LISTENS in self._own_log():  # else somebody else may answer at that port
                    requests.get(f"{self.url}/version", timeout=5)
                    return
            time.sleep(_LOOK)
        raise NotUp(f"Livy did not answer within {_PATIENCE:.0f} s:\n{self._tail()}")

    def _own_log(self) -> bytes:
        """Return what was logged since the last start."""
        with self.log.open("rb") as file:
            file.seek(self._log_before)
            return file.read()

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:])


def _kill(process: psutil.Process) -> None:
    """Kill a process and its children, and wait until they are gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family, timeout=10)
