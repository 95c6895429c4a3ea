"""A SparkSession on this machine that looks like the one that was asked for and stays small."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from livyguard.sandbox.java import quick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import SparkSession

__all__ = ["effective_conf", "open_session"]

# What would point a local session elsewhere, make it large, fetch something, or leave files behind.
_NOT_APPLIED = (
    "spark.archives", "spark.authenticate", "spark.driver.", "spark.eventLog.", "spark.extraListeners", "spark.files",
    "spark.jars", "spark.local.dir", "spark.master", "spark.network.", "spark.plugins", "spark.pyspark.", "spark.ssl.",
    "spark.sql.catalogImplementation", "spark.sql.extensions", "spark.sql.warehouse.dir", "spark.submit.",
)  # fmt: skip
_SIZE = re.compile(r"\s*(\d+)\s*([kmgtp]?)b?\s*", re.IGNORECASE)
_LEAST_EXECUTOR_MIB = 512  # Spark refuses to start below 471,859,200 bytes, also where it has no executors

_SMALL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.sql.catalogImplementation": "in-memory",
}
_DEFAULTS = {
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def _mebibytes(size: str) -> int:
    match = _SIZE.fullmatch(size)
    if match is None:
        return 0
    unit: int = 1024 ** " kmgtp".index(match.group(2).lower() or "m")  # Spark reads a bare number as MiB
    return int(match.group(1)) * unit // 1024**2


def effective_conf(asked: Mapping[str, str], *, master: str, directory: str) -> dict[str, str]:
    """Choose the Spark properties of a local session.

    Args:
        asked: the properties of the request, top-level fields included; what would harm is left out.
        master: ``local[N]``.
        directory: the session's own folder, for everything that Spark writes by itself.
    """
    kept = {key: value for key, value in asked.items() if key.startswith("spark.") and not key.startswith(_NOT_APPLIED)}
    if _mebibytes(kept.get("spark.executor.memory", "")) < _LEAST_EXECUTOR_MIB:
        kept.pop("spark.executor.memory", None)
    own = {
        "spark.driver.extraJavaOptions": f"{quick()} -XX:-UsePerfData "
        f"-Djava.io.tmpdir={directory} -Dderby.system.home={directory}",
        "spark.master": master,
        "spark.sql.warehouse.dir": f"{directory}/warehouse",
    }
    return {**_DEFAULTS, **kept, **_SMALL, **own}


def open_session(conf: Mapping[str, Any]) -> SparkSession:
    """Start Spark's JVM and the session in it; takes seconds."""
    from pyspark.sql import SparkSession  # noqa: PLC0415 - the kernel answers before Spark is imported

    return SparkSession.builder.config(map=dict(conf)).getOrCreate()
