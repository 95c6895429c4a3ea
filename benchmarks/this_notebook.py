"""Freeing the session of this notebook, in a real PySpark kernel: what the cell takes beyond Livy's own DELETE."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.kernels import pyspark_kernel
from benchmarks.livy_server import livy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

    from benchmarks.livy_server import Tally
    from demo.world import World

DELETION = 1.0
GOAL = 1.0
CELL_SECONDS = 120
OURS = ("%load_ext livyguard", "%livy_release --this")
#: What SparkMagic runs when its kernel is shut down and when %%configure -f starts afresh; it offers nothing else.
THEIRS = (None, "%%_do_not_call_delete_session\n ")


def rows(here: World, times: int) -> Iterator[str]:
    """Yield the lines of the report; SparkMagic's heartbeats are those of its code."""
    ours = [_freed(here, *OURS) for _ in range(times)]
    theirs, asked = _freed(here, *THEIRS)
    beyond = statistics.median(seconds for seconds, _ in ours)
    verdict = "met" if beyond <= GOAL else "MISSED"
    yield f"This notebook's session freed: seconds beyond the {DELETION:.0f} s of Livy's DELETE (goal: {GOAL:.0f} s)"
    yield f"  %livy_release --this  {beyond:9.2f} s   {_counts(ours[0][1])}, median of {times} kernels   {verdict}"
    yield f"  SparkMagic's own way  {theirs:9.2f} s   {_counts(asked)}, until its heartbeat of 30 s comes round"


def _freed(here: World, load: str | None, release: str) -> tuple[float, dict[str, Tally]]:
    """Return what the cell took beyond the DELETE, seconds, and what Livy was asked meanwhile."""
    with tempfile.TemporaryDirectory(dir=here.folder) as folder, livy(0, deletion=DELETION) as server:
        credentials = {"username": "alice", "password": "any", "url": server.url, "auth": "Basic_Access"}
        Path(folder, "config.json").write_text(json.dumps({"kernel_python_credentials": credentials}), "utf-8")
        changed = {"SPARKMAGIC_CONF_DIR": folder, "XDG_STATE_HOME": folder}
        with pyspark_kernel(here.folder, {**os.environ, **changed}) as client:
            for cell in filter(None, (load, "1 + 1")):
                _run(client, cell)
            server.forget()
            begun = time.perf_counter()
            printed = _run(client, release)
            seconds = time.perf_counter() - begun
        tallies = server.tallies()
    if "deletes" not in tallies:
        raise SystemExit(f"No session was freed:\n{printed}")
    return seconds - tallies["deletes"].seconds, tallies


def _run(client: BlockingKernelClient, cell: str) -> str:
    printed: list[str] = []
    reply = client.execute_interactive(
        cell, timeout=CELL_SECONDS, output_hook=lambda message: printed.append(str(message["content"]))
    )
    if reply["content"]["status"] != "ok":
        raise SystemExit(f"A cell failed: {cell}\n" + "\n".join(printed))
    return "\n".join(printed)


def _counts(tallies: dict[str, Tally]) -> str:
    return ", ".join(f"{kind} {tally.count}" for kind, tally in tallies.items())
