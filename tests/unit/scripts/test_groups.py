"""Two workers: what shares a server shares a worker."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.groups import group

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


def workers(folder: Path, files: Mapping[str, str]) -> list[set[str]]:
    """Run the files with two workers; return for each endpoint the workers that had a test of it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    options = ["-p", "scripts.groups", "-n", "2", "--dist", "loadscope", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    done = subprocess.run(
        command, cwd=folder, env={**environment, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    seen = {(line.split()[0], line.split()[1]) for line in (folder / "seen").read_text().splitlines()}
    return [{worker for endpoint, worker in seen if endpoint == name} for name in ("sandbox", "0.9.0", "0.8.0")]


def test_an_endpoint_of_the_conformance_suite_stays_with_one_worker_over_its_modules(tmp_path: Path) -> None:
    seen = workers(tmp_path, {f"tests/contract/test_{number}.py": SHARED for number in range(3)})

    assert [len(of_one) for of_one in seen] == [1, 1, 1]
    assert len(set.union(*seen)) == 2


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
