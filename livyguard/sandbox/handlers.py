"""Livy's REST for sessions, resource by resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tornado.web import HTTPError, RequestHandler

from livyguard.sandbox.creation import CreateRequest
from livyguard.sandbox.http import LivyHandler
from livyguard.sandbox.paging import page

if TYPE_CHECKING:
    from livyguard.sandbox.http import Services

__all__ = ["routes"]

_PAGE = 100


class SessionsHandler(LivyHandler):
    """``/sessions``."""

    async def get(self) -> None:
        """List a page, the oldest session first."""
        first, size = self.number("from", 0), self.number("size", _PAGE)
        sessions = self.store.all()
        shown = [session.to_json() for session in page(sessions, first, size)]
        await self.answer({"from": first, "total": len(sessions), "sessions": shown})

    async def post(self) -> None:
        """Create a session; it begins to start."""
        session = self.store.create(CreateRequest.parse(self.body_text()), self.asked_by())
        self.set_header("Location", f"/sessions/{session.id}")
        await self.answer(session.to_json(), 201)


class SessionHandler(LivyHandler):
    """``/sessions/{id or name}``."""

    async def get(self, key: str) -> None:
        """Show a session."""
        await self.answer(self.store.find(key).to_json())

    async def delete(self, key: str) -> None:
        """End a session; answers when it has ended."""
        await self.store.delete(self.store.find(key))
        await self.answer({"msg": "deleted"})


class StateHandler(LivyHandler):
    """``/sessions/{id}/state``."""

    async def get(self, key: str) -> None:
        """Tell the state alone."""
        session = self.store.find(key)
        await self.answer({"id": session.id, "state": session.state})


class LogHandler(LivyHandler):
    """``/sessions/{id}/log``."""

    async def get(self, key: str) -> None:
        """Give a part of the log; ``from=-1`` is its end, a negative ``size`` all of it."""
        session = self.store.find(key)
        lines = session.log()
        first, size = self.number("from", -1), self.number("size", _PAGE)
        size = len(lines) if size < 0 else size
        if first < 0:
            first = max(len(lines) - size, 0)
        await self.answer({"id": session.id, "from": first, "total": len(lines), "log": lines[first : first + size]})


class ConnectHandler(LivyHandler):
    """``/sessions/{id}/connect``."""

    async def post(self, key: str) -> None:
        """Show a session; in Livy this also keeps it alive."""
        await self.answer(self.store.find(key).to_json())


class BatchesHandler(LivyHandler):
    """``/batches``: there are none."""

    async def get(self) -> None:
        """List nothing."""
        await self.answer({"from": self.number("from", 0), "total": 0, "sessions": []})


class RootHandler(RequestHandler):
    """``/``: Livy leads to its web page; this one says what it is."""

    def get(self) -> None:
        """Say what this is."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("This is a livyguard sandbox: Livy's REST API for one laptop, no Apache Livy.\n")


class UnknownHandler(LivyHandler):
    """Anything else."""

    async def prepare(self) -> None:
        """Answer 404 with nothing in it, if no fault was planned."""
        await super().prepare()
        if not self._finished:
            raise HTTPError(404)


def routes(services: Services) -> list[tuple[str, Any, dict[str, Any]]]:
    """List the session resources for tornado."""
    given = {"services": services}
    one = r"/sessions/([^/]+)"
    return [
        (r"/sessions/?", SessionsHandler, given),
        (one, SessionHandler, given),
        (one + "/state", StateHandler, given),
        (one + "/log", LogHandler, given),
        (one + "/connect", ConnectHandler, given),
        (r"/batches/?", BatchesHandler, given),
        (r"/(?:ui)?", RootHandler, {}),
    ]
