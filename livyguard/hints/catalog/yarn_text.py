"""The long forms of LG205 to LG208 and LG210."""

from __future__ import annotations

__all__ = ["CONTAINER", "DRIVER", "EXECUTOR", "NO_APPLICATION", "UNKNOWN_QUEUE"]

_GO_ON = """
Then `%livy_recover` and the cell again. No kernel restart is needed.
"""

_THRESHOLD = """
The largest container is the smaller of `yarn.scheduler.maximum-allocation-mb` and what the largest node offers
(`yarn.nodemanager.resource.memory-mb`). Spark asks for the memory that you name and its overhead: a tenth of it, at
least 384 MiB, and for executors PySpark and off-heap memory if set.
"""

UNKNOWN_QUEUE = f"""
## What it means

The request names a YARN queue (`queue`, or `spark.yarn.queue` in `conf`) that does not exist, or not for this user, or
several queues carry the name and only the path from the root tells them apart.

## What to do

- Leave `queue` out, or name one that exists: `mapred queue -list`, or the ResourceManager's scheduler page.
- For the operator: a limit `"queue" = {{ fixed = "…" }}` in the policy takes the choice away.
{_GO_ON}"""

NO_APPLICATION = f"""
## What it means

Livy tags each application and looks for the tag in YARN, or among Kubernetes' pods. It found none within
`livy.server.yarn.app-lookup-timeout` (120 s by default), or `livy.server.kubernetes.app-lookup-timeout` (600 s).

## Why

- spark-submit failed before it reached YARN: a wrong path, a missing jar, no Kerberos ticket. Its words stand in the
  session's log, above this line.
- Many sessions started at once, and Livy's machine or the ResourceManager is slow.
- Livy 0.8 and before compare tags with their case; a YARN that keeps the case of tags never matches.

## What to do

Read the log above the line first. With many sessions in state `starting` wait a minute.
{_GO_ON}"""

DRIVER = f"""
## What it means

`driverMemory` and its overhead do not fit into the largest container of this cluster.
{_THRESHOLD}
## What to do

Ask for less: `%%configure -f` with `{{"driverMemory": "…"}}`. Collect less to the driver: aggregate in Spark, write
results to storage.
{_GO_ON}"""

EXECUTOR = f"""
## What it means

`executorMemory` and its overhead do not fit into the largest container of this cluster.
{_THRESHOLD}
## What to do

Ask for smaller executors, and more of them: `%%configure -f` with `{{"executorMemory": "…", "numExecutors": …}}`.
{_GO_ON}"""

CONTAINER = f"""
## What it means

YARN refuses a container that is larger than the largest it may give (InvalidResourceRequestException): the driver's, or
an executor's, its overhead included. It is the memory that is too much, or the cores; the title says which.
{_THRESHOLD}
## What to do

Ask for less: `%%configure -f` with `{{"driverMemory": "…", "executorMemory": "…"}}`, and more executors of a smaller
size. Of cores `driverCores` and `executorCores`: the most is the smaller of `yarn.scheduler.maximum-allocation-vcores`
and what the largest node offers.
{_GO_ON}"""
