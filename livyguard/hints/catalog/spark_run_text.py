"""The long forms of LG306 to LG308."""

from __future__ import annotations

__all__ = ["LOST", "NO_EXECUTORS", "PYTHONS"]

NO_EXECUTORS = """
## What it means

The driver runs and its job waits: no executor has registered for 15 seconds, and Spark says so again every 15 seconds.
For a moment that is usual where executors come as the work needs them.

## Why

- The queue or the cluster is full.
- One executor is larger than what any node has left, or larger than any node.
- Executors start and end at once: the log then holds their exit codes, and a code of its own stands here.

## What to do

- `%livy_sessions` shows who holds the cluster; `%livy_release` frees your own idle sessions.
- Smaller executors fit where large ones do not.
- Interrupting the cell stops the statement and keeps the session. If it ended: `%livy_recover`.
"""

LOST = """
## What it means

A PySpark session's driver is two processes: Python, which runs your code, and Java, which runs Spark. Python found Java
gone (`Answer from Java side is empty`, connection refused), or Livy found the interpreter gone (`Interpreter died`).

## Why

- Java ran out of memory: `collect()`, `toPandas()`, a broadcast. LG302 stands here where the log says so.
- YARN killed the container for its memory (LG215), or somebody killed the application (LG212).
- A native library crashed, or the code called `os._exit`.

## What to do

`%livy_recover`, then the cells that made your variables. No kernel restart is needed. `yarn logs -applicationId …`
holds the driver's last words.
"""

PYTHONS = """
## What it means

PySpark sends functions from the driver to the executors as byte code. Between minor versions of Python that differs, so
Spark compares them first, and refuses.

## Why

`PYSPARK_PYTHON` names another Python on the nodes than where the driver runs; an archive with an environment is
unpacked on the executors only; a node was upgraded and others were not.

## What to do

Name one Python for both, with `%%configure -f` as in the ready cell. With an environment in `archives` use its path,
`./environment/bin/python`, in `spark.pyspark.python`. If the session ended: `%livy_recover`; no kernel restart is
needed.
"""
