"""A pytest plugin that has Spark's classes archived for Java (``-p scripts.spark_classes``), in .cache/java.

A driver on this machine then starts with half of the CPU time, and the tests start a hundred. The archive is made
beside the first tests, by one process that lets the others go first; what starts before it is there does without it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from livyguard.sandbox.java import CLASSES, QUICK, JavaNotFound, find_java

#: Loads what a session's first statements load.
JOB = """
from pyspark.sql import SparkSession
with SparkSession.builder.getOrCreate() as spark:
    assert spark.createDataFrame([(1, "a")], ["n", "s"]).groupBy("s").count().collect()
    assert spark.sql("select 1").toJSON().collect() == ['{"1":1}']
"""
_NICE = 5
_PATIENCE = 300
_makers: list[subprocess.Popen[bytes]] = []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Let every process of the run know where it is, and begin to make it if it is not there."""
    if hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    archive = place(session.config.rootpath / ".cache" / "java")
    if archive is None:
        return
    os.environ[CLASSES] = str(archive)
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        maker = [sys.executable, "-m", "scripts.spark_classes", str(archive)]
        _makers.append(subprocess.Popen(maker, cwd=session.config.rootpath, start_new_session=True))  # noqa: S603 - this file


def pytest_sessionfinish() -> None:
    """Wait for it, should the tests have been quicker."""
    while _makers:
        _makers.pop().wait()


def place(folder: Path) -> Path | None:
    """Return where the archive for this machine's Java and Spark is, or has to be; None if this Java makes none."""
    with suppress(JavaNotFound, ImportError):
        import pyspark  # noqa: PLC0415 - its version and its home

        java = find_java().home
        release = (java / "release").read_text("utf-8") if (java / "release").exists() else ""
        if (java / "lib" / "server" / "classes.jsa").exists():  # it is made on top of Java's own
            of = hashlib.sha256("\n".join([str(java), release, pyspark.__version__, pyspark.__file__]).encode())
            return folder / f"spark-{of.hexdigest()[:12]}.jsa"
    return None


def make(archive: Path) -> None:
    """Run a small job with Spark, and have Java leave its classes at the end."""
    import pyspark  # noqa: PLC0415

    home = Path(pyspark.__file__).parent
    fresh = archive.with_suffix(f".{os.getpid()}")
    job = fresh.with_suffix(".py")
    job.write_text(JOB, encoding="utf-8")
    settings = {
        "spark.driver.extraJavaOptions": QUICK,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "512m",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
    }
    told = [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
    env = {key: value for key, value in os.environ.items() if not key.startswith(("SPARK_", "PYSPARK_", "COVERAGE_"))}
    env |= {
        "JAVA_HOME": str(find_java().home),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_CONF_DIR": str(fresh.with_suffix(".none")),  # one that is there would stand before the jars
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_SUBMIT_OPTS": f'{QUICK} "-XX:ArchiveClassesAtExit={fresh}"',
    }
    try:
        words = [str(home / "bin" / "spark-submit"), "--master", "local[1]", *told, str(job)]
        ran = subprocess.run(words, env=env, capture_output=True, check=False, timeout=_PATIENCE)  # noqa: S603 - ours
        if ran.returncode == 0 and fresh.exists():
            fresh.rename(archive)
    finally:
        for file in (fresh, job):
            file.unlink(missing_ok=True)


if __name__ == "__main__":
    os.nice(_NICE)
    make(Path(sys.argv[1]))
