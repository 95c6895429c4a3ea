"""The HTTP server: options in, a listening socket out."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from livyguard.sandbox import handlers, statement_handlers
from livyguard.sandbox.engine import EchoEngine
from livyguard.sandbox.http import LivyHandler, Received, Services
from livyguard.sandbox.java import find_java
from livyguard.sandbox.seed import plant
from livyguard.sandbox.slots import Slots
from livyguard.sandbox.store import SessionStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.sandbox.engine import Engine

__all__ = ["Options", "Server"]

_LIVY_VERSION = "0.9.0-incubating"  # the REST that is spoken here; clients detect features by it


@dataclass(frozen=True, slots=True)
class Options:
    """How a sandbox runs.

    Attributes:
        engine: "pyspark" or "none".
        slots: how many sessions live at once; None = any number.
        start_timeout: seconds that a session waits for a slot before it dies.
        retain: seconds that a dead session stays listed.
        cores: how many cores a PySpark session uses.
        port: 0 = a free one.
        seeds: sessions of other users, each ``OWNER[:STATE[:EXECUTORS[:IDLE]]]``.
    """

    engine: str = "pyspark"
    slots: int | None = None
    start_timeout: float = 90.0
    retain: float = 600.0
    cores: int = 2
    host: str = "127.0.0.1"
    port: int = 0
    seeds: tuple[str, ...] = ()


class VersionHandler(LivyHandler):
    """``/version``."""

    async def get(self) -> None:
        """Tell which Livy's REST this is, and that it is none."""
        try:
            own = version("livyguard")
        except PackageNotFoundError:
            own = "unknown"
        await self.answer(
            {
                "url": "livyguard sandbox: no Apache Livy, for one laptop",
                "branch": "livyguard sandbox",
                "revision": own,
                "version": _LIVY_VERSION,
                "date": "",
                "user": "livyguard sandbox",
            }
        )


def _engine(options: Options) -> tuple[Engine, str]:
    if options.engine == "none":
        return EchoEngine(int(time.time() * 1000)), ""
    import pyspark  # noqa: F401, PLC0415 - missing here rather than in each session

    from livyguard.sandbox.kernel import KernelEngine  # noqa: PLC0415 - `--engine none` needs no jupyter_client

    java = find_java(os.environ)
    return KernelEngine(java, options.cores), f"{java.home} ({java.source})"


class Server:
    """A running sandbox. Make it, use it and close it on one event loop.

    Attributes:
        services: sessions, faults and the record of requests.
        url: where it listens, without a trailing slash.
        java: which Java Spark runs on, for people; empty without Spark.
    """

    def __init__(self, options: Options, on_request: Callable[[Received], None] | None = None) -> None:
        """Listen.

        Raises:
            OSError: the port is taken.
            JavaNotFound: there is no Java for Spark.
            ImportError: the ``sandbox`` extra is not installed.
        """
        engine, self.java = _engine(options)
        store = SessionStore(
            engine,
            Slots(options.slots),
            start_timeout=options.start_timeout,
            retain=options.retain,
        )
        self.services = Services(store)
        if on_request is not None:
            self.services.on_request = on_request
        for seed in options.seeds:
            plant(store, seed)
        given = {"services": self.services}
        application = Application(
            [
                *handlers.routes(self.services),
                *statement_handlers.routes(self.services),
                (r"/version", VersionHandler, given),
            ],
            default_handler_class=handlers.UnknownHandler,
            default_handler_args=given,
            log_function=lambda _handler: None,
        )
        sockets = bind_sockets(options.port, options.host)
        self._http = HTTPServer(application)
        self._http.add_sockets(sockets)
        self.url = f"http://{options.host}:{sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Stop listening and end every session."""
        self._http.stop()
        await self.services.store.close()
        await self._http.close_all_connections()
