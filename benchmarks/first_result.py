"""How long a person waits for the first PySpark result, with livyguard and with SparkMagic alone, side by side."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from benchmarks.kernels import pyspark_kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.world import World

CELL = "print(spark.range(1000).count())"
CELL_SECONDS = 180


def rows(here: World, times: int) -> Iterator[str]:
    """Yield the lines of the report; the two take turns, so that a busy machine is busy for both."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(times):
        for guarded in (False, True) if turn % 2 == 0 else (True, False):
            seconds[guarded].append(_first_result(here, guarded=guarded))
    alone, guarded_time = (statistics.median(seconds[guarded]) for guarded in (False, True))
    yield f"First PySpark result in a fresh PySpark kernel, median of {times} each, in turns"
    yield f"  SparkMagic alone       {alone:8.2f} s"
    yield f"  with livyguard         {guarded_time:8.2f} s    {guarded_time / alone:.3f} of SparkMagic alone"


def _first_result(here: World, *, guarded: bool) -> float:
    """Return seconds from the first cell's sending to the result, extension and session start included."""
    printed: list[str] = []
    with pyspark_kernel(here.folder) as client:
        begun = time.perf_counter()
        for cell in ["%load_ext livyguard", CELL] if guarded else [CELL]:
            client.execute_interactive(
                cell, timeout=CELL_SECONDS, output_hook=lambda message: printed.append(_text(message))
            )
        taken = time.perf_counter() - begun
    if "1000" not in "".join(printed):
        raise SystemExit("The cell gave no result:\n" + "".join(printed))
    return taken


def _text(message: dict) -> str:
    content = message["content"]
    return content.get("text", "") or "\n".join(content.get("traceback", [])) or str(content.get("data", ""))
