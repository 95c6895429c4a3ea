"""How far a statement's Spark jobs are."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from livyguard.sandbox.driver.progress import fraction_done, reported


class Tracker:
    """Spark's status tracker: jobs of a group, stages of a job; None for what Spark has forgotten."""

    def __init__(self, jobs):
        self._jobs = jobs

    def getJobIdsForGroup(self, group):  # noqa: N802 - pyspark's name
        return range(len(self._jobs)) if group == "7" else ()

    def getJobInfo(self, job_id):  # noqa: N802 - pyspark's name
        stages = self._jobs[job_id]
        return None if stages is None else SimpleNamespace(stageIds=[(job_id, n) for n in range(len(stages))])

    def getStageInfo(self, stage_id):  # noqa: N802 - pyspark's name
        stage = self._jobs[stage_id[0]][stage_id[1]]
        return None if stage is None else SimpleNamespace(numTasks=stage[0], numCompletedTasks=stage[1])


@pytest.mark.parametrize(
    ("jobs", "fraction"),
    [([], 0.0), ([[(4, 1), (4, 3)]], 0.5), ([[(2, 2)], [(2, 0)]], 0.5), ([None, [None, (4, 1)]], 0.25)],
)
def test_it_is_the_share_of_finished_tasks(jobs, fraction):
    assert fraction_done(Tracker(jobs), "7") == fraction


def test_other_statements_do_not_count():
    assert fraction_done(Tracker([[(4, 1)]]), "8") == 0.0


def test_it_is_reported_while_the_statement_runs(tmp_path):
    path = tmp_path / "progress"
    was_read = threading.Event()

    def fraction():
        assert was_read.wait(timeout=10)
        return 0.25

    with reported("7", fraction, path):
        first = path.read_text()
        was_read.set()
        deadline = time.monotonic() + 10
        while path.read_text() != "7 0.25":
            assert time.monotonic() < deadline

    assert first == "7 0.0"


def test_it_ends_quietly_where_spark_is_gone(tmp_path):
    path = tmp_path / "progress"
    asked = threading.Event()

    def stopped():
        asked.set()
        raise RuntimeError("no Spark")

    with reported("7", stopped, path):
        assert asked.wait(timeout=10)

    assert path.read_text() == "7 0.0"
