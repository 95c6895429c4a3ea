"""Real PySpark behind a session: a kernel process with a SparkSession in it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from livyguard.sandbox.engine import DriverDied, InterpreterDied

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.sandbox.creation import CreateRequest
    from livyguard.sandbox.engine import Interpreter
    from livyguard.sandbox.java import Java
    from livyguard.sandbox.statement import Statement

__all__ = ["KernelEngine"]

_LIVENESS_SECONDS = 0.3
_LISTENS_SECONDS = 0.02
_LONGEST_SOCKET = 100  # a Unix socket's path ends at 104 (macOS) or 108 (Linux), with "-5" to come
_LOG_LINES = 200
_LOG_BYTES = 64 * 1024
_LANGUAGES = ("pyspark", "sql")
_DRIVER = "livyguard.sandbox.driver.session"
_NO_INTERPRETER = {
    "status": "error", "ename": "InterpreterError", "evalue": "Fail to start interpreter", "traceback": [],
}  # fmt: skip
# Set for another Spark than the one that is installed here.
_FOREIGN = ("SPARK_HOME", "SPARK_CONF_DIR", "HADOOP_CONF_DIR", "YARN_CONF_DIR", "PYSPARK_SUBMIT_ARGS", "PYTHONSTARTUP")


class _SessionKernelSpecs(KernelSpecManager):
    """Knows one kernel: this Python with the driver in it, whatever kernels are installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Give the driver's kernel."""
        argv = [sys.executable, "-m", "livyguard.sandbox.driver", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name=kernel_name, language="python")


def _spark_conf(request: CreateRequest) -> dict[str, str]:
    """Write Livy's top-level fields over the request's conf, as Livy does."""
    fields = {
        "spark.app.name": request.name,
        "spark.driver.cores": request.driver_cores,
        "spark.driver.memory": request.driver_memory,
        "spark.executor.cores": request.executor_cores,
        "spark.executor.instances": request.num_executors,
        "spark.executor.memory": request.executor_memory,
        "spark.yarn.queue": request.queue,
    }
    return {**request.conf, **{key: str(value) for key, value in fields.items() if value}}


