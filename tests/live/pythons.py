"""One name for two Pythons, as on a cluster whose nodes were set up at different times."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from shlex import quote

import pytest

__all__ = ["two_pythons"]

#: With which the workers of Spark 3.5 run.
MINORS = range(8, 14)
NAMES = ("pypy3", *(f"python3.{minor}" for minor in MINORS))


def two_pythons(folder: Path) -> Path:
    """Return a program that is the tests' own Python beside Livy and one of another minor version in a container.

    A test that cannot have the other one is skipped, and counted.

    Args:
        folder: where to put it.
    """
    program = folder / "python3"
    here, there = quote(sys.executable), quote(str(_another()))
    program.write_text(f'#!/bin/sh\n[ -n "$CONTAINER_ID" ] && exec {there} "$@"\nexec {here} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def _another() -> Path:
    """Return a Python of another minor version: one on the PATH, or one of pyenv's."""
    versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    named = [Path(found) for name in NAMES if (found := shutil.which(name))]
    for program in [*named, *sorted(versions.glob("3.*/bin/python3"))]:
        ran = subprocess.run(
            [program, "-c", "import sys; print(sys.version_info[1])"], capture_output=True, text=True, check=False
        )  # a shim of pyenv's may lead nowhere
        if ran.returncode == 0 and int(ran.stdout) in {*MINORS} - {sys.version_info.minor}:
            return program
    pytest.skip("no other Python: any of 3.8 to 3.13 on the PATH, or pypy3, will do")
