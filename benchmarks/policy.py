"""What judging one request costs under a large policy, beside a fixed loop of the same run; and what is read again."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.timing import timed
from livyguard.config import PolicyFiles
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.model import Policy

TENANTS = 1_000
LIMITS = (
    '"executors.max" = { max = 8, default = 2 }',
    '"executor.memory" = { min = "1g", max = "16g", default = "8g" }',
    '"executor.cores" = { max = 4 }',
    '"driver.memory" = { max = "8g" }',
    '"session.memory" = { max = "96g" }',
    '"queue" = { fixed = "root.a" }',
    '"conf.spark.jars.packages" = { pattern = "(io.delta|org.apache.iceberg):.*" }',
    '"conf.spark.hadoop.fs.s3a.*.key" = { forbidden = true }',
    *(f'"conf.spark.example.k{number}" = {{ max = {number + 1} }}' for number in range(12)),
)
BODY = {
    "numExecutors": 40,
    "executorMemory": "20g",
    "conf": {"spark.example.k3": "9", "spark.jars.packages": "io.delta:x", "spark.sql.shuffle.partitions": "400"},
}
ROUNDS = 10_000


def rows(requests: int) -> Iterator[str]:
    """Yield the lines of the report."""
    reading, policy = timed(lambda: parse(text(), source="policy.toml"))
    first, _ = timed(lambda: _judge(policy, 0))
    people = list(range(TENANTS))
    for person in people:
        _judge(policy, person)
    loops, judged = [], []
    for person in random.Random(0).choices(people, k=requests):  # noqa: S311 - the same people in every run
        loops.append(timed(_calibrate)[0])
        judged.append(timed(lambda person=person: _judge(policy, person))[0])
    (loop_half, loop_most), (half, most) = _percentiles(loops), _percentiles(judged)
    yield f"One request judged under {TENANTS:,} tenants x {len(LIMITS)} limits, {requests:,} in turns (goal: p99 1 ms)"
    yield f"  a loop of {ROUNDS:,}         p50 {loop_half:6.2f} ms   p99 {loop_most:6.2f} ms"
    yield f"  judging one request    p50 {half:6.2f} ms   p99 {most:6.2f} ms   {half / loop_half:.3f} of the loop"
    yield f"  the very first         {first:10.2f} ms   after reading the policy in {reading:.0f} ms"
    yield f"  files opened           {len(opened(99)):10d}      by asking for the policy again, 99 times, unchanged"


def text() -> str:
    """Return the policy, TOML."""
    limits = "\n".join(LIMITS)
    names = ('name = "t{0}"', 'users = ["user{0}", "u{0}-*"]', 'groups = ["g{0}"]', "[tenant.limits]")
    head = "\n".join(("[[tenant]]", *names))
    return "\n".join(f"{head.format(number)}\n{limits}" for number in range(TENANTS))


def opened(times: int) -> list[str]:
    """Return the files that are opened when a policy that does not change is asked for that many times more."""
    seen: list[str] = []
    is_on = False

    def note(event: str, args: tuple[Any, ...]) -> None:
        if is_on and event == "open":
            seen.append(str(args[0]))

    sys.addaudithook(note)  # stays, as every audit hook does, and notes nothing more
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "policy.d").mkdir()
        for name in ("policy.toml", "policy.d/10-team.toml"):
            Path(folder, name).write_text(f"[defaults.limits]\n{LIMITS[0]}\n", "utf-8")
        files = PolicyFiles([Path(folder)])
        files.policy()
        is_on = True
        for _ in range(times):
            files.policy()
        is_on = False
    return seen


def _judge(policy: Policy, person: int) -> None:
    who = Identity(f"u{person}-x", "reported", "benchmark", frozenset(["a", "b"]))
    if judge(policy, who, BODY, now=0.0).verdict != "clamp":
        raise SystemExit("The request is not held to its limits.")


def _calibrate() -> int:
    total = 0
    for number in range(ROUNDS):
        total += number % 7
    return total


def _percentiles(samples: list[float]) -> tuple[float, float]:
    """Return the 50th and the 99th."""
    ordered = sorted(samples)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
