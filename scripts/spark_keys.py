"""Write ``livyguard/policy/spark_keys.txt``: the configuration keys of the installed PySpark, by Spark's own registry.

A later Spark's keys that bear on what a session holds are known too, so that lint takes none of them for a slip.

Run once for a new version of Spark: ``python -m scripts.spark_keys``. It starts PySpark's JVM, but no application.
"""

from __future__ import annotations

import os
import re
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyspark
from pyspark.java_gateway import launch_gateway

from livyguard.sandbox.java import find_java

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TARGET = Path(__file__).parent.parent / "livyguard" / "policy" / "spark_keys.txt"
#: Objects that hold configuration entries: each registers its entries when it is loaded.
_HOLDS_ENTRIES = re.compile(
    r"org/apache/spark/(?:internal/config/[\w$]+|[\w/]*/?(?:[Cc]onfig/package|[Cc]onfig|\w*Conf|\w*Config|HiveUtils)\$)\.class"
)
#: Keys that Spark reads by plain strings, outside its registry.
_PLAIN = (
    "spark.app.name",
    "spark.checkpoint.checkpointAllMarkedAncestors",
    "spark.default.parallelism",
    "spark.driver.defaultJavaOptions",
    "spark.driver.libraryPath",
    "spark.driver.userClassPathFirst",
    "spark.executor.defaultJavaOptions",
    "spark.files.fetchTimeout",
    "spark.files.io.threads",
    "spark.files.overwrite",
    "spark.files.useFetchCache",
    "spark.graphx.pregel.checkpointInterval",
    "spark.home",
    "spark.jars.excludes",
    "spark.jars.ivy",
    "spark.jars.ivySettings",
    "spark.jars.packages",
    "spark.jars.repositories",
    "spark.job.interruptOnCancel",
    "spark.local.dir",
    "spark.logConf",
    "spark.logLineage",
    "spark.logging.exceptionPrintInterval",
    "spark.master",
    "spark.network.io.preferDirectBufs",
    "spark.network.sasl.serverAlwaysEncrypt",
    "spark.network.sharedByteBufAllocators.enabled",
    "spark.port.maxRetries",
    "spark.remote",
    "spark.resultGetter.threads",
    "spark.scheduler.pool",
    "spark.shuffle.maxChunksBeingTransferred",
    "spark.shuffle.spill",
    "spark.stage.maxConsecutiveAttempts",
    "spark.starvation.timeout",
    "spark.streaming.blockQueueSize",
    "spark.streaming.receiver.blockStoreTimeout",
    "spark.streaming.receiverRestartDelay",
    "spark.streaming.stopSparkContextByDefault",
    "spark.submit.deployMode",
    "spark.yarn.access.hadoopFileSystems",
    "spark.yarn.access.namenodes",
    "spark.yarn.driver.memoryOverhead",
    "spark.yarn.executor.memoryOverhead",
    "spark.yarn.jar",
)
#: Spark 4's, which livyguard counts with.
_LATER = ("spark.driver.minMemoryOverhead", "spark.executor.minMemoryOverhead")
_KEY = re.compile(r"(?<![\w.])spark\.[A-Za-z0-9_.-]+")


def main() -> None:
    """Write the names, sorted, one a line, below a line that says where they come from."""
    os.environ.setdefault("JAVA_HOME", str(find_java().home))
    jvm = launch_gateway().jvm
    for name in _classes():
        _load(jvm, name)
    found = (*_registered(jvm), *_deprecated(jvm), *_PLAIN, *_LATER)
    names = sorted({name for name in found if _KEY.fullmatch(name)})
    what = "every key of its configuration registry, and Spark 4's that size a container"
    head = f"# Spark {pyspark.__version__}: {what}; made by scripts/spark_keys.py"
    TARGET.write_text("\n".join([head, *names, ""]), encoding="utf-8")
    sys.stdout.write(f"{len(names)} keys\n")


def _classes() -> Iterator[str]:
    for jar in sorted((Path(pyspark.__file__).parent / "jars").glob("spark-*.jar")):
        for name in zipfile.ZipFile(jar).namelist():
            if _HOLDS_ENTRIES.fullmatch(name):
                yield name.removesuffix(".class").replace("/", ".")


def _load(jvm: Any, name: str) -> None:
    try:
        jvm.java.lang.Class.forName(name)
    except Exception as error:  # noqa: BLE001 - a class that needs what is not installed holds no key that can be set
        sys.stderr.write(f"{name}: {str(error).splitlines()[0]}\n")


def _registered(jvm: Any) -> Iterator[str]:
    companion = getattr(getattr(jvm.org.apache.spark.internal.config, "ConfigEntry$"), "MODULE$")
    for entry in companion.knownConfigs().values():
        yield entry.key()
        others = entry.alternatives()
        yield from (others.apply(place) for place in range(others.size()))


def _deprecated(jvm: Any) -> Iterable[str]:
    """Yield old names: those that Spark warns of, and those that it reads in place of the new ones."""
    companion = getattr(getattr(jvm.org.apache.spark, "SparkConf$"), "MODULE$")
    kind = companion.getClass()
    for field in kind.getDeclaredFields():
        if field.getType().getName().startswith("scala.collection.immutable.Map"):
            field.setAccessible(True)
            yield from _KEY.findall(field.get(companion).toString())


if __name__ == "__main__":
    main()
