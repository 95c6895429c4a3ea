"""How far a statement's Spark jobs are, written to a file that the server reads while the kernel is busy."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
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
def reported(tracker: Any, group: str, path: Path) -> Iterator[None]:
    """Write the progress of ``group`` to ``path`` while a statement runs."""
    done = threading.Event()

    def report() -> None:
        while not done.wait(_EVERY_SECONDS):
            path.write_text(str(fraction_done(tracker, group)), encoding="ascii")

    thread = threading.Thread(target=report, name="progress", daemon=True)
    path.write_text("0.0", encoding="ascii")
    thread.start()
    try:
        yield
    finally:
        done.set()
