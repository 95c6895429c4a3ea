"""A proxy in front of Livy that makes trouble at a chosen moment: from the first POST on, or before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.live.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler

    import requests

__all__ = ["BAD_GATEWAY", "CUT", "GARBAGE", "LOGIN_PAGE", "UNAVAILABLE", "Trouble", "TroubledProxy"]

#: What a client gets in place of Livy's answer.
UNAVAILABLE, CUT, GARBAGE, BAD_GATEWAY, LOGIN_PAGE = "503", "cut", "garbage", "502", "page"
_GARBAGE = b'{"from": 0, "total": 3, "sessions": [{"id": 0, "state": "id'
_GATEWAY = b"""<html>\r
<head><title>502 Bad Gateway</title></head>\r
<body>\r
<center><h1>502 Bad Gateway</h1></center>\r
<hr><center>nginx/1.24.0</center>\r
</body>\r
</html>\r
"""
_LOGIN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action='/login'></form></body></html>"
_JSON, _HTML = "application/json", "text/html"
_ANSWERS = {
    UNAVAILABLE: (503, _JSON, b""),
    GARBAGE: (200, _JSON, _GARBAGE),
    BAD_GATEWAY: (502, _HTML, _GATEWAY),
    LOGIN_PAGE: (200, _HTML, _LOGIN),
}


@dataclass
class Trouble:
    """What happens to requests that match.

    Attributes:
        what: UNAVAILABLE, CUT, GARBAGE, or a page of the proxy's own: BAD_GATEWAY, LOGIN_PAGE.
        on: regular expression for method and path, without the query: ``GET /sessions``.
        arrives: Livy does what it is asked first, and its answer is lost; else it is never asked.
        times: how many requests it meets; None: all.
        after_post: only once Livy has been asked for a session.
    """

    what: str
    on: str = "GET /sessions"
    arrives: bool = False
    times: int | None = None
    after_post: bool = False


class TroubledProxy(Proxy):
    """Forwards everything to Livy between ``with`` and its end, but for the trouble that was asked for.

    Args:
        livy: URL of the real one.

    Attributes:
        troubles: what happens; the first that matches a request does. Who empties it heals everything.
        met: how many requests met trouble.
        before_post: called once, before Livy is asked for a session.
        meanwhile: by method and path, a regular expression: called once, when that has been carried out after a POST
            and nobody has been told of it.
    """

    def __init__(self, livy: str) -> None:
        super().__init__(livy)
        self.troubles: list[Trouble] = []
        self.met = 0
        self.before_post: Callable[[], object] | None = None
        self.meanwhile: dict[str, Callable[[], object]] = {}

    def __enter__(self) -> TroubledProxy:  # noqa: PYI034 - typing.Self is not in Python 3.10
        super().__enter__()
        return self

    @property
    def posts(self) -> int:
        """How often a session was asked for."""
        return self.count("POST", "/sessions")

    def count(self, method: str, path: str) -> int:
        """Return how often something was asked, whatever its query."""
        return sum(asked == method and sent.partition("?")[0] == path for asked, sent in self.asked)

    def turn_to(self, livy: str) -> None:
        """Stand before another Livy from here on."""
        self._to = livy

    def tell(self, handler: BaseHTTPRequestHandler, answer: requests.Response) -> None:
        """Send an answer on, unless it is one to be lost."""
        line = _line(handler)
        for pattern in [each for each in self.meanwhile if self.posts and re.fullmatch(each, line)]:
            self.meanwhile.pop(pattern)()
        if trouble := self._take(handler, arrives=True):
            _make(trouble.what, handler)
        else:
            super().tell(handler, answer)

    def _forward(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "POST" and self.before_post is not None:
            then, self.before_post = self.before_post, None
            then()
        trouble = self._take(handler, arrives=False)
        if trouble is None:
            super()._forward(handler)
            return
        self.asked.append((handler.command, handler.path))
        handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        _make(trouble.what, handler)

    def _take(self, handler: BaseHTTPRequestHandler, *, arrives: bool) -> Trouble | None:
        line = _line(handler)
        for trouble in self.troubles:
            if trouble.arrives != arrives or not re.fullmatch(trouble.on, line) or trouble.after_post > self.posts:
                continue
            self.met += 1
            if trouble.times is not None:
                trouble.times -= 1
                if trouble.times == 0:
                    self.troubles.remove(trouble)
            return trouble
        return None


def _line(handler: BaseHTTPRequestHandler) -> str:
    """Return method and path of a request, without its query."""
    return f"{handler.command} {handler.path.partition('?')[0]}"


def _make(what: str, handler: BaseHTTPRequestHandler) -> None:
    """Answer with trouble."""
    handler.close_connection = True
    if what == CUT:
        return
    status, kind, body = _ANSWERS[what]
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(body)
