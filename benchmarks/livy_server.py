"""A Livy that only answers: many sessions, a latency, slow deletes; and a count of what it was asked.

``python -m benchmarks.livy_server`` runs it in a process of its own, so that it shares no interpreter lock with what is
measured. It ends by SIGTERM, and when its standard input is closed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import requests
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from benchmarks.livy_listing import session, sessions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

__all__ = ["Livy", "livy"]

NO_SUCH_SESSION = 404
PAGE = 100
PATIENCE = 20
AN_HOUR = 3_600


@dataclass
class Tally:
    """What one kind of request came to.

    Attributes:
        count: how many there were.
        most: how many were under way at once, at most.
        seconds: how long the server took for them, all together.
    """

    count: int = 0
    most: int = 0
    seconds: float = 0.0
    under_way: int = 0


class _State:
    def __init__(self, options: argparse.Namespace) -> None:
        self.latency: float = options.latency
        self.deletion: float = options.deletion
        self.listed = {each["id"]: _json(each) for each in sessions(options.sessions, options.owner)}
        self.statements: dict[int, list[dict[str, Any]]] = {}
        self.tallies: dict[str, Tally] = {}


class _Handler(RequestHandler):
    state: _State

    def initialize(self, state: _State) -> None:
        self.state = state

    def compute_etag(self) -> None:
        """Send none: Livy does not."""

    async def counted(self, kind: str, work: Awaitable[object]) -> None:
        """Answer after the latency, and count."""
        tally = self.state.tallies.setdefault(kind, Tally())
        begun = time.monotonic()
        tally.count += 1
        tally.under_way += 1
        tally.most = max(tally.most, tally.under_way)
        try:
            await asyncio.sleep(self.state.latency)
            await work
        finally:
            tally.under_way -= 1
            tally.seconds += time.monotonic() - begun

    def answer(self, body: str, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json;charset=utf-8")
        self.finish(body)

    def is_there(self, number: int) -> bool:
        if number not in self.state.listed:
            self.answer(_json({"msg": f"Session '{number}' not found."}), NO_SUCH_SESSION)
        return number in self.state.listed


class _Sessions(_Handler):
    async def get(self) -> None:
        await self.counted("pages", self._page())

    async def _page(self) -> None:
        start, size = int(self.get_argument("from", "0")), int(self.get_argument("size", str(PAGE)))
        listed = self.state.listed
        page = ", ".join(list(listed.values())[start : start + size])
        self.answer(f'{{"from": {start}, "total": {len(listed)}, "sessions": [{page}]}}')

    async def post(self) -> None:
        await self.counted("creations", self._create())

    async def _create(self) -> None:
        asked = json.loads(self.request.body)
        number = max(self.state.listed, default=-1) + 1
        made = {**session(number, "alice", "idle"), "kind": asked.get("kind"), "conf": asked.get("conf") or {}}
        self.state.listed[number] = _json(made)
        self.answer(_json(made), 201)


class _Session(_Handler):
    async def get(self, number: str) -> None:
        await self.counted("sessions", self._show(int(number)))

    async def _show(self, number: int) -> None:
        if self.is_there(number):
            self.answer(self.state.listed[number])

    async def delete(self, number: str) -> None:
        await self.counted("deletes", self._delete(int(number)))

    async def _delete(self, number: int) -> None:
        if self.is_there(number):
            await asyncio.sleep(self.state.deletion)
            self.state.listed.pop(number, None)
            self.answer(_json({"msg": "deleted"}))


class _Statements(_Handler):
    async def get(self, number: str) -> None:
        await self.counted("statements", self._list(int(number)))

    async def _list(self, number: int) -> None:
        if self.is_there(number):
            found = self.state.statements.get(number) or [_statement(0, time.time() - AN_HOUR)]
            self.answer(_json({"total_statements": len(found), "statements": found[-1:]}))

    async def post(self, number: str) -> None:
        await self.counted("runs", self._run(int(number)))

    async def _run(self, number: int) -> None:
        if self.is_there(number):
            ran = self.state.statements.setdefault(number, [])
            ran.append(_statement(len(ran), time.time()))
            self.answer(_json(ran[-1]), 201)


class _Statement(_Handler):
    async def get(self, number: str, statement: str) -> None:
        await self.counted("results", self._show(int(number), int(statement)))

    async def _show(self, number: int, statement: int) -> None:
        if self.is_there(number):
            self.answer(_json(self.state.statements[number][statement]))


class _Tallies(_Handler):
    """Ours, not Livy's."""

    def get(self) -> None:
        self.answer(_json({kind: asdict(tally) for kind, tally in self.state.tallies.items()}))

    def delete(self) -> None:
        self.state.tallies.clear()
        self.answer("{}")


def _json(value: object) -> str:
    return json.dumps(value)


def _statement(number: int, ended: float) -> dict[str, Any]:
    output = {"status": "ok", "execution_count": number, "data": {"text/plain": "1000"}}
    times = {"started": int(ended * 1000) - 500, "completed": int(ended * 1000)}
    return {"id": number, "code": "", "state": "available", "output": output, "progress": 1.0, **times}


class Livy:
    """The running server, seen from outside.

    Attributes:
        url: where it listens.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def forget(self) -> None:
        """Count from nothing."""
        requests.delete(f"{self.url}/tallies", timeout=PATIENCE).raise_for_status()

    def tallies(self) -> dict[str, Tally]:
        """Return what it was asked since, by kind."""
        answer = requests.get(f"{self.url}/tallies", timeout=PATIENCE).json()
        return {kind: Tally(**tally) for kind, tally in answer.items()}


@contextlib.contextmanager
def livy(number: int, *, owner: str | None = None, latency: float = 0.002, deletion: float = 1.0) -> Iterator[Livy]:
    """Run a server with so many sessions; see :func:`benchmarks.livy_listing.sessions`."""
    command = [sys.executable, "-m", "benchmarks.livy_server", f"--sessions={number}"]
    command += [f"--latency={latency}", f"--deletion={deletion}", *([f"--owner={owner}"] if owner else [])]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise SystemExit("The server of the benchmarks did not start.")
        yield Livy(url)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


async def _serve(options: argparse.Namespace) -> None:
    given = {"state": _State(options)}
    application = Application(
        [
            (r"/sessions", _Sessions, given),
            (r"/sessions/([0-9]+)", _Session, given),
            (r"/sessions/([0-9]+)/statements", _Statements, given),
            (r"/sessions/([0-9]+)/statements/([0-9]+)", _Statement, given),
            (r"/tallies", _Tallies, given),
        ],
        log_function=lambda _handler: None,
    )
    sockets = bind_sockets(0, "127.0.0.1")
    HTTPServer(application).add_sockets(sockets)
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # Ctrl-C is the parent's, who ends us
    loop.add_reader(sys.stdin, over.set)
    print(f"http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)
    await over.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.livy_server", description=__doc__)
    parser.add_argument("--sessions", type=int, default=0, help="How many it lists.")
    parser.add_argument("--owner", help="Whose they are; default: many people's.")
    parser.add_argument("--latency", type=float, default=0.002, help="Seconds before every answer.")
    parser.add_argument("--deletion", type=float, default=1.0, help="Seconds that a DELETE takes beyond that.")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
