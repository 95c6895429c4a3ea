"""Sessions that are there from the beginning, as if other people had started them."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livyguard.sandbox.creation import CreateRequest
from livyguard.sandbox.engine import InterpreterDied, Processless
from livyguard.sandbox.statement import Statement, epoch_ms

if TYPE_CHECKING:
    from livyguard.sandbox.session import Session
    from livyguard.sandbox.store import SessionStore

__all__ = ["InvalidSeed", "Seed", "plant"]

_STATES = ("starting", "idle", "busy", "error", "dead")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_IDLE = re.compile(r"(\d+)([smhd])")


class InvalidSeed(ValueError):
    """A seed that cannot be understood; the text says why."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A session to begin with.

    Attributes:
        state: starting, idle, busy, error or dead; it never changes by itself.
        executors: its ``numExecutors``.
        idle_seconds: how long ago its last statement ended; None = it has run none.
    """

    owner: str
    state: str = "idle"
    executors: int = 0
    idle_seconds: int | None = None

    @classmethod
    def parse(cls, text: str) -> Seed:
        """Read ``OWNER[:STATE[:EXECUTORS[:IDLE]]]``, as in ``bob:idle:4:45m``.

        Raises:
            InvalidSeed: with what is wrong and what would be right.
        """
        owner, state, executors, idle, *rest = [*text.split(":"), *([""] * 3)][: max(4, text.count(":") + 1)]
        match = _IDLE.fullmatch(idle) if idle else None
        faults = [
            *(["there is no owner"] if not owner else []),
            *([f"{state!r} is no state ({', '.join(_STATES)})"] if state and state not in _STATES else []),
            *([f"{executors!r} is no number of executors"] if executors and not executors.isdigit() else []),
            *([f"{idle!r} is no time, as in 45m"] if idle and match is None else []),
            *(["there are more than four parts"] if rest else []),
        ]
        if faults:
            raise InvalidSeed(f"{text!r} is no OWNER[:STATE[:EXECUTORS[:IDLE]]]: {'; '.join(faults)}.")
        seconds = int(match.group(1)) * _UNITS[match.group(2)] if match else None
        return cls(owner, state or "idle", int(executors or 0), seconds)


class _Immovable(Processless):
    """What is submitted never ends."""

    _progress = 0.5

    async def run(self, statement: Statement) -> dict[str, Any]:  # noqa: ARG002 - whatever it is
        await asyncio.Event().wait()
        raise AssertionError


class _Broken(Processless):
    """What is submitted finds no interpreter."""

    async def run(self, statement: Statement) -> dict[str, Any]:  # noqa: ARG002 - whatever it is
        raise InterpreterDied


def plant(store: SessionStore, text: str) -> Session:
    """Put a session into the server, without a slot and without a process.

    Raises:
        InvalidSeed: ``text`` is none.
    """
    seed = Seed.parse(text)
    interpreter = _Broken() if seed.state == "error" else _Immovable()
    session = store.adopt(CreateRequest(kind="pyspark", num_executors=seed.executors), seed.owner, interpreter)
    session.state = seed.state
    if seed.state == "starting":
        return session
    session.left_starting.set()
    session.app_id = f"application_{epoch_ms()}_{session.id + 1:04d}"
    if seed.state == "dead":
        session.ended_at = time.monotonic()
    if seed.idle_seconds is not None:
        ended = epoch_ms() - seed.idle_seconds * 1000
        reply = {"status": "ok", "execution_count": 0, "data": {"text/plain": ""}}
        session.statements.append(
            Statement(0, "spark", "pyspark", "available", reply, 1.0, started=ended - 1000, completed=ended)
        )
    if seed.state == "busy":
        session.state = "idle"
        session.submit("spark.range(10**12).count()", "pyspark")
    return session
