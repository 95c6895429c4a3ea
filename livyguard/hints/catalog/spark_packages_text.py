"""The long forms of LG309 and LG310."""

from __future__ import annotations

__all__ = ["PACKAGE", "SCALA"]

SCALA = """
## What it means

A library calls a method or a class of Scala's own that this session's Scala does not have. Scala 2.11, 2.12 and 2.13
do not mix: Livy, Spark and every library of a session need the same one.

## Why

Spark 2 has Scala 2.11, Spark 3 has 2.12 or 2.13, Spark 4 has 2.13. A package or jar was chosen for another: its name
tells (`delta-core_2.11`). A jar that bundles Scala does it as well.

Where it is Livy itself, the archive for another Scala was installed: Livy 0.8 and 0.9 come as `_2.11` and `_2.12`.

## What to do

- See which Scala Spark has, and name libraries for that one in `spark.jars.packages` or `jars`.
- Leave out jars one by one if their names do not tell.

If the session ended: `%livy_recover`, then the cell again. No kernel restart is needed.
"""

PACKAGE = """
## What it means

The session was to bring a library along that cannot be had, or the code uses one that the session was not started with.

## Why

- `spark.jars.packages` holds coordinates that no repository knows: a slip, a version that does not exist, Scala's
  version left out of the name.
- The machine that Livy runs on does not reach Maven Central, and no other repository is set.
- `jars`, `pyFiles`, `files` or `archives` names a path that is not there.
- A data source such as `delta` or `avro` is used, and its package was not asked for.

A Python module that is missing on the executors (`ModuleNotFoundError`) is a matter of the code and its environment,
and has no hint.

## What to do

- `%%configure -f` with `spark.jars.packages` as `group:name:version`; several are split by commas. Packages are loaded
  when a session starts.
- For the operator: `spark.jars.repositories` or `spark.jars.ivySettings` for a mirror inside.

If the session did not start: `%livy_recover`, then the cell again. No kernel restart is needed.
"""
