"""Many creators of sessions at once, let go together: threads of this process, and processes of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from livyguard.bootstrap import Parts, connect
from livyguard.cli.display import TerminalDisplay
from livyguard.cli.start import start
from livyguard.cli.wiring import Wiring
from livyguard.config import PolicyFiles, default_search_path, named_policy
from livyguard.errors import CellFailure, LivyguardError
from livyguard.ledger import FileLedger, default_folder
from livyguard.livy.configured import configured
from livyguard.sandbox.keeper import Kept
from tests.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from livyguard.sessions.model import LedgerEntry
    from tests.live.people import Desk

__all__ = [
    "Machine",
    "Outcome",
    "Worker",
    "as_processes",
    "as_threads",
    "begun",
    "ended",
    "listed",
    "sandbox",
    "tag_of",
]

LIVYGUARD = str(Path(sys.executable).parent / "livyguard")
#: Seconds until each of many has read its policy, and until each has ended.
PATIENCE = 180.0
TAG = re.compile(r"livyguard-[0-9a-f]{8}")


@dataclass(frozen=True)
class Outcome:
    """What became of one creator.

    Attributes:
        number: of the session that it says it has; None where it has none.
        code: its exit code, or what it would have been.
        said: all that it told, notices and the fault.
    """

    number: int | None
    code: int
    said: str


class Machine(Lab):
    """A user's machine: a home with a ledger, SparkMagic's configuration and a policy.

    Args:
        folder: the home.
        url: the Livy.
        user: who logs in there, by basic authentication; None: nobody does, and the environment claims to be alice.
        policy: what holds on it.
    """

    def __init__(self, folder: Path, url: str, user: str | None, policy: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder, url)
        assert self.policy is not None
        self.policy.write_text(policy)
        self.configure(user=user)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "JUPYTERHUB_USER": "alice"}

    def entries(self) -> list[LedgerEntry]:
        """Return what its ledger holds."""
        return list(FileLedger(default_folder(self.environment), "test").entries())

    def begin(self, *arguments: object) -> subprocess.Popen[str]:
        """Run ``livyguard`` with these arguments, and do not wait for its end."""
        argv = [LIVYGUARD, *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(argv, env=self.environment, cwd=self.folder, **pipes)


class _Said(TerminalDisplay):
    """Keeps what a terminal would show."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def _say(self, text: str) -> None:
        self.texts.append(text)


class Worker:
    """The command line's parts in this process, on a machine; may create more than once.

    Args:
        machine: whose.
        page: the name of its page of the ledger.
    """

    def __init__(self, machine: Machine, page: str) -> None:
        environment = machine.environment
        self.display = _Said()
        self._machine = machine
        parts = Parts(self.display, page, environment)
        # cached properties: these are the machine's, not this process's
        parts.ledger = FileLedger(default_folder(environment), page)
        parts.policies = PolicyFiles(
            default_search_path(environment), self.display.notice, required=named_policy(environment)
        )
        place = configured(environment)
        store = connect(place.url, auth=place.auth, headers=place.headers, verify=place.verify)
        self.parts = parts
        self._wiring = Wiring(store, place.source, parts, parts.rights(store))

    def hurry(self) -> None:
        """Wait for nothing: neither a use case between its attempts, nor a request between its tries."""
        self.parts.clock.sleep = lambda _seconds: None  # type: ignore[method-assign]
        for adapter in self._wiring.store._transport._http.adapters.values():
            adapter.max_retries = adapter.max_retries.new(backoff_factor=0)

    def asks(self, **body: Any) -> Outcome:
        """Create what a body asks for."""
        file = self._machine.folder / "body.json"
        file.write_text(json.dumps({"kind": "pyspark", **body}))
        return self.create(file)

    def create(self, body: Path) -> Outcome:
        """Create what a file asks for, as ``livyguard sessions --start`` does."""
        before = len(self.display.texts)
        number, code, fault = None, 0, ""
        try:
            number = start(self._wiring, str(body))
        except LivyguardError as error:
            code, fault = error.exit_code, str(error)
        except CellFailure as failure:
            code, fault = 1, str(failure)
        return Outcome(number, code, "\n".join([*self.display.texts[before:], fault]))


