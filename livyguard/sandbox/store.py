"""All sessions of the server: ids, names, and how long the dead stay listed."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from livyguard.sandbox.answers import session_not_found
from livyguard.sandbox.paging import integer
from livyguard.sandbox.session import Session

if TYPE_CHECKING:
    from livyguard.sandbox.creation import CreateRequest
    from livyguard.sandbox.engine import Engine, Interpreter
    from livyguard.sandbox.slots import Slots

__all__ = ["SessionStore"]


class SessionStore:
    """Creates, finds, lists and ends sessions."""

    def __init__(self, engine: Engine, slots: Slots, *, start_timeout: float, retain: float) -> None:
        """Take how long a session waits for a slot, and how long a dead one stays listed; both in seconds."""
        self._engine = engine
        self._slots = slots
        self._start_timeout = start_timeout
        self._retain = retain
        self._sessions: dict[int, Session] = {}
        self._next_id = 0

    def all(self) -> list[Session]:
        """List in the order of creation; who died too long ago is forgotten."""
        horizon = time.monotonic() - self._retain
        for session in list(self._sessions.values()):
            if session.ended_at is not None and session.ended_at < horizon:
                del self._sessions[session.id]
        return list(self._sessions.values())

    def find(self, id_or_name: str) -> Session:
        """Look a session up by its id or its name.

        Raises:
            Rejection: 404, or 400 for a number that is no id.
        """
        sessions = self.all()
        if id_or_name.isdecimal() and id_or_name.isascii():
            number = integer(id_or_name)
            found = [session for session in sessions if session.id == number]
        else:
            found = [session for session in sessions if session.request.name == id_or_name]
        if not found:
            raise session_not_found(id_or_name)
        return found[0]

    def create(self, request: CreateRequest, owner: str | None) -> Session:
        """Register a session that begins to start. An id is used up by each request, also by a refused one.

        Raises:
            Rejection: 400.
        """
        session_id = self._take_id()
        names = {session.request.name for session in self.all() if session.request.name is not None}
        request.check(session_id, names, self._engine.kinds)
        session = self._register(session_id, request, owner, self._engine.interpreter(session_id, request))
        session.start(self._start_timeout)
        return session

    def adopt(self, request: CreateRequest, owner: str | None, interpreter: Interpreter) -> Session:
        """Register a session that somebody else set up; it takes no slot and is not started."""
        return self._register(self._take_id(), request, owner, interpreter)

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _register(
        self, session_id: int, request: CreateRequest, owner: str | None, interpreter: Interpreter
    ) -> Session:
        session = Session(session_id, request, owner, interpreter, self._slots)
        self._sessions[session_id] = session
        return session

    async def delete(self, session: Session) -> None:
        """End a session and forget it."""
        await session.close()
        self._sessions.pop(session.id, None)

    async def close(self) -> None:
        """End every session."""
        await asyncio.gather(*(self.delete(session) for session in list(self._sessions.values())))
