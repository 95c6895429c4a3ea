"""A Livy in a thread, over real sockets, that resets connections, breaks off in the middle, hangs, or is slow."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["FAULTS", "Fault", "Handler", "UnreliableLivy", "unreliable_livy"]

#: A hung server lets go after so long, should a test forget to.
LONGEST_HANG = 30.0
PATIENCE = 60.0


@dataclass
class Fault:
    """What happens to requests that match.

    Attributes:
        what: a name in ``FAULTS``, a status, or a function of the handler and the body that would have been sent.
        path: regular expression for method, path and query: ``GET /sessions.*``.
        times: how many requests it meets; None: all.
    """

    what: str | int | Callable[[Handler, bytes], None]
    path: str = r"GET /sessions\?.*"
    times: int | None = 1


@dataclass
class UnreliableLivy:
    """Sessions of alice, idle, each with a statement that ended two hours ago.

    Attributes:
        delete_takes: seconds between a DELETE and its answer; the session is gone in the middle of it.
        after_listing: called once, after the first listing was answered.
        asked: every request in the order of arrival: ``GET /sessions/3/statements``, without its query.
        deleted: by id, how many DELETEs were carried out.
        headers: more of them, for each answer with status 429 and above.
        callers: the addresses of those whose connections are open, in the order in which they were accepted.
    """

    sessions: dict[int, dict[str, Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    delete_takes: float = 0.0
    after_listing: Callable[[UnreliableLivy], None] | None = None
    asked: list[str] = field(default_factory=list)
    deleted: Counter[int] = field(default_factory=Counter)
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    closing: threading.Event = field(default_factory=threading.Event)
    callers: list[Any] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, *numbers: int, **fields: Any) -> None:
        """Add sessions of alice's."""
        for number in numbers:
            self.sessions[number] = {
                "id": number, "name": None, "appId": f"application_1700000000000_{number:04}", "owner": "alice",
                "proxyUser": None, "state": "idle", "kind": "pyspark", "appInfo": {}, "log": [],
                "conf": {"spark.app.password": "hunter2"}, "numExecutors": 2, **fields,
            }  # fmt: skip

    def at(self, user: str = "alice") -> str:
        """Return the URL by which a user logs in."""
        return self.url.replace("//", f"//{user}:s3cret@")

    def count(self, pattern: str) -> int:
        """Return how many requests matched."""
        with self.lock:
            return sum(re.fullmatch(pattern, line) is not None for line in self.asked)

    def settle(self) -> None:
        """Wait until all is done that was sent before, by those who have hung up since: a killed client's, too.

        Who comes first is accepted first: once this connection is, everybody's earlier one has been.
        """
        with socket.create_connection(("127.0.0.1", urlsplit(self.url).port or 0)) as last, self.changed:
            mine = [last.getsockname()]
            assert self.changed.wait_for(lambda: self.callers == mine, PATIENCE), self.callers

    def take(self, line: str) -> Fault | None:
        """Return the fault that a request meets."""
        with self.lock:
            for fault in self.faults:
                if re.fullmatch(fault.path, line):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times == 0:
                            self.faults.remove(fault)
                    return fault
        return None

    def answer(self, method: str, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        """Return status and body, as Livy 0.9 does."""
        if path == "/sessions":
            with self.lock:
                first, size = int(query.get("from", ["0"])[0]), int(query.get("size", ["100"])[0])
                every = list(self.sessions.values())
                page = json.loads(json.dumps(every[first : first + size]))
                then, self.after_listing = self.after_listing, None
                if then is not None:
                    then(self)
            return 200, {"from": first, "total": len(every), "sessions": page}
        number = int(path.split("/")[2])
        if method == "DELETE":
            return self._delete(number)
        with self.lock:
            if number not in self.sessions:
                return 404, {"msg": f"Session '{number}' not found."}
            if not path.endswith("/statements"):
                return 200, self.sessions[number]
        ended = int((time.time() - 7_200) * 1000)
        return 200, {"total_statements": 1, "statements": [{"id": 0, "started": ended - 9, "completed": ended}]}

    def _delete(self, number: int) -> tuple[int, Any]:
        """Livy answers when the session is stopped; of two that ask at once only one stops it."""
        self.closing.wait(self.delete_takes / 2)
        with self.lock:
            was_there = self.sessions.pop(number, None) is not None
            self.deleted[number] += was_there
        self.closing.wait(self.delete_takes / 2)
        return (200, {"msg": "deleted"}) if was_there else (404, {"msg": f"Session '{number}' not found."})


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    livy: UnreliableLivy

    def do_GET(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        with self.livy.lock:
            self.livy.asked.append(f"{self.command} {parts.path}")
        fault = self.livy.take(f"{self.command} {self.path}")
        if fault is not None and isinstance(fault.what, int):
            page = b"<html><head><title>Out of order</title></head><body><h1>nginx</h1></body></html>"
            self.send(page, fault.what, "text/html", **self.livy.headers)
            return
        status, content = self.livy.answer(self.command, parts.path, parse_qs(parts.query))
        body = json.dumps(content).encode()
        if fault is None:
            self.send(body, status)
            return
        (FAULTS[fault.what] if isinstance(fault.what, str) else fault.what)(self, body)

    def send(self, body: bytes, status: int = 200, kind: str = "application/json", /, **headers: str) -> None:
        """Send an answer as a whole."""
        self.begin(status, kind, len(body), **headers)
        with contextlib.suppress(OSError):  # whoever asked may be dead by now
            self.wfile.write(body)

    def begin(self, status: int, kind: str, length: int, /, **headers: str) -> None:
        """Send the head of an answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        with contextlib.suppress(OSError):
            self.end_headers()

    def reset(self) -> None:
        """Send RST, where closing would send FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the base class
        """Say nothing."""


def _reset(handler: Handler, body: bytes) -> None:
    handler.reset()


def _reset_in_the_middle(handler: Handler, body: bytes) -> None:
    handler.begin(200, "application/json", len(body))
    handler.wfile.write(body[: len(body) // 2])
    handler.wfile.flush()
    time.sleep(0.05)  # an RST makes the client throw away what it has not read yet
    handler.reset()


def _half(handler: Handler, body: bytes) -> None:
    handler.begin(200, "application/json", len(body))
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def _half_json(handler: Handler, body: bytes) -> None:
    handler.send(body[: len(body) // 2])


def _broken_gzip(handler: Handler, body: bytes) -> None:
    packed = gzip.compress(body)
    handler.send(packed[:12] + b"\xff" * 40 + packed[52:], 200, Content_Encoding="gzip")


def _half_gzip(handler: Handler, body: bytes) -> None:
    packed = gzip.compress(body)
    handler.send(packed[: len(packed) // 2], 200, Content_Encoding="gzip")


def _page(handler: Handler, body: bytes) -> None:
    handler.send(b"<html><head><title>Sign in</title></head><body>Who are you?</body></html>", 200, "text/html")


def _nothing(handler: Handler, body: bytes) -> None:
    handler.send(b"")


def _deep(handler: Handler, body: bytes) -> None:
    handler.send(b"[" * 100_000)


def _other_json(handler: Handler, body: bytes) -> None:
    handler.send(b'{"sessions": 7, "total": 200}')


def _hang(handler: Handler, body: bytes) -> None:
    handler.livy.closing.wait(LONGEST_HANG)
    handler.close_connection = True


def _hang_in_the_middle(handler: Handler, body: bytes) -> None:
    handler.begin(200, "application/json", len(body))
    handler.wfile.write(body[: len(body) // 2])
    handler.wfile.flush()
    _hang(handler, body)


FAULTS: dict[str, Callable[[Handler, bytes], None]] = {
    "reset": _reset,
    "reset in the middle": _reset_in_the_middle,
    "half an answer": _half,
    "half the JSON": _half_json,
    "broken gzip": _broken_gzip,
    "half a gzip": _half_gzip,
    "a page": _page,
    "nothing": _nothing,
    "very deep": _deep,
    "other JSON": _other_json,
    "hang": _hang,
    "hang in the middle": _hang_in_the_middle,
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, livy: UnreliableLivy) -> None:
        super().__init__(("127.0.0.1", 0), type("OfThisLivy", (Handler,), {"livy": livy}))
        self._livy = livy

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note who calls before another one is accepted."""
        with self._livy.changed:
            self._livy.callers.append(client_address)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Note who has been served, whatever became of it."""
        super().process_request_thread(request, client_address)
        with self._livy.changed:
            self._livy.callers.remove(client_address)
            self._livy.changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that were cut on purpose."""


@contextlib.contextmanager
def unreliable_livy() -> Iterator[UnreliableLivy]:
    """Serve one on a free port until the end."""
    livy = UnreliableLivy()
    server = _Server(livy)
    livy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield livy
    finally:
        livy.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
