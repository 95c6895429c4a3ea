"""The coverage gate on a tiny project: too little fails the run, and pytest's summary stays the last line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDERS = ("policy", "sessions", "hints", "capacity", "views")
MODULE = "def half(flag):\n    if flag:\n        return 1\n    return 2\n"
CONFIG = "[run]\nbranch = true\nsource = livyguard\n"


def run(folder, covered):
    for name in FOLDERS:
        (folder / "livyguard" / name).mkdir(parents=True)
        (folder / "livyguard" / name / "__init__.py").touch()
        (folder / "livyguard" / name / "module.py").write_text(MODULE)
    (folder / "livyguard" / "__init__.py").touch()
    (folder / ".coveragerc").write_text(CONFIG)
    calls = [f"from livyguard.{name} import module as {name}\n" for name in FOLDERS]
    checks = [f"    {name}.half(1); {'' if name not in covered else f'{name}.half(0)'}\n" for name in FOLDERS]
    (folder / "test_tiny.py").write_text("".join(calls) + "def test_tiny():\n" + "".join(checks))
    command = [sys.executable, "-m", "pytest", "-p", "scripts.coverage_gate", "--cov", "--cov-config=.coveragerc"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    env["PYTHONPATH"] = os.pathsep.join([str(folder), str(ROOT)])
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_full_coverage_passes_and_says_nothing(tmp_path):
    done = run(tmp_path, covered=FOLDERS)

    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout.splitlines()[-1]
    assert "the limit is" not in done.stdout


@pytest.mark.parametrize("short", FOLDERS[:-1])
def test_a_pure_folder_below_all_of_it_fails_the_run(tmp_path, short):
    done = run(tmp_path, covered=[name for name in FOLDERS if name != short])

    assert done.returncode == 1
    assert f"FAILED coverage - Coverage of livyguard/{short} is " in done.stdout
    last = done.stdout.splitlines()[-1]
    assert "failed" in last
    assert "1 passed" in last


def test_the_whole_has_a_limit_of_its_own(tmp_path):
    done = run(tmp_path, covered=FOLDERS[:-1])

    assert done.returncode == 1
    assert "Coverage of livyguard is " in done.stdout
    assert "the limit is 95 %" in done.stdout