class _DriverError(Exception):
    """The driver raised instead of answering; ``reply`` describes it as Livy describes a failed statement."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(answer["evalue"])
        self.reply = {key: answer[key] for key in ("status", "ename", "evalue", "traceback")}

    def without_java_frames(self) -> str:
        """Say it so that the reason stands in the last lines of a log."""
        lines = [line for line in self.reply["evalue"].splitlines() if not line.startswith("\t")]
        return "\n".join([f"{self.reply['ename']}: {lines[0]}" if lines else self.reply["ename"], *lines[1:]])


class _Kernel:
    """One session's process and everything that hangs on it."""

    def __init__(self, name: str, request: CreateRequest, java: Java, cores: int) -> None:
        self._name = name
        self._conf = {"spark.app.name": name, **_spark_conf(request)}
        self._java = java
        self._cores = cores
        self._directory = Path()
        self._last_log: list[str] = []
        self._process: AsyncKernelManager | None = None
        self._client: Any = None
        self._group: int | None = None
        self._dead = asyncio.Event()
        self._farewell = "\n"  # then Livy quotes, once, what Python wrote to standard error; here the log has that
        self._watch: asyncio.Task[None] | None = None

    async def start(self, on_death: Callable[[], None]) -> None:
        await self._launch()
        self._watch = asyncio.ensure_future(self._wait_for_death(on_death))
        settings = {"conf": self._conf, "master": f"local[{self._cores}]", "directory": str(self._directory)}
        try:
            await self._call("open_spark", settings)
        except _DriverError as error:
            raise DriverDied(error.without_java_frames()) from None
        except InterpreterDied:
            raise DriverDied("The driver process is gone.") from None

    async def _launch(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix=f"{self._name}-"))
        kernel = AsyncKernelManager(kernel_spec_manager=_SessionKernelSpecs(), kernel_name=self._name)
        kernel.connection_file = str(self._directory / "kernel.json")
        sockets = str(self._directory / "kernel")
        if len(sockets) < _LONGEST_SOCKET:  # else TCP on loopback
            kernel.transport, kernel.ip = "ipc", sockets
        self._process = kernel
        with (self._directory / "log").open("wb") as log:
            await kernel.start_kernel(env=self._environment(), stdout=log, stderr=log)
        self._group = getattr(kernel.provisioner, "pgid", None)
        self._client = kernel.client()
        self._client.start_channels(iopub=False, stdin=False, hb=False, control=False)

    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key not in _FOREIGN}
        return kept | {
            "IPYTHONDIR": str(self._directory / "ipython"),
            "JAVA_HOME": str(self._java.home),
            "PYSPARK_PYTHON": sys.executable,
            "PYSPARK_DRIVER_PYTHON": sys.executable,
            "SPARK_LOCAL_DIRS": str(self._directory),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }

    async def _wait_for_death(self, on_death: Callable[[], None]) -> None:
        while self._process is not None and await self._process.is_alive():  # noqa: ASYNC110 - see below
            await asyncio.sleep(_LIVENESS_SECONDS)  # a process tells nobody that it ends
        self._dead.set()
        if self._lost_its_jvm:
            on_death()

    @property
    def _lost_its_jvm(self) -> bool:
        """Is Spark's JVM gone, which is the driver in Livy? Else it was Python that ended first."""
        return (self._directory / "jvm-ended").exists()

    async def _call(self, function: str, argument: dict[str, Any]) -> Any:
        """Call one of the driver's functions in the kernel and wait for its answer, or for the kernel's death."""
        call = f"__import__({_DRIVER!r}, fromlist=['']).{function}({json.dumps(argument)!r})"
        message = self._client.execute(
            "", silent=True, store_history=False, allow_stdin=False, user_expressions={"answer": call}
        )
        reply = asyncio.ensure_future(self._reply_to(message))
        death = asyncio.ensure_future(self._dead.wait())
        try:
            await asyncio.wait({reply, death}, return_when=asyncio.FIRST_COMPLETED)
            if not reply.done():
                raise self._death()
        finally:
            reply.cancel()
            death.cancel()
        answer: dict[str, Any] = reply.result()["user_expressions"]["answer"]
        if answer["status"] != "ok":
            raise _DriverError(answer)
        return answer["data"]["application/json"]

    def _death(self) -> Exception:
        if self._lost_its_jvm:
            return DriverDied("The driver process is gone.")
        farewell, self._farewell = self._farewell, ""
        return InterpreterDied(farewell)

    async def _reply_to(self, message: str) -> dict[str, Any]:
        while True:
            reply = await self._client.get_shell_msg(timeout=None)
            if reply["parent_header"].get("msg_id") == message:
                content: dict[str, Any] = reply["content"]
                return content

    async def run(self, statement: Statement) -> dict[str, Any]:
        if statement.kind not in _LANGUAGES:
            return _NO_INTERPRETER
        asked = {"id": statement.id, "code": statement.code, "kind": statement.kind}
        try:
            reply: dict[str, Any] = await self._call("execute", asked)
        except _DriverError as error:  # interrupted just before or just after the statement itself
            return error.reply
        return reply

    def progress(self, statement: Statement) -> float:
        running, fraction = self._reported()
        return fraction if running == statement.id else 0.0

    def _reported(self) -> tuple[int | None, float]:
        """Read which statement the driver runs and how far it is."""
        try:
            running, fraction = (self._directory / "progress").read_text(encoding="ascii").split()
        except (OSError, ValueError):  # not written yet, or just being written
            return None, 0.0
        return int(running), float(fraction)

    async def interrupt(self, statement: Statement) -> None:
        """Signal once, and not before the driver listens: between statements a kernel ignores an interrupt."""
        while statement.state == "cancelling" and self._reported()[0] != statement.id:  # noqa: ASYNC110 - a file
            await asyncio.sleep(_LISTENS_SECONDS)
        if statement.state == "cancelling":
            self._signal(signal.SIGINT)

    def _signal(self, number: int) -> None:
        if self._group is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._group, number)

    async def stop(self) -> None:
        """Kill the kernel and its JVM, which are one process group: nothing in them is worth a farewell."""
        if self._watch is not None:
            self._watch.cancel()
        self._last_log = self.log()
        process, self._process = self._process, None
        if process is None:
            return
        self._signal(signal.SIGKILL)
        if self._client is not None:
            self._client.stop_channels()
        await process.shutdown_kernel(now=True)
        shutil.rmtree(self._directory, ignore_errors=True)

    def log(self) -> list[str]:
        return self._last_log if self._process is None else self._read_log()

    def _read_log(self) -> list[str]:
        try:
            with (self._directory / "log").open("rb") as log:
                log.seek(-min(_LOG_BYTES, log.seek(0, os.SEEK_END)), os.SEEK_END)
                text = log.read().decode("utf-8", errors="replace")
        except OSError:  # not started yet
            return []
        return text.splitlines()[-_LOG_LINES:]


class KernelEngine:
    """``--engine pyspark``: each session a kernel with its own JVM."""

    kinds: tuple[str, ...] = (*_LANGUAGES, "shared")

    def __init__(self, java: Java, cores: int) -> None:
        """Take the Java that Spark runs on and how many cores one session uses."""
        self._java = java
        self._cores = cores

    def interpreter(self, session_id: int, request: CreateRequest) -> Interpreter:
        """Prepare a kernel."""
        return _Kernel(f"livy-session-{session_id}", request, self._java, self._cores)
