"""What all handlers share: who asks, JSON in Livy's shape, errors in Livy's words, planned faults."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tornado.web import HTTPError, RequestHandler

from livyguard.sandbox.answers import Rejection, server_error
from livyguard.sandbox.faults import Fault, FaultPlan
from livyguard.sandbox.paging import integer

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.sandbox.store import SessionStore

__all__ = ["LivyHandler", "Received", "Services"]

_JSON = "application/json;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Received:
    """A request that reached the server, for tests that count."""

    method: str
    path: str
    query: str
    body: str


def _ignore(_received: Received) -> None:
    """Keep no record."""


@dataclass(slots=True)
class Services:
    """What the handlers work with.

    Attributes:
        on_request: called with each request as it comes in.
    """

    store: SessionStore
    faults: FaultPlan = field(default_factory=FaultPlan)
    on_request: Callable[[Received], None] = _ignore


class LivyHandler(RequestHandler):
    """Base of all handlers."""

    services: Services
    _fault: Fault | None = None

    def initialize(self, services: Services) -> None:
        """Take what the application hands to every handler."""
        self.services = services

    @property
    def store(self) -> SessionStore:
        """All sessions."""
        return self.services.store

    async def prepare(self) -> None:
        """Record the request, and let a planned fault happen to it."""
        request = self.request
        body = request.body.decode("utf-8", errors="replace")
        self.services.on_request(Received(request.method or "", request.path, request.query, body))
        self._fault = self.services.faults.take(request.method or "", request.path)
        if self._fault is not None and not self._fault.processed:
            await asyncio.sleep(self._fault.delay)
            if self._fault.replaces_answer:
                self._answer_with(self._fault)

    async def answer(self, body: Any, status: int = 200) -> None:
        """Answer with JSON."""
        if self._fault is not None and self._fault.processed:
            await asyncio.sleep(self._fault.delay)
            if self._fault.replaces_answer:
                self._answer_with(self._fault)
                return
        self.set_status(status)
        self.set_header("Content-Type", _JSON)
        self.finish(_json(body))

    def _answer_with(self, fault: Fault) -> None:
        if fault.cut:
            self.request.connection.stream.close()  # type: ignore[union-attr]  # always an HTTP/1 connection here
            self._finished = True
            return
        self.clear()
        self.set_status(fault.status or 200)
        self.set_header("Content-Type", fault.content_type)
        self.finish(fault.body)

    async def head(self, *args: str) -> None:
        """Answer as to GET; tornado leaves the body out."""
        await (self.get(*args) or asyncio.sleep(0))

    def asked_by(self) -> str | None:
        """Name the user: ``?user.name=``, else basic authentication (any password), else nobody."""
        named = self.get_query_argument("user.name", "")
        if named:
            return named
        scheme, _, credentials = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            decoded = base64.b64decode(credentials).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return decoded.partition(":")[0] or None

    def number(self, name: str, default: int) -> int:
        """Read a number of the query.

        Raises:
            Rejection: 400.
        """
        given = self.get_query_arguments(name, strip=False)
        return integer(given[0]) if given else default

    def body_text(self) -> str:
        """Read the body as text."""
        return self.request.body.decode("utf-8", errors="replace")

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # noqa: ARG002 - tornado's signature
        """Answer a refusal in Livy's shape; whatever else goes wrong is a 500 with the exception's text."""
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, HTTPError):
            if error.status_code == 405:  # noqa: PLR2004 - Method Not Allowed
                allowed = [method for method in ("post", "delete", "get") if method in type(self).__dict__]
                allowed += ["head"] if "get" in allowed else []
                self.set_header("Allow", ", ".join(method.upper() for method in allowed))
            self.set_header("Content-Type", _JSON)
            self.finish()
            return
        refusal = error if isinstance(error, Rejection) else server_error(f"livyguard sandbox: {error!r}")
        self.set_status(refusal.status)
        self.set_header("Content-Type", _JSON)
        self.finish(_json(refusal.body))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log faults of the sandbox; a refusal is an answer, no fault."""
        if not isinstance(value, Rejection):
            super().log_exception(typ, value, tb)


def _json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
