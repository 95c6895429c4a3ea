"""What diagnosing a long log costs: all hints at once, beside one pattern that is searched for line by line."""

from __future__ import annotations

import random
import re
import statistics
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.timing import timed
from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import diagnose
from livyguard.hints.reading import read
from livyguard.hints.sieve import Sieve
from scripts.hint_pages import case_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LINES = 10_000
GOAL = 50
TIMES = 5
#: What drivers, YARN and Livy write most, with the class names and the widths of theirs.
SHAPES = (
    "INFO TaskSetManager: Starting task {n}.0 in stage {k}.0 (TID {n}) ({host}, executor {k}, partition {n}, ANY)",
    "INFO TaskSetManager: Finished task {n}.0 in stage {k}.0 (TID {n}) in {n} ms on {host} (executor {k}) ({n}/5000)",
    "INFO BlockManagerInfo: Added broadcast_{n}_piece0 in memory on {host}:33727 (size: {k}.3 KiB, free: 912.3 MiB)",
    "INFO BlockManagerInfo: Removed broadcast_{n}_piece0 on {host}:33727 in memory (size: {k}.3 KiB, free: 912.3 MiB)",
    "INFO ExecutorMonitor: New executor {k} has registered (new total is {k}), host {host}, resource profile id 0",
    "WARN TaskSetManager: Stage {k} contains a task of very large size ({n} KiB). The maximum recommended is 1000 KiB.",
    "INFO Client: Application report for application_1763723541000_{n} (state: RUNNING), queue root.analytics, {host}",
    "INFO RMAppImpl: application_1763723541000_{n} State change from ACCEPTED to RUNNING on event = ATTEMPT_REGISTERED",
    "INFO ContainerImpl: Container container_1763723541000_{n}_01_{k} transitioned from SCHEDULED to RUNNING on {host}",
    "INFO InteractiveSession: Interactive session {k} created [appid: application_1763723541000_{n}, owner: bob, idle]",
    "INFO HadoopRDD: Input split: s3://example-lake/orders/part-{n}-{hex}-c000.snappy.parquet:0+{n}, {k} bytes of it",
    "INFO CodeGenerator: Code generated in {k}.{n} ms, org.apache.spark.sql.catalyst.expressions.Generated_{hex}",
)


def rows() -> Iterator[str]:
    """Yield the lines of the report."""
    log = _log()
    one = re.compile(r"exited with (?:a non-zero )?exit code 137")
    plain = _median(lambda: [line for line in log.splitlines() if one.search(line)])
    failures = {entry.code: text for entry in CATALOG if (text := _text(entry.code))}
    healthy = _median(lambda: diagnose(read(log)))
    taken = {code: _median(partial(_told, code, f"{log}\n{text}")) for code, text in failures.items()}
    slowest = max(taken, key=lambda code: taken[code])
    half = statistics.median(taken.values())
    looked = max(_looked(f"{log}\n{text}") for text in failures.values())
    searching = sum(entry.find is not None for entry in CATALOG)
    size = f"{len(log) / 2**20:.1f} MiB, {len(log) // LINES} characters a line"
    yield f"A log of {LINES:,} lines ({size}) diagnosed, median of {TIMES} (goal: {GOAL} ms)"
    yield f"  one pattern by line   {plain:9.1f} ms"
    yield f"  livyguard, all well   {healthy:9.1f} ms   {healthy / plain:.2f} of one pattern, with {searching} hints"
    yield f"  one failure at its end{half:9.1f} ms   {half / plain:.2f} of one pattern, median of {len(taken)} failures"
    verdict = "met" if taken[slowest] <= GOAL else "MISSED"
    yield f"  the slowest of them   {taken[slowest]:9.1f} ms   {slowest}   {verdict}"
    yield f"  hints looked for      {looked:9d}      of {searching} at most, by their words"


def _log() -> str:
    chance = random.Random(0)  # noqa: S311 - the same log in every run
    lines = []
    for number in range(LINES):
        time = f"26/11/21 {number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
        host = f"ip-10-0-{chance.randrange(4)}-{chance.randrange(256)}.ec2.internal"
        values = {"n": chance.randrange(5_000), "k": chance.randrange(100), "hex": f"{chance.getrandbits(48):012x}"}
        lines.append(f"{time} {chance.choice(SHAPES).format(host=host, **values)}")
    return "\n".join(lines)


def _text(code: str) -> str:
    """Return the text of a code's fixture; nothing where it is told by other things."""
    case = case_of(code)
    return "" if case is None or [hint.code for hint in diagnose(read(case.text))] != [code] else case.text


def _told(code: str, text: str) -> None:
    if code not in [hint.code for hint in diagnose(read(text))]:
        raise SystemExit(f"{code} is not found at the end of a long log.")


def _looked(text: str) -> int:
    sieve = Sieve(read(text).log)
    return sum(entry.find is not None and sieve.lets_pass(entry.needles) for entry in CATALOG)


def _median(work: Callable[[], object]) -> float:
    return statistics.median(timed(work)[0] for _ in range(TIMES))


if __name__ == "__main__":
    for row in rows():
        print(row, flush=True)
