"""What shares a server shares a worker, and what only calculates fills the others' waits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.groups import group, is_filler

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[3]
SHARED = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("endpoint", ["sandbox", "0.9.0", "0.8.0"])
def test_shared(endpoint, number):
    with pathlib.Path("seen").open("a") as seen:
        seen.write(f"{endpoint} {os.environ['PYTEST_XDIST_WORKER']}\\n")
"""
#: A test of which the other side of the run tells where it went, and how much it lets others go first.
ONE = """
import os, pathlib, time

def test_one():
    time.sleep(0.2)
    with pathlib.Path("seen").open("a") as seen:
        seen.write(f"{__file__} {os.environ['PYTEST_XDIST_WORKER']} {os.nice(0)}\\n")
"""


def run(folder: Path, files: Mapping[str, str], workers: int) -> list[list[str]]:
    """Run the files with so many workers; return the words of the lines that they wrote."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    options = ["-p", "scripts.groups", "-n", str(workers), "--dist", "loadscope", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    done = subprocess.run(
        command, cwd=folder, env={**environment, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return [line.split() for line in (folder / "seen").read_text().splitlines()]


def test_an_endpoint_of_the_conformance_suite_stays_with_one_worker_over_its_modules(tmp_path: Path) -> None:
    seen = run(tmp_path, {f"tests/contract/test_{number}.py": SHARED for number in range(3)}, 2)

    of_each = [{worker for endpoint, worker in seen if endpoint == name} for name in ("sandbox", "0.9.0", "0.8.0")]
    assert [len(of_one) for of_one in of_each] == [1, 1, 1]
    assert len(set.union(*of_each)) == 2


def test_the_last_of_three_workers_calculates_from_the_end_and_gives_way(tmp_path: Path) -> None:
    waiting = {f"tests/kernel/test_{number}.py": ONE for number in range(8)}
    calculating = {f"tests/unit/test_{number}.py": ONE for number in range(4)}
    starting = {f"tests/unit/sandbox/test_{number}.py": ONE for number in range(4)}

    seen = run(tmp_path, {**waiting, **calculating, **starting}, 3)

    filled = [Path(file).relative_to(tmp_path).as_posix() for file, worker, _nice in seen if worker == "gw2"]
    assert len(seen) == 16
    assert filled[:2] == ["tests/unit/test_3.py", "tests/unit/test_2.py"]
    assert set(filled) <= set(calculating)
    own = os.nice(0)
    assert {worker: int(nice) for _file, worker, nice in seen} == {"gw0": own, "gw1": own, "gw2": min(own + 5, 19)}


def test_three_workers_run_what_only_waits_too_and_begin_with_what_takes_the_longest(tmp_path: Path) -> None:
    files = {f"tests/live/test_{name}.py": ONE for name in ("a", "b", "c", "yarn_d")}

    seen = run(tmp_path, files, 3)

    assert sorted(Path(file).relative_to(tmp_path).as_posix() for file, *_ in seen) == sorted(files)
    assert {worker for _file, worker, _nice in seen} == {"gw0", "gw1"}
    assert "test_yarn_d.py" in {worker: Path(file).name for file, worker, _nice in reversed(seen)}.values()


def test_there_is_no_filler_beside_a_single_worker() -> None:
    assert [is_filler(f"gw{number}", 2) for number in range(2)] == [False, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tests/live/test_yarn_startup.py::test_a", "tests/live/test_yarn_guard.py::test_b[1]"),
        ("tests/kernel/test_a.py::test_a[x::y]", "tests/kernel/test_a.py::test_b"),
        ("tests/contract/test_a.py::test_a[0.9.0-/x]", "tests/contract/test_b.py::test_b[0.9.0]"),
    ],
)
def test_together(one: str, other: str) -> None:
    assert group(one) == group(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tests/live/test_yarn_startup.py::test_a", "tests/live/test_release.py::test_a"),
        ("tests/contract/test_a.py::test_a[0.9.0]", "tests/contract/test_a.py::test_a[0.8.0]"),
        ("tests/contract/test_a.py::test_a[sandbox-0.9.0]", "tests/contract/test_a.py::test_a[0.9.0]"),
    ],
)
def test_apart(one: str, other: str) -> None:
    assert group(one) != group(other)
