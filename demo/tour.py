"""Runs a notebook cell by cell in a real kernel and checks that each cell ends as it should."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING, Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from traitlets import Instance
from traitlets.config import Config

from demo.transcript import Transcript, is_widget, plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from demo.world import World

__all__ = ["run", "surprises"]

_SHOULD_FAIL = "raises-exception"
_CELL_SECONDS = 180
_LONGEST_SOCKET = 100  # a Unix socket's path ends at 104 (macOS) or 108 (Linux), with "-5" to come
#: SparkMagic prints these and reports success.
_PRINTED_FAILURES = ("An error was encountered", "The code failed because of a fatal error", "An internal error was")


class _Client(NotebookClient):
    """Shows each cell and each output as it comes, and ends in order on Ctrl-C."""

    transcript = Instance(Transcript)
    is_interrupted = False

    @contextlib.asynccontextmanager
    async def async_setup_kernel(self, **options: Any) -> AsyncIterator[None]:
        async with super().async_setup_kernel(**options):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # nbclient's own handlers leave us waiting
                asyncio.get_running_loop().add_signal_handler(number, self._interrupt, asyncio.current_task())
            yield

    def _interrupt(self, task: asyncio.Task[Any] | None) -> None:
        self.is_interrupted = True
        if task is not None:
            task.cancel()

    def output(self, outs: list[Any], msg: Any, display_id: str | None, cell_index: int) -> Any:
        shown = super().output(outs, msg, display_id, cell_index)
        if shown is not None:
            self.transcript.output(shown)
        return shown


def run(file: Path, here: World, transcript: Transcript) -> tuple[nbformat.NotebookNode, list[str]]:
    """Run the notebook; return it with its outputs, and what did not go as it should (empty: all well)."""
    notebook = nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call] # nbformat has no types here
    client = _Client(
        notebook,
        timeout=_CELL_SECONDS,
        coalesce_streams=True,
        transcript=transcript,
        config=_listening(here.folder),
        on_cell_start=lambda cell, cell_index: _announce(notebook, cell, cell_index, transcript),
    )
    stopped = _execute(client, here, here.beside(file))
    faults = surprises(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_widget(output)]
    return notebook, stopped + faults


def _listening(folder: Path) -> Config:
    """Let the kernel listen on sockets where their path is not too long: a free port may be another's by then."""
    sockets = str(folder / "kernel")
    return Config({"KernelManager": {"transport": "ipc", "ip": sockets}} if len(sockets) < _LONGEST_SOCKET else {})


def _execute(client: _Client, here: World, folder: Path) -> list[str]:
    """Run all cells; what the kernel process itself prints is of interest only if it dies."""
    log = here.folder / "kernel.log"
    try:
        with log.open("wb") as output:
            client.execute(cwd=str(folder), stdout=output, stderr=output)
    except CellExecutionError as failure:
        return [f"The tour stopped: {failure.ename}."]
    except (DeadKernelError, RuntimeError, asyncio.CancelledError) as failure:
        if client.is_interrupted:
            raise KeyboardInterrupt from None
        return [f"The kernel ended before the tour did: {failure}\n{log.read_text('utf-8', errors='replace')}"]
    return []


def surprises(notebook: nbformat.NotebookNode) -> list[str]:
    """Name each code cell that failed and should not have, or passed and should not have."""
    faults = []
    ran = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.execution_count is not None]
    for number, cell in enumerate(ran, 1):
        failed = any(_is_failure(output) for output in cell.outputs)
        if failed != (_SHOULD_FAIL in cell.metadata.get("tags", [])):
            happened = "failed and should pass" if failed else "passed and should fail"
            faults.append(f"Cell {number} {happened}: {cell.source.splitlines()[0]}")
    return faults


def _is_failure(output: nbformat.NotebookNode) -> bool:
    return output.output_type == "error" or plain(output).lstrip().startswith(_PRINTED_FAILURES)


def _announce(notebook: nbformat.NotebookNode, cell: nbformat.NotebookNode, index: int, transcript: Transcript) -> None:
    if cell.cell_type == "code":
        before = (earlier for earlier in notebook.cells[: index + 1] if earlier.cell_type == "code")
        transcript.source(len(list(before)), cell.source)
    else:
        transcript.prose(cell.source)
