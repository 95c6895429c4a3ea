"""Spark applications on a test's YARN, each of the size that a body for Livy asks for; no Livy is needed."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyspark

from livyguard.sandbox.java import find_java
from livyguard.sandbox.keeper import Kept
from tests.live.people import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.live.yarn import Yarn

__all__ = ["ALL_THERE", "running_apps", "settled"]

#: What a driver says once so many executors work for it; the driver counts itself, too.
ALL_THERE = "while sc._jsc.sc().getExecutorMemoryStatus().size() <= {executors}:\n    __import__('time').sleep(0.1)"
SCRIPT = """
import pathlib, sys, time
from pyspark import SparkContext
sc = SparkContext()
{all_there}
pathlib.Path(sys.argv[1]).touch()
time.sleep(3600)
"""
#: A body's own fields, as spark-submit knows them.
FIELDS = {
    "driverMemory": "spark.driver.memory",
    "driverCores": "spark.driver.cores",
    "executorMemory": "spark.executor.memory",
    "executorCores": "spark.executor.cores",
    "queue": "spark.yarn.queue",
}
#: Of each JVM, that it is there soon.
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
LOOPBACK = "127.0.0.1"


@contextmanager
def running_apps(
    yarn: Yarn, folder: Path, body: Mapping[str, Any], executors: int, *, users: int = 1, deploy_mode: str = "cluster"
) -> Iterator[list[Path]]:
    """Submit an application for each user; yield the files that say of each that all of its executors work.

    Args:
        yarn: where.
        folder: for scripts and logs.
        body: what Livy would be sent.
        executors: of each.
        users: how many applications.
        deploy_mode: ``cluster`` or ``client``.
    """
    script = folder / "app.py"
    script.write_text(SCRIPT.format(all_there=ALL_THERE.format(executors=executors)))
    conf = _conf(folder, executors) | {FIELDS[key]: value for key, value in body.items() if key in FIELDS}
    conf |= body.get("conf", {})
    home = Path(pyspark.__file__).parent
    words = [str(home / "bin" / "spark-submit"), "--master", "yarn", "--deploy-mode", deploy_mode]
    words += [word for key, value in conf.items() for word in ("--conf", f"{key}={value}")]
    env = {
        **os.environ,
        "JAVA_HOME": str(find_java().home),
        "HADOOP_CONF_DIR": str(yarn.conf_dir),
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_SUBMIT_OPTS": QUICK,
        "PYSPARK_PYTHON": sys.executable,
    }
    ready = [folder / f"ready-{number}" for number in range(users)]
    with ExitStack() as submitted:
        submitted.callback(_kill_all, yarn)
        for file in ready:
            log = folder / f"{file.name}.log"
            submitted.enter_context(Kept([*words, str(script), str(file)], log=log, env=env, cwd=folder, grace=0))
        yield ready


def settled(yarn: Yarn) -> tuple[int, int, int]:
    """Return how many containers, MiB and cores the ResourceManager says are given, once it has nothing in excess.

    Spark repeats what it asks for until it is answered; what it gets twice it gives back unused, so the nodes run less.
    """
    same = 0
    while same < 3:
        until(lambda: sum(app["runningContainers"] for app in yarn.living()) == yarn.running())
        time.sleep(0.3)
        same = same + 1 if sum(app["runningContainers"] for app in yarn.living()) == yarn.running() else 0
    apps, whole = yarn.living(), yarn.metrics()
    names = ("runningContainers", "allocatedMB", "allocatedVCores")
    containers, memory, cores = (sum(app[name] for app in apps) for name in names)
    names = ("containersAllocated", "allocatedMB", "allocatedVirtualCores")
    assert tuple(whole[name] for name in names) == (containers, memory, cores)
    return containers, memory, cores


def _conf(folder: Path, executors: int) -> dict[str, Any]:
    return {
        "spark.executor.instances": executors,
        "spark.dynamicAllocation.enabled": "false",
        "spark.ui.enabled": "false",
        "spark.yarn.jars": f"local:{Path(pyspark.__file__).parent / 'jars'}/*",
        "spark.yarn.stagingDir": f"file://{folder / 'staging'}",
        "spark.yarn.submit.waitAppCompletion": "false",
        "spark.yarn.maxAppAttempts": 1,
        "spark.yarn.appMasterEnv.SPARK_LOCAL_IP": LOOPBACK,
        "spark.yarn.appMasterEnv.PYSPARK_PYTHON": sys.executable,
        "spark.executorEnv.SPARK_LOCAL_IP": LOOPBACK,
        **{f"spark.{side}.extraJavaOptions": QUICK for side in ("driver", "executor")},
    }


def _kill_all(yarn: Yarn) -> None:
    for app in yarn.living():
        yarn.kill(app["id"])
