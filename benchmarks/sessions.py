"""Who holds the cluster, and freeing it: livyguard, plain requests and SparkMagic before the same server, in turns."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.livy_listing import HOLDER
from benchmarks.livy_server import livy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.livy_server import Livy, Tally

LATENCY = 0.002
DELETION = 1.0
#: Goals: times plain, MiB, seconds.
FEW, TIMES_PLAIN_OF_FEW = 1_000, 1.5
MANY, TIMES_PLAIN_OF_MANY, MEBIBYTES = 10_000, 3.0, 150
TIMES_UNLOCKED = 2.0
MINE, SECONDS = 100, 10
#: SparkMagic's cleanup goes one by one, so a few tell of many: with its heartbeats half a minute each.
CLEANED, CLEANED_SILENTLY = 1, 3


@dataclass(frozen=True)
class Run:
    """What one process measured of itself, and the server of it."""

    seconds: float
    sessions: int
    mebibytes: float
    threads: int
    tallies: Mapping[str, Tally]

    @property
    def asked(self) -> str:
        """What the server counted: ``10 requests``, or with what they were about."""
        counts = {kind: tally.count for kind, tally in self.tallies.items()}
        parts = f" ({', '.join(f'{kind} {count}' for kind, count in counts.items())})" if len(counts) > 1 else ""
        return f"{sum(counts.values()):5d} requests{parts}"


def rows(times: int) -> Iterator[str]:
    """Yield the lines of the report."""
    runs = _in_turns(FEW, times)
    yield from _listing(FEW, runs, TIMES_PLAIN_OF_FEW)
    with livy(FEW, latency=LATENCY) as here:
        for name, title in (("sparkmagic", "SparkMagic's listing"), ("info", "its %%info")):
            run = _run(name, here)
            left = f"the first {run.sessions} only, {run.threads} threads left running"
            yield f"  {title:21s} {run.seconds * 1000:9.1f} ms {run.asked}, {left}"
    runs = _in_turns(MANY, max(1, times // 2))
    yield from _listing(MANY, runs, TIMES_PLAIN_OF_MANY)
    plain, ours = (statistics.median(run.mebibytes for run in runs[name]) for name in ("plain", "livyguard"))
    above = f"above what the process held before (goal: {MEBIBYTES} MiB); plain {plain:.1f} MiB"
    yield f"  peak memory           {ours:9.1f} MiB {above}{_verdict(ours <= MEBIBYTES)}"
    yield from _creation(times)
    yield from _release()


def _in_turns(number: int, times: int) -> dict[str, list[Run]]:
    with livy(number, latency=LATENCY) as here:
        runs = _turns(("plain", "livyguard"), here, times)
    if any(run.sessions != number for of_one in runs.values() for run in of_one):
        raise SystemExit(f"Not all of the {number} sessions are listed.")
    return runs


def _turns(names: Sequence[str], here: Livy, times: int) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for turn in range(times):
        for name in runs if turn % 2 == 0 else reversed(runs):
            runs[name].append(_run(name, here))
    return runs


def _creation(times: int) -> Iterator[str]:
    with livy(FEW, latency=LATENCY) as here:
        runs = _turns(("unlocked", "quota"), here, times)
    plain, ours = (statistics.median(run.seconds for run in runs[name]) for name in ("unlocked", "quota"))
    yield f"one session under quotas beside {FEW:,} (goal: {TIMES_UNLOCKED} of listing, POST and listing)"
    yield f"  list, POST, list      {plain * 1000:9.1f} ms {runs['unlocked'][0].asked}"
    ratio = f"{ours / plain:.3f} of plain{_verdict(ours / plain <= TIMES_UNLOCKED)}"
    yield f"  livyguard             {ours * 1000:9.1f} ms {runs['quota'][0].asked}   {ratio}"


def _listing(number: int, runs: Mapping[str, Sequence[Run]], goal: float) -> Iterator[str]:
    plain, ours = (statistics.median(run.seconds for run in runs[name]) for name in ("plain", "livyguard"))
    how = f"{LATENCY * 1000:.0f} ms a request, median of {len(runs['plain'])} fresh processes each, in turns"
    yield f"{number:,} sessions listed, {how} (goal: {goal} of plain)"
    yield f"  plain paged GETs      {plain * 1000:9.1f} ms {runs['plain'][0].asked}"
    ratio = f"{ours / plain:.3f} of plain{_verdict(ours / plain <= goal)}"
    yield f"  livyguard             {ours * 1000:9.1f} ms {runs['livyguard'][0].asked}   {ratio}"


def _release() -> Iterator[str]:
    with livy(MINE, owner=HOLDER, latency=LATENCY, deletion=DELETION) as here:
        run = _run("release", here)
    is_met = run.sessions == MINE and run.seconds <= SECONDS
    yield f"{MINE} idle sessions of mine freed, {DELETION:.0f} s a DELETE (goal: {SECONDS} s)"
    at_once = f"{run.tallies['deletes'].most} DELETEs at once"
    yield f"  livyguard             {run.seconds:9.1f} s  {run.asked}, {at_once}{_verdict(is_met)}"
    for name, title, number in (
        ("silent_cleanup", "%%cleanup, no heartbeat", CLEANED_SILENTLY),
        ("cleanup", "%%cleanup as it ships", CLEANED),
    ):
        with livy(number, owner=HOLDER, latency=LATENCY, deletion=DELETION) as here:
            run = _run(name, here)
        whole = run.seconds / number * MINE
        measured = f"{run.seconds:.1f} s measured for {number}"
        yield f"  {title:23s} {whole:7.1f} s  computed, one by one: {measured}; it frees everybody's"


def _run(name: str, here: Livy) -> Run:
    here.forget()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.contender", name, here.url, folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    return Run(**json.loads(done.stdout.splitlines()[-1]), tallies=here.tallies())


def _verdict(is_met: bool) -> str:
    return "   met" if is_met else "   MISSED"
