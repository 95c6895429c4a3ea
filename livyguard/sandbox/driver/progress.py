"""Which statement runs and how far its Spark jobs are, in a file that the server reads while the kernel is busy."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["fraction_done", "reported"]

_EVERY_SECONDS = 0.5


def fraction_done(tracker: Any, group: str) -> float:
    """Count finished tasks of all jobs of a job group, as a share of all tasks; 0.0 without jobs."""
    total = finished = 0
    for job_id in tracker.getJobIdsForGroup(group):
        job = tracker.getJobInfo(job_id)
        for stage_id in job.stageIds if job is not None else ():
            stage = tracker.getStageInfo(stage_id)
            if stage is not None:
                total += stage.numTasks
                finished += stage.numCompletedTasks
    return finished / total if total else 0.0


@contextmanager
def reported(statement: str, fraction: Callable[[], float], path: Path) -> Iterator[None]:
    """Write ``STATEMENT FRACTION`` to ``path``, at once and again and again while the statement runs.

    The server sends no interrupt before it has read the statement's id here.
    """
    done = threading.Event()

    def report() -> None:
        with suppress(Exception):  # the user has stopped Spark: there is no more progress to report
            while not done.wait(_EVERY_SECONDS):
                path.write_text(f"{statement} {fraction()}", encoding="ascii")

    path.write_text(f"{statement} 0.0", encoding="ascii")
    threading.Thread(target=report, name="progress", daemon=True).start()
    try:
        yield
    finally:
        done.set()
