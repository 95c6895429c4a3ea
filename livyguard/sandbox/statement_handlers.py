"""Livy's REST for the statements of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.sandbox.answers import NOT_FOUND, Rejection, server_error
from livyguard.sandbox.creation import canonical_kind
from livyguard.sandbox.http import LivyHandler
from livyguard.sandbox.jackson import BodyReader, JavaClass
from livyguard.sandbox.paging import integer, page

if TYPE_CHECKING:
    from livyguard.sandbox.http import Services
    from livyguard.sandbox.session import Session
    from livyguard.sandbox.statement import Statement

__all__ = ["routes"]

_EXECUTE = JavaClass("org.apache.livy.ExecuteRequest", ("msg_type", "kind", "code"), reads="code", variable="content")
_COMPLETE = JavaClass("org.apache.livy.CompletionRequest", ("kind", "code", "cursor"), reads="code", variable="content")
_RPC = "java.util.concurrent.ExecutionException: org.apache.livy.rsc.rpc.RpcException: java.lang."
_NO_CODE = f'{_RPC}NullPointerException: Cannot invoke "String.toCharArray()" because "s" is null'


def _kind_of(given: str | None, session: Session) -> str:
    """Choose the interpreter: the statement's own kind, else the session's.

    Raises:
        Rejection: 500, as Livy answers from inside its driver.
    """
    kind = canonical_kind(given) if given is not None else session.request.kind
    if kind is None:
        raise server_error(f"{_RPC}IllegalArgumentException: Invalid kind: {given}")
    if kind == "shared":
        raise server_error(f"{_RPC}IllegalArgumentException: Code type should be specified if session kind is shared")
    return kind


def _statement(session: Session, number: str) -> Statement:
    index = integer(number)
    if not 0 <= index < len(session.statements):
        raise Rejection(NOT_FOUND, "Statement not found")
    return session.statements[index]


class StatementsHandler(LivyHandler):
    """``/sessions/{id}/statements``."""

    async def get(self, key: str) -> None:
        """List statements, the oldest first unless ``order=desc``; a starting session makes the caller wait."""
        session = self.store.find(key)
        await session.left_starting.wait()
        session.require_active()
        statements = list(session.statements)
        first, size = self.number("from", 0), self.number("size", len(statements))
        if self.get_query_argument("order", "") == "desc":
            statements.reverse()
        await self.answer(
            {
                "total_statements": len(session.statements),
                "statements": [session.statement_json(statement) for statement in page(statements, first, size)],
            }
        )

    async def post(self, key: str) -> None:
        """Queue a statement."""
        session = self.store.find(key)
        read = BodyReader.of(self.body_text(), _EXECUTE)
        code, kind = read.text("code"), read.text("kind")
        session.require_running()
        if code is None:
            raise server_error(_NO_CODE)
        statement = session.submit(code, _kind_of(kind, session))
        self.set_header("Location", f"/sessions/{session.id}/statements/{statement.id}")
        await self.answer(statement.to_json(), 201)


class StatementHandler(LivyHandler):
    """``/sessions/{id}/statements/{n}``."""

    async def get(self, key: str, number: str) -> None:
        """Show a statement."""
        session = self.store.find(key)
        await session.left_starting.wait()
        session.require_active()
        await self.answer(session.statement_json(_statement(session, number)))


class CancelHandler(LivyHandler):
    """``/sessions/{id}/statements/{n}/cancel``."""

    async def post(self, key: str, number: str) -> None:
        """Cancel a statement; Livy says "canceled" also of one that it does not know."""
        session = self.store.find(key)
        session.require_running()
        if 0 <= integer(number) < len(session.statements):
            session.cancel(_statement(session, number))
        await self.answer({"msg": "canceled"})


class CompletionHandler(LivyHandler):
    """``/sessions/{id}/completion``."""

    async def post(self, key: str) -> None:
        """Complete nothing: Livy knows how to in Scala only."""
        session = self.store.find(key)
        read = BodyReader.of(self.body_text(), _COMPLETE)
        code, kind = read.text("code"), read.text("kind")
        read.plain_int("cursor")
        session.require_running()
        if code is None:
            raise server_error(_NO_CODE)
        if kind is None or canonical_kind(kind) is None:
            raise server_error(f"{_RPC}IllegalArgumentException: Invalid kind: {kind or 'null'}")
        await self.answer({"candidates": []})


def routes(services: Services) -> list[tuple[str, Any, dict[str, Any]]]:
    """List the statement resources for tornado."""
    given = {"services": services}
    one = r"/sessions/([^/]+)"
    return [
        (one + "/statements", StatementsHandler, given),
        (one + "/statements/([^/]+)", StatementHandler, given),
        (one + "/statements/([^/]+)/cancel", CancelHandler, given),
        (one + "/completion", CompletionHandler, given),
    ]
