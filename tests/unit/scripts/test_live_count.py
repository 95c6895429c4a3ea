"""The count of the live tests: what could not be had stands in the very last line of a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
HAD = """
import pytest

@pytest.mark.live
def test_had(): assert {holds}

def test_other(): pass
"""
NOT_HAD = """
import pytest

@pytest.fixture
def stack(): pytest.skip("no {what}: it is nowhere")

@pytest.mark.live
@pytest.mark.parametrize("number", range({count}))
def test_not_had(stack, number): pass
"""


def run(folder: Path, *files: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = live\naddopts = --import-mode=importlib\n")
    for number, file in enumerate(files):
        (folder / f"test_{number}.py").write_text(file)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_what_could_not_be_had_is_the_last_line(tmp_path: Path) -> None:
    done = run(tmp_path, NOT_HAD.format(what="Livy archive", count=3))

    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "live: 0 of 3 ran (no Livy archive)"


def test_each_missing_thing_is_counted(tmp_path: Path) -> None:
    files = [
        HAD.format(holds=True),
        NOT_HAD.format(what="Maven", count=1),
        NOT_HAD.format(what="Livy archive", count=2),
    ]

    done = run(tmp_path, *files)

    assert done.stdout.splitlines()[-1] == "live: 1 of 4 ran (no Livy archive: 2; no Maven: 1)"


def test_where_all_ran_it_stands_before_pytests_own_summary(tmp_path: Path) -> None:
    done = run(tmp_path, HAD.format(holds=True))

    assert "live: 1 of 1 ran" in done.stdout.splitlines()
    assert "2 passed" in done.stdout.splitlines()[-1]


def test_what_failed_has_run(tmp_path: Path) -> None:
    done = run(tmp_path, HAD.format(holds=False))

    assert done.returncode == 1
    assert "live: 1 of 1 ran" in done.stdout.splitlines()


def test_a_run_without_live_tests_counts_none(tmp_path: Path) -> None:
    done = run(tmp_path, HAD.format(holds=True), options=("-m", "not live"))

    assert "live:" not in done.stdout


def test_two_workers_count_as_one(tmp_path: Path) -> None:
    done = run(tmp_path, HAD.format(holds=True), HAD.format(holds=False), options=("-n", "2"))

    assert "live: 2 of 2 ran" in done.stdout.splitlines()
    kept = json.loads((tmp_path / "build" / "live.json").read_text())
    assert kept == {"test_0.py::test_had": "passed", "test_1.py::test_had": "failed"}
