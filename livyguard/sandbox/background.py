"""A sandbox inside a test: the server on its own thread."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from livyguard.sandbox.faults import Fault
from livyguard.sandbox.seed import plant
from livyguard.sandbox.server import Options, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from livyguard.sandbox.http import Received

__all__ = ["Sandbox"]

_LAST_REQUESTS = 10_000


class Sandbox:
    """Runs a sandbox on a free loopback port between ``with`` and its end.

    Args:
        engine: "none" answers at once without Spark; "pyspark" is the real thing.
        options: as in :class:`livyguard.sandbox.server.Options`.

    Attributes:
        url: where it listens, without a trailing slash.
        requests: what it was asked, the oldest first.
    """

    def __init__(self, engine: str = "none", **options: Any) -> None:
        self._options = Options(engine=engine, **options)
        self.url = ""
        self.requests: deque[Received] = deque(maxlen=_LAST_REQUESTS)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="livyguard-sandbox", daemon=True)
        self._server: Server | None = None

    def __enter__(self) -> Sandbox:  # noqa: PYI034 - typing.Self is not in Python 3.10
        self._thread.start()
        try:
            self._server = self._do(self._listen())
        except BaseException:
            self._end_thread()
            raise
        self.url = self._server.url
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self._do(self._running.close())
        finally:
            self._end_thread()

    async def _listen(self) -> Server:
        return Server(self._options, self.requests.append)

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _call(self, function: Callable[[], Any]) -> Any:
        async def call() -> Any:
            return function()

        return self._do(call())

    @property
    def _running(self) -> Server:
        if self._server is None:
            raise RuntimeError("The sandbox runs only inside its `with` block.")
        return self._server

    def kill(self, session_id: int) -> None:
        """End a session behind its notebook's back and leave no record: what follows is 404."""
        store = self._running.services.store
        self._do(store.delete(self._call(lambda: store.find(str(session_id)))))

    def seed(self, seed: str) -> int:
        """Add somebody's session, ``OWNER[:STATE[:EXECUTORS[:IDLE]]]``, and return its id."""
        return int(self._call(lambda: plant(self._running.services.store, seed).id))

    def fail_next(self, method: str, path: str, **fault: Any) -> None:
        """Let something happen to the next request that matches; see :class:`livyguard.sandbox.faults.Fault`."""
        planned = Fault(method, path, **fault)
        self._call(lambda: self._running.services.faults.add(planned))
