"""The long forms of LG304, LG305, LG311 and LG312."""

from __future__ import annotations

__all__ = ["INITIAL", "SAFE_MODE", "SHUFFLE", "STAGING"]

_GO_ON = """
Then `%livy_recover` and the cell again. No kernel restart is needed.
"""

INITIAL = f"""
## What it means

With dynamic allocation Spark starts with the largest of `numExecutors` (`spark.executor.instances`),
`spark.dynamicAllocation.initialExecutors` and `minExecutors`. Where that is more than `maxExecutors` it does not start.

## Why

One of them stands in `%%configure` and another in the cluster's spark-defaults.conf. livyguard's policy sends values
that fit together; without it, or past it, they may not.

## What to do

Ask for a start that fits, as in the ready cell, or leave `numExecutors` out: executors come as the work needs them.
{_GO_ON}"""

SHUFFLE = f"""
## What it means

Dynamic allocation gives idle executors back. What they wrote for later stages must survive them: either an external
shuffle service on each node serves it, or Spark (from 3.0 on) keeps track of it and holds on to those executors.

## Why

`spark.dynamicAllocation.enabled` without `spark.shuffle.service.enabled`; or with it, and the service is not there:
missing in `yarn.nodemanager.aux-services`, under another name, of another Spark, or on another port than
`spark.shuffle.service.port` (7337).

## What to do

- Shuffle tracking, as in the ready cell, or a fixed number of executors.
- For the operator: Spark's guide to YARN, "Configuring the External Shuffle Service".
{_GO_ON}"""

STAGING = f"""
## What it means

Before it starts, Spark copies its jars and settings into a folder of the user who submits: `.sparkStaging` in the home,
`/user/NAME` on HDFS. That user may not write there.

## Why

Nobody has made the home of a new user; or it belongs to somebody else; or Livy submits as another user than the folder
is meant for (impersonation switched on or off).

A path that *your* code may not write to is another matter, and has no hint.

## What to do

- For the operator: make the home and give it to the user, as in the ready command. EMR and most distributions can do
  that for every new user.
- Or `spark.yarn.stagingDir` for a folder that may be written to.
{_GO_ON}"""

SAFE_MODE = f"""
## What it means

HDFS's NameNode is in safe mode: it answers reads and refuses all changes. No session can start on such a cluster, as
Spark writes its own files first.

## Why

For some seconds after each start, until the DataNodes have reported enough of the blocks; for longer where DataNodes
are missing; for good where an operator switched it on, or where the NameNode's disk is full.

## What to do

Wait, then run the cell again. `hdfs dfsadmin -safemode get` says whether it is over; for the operator,
`hdfs dfsadmin -report` says which DataNodes are missing. Leave it by force only where nothing is.
{_GO_ON}"""
