"""What stands behind a session, and the one that costs nothing: statements answered without Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.sandbox.creation import CreateRequest
    from livyguard.sandbox.statement import Statement

__all__ = ["DriverDied", "EchoEngine", "Engine", "Interpreter", "InterpreterDied", "Processless"]


class DriverDied(Exception):
    """The session's driver is gone, and the session with it; the text is for the session's log."""


class InterpreterDied(Exception):
    """What runs a session's statements is gone, and its driver is not: the session goes on, in state ``error``."""


class Interpreter(Protocol):
    """What runs one session's statements."""

    async def start(self, on_death: Callable[[], None]) -> str | None:
        """Start, call ``on_death`` if the driver ends by itself later, and return the application id if it has one.

        Raises:
            DriverDied: it did not come up.
        """

    async def run(self, statement: Statement) -> dict[str, Any]:
        """Run a statement to its end and return Livy's reply. Raises InterpreterDied and DriverDied."""

    def progress(self, statement: Statement) -> float:
        """Tell how far a running statement is, from 0.0 to 1.0."""

    async def interrupt(self, statement: Statement) -> None:
        """Cancel what a running statement has Spark do; returns before that has stopped."""

    async def stop(self) -> None:
        """End it and all that it started, at any time, more than once."""

    def log(self) -> list[str]:
        """Give what it printed on its standard error, oldest line first."""


class Engine(Protocol):
    """A way to run sessions."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of session that it runs."""

    def interpreter(self, session_id: int, request: CreateRequest) -> Interpreter:
        """Prepare what a new session needs; nothing runs yet."""


class Processless:
    """An interpreter with nothing behind it: nothing to interrupt, nothing to end, nothing to log."""

    _progress = 0.0

    async def start(self, on_death: Callable[[], None]) -> str | None:  # noqa: ARG002 - it never dies by itself
        """Be there; there is no application."""
        return None

    def progress(self, statement: Statement) -> float:  # noqa: ARG002 - whatever it is
        """Be always as far."""
        return self._progress

    async def interrupt(self, statement: Statement) -> None:
        """Nothing listens."""

    async def stop(self) -> None:
        """Nothing runs."""

    def log(self) -> list[str]:
        """Nothing writes."""
        return []


class _Echo(Processless):
    """Answers each statement with its own code, at once."""

    def __init__(self, application_id: str) -> None:
        self._application_id = application_id

    async def start(self, on_death: Callable[[], None]) -> str:  # noqa: ARG002 - it never dies by itself
        return self._application_id

    async def run(self, statement: Statement) -> dict[str, Any]:
        return {"status": "ok", "data": {"text/plain": statement.code}}


class EchoEngine:
    """``--engine none``: no process behind a session, any kind, cheap enough for thousands."""

    kinds: tuple[str, ...] = ("spark", "pyspark", "sparkr", "sql", "shared")

    def __init__(self, cluster_timestamp: int) -> None:
        """Take the number that a ResourceManager would put into its application ids: when it started, epoch ms."""
        self._cluster_timestamp = cluster_timestamp

    def interpreter(self, session_id: int, request: CreateRequest) -> Interpreter:  # noqa: ARG002 - asks for nothing
        """Prepare a session that echoes."""
        return _Echo(f"application_{self._cluster_timestamp}_{session_id + 1:04d}")