def as_threads(creators: Sequence[tuple[Machine, Mapping[str, Any]]]) -> list[Outcome]:
    """Create all at once, each in a thread of its own, as many kernels of one process would.

    Args:
        creators: machine and body of each.
    """
    barrier = threading.Barrier(len(creators), timeout=PATIENCE)
    outcomes: list[Outcome | BaseException] = [AssertionError("it did not end")] * len(creators)

    def create(place: int, machine: Machine, file: Path) -> None:
        try:
            worker = Worker(machine, f"kernel-{place}")
            barrier.wait()
            outcomes[place] = worker.create(file)
        except BaseException as error:  # noqa: BLE001 - raised again below
            outcomes[place] = error
            barrier.abort()

    threads = []
    for place, (machine, body) in enumerate(creators):
        file = machine.folder / f"body-{place}.json"
        file.write_text(json.dumps(body))
        threads.append(threading.Thread(target=create, args=(place, machine, file), name=f"creator-{place}"))
    for thread in threads:
        thread.start()
    end = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(end - time.monotonic(), 0.0))
    assert [thread.name for thread in threads if thread.is_alive()] == []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Outcome)]


def as_processes(creators: Sequence[tuple[Machine | Desk, Mapping[str, Any]]]) -> list[Outcome]:
    """Create all at once, each with ``livyguard sessions --start`` in a process of its own.

    Args:
        creators: machine and body of each.
    """
    with begun(creators) as let_go:
        return [ended(command) for command in let_go()]


@contextmanager
def begun(
    creators: Sequence[tuple[Machine | Desk, Mapping[str, Any]]],
) -> Iterator[Callable[[], list[subprocess.Popen[str]]]]:
    """Begin ``livyguard sessions --start`` for each; yield what lets all of them go at once, and returns them.

    Each waits at a named pipe for its body: by then it has read its policy, and asked Livy nothing. At the end those
    that still run are killed.
    """
    commands: list[subprocess.Popen[str]] = []
    gates: list[Path] = []

    def let_go() -> list[subprocess.Popen[str]]:
        opened = [_opened(command, gate) for command, gate in zip(commands, gates, strict=True)]
        for gate, (_, body) in zip(opened, creators, strict=True):
            os.write(gate, json.dumps(body).encode())
            os.close(gate)
        return commands

    try:
        for place, (machine, _) in enumerate(creators):
            gates.append(machine.folder / f"gate-{place}.json")
            os.mkfifo(gates[-1])
            commands.append(machine.begin("sessions", "--start", gates[-1]))
        yield let_go
    finally:
        for command in commands:
            command.kill()
            command.communicate()
        for gate in gates:
            gate.unlink()


def _opened(command: subprocess.Popen[str], gate: Path) -> int:
    """Return a named pipe to write to, as soon as the command has begun to read from it."""
    end = time.monotonic() + PATIENCE
    while True:
        with suppress(OSError):  # nobody reads yet
            return os.open(gate, os.O_WRONLY | os.O_NONBLOCK)
        assert command.poll() is None, command.communicate()
        assert time.monotonic() < end, "it did not come to reading its body"
        time.sleep(0.01)


def ended(command: subprocess.Popen[str]) -> Outcome:
    """Wait for the end of a command, and return what became of it."""
    said, fault = command.communicate(timeout=PATIENCE)
    assert "Traceback" not in fault, fault
    return Outcome(int(said) if said.strip() else None, command.returncode, fault)


@contextmanager
def sandbox(folder: Path, *options: str) -> Iterator[str]:
    """Run ``livyguard sandbox --engine none`` in a process of its own; yield its URL."""
    ready, log = folder / "url", folder / "sandbox.log"
    argv = [LIVYGUARD, "sandbox", "--engine", "none", "--ready-file", str(ready), *options]
    with Kept(argv, log=log, cwd=folder) as server:  # it ends with this process, too
        end = time.monotonic() + PATIENCE
        while not (ready.exists() and ready.read_text()):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end
            time.sleep(0.02)
        yield ready.read_text()
    assert "Traceback" not in log.read_text()


def listed(url: str) -> dict[int, dict[str, Any]]:
    """Return what a Livy lists, by number."""
    answer = requests.get(f"{url}/sessions", params={"size": 10_000}, timeout=30)
    answer.raise_for_status()
    return {session["id"]: session for session in answer.json()["sessions"]}


def tag_of(session: Mapping[str, Any]) -> str:
    """Return the tag by which livyguard knows a listed session."""
    (tag,) = filter(TAG.fullmatch, session["conf"]["spark.yarn.tags"].split(","))
    return str(tag)
