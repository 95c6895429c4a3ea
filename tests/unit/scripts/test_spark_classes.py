"""Where the archive of Spark's classes lies, and that a run tells all its processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from livyguard.sandbox.java import CLASSES
from scripts.spark_classes import place

ROOT = Path(__file__).parents[3]
TOLD = f"""
import os

def test_told():
    print("told", os.environ[{CLASSES!r}])
"""


def java(folder: Path, release: str) -> str:
    """Make what looks like a Java that can archive classes; return its home."""
    for name in ("bin/java", "lib/server/classes.jsa", "release"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(release)
    return str(folder)


def test_another_java_has_another_archive_and_one_that_makes_none_has_none(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("JAVA_HOME", java(tmp_path / "17", "17.0.1"))
    first, again = place(tmp_path), place(tmp_path)
    java(tmp_path / "17", "17.0.2")
    updated = place(tmp_path)
    (tmp_path / "17" / "lib" / "server" / "classes.jsa").unlink()

    assert first == again
    assert first is not None
    assert first.parent == tmp_path
    assert updated not in {first, None}
    assert place(tmp_path) is None


def test_every_worker_is_told_of_an_archive_that_is_there_and_none_is_made_again(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("JAVA_HOME", java(tmp_path / "jvm", "17"))
    archive = place(tmp_path / ".cache" / "java")
    assert archive is not None
    archive.parent.mkdir(parents=True)
    archive.write_text("classes")
    (tmp_path / "test_told.py").write_text(TOLD)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    words = ["-p", "scripts.spark_classes", "-p", "no:cacheprovider", "-n", "2", "-rP"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, "-m", "pytest", *words]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert f"told {archive}" in ran.stdout, ran.stdout
    assert archive.read_text() == "classes"
