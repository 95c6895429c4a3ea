"""The long forms of LG311 and LG312."""

from __future__ import annotations

__all__ = ["SAFE_MODE", "STAGING"]

_GO_ON = """
Then `%livy_recover` and the cell again. No kernel restart is needed.
"""

STAGING = f"""
## What it means

Before it starts, Spark copies its jars and settings into a folder of the user who submits: `.sparkStaging` in the home,
`/user/NAME` on HDFS. That user may not write there.

## Why

Nobody has made the home of a new user; or it belongs to somebody else; or Livy submits as another user than the folder
is meant for (impersonation switched on or off).

A path that *your* code may not read or write is another matter: the session is well, and only the statement failed. The
hint then names the path and who owns it.

## What to do

- For the operator: make the home and give it to the user, as in the ready command. EMR and most distributions can do
  that for every new user.
- Or `spark.yarn.stagingDir` for a folder that may be written to.
- For a path of your own code: write to one that is yours, or ask its owner.
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
