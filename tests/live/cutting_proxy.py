"""A proxy in front of Livy that loses answers: what it was sent has arrived, and whoever sent it is not told."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CuttingProxy"]

BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
PATIENCE = 120
#: Headers of one connection, which the next has its own of.
OF_THE_CONNECTION = {"connection", "content-encoding", "content-length", "host", "keep-alive", "transfer-encoding"}


class CuttingProxy:
    """Forwards everything to Livy between ``with`` and its end, and loses an answer where that was asked for.

    Args:
        livy: URL of the real one.

    Attributes:
        posts: how often a session was asked for.
    """

    def __init__(self, livy: str) -> None:
        self.livy = livy
        self.posts = 0
        self._losses: list[Callable[[BaseHTTPRequestHandler], None]] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def _forward(self) -> None:
                proxy._forward(self)

            do_GET = do_POST = do_DELETE = _forward  # noqa: N815 - http.server's names

            def log_message(self, *_words: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def bad_gateway(self) -> None:
        """Answer the next creation with 502 once Livy has made the session."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(502)
            handler.send_header("Content-Type", "text/html")
            handler.send_header("Content-Length", str(len(BAD_GATEWAY)))
            handler.end_headers()
            handler.wfile.write(BAD_GATEWAY)

        self._losses.append(answer)

    def cut(self) -> None:
        """Close the connection of the next creation without a word, once Livy has made the session."""

        def close(handler: BaseHTTPRequestHandler) -> None:
            handler.close_connection = True

        self._losses.append(close)

    def cut_midway(self) -> None:
        """Send half of Livy's answer to the next creation, and close."""

        def send_half(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(201)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            handler.wfile.write(b'{"id":')
            handler.close_connection = True

        self._losses.append(send_half)

    def __enter__(self) -> CuttingProxy:  # noqa: PYI034 - typing.Self is not in Python 3.10
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _forward(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {key: value for key, value in handler.headers.items() if key.lower() not in OF_THE_CONNECTION}
        answer = requests.request(
            handler.command, self.livy + handler.path, data=body, headers=headers, timeout=PATIENCE
        )
        if handler.command == "POST" and handler.path.partition("?")[0] == "/sessions":
            self.posts += 1
            if self._losses:
                self._losses.pop(0)(handler)
                return
        handler.send_response(answer.status_code)
        for key, value in answer.headers.items():
            if key.lower() not in OF_THE_CONNECTION:
                handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(answer.content)))
        handler.end_headers()
        handler.wfile.write(answer.content)
