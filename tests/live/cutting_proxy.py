"""A proxy in front of Livy that loses answers: what it was sent has arrived, and whoever sent it is not told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.live.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler

    import requests

__all__ = ["CuttingProxy"]

BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class CuttingProxy(Proxy):
    """Forwards everything to Livy between ``with`` and its end, and loses an answer where that was asked for.

    Args:
        livy: URL of the real one.

    Attributes:
        posts: how often a session was asked for.
    """

    def __init__(self, livy: str) -> None:
        super().__init__(livy)
        self.posts = 0
        self._losses: list[Callable[[BaseHTTPRequestHandler], None]] = []

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
        super().__enter__()
        return self

    def tell(self, handler: BaseHTTPRequestHandler, answer: requests.Response) -> None:
        """Send an answer on, unless it is one to be lost."""
        if handler.command == "POST" and handler.path.partition("?")[0] == "/sessions":
            self.posts += 1
            if self._losses:
                self._losses.pop(0)(handler)
                return
        super().tell(handler, answer)
