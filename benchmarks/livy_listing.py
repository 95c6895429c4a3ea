"""What a busy Livy 0.9 on YARN tells of its sessions, as JSON: the same in every run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HOLDER", "session", "sessions"]

#: So many sessions a person. Each person has settings of their own; the sizes are those of the organisation.
SESSIONS_EACH = 8
#: driverMemory, driverCores, executorMemory, executorCores, numExecutors; 0 and None as Livy writes what nobody asked.
SIZES = (
    ("4g", 2, "8g", 4, 8),
    ("1g", 1, "2g", 1, 2),
    (None, 0, "4g", 2, 0),
    ("2g", 1, "16g", 4, 20),
    (None, 0, None, 0, 0),
)
STATES = ("idle", "idle", "busy", "idle", "dead", "idle", "idle")
#: Whose sessions the benchmark of the release frees.
HOLDER = "holder"


def sessions(number: int, owner: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield so many: of many people, in every state; or idle ones of one owner."""
    for each in range(number):
        if owner is None:
            yield session(each, f"user{each // SESSIONS_EACH}", STATES[each % len(STATES)])
        else:
            yield session(each, owner, "idle")


def session(number: int, owner: str, state: str) -> dict[str, Any]:
    """Return one session with all the fields of Livy 0.9.0: about 3 kB."""
    app = f"application_1700000000000_{number:04d}"
    memory, cores, executor_memory, executor_cores, executors = SIZES[number // SESSIONS_EACH % len(SIZES)]
    node = f"http://node{number % 40}.example.com:8042/node/containerlogs"
    return {
        "id": number,
        "name": None,
        "appId": app,
        "owner": owner,
        "proxyUser": owner,
        "state": state,
        "kind": "pyspark",
        "appInfo": {
            "driverLogUrl": f"{node}/container_{app[12:]}_01_000001/{owner}",
            "sparkUiUrl": f"http://rm.example.com:8088/proxy/{app}/",
            "executorLogUrls": None,
        },
        "log": _log(app, owner),
        "ttl": None,
        "idleTimeout": None,
        "driverMemory": memory,
        "driverCores": cores,
        "executorMemory": executor_memory,
        "executorCores": executor_cores,
        "conf": _conf(number, owner),
        "archives": [],
        "files": [],
        "heartbeatTimeoutInSecond": 0,
        "jars": [],
        "numExecutors": executors,
        "pyFiles": [],
        "queue": "root.analytics",
    }


def _conf(number: int, owner: str) -> dict[str, str]:
    """Return twelve keys: what an operator sets, what a person sets, and what this session alone has."""
    return {
        "spark.yarn.tags": f"livyguard,livyguard-{number:08x},livyguard-user-{owner}",
        "spark.app.name": f"notebook {number} of {owner}",
        "spark.dynamicAllocation.enabled": "true",
        "spark.dynamicAllocation.maxExecutors": str(4 + number // SESSIONS_EACH % 7),
        "spark.dynamicAllocation.cachedExecutorIdleTimeout": "10m",
        "spark.executor.memoryOverhead": "1g",
        "spark.driver.extraJavaOptions": "-Duser.timezone=UTC -XX:+UseG1GC",
        "spark.sql.shuffle.partitions": "400",
        "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
        "spark.jars.packages": "io.delta:delta-spark_2.12:3.2.0",
        "spark.yarn.dist.archives": f"hdfs:///user/{owner}/environments/analysis.tar.gz#environment",
        "spark.hadoop.fs.s3a.endpoint": "s3.eu-central-1.amazonaws.com",
    }


def _log(app: str, owner: str) -> list[str]:
    """Return the ten last lines of spark-submit, which Livy sends along."""
    client = "26/11/21 09:41:07 INFO Client:"
    return [
        f"{client} Application report for {app} (state: RUNNING)",
        f"{client} \n\t client token: N/A\n\t diagnostics: N/A\n\t ApplicationMaster host: node7.example.com",
        "\t ApplicationMaster RPC port: -1",
        "\t queue: root.analytics",
        "\t start time: 1700000000000",
        "\t final status: UNDEFINED",
        f"\t tracking URL: http://rm.example.com:8088/proxy/{app}/",
        f"\t user: {owner}",
        "26/11/21 09:41:07 INFO ShutdownHookManager: Deleting directory /tmp/spark-3f0d2b1e-6a0c-4c55",
        "\nYARN Diagnostics: ",
    ]
