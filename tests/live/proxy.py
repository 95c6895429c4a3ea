"""A proxy in front of a real server that keeps what the server is asked."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

__all__ = ["Proxy"]

PATIENCE = 120
#: Headers of one connection, which the next has its own of.
OF_THE_CONNECTION = {"connection", "content-encoding", "content-length", "host", "keep-alive", "transfer-encoding"}


class Proxy:
    """Forwards everything to a server between ``with`` and its end.

    Args:
        server: URL of the real one.

    Attributes:
        asked: method and path, with its query, of each request, in their order; whoever wants to count empties it.
    """

    def __init__(self, server: str) -> None:
        self.asked: list[tuple[str, str]] = []
        self._to = server
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def _forward(self) -> None:
                proxy._forward(self)

            do_GET = do_POST = do_PUT = do_DELETE = _forward  # noqa: N815 - http.server's names

            def log_message(self, *_words: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Proxy:  # noqa: PYI034 - typing.Self is not in Python 3.10
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def tell(self, handler: BaseHTTPRequestHandler, answer: requests.Response) -> None:
        """Send an answer on to whoever asked."""
        handler.send_response(answer.status_code)
        for key, value in answer.headers.items():
            if key.lower() not in OF_THE_CONNECTION:
                handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(answer.content)))
        handler.end_headers()
        handler.wfile.write(answer.content)

    def _forward(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append((handler.command, handler.path))
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {key: value for key, value in handler.headers.items() if key.lower() not in OF_THE_CONNECTION}
        answer = requests.request(
            handler.command, self._to + handler.path, data=body, headers=headers, timeout=PATIENCE
        )
        self.tell(handler, answer)
