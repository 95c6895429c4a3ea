"""One interactive session: its life from ``starting`` to ``dead``, and the statements that run in it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from livyguard.sandbox.answers import not_active, not_running
from livyguard.sandbox.engine import DriverDied, InterpreterDied
from livyguard.sandbox.slots import killed_while_waiting, waiting_for_the_queue
from livyguard.sandbox.statement import Statement, epoch_ms

if TYPE_CHECKING:
    from livyguard.sandbox.creation import CreateRequest
    from livyguard.sandbox.engine import Interpreter
    from livyguard.sandbox.slots import Slots

__all__ = ["Session"]

_OVER = ("shutting_down", "dead")
_RUNNING = ("idle", "busy", "error")
_INTERPRETER_DIED = {"status": "error", "ename": "Error", "evalue": "Interpreter died:\n", "traceback": []}


class Session:
    """A session that Livy would list.

    Attributes:
        state: starting, idle, busy, error (its interpreter died), shutting_down or dead.
        app_id: the application's id once Spark has started.
        ended_at: ``time.monotonic()`` of its death; None while it lives.
    """

    def __init__(
        self, session_id: int, request: CreateRequest, owner: str | None, interpreter: Interpreter, slots: Slots
    ) -> None:
        self.id = session_id
        self.request = request
        self.owner = owner
        self.state = "starting"
        self.app_id: str | None = None
        self.ended_at: float | None = None
        self.statements: list[Statement] = []
        self.left_starting = asyncio.Event()
        self._interpreter = interpreter
        self._slots = slots
        self._holds_slot = False
        self._waiting: deque[Statement] = deque()
        self._diagnostics: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life ---------------------------------------------------------------------------------------------------

    def start(self, timeout: float) -> None:
        """Begin to start; ``timeout`` seconds without a slot and the session dies."""
        self._spawn(self._start(timeout))

    async def _start(self, timeout: float) -> None:
        application_id = f"application_{epoch_ms()}_{self.id + 1:04d}"
        if self._slots.is_full:
            self._diagnostics = waiting_for_the_queue(application_id)
        try:
            await asyncio.wait_for(self._slots.take(), timeout)
            self._holds_slot = True
            self.app_id = await self._interpreter.start(self._died)
        except asyncio.TimeoutError:
            self._diagnostics += killed_while_waiting(application_id)
            self._die()
        except DriverDied as death:
            self._diagnostics = str(death).splitlines()
            self._die()
        else:
            self._diagnostics = []
            self._become("idle")

    def _become(self, state: str) -> None:
        self.state = state
        if state != "starting":
            self.left_starting.set()

    def _died(self) -> None:
        if self.state not in _OVER:
            self._die()

    def _die(self) -> None:
        self._become("dead")
        self.ended_at = time.monotonic()
        self._give_slot_back()
        self._spawn(self._interpreter.stop())

    def _give_slot_back(self) -> None:
        if self._holds_slot:
            self._holds_slot = False
            self._slots.give_back()

    async def close(self) -> None:
        """End everything that belongs to the session and wait until it has ended."""
        if self.state != "dead":
            self._become("shutting_down")
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._interpreter.stop()
        self._give_slot_back()

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- statements ---------------------------------------------------------------------------------------------

    def require_active(self) -> None:
        """Refuse to tell of a session that is over.

        Raises:
            Rejection: 400.
        """
        if self.state in _OVER:
            raise not_active()

    def require_running(self) -> None:
        """Refuse to run something where nothing runs.

        Raises:
            Rejection: 500 while it starts and when it is over.
        """
        if self.state not in _RUNNING:
            raise not_running(self.state)

    def submit(self, code: str, kind: str) -> Statement:
        """Queue a statement."""
        statement = Statement(len(self.statements), code, kind)
        self.statements.append(statement)
        self._waiting.append(statement)
        if self.state != "busy":
            self.state = "busy"
            self._spawn(self._work())
        return statement

    async def _work(self) -> None:
        left = "idle"
        while self._waiting:
            statement = self._waiting.popleft()
            if statement.state != "waiting":
                continue
            statement.run()
            left = "idle"
            try:
                statement.complete(await self._interpreter.run(statement))
            except InterpreterDied as death:
                statement.complete({**_INTERPRETER_DIED, "evalue": f"{_INTERPRETER_DIED['evalue']}{death}"})
                left = "error"
            except DriverDied:
                self._died()
                return
        self.state = left

    def cancel(self, statement: Statement) -> None:
        """Cancel a statement that has not ended; nothing happens to one that has."""
        if statement.state == "waiting":
            statement.complete(None)
        elif statement.state == "running":
            statement.state = "cancelling"
            self._spawn(self._interpreter.interrupt(statement))
            self._spawn(self._lose_patience(statement))

    async def _lose_patience(self, statement: Statement) -> None:
        """Call a statement cancelled that has not ended for long; it runs on."""
        await asyncio.sleep(self.request.cancel_seconds)
        if statement.state == "cancelling":
            statement.complete(None)

    def statement_json(self, statement: Statement) -> dict[str, Any]:
        """Give a statement in Livy's shape, with the progress of a running one."""
        if statement.state == "running":
            statement.progress = self._interpreter.progress(statement)
        return statement.to_json()

    # --- what Livy shows ----------------------------------------------------------------------------------------

    def log(self) -> list[str]:
        """Give the whole log, oldest line first."""
        return ["stdout: ", "\nstderr: ", *self._interpreter.log(), *self._diagnostics]

    def to_json(self) -> dict[str, Any]:
        """Give the session in the shape of Livy 0.9."""
        asked = self.request
        return {
            "id": self.id,
            "name": asked.name,
            "appId": self.app_id,
            "owner": self.owner,
            "proxyUser": None,
            "state": self.state,
            "kind": asked.kind,
            "appInfo": {"driverLogUrl": None, "sparkUiUrl": None, "executorLogUrls": None},
            "log": self.log()[-10:],
            "ttl": asked.ttl,
            "idleTimeout": asked.idle_timeout,
            "driverMemory": asked.driver_memory,
            "driverCores": asked.driver_cores,
            "executorMemory": asked.executor_memory,
            "executorCores": asked.executor_cores,
            "conf": asked.conf,
            "archives": list(asked.archives),
            "files": list(asked.files),
            "heartbeatTimeoutInSecond": asked.heartbeat_timeout,
            "jars": list(asked.jars),
            "numExecutors": asked.num_executors,
            "pyFiles": list(asked.py_files),
            "queue": asked.queue,
        }
