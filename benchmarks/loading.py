"""What `%load_ext livyguard` costs beyond IPython, in processes that start afresh."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CHILD = """
import json, sys, time
begun = time.perf_counter()
from IPython.terminal.ipapp import TerminalIPythonApp
app = TerminalIPythonApp.instance()
app.initialize(["--no-banner", "--quick", "--HistoryManager.enabled=False"])
ready = time.perf_counter()
before = set(sys.modules)
app.shell.run_line_magic("load_ext", "livyguard")
loaded = time.perf_counter()
new = sorted(set(sys.modules) - before)
print(json.dumps({"ipython": ready - begun, "livyguard": loaded - ready, "modules": new}))
"""


def rows(times: int) -> Iterator[str]:
    """Yield the lines of the report."""
    runs = [_run() for _ in range(times)]
    ipython = statistics.median(run["ipython"] for run in runs)
    livyguard = statistics.median(run["livyguard"] for run in runs)
    modules = runs[0]["modules"]
    foreign = [name for name in modules if name.partition(".")[0] != "livyguard"]
    yield f"%load_ext livyguard, median of {times} fresh processes (goal: 25 ms)"
    yield f"  IPython alone          {ipython * 1000:8.1f} ms"
    yield f"  %load_ext livyguard    {livyguard * 1000:8.1f} ms   {livyguard / ipython:.3f} of IPython"
    yield f"  modules imported       {len(modules):8d}      {len(foreign)} not livyguard's: {', '.join(foreign[:8])}"


def _run() -> dict:
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])
