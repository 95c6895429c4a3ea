"""People in front of a real Livy that tells users apart: with plain requests, in notebooks, on a command line."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from livyguard.ledger import FileLedger, default_folder
from tests.lab import POLICY, Lab

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.sandbox.livy.server import LivyServer
    from tests.lab import Kernel

__all__ = ["LONG_STARTS", "PATIENT", "SMALL", "Desk", "Person", "release", "until"]

HADOOP_SIMPLE = "livyguard.sparkmagic.hadoop_simple.HadoopSimple"
PATIENCE = 180.0
SMALL = {"kind": "pyspark", "driverMemory": "512m"}
#: A start takes more than half a minute on a machine that is full of others': Livy gives it 90 s, SparkMagic 60.
LONG_STARTS = {"livy.rsc.server.connect.timeout": "300s"}
PATIENT = {"livy_session_startup_timeout_seconds": 300}


def until(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait for a condition, in small steps, and return its value."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.1)
    return value


class Person:
    """Somebody who asks Livy without livyguard: what they find there is the truth.

    Args:
        server: the Livy.
        name: as whom; None where it asks nobody's name.
    """

    def __init__(self, server: LivyServer, name: str | None) -> None:
        self.server, self.name = server, name

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        params = query if self.name is None else {**query, "user.name": self.name}
        headers = {"X-Requested-By": "tests"}
        return requests.request(method, self.server.url + path, params=params, json=body, headers=headers, timeout=60)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.ask("GET", path, **query)
        assert answer.ok, (path, answer.status_code, answer.text)
        return dict(answer.json())

    def sessions(self) -> dict[int, dict[str, Any]]:
        return {session["id"]: session for session in self.get("/sessions", size=1000)["sessions"]}

    def alive(self) -> dict[int, tuple[str, str]]:
        """Return owner and state of every session that has not ended."""
        listed = self.sessions().values()
        return {one["id"]: (one["owner"], one["state"]) for one in listed if one["state"] not in {"dead", "killed"}}

    def create(self, **body: Any) -> int:
        answer = self.ask("POST", "/sessions", SMALL | body)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def comes_up(self, number: int) -> int:
        """Wait until a session is idle, and return its number."""

        def is_idle() -> bool:
            state = self.get(f"/sessions/{number}/state")["state"]
            assert state in {"not_started", "starting", "idle"}, self.get(f"/sessions/{number}")
            return bool(state == "idle")

        until(is_idle)
        return number

    def stuck(self) -> int:
        """Create a session that starts and gets no further: its driver is stopped by a signal."""
        number = self.create(conf={"livy.rsc.server.connect.timeout": "1h"})
        until(lambda: self.server.drivers().get(number)).suspend()
        return number

    def run(self, number: int, code: str) -> int:
        """Post a statement and return its number."""
        answer = self.ask("POST", f"/sessions/{number}/statements", {"code": code})
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def says(self, number: int, code: str) -> None:
        """Run a statement to its end."""
        path = f"/sessions/{number}/statements/{self.run(number, code)}"
        until(lambda: self.get(path)["state"] == "available" and self.get(f"/sessions/{number}")["state"] == "idle")

    def works(self, number: int) -> None:
        """Keep a session busy until :meth:`rests`; a cancel would not wake Python from its sleep."""
        door = str(self._door(number))
        code = f"import os, time\nwhile not os.path.exists({door!r}):\n    time.sleep(0.1)"
        path = f"/sessions/{number}/statements/{self.run(number, code)}"
        until(lambda: self.get(path)["state"] == "running" and self.get(f"/sessions/{number}")["state"] == "busy")

    def rests(self, number: int) -> None:
        """End the statement that keeps a session busy."""
        self._door(number).touch()
        until(lambda: self.get(f"/sessions/{number}")["state"] == "idle")
        self._door(number).unlink()

    def _door(self, number: int) -> Path:
        return self.server.log.parent / f"door-{number}"

    def delete(self, number: int) -> int:
        return self.ask("DELETE", f"/sessions/{number}").status_code


class Desk(Lab):
    """A user's machine whose SparkMagic logs in at a real Livy.

    Args:
        folder: the user's home.
        url: that Livy.
        user: who logs in; None where it asks nobody's name.
        claims: who the environment says is at work.
    """

    def __init__(self, folder: Path, url: str, user: str | None = "alice", claims: str = "alice") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.user, self.claims = user, claims
        super().__init__(folder, url)
        assert self.policy is not None
        self.policy.write_text(POLICY.replace('driverMemory = "1g"', 'driverMemory = "512m"'))

    def rule(self, text: str) -> None:
        """Let the policy begin with this."""
        assert self.policy is not None
        self.policy.write_text(text + self.policy.read_text())

    def turn_to(self, url: str) -> None:
        """Work with another Livy from here on."""
        self.url = url
        self.configure()

    def configure(self, **settings: Any) -> None:
        super().configure(user=self.user, authenticators={"Basic_Access": HADOOP_SIMPLE}, **PATIENT | settings)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "JUPYTERHUB_USER": self.claims}

    def tags(self) -> set[str]:
        """Return the tags of the sessions in this machine's ledger."""
        return {entry.tag for entry in FileLedger(default_folder(self.environment), "tests").entries()}

    def command(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run ``livyguard`` with these arguments."""
        argv = [str(Path(sys.executable).parent / "livyguard"), *map(str, arguments)]
        return subprocess.run(
            argv, env=self.environment, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False
        )

    def begin(self, *arguments: object) -> subprocess.Popen[str]:
        """Run ``livyguard`` with these arguments, and do not wait for its end."""
        argv = [str(Path(sys.executable).parent / "livyguard"), *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(argv, env=self.environment, cwd=self.folder, **pipes)

    def say(self, *arguments: object) -> Any:
        """Run ``livyguard … --json`` and return what it prints, whatever its exit code."""
        done = self.command(*arguments, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def release(self, *arguments: object) -> dict[int, dict[str, Any]]:
        """Release on the command line; return each session's outcome, with --all-users that of each action."""
        done = self.command("release", *arguments, "--json")
        if "--all-users" in arguments:
            outcomes = _outcomes({"outcomes": [json.loads(line) for line in done.stdout.splitlines()]})
        else:
            outcomes = _outcomes(json.loads(done.stdout))
        has_failed = any(outcome["result"] in {"refused", "failed"} for outcome in outcomes.values())
        assert done.returncode == (1 if has_failed else 0), done.stderr
        return outcomes


def release(kernel: Kernel, *arguments: object) -> dict[int, dict[str, Any]]:
    """Release in a notebook; return each session's outcome."""
    return _outcomes(json.loads(kernel.fine(f"%livy_release {' '.join(map(str, arguments))} --json").stdout))


def _outcomes(report: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {outcome["id"]: outcome for outcome in report["outcomes"]}
