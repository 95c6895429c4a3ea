"""The long forms of LG301 to LG303."""

from __future__ import annotations

__all__ = ["DRIVER", "EXECUTOR", "RESULT"]

_GO_ON = """
If the session ended, too: `%livy_recover`, and the cells that made your variables. No kernel restart is needed.
"""

EXECUTOR = f"""
## What it means

Java's heap of an executor was used up (`java.lang.OutOfMemoryError`, exit code 52). Spark tried the task on others,
four times in all, and gave up.

## Why

All tasks that run at a time in an executor share its heap (`executorMemory`): one for each of its cores. Partitions
that are too large, one key that holds most rows, a wide `explode`, or a cached table fill it.

## What to do

- Finer pieces: more partitions (`repartition`, `spark.sql.shuffle.partitions`); these need no new session.
- More memory for each task: a larger `executorMemory`, or fewer `executorCores`.
- One heavy key: `spark.sql.adaptive.skewJoin.enabled` (Spark 3), or salt it.
- `unpersist()` what is cached and no longer needed.
{_GO_ON}"""

DRIVER = f"""
## What it means

The driver's heap (`driverMemory`) was used up. The driver is the one process that your variables live in.

## Why

`collect()`, `toPandas()` and `%%sql` without a limit bring rows to the driver; a broadcast join builds its table there
first; a job of very many tasks, or a plan grown in a loop, takes room as well.

## What to do

- Bring less: aggregate in Spark, `limit`, or write to storage.
- For a broadcast: `spark.sql.autoBroadcastJoinThreshold` to -1, without a new session.
- More memory: `%%configure -f` with a larger `driverMemory`. The session starts anew.
{_GO_ON}"""

RESULT = f"""
## What it means

The results of a job's tasks, serialized, are larger than `spark.driver.maxResultSize` (1 GiB by default). Spark stopped
the job to keep the driver alive. Nothing else is lost.

## Why

`collect()` or `toPandas()` of a large table; sometimes a job of tens of thousands of tasks whose small answers add up.

## What to do

- Bring less, or write to storage and read a part.
- Fewer tasks: `coalesce`, or a smaller `spark.sql.shuffle.partitions`.
- Allow more: the ready cell doubles it, with a driver that has room for it. 0 means no limit, and an out-of-memory
  driver instead.
{_GO_ON}"""
