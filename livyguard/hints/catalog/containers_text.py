"""The long forms of LG213 to LG218."""

from __future__ import annotations

__all__ = ["NODE_LOST", "PHYSICAL", "PREEMPTED", "SIGKILL", "SIGTERM", "VIRTUAL"]

_GO_ON = """
Where the driver's container was the one, the session is gone: `%livy_recover`, then the cell again. No kernel restart
is needed.
"""

PREEMPTED = f"""
## What it means

YARN took a container back (exit status -102) because another queue, or another user of this one, was owed its memory.
Of an executor Spark makes up for it: its tasks run again elsewhere and do not count as failures. Without its driver an
application ends.

## What to do

- Run the cell again; `%livy_sessions` shows who holds what.
- Ask for no more than the queue is guaranteed: what is taken beyond it is lent, and is taken back first.
- For the operator: drivers can be kept out of preemption (`disable_preemption` of a queue), or notebooks be given a
  queue of their own.
{_GO_ON}"""

NODE_LOST = f"""
## What it means

The ResourceManager heard nothing of a node for ten minutes, or the node was taken out, and gave up every container on
it (exit status -100).

## Why

A NodeManager that stopped, a machine that was shut down or ran out of memory, a spot instance that was taken back, a
cluster that scaled in.

## What to do

- Run the cell again. Cached data that lay on that node is computed anew.
- For the operator: `yarn node -list -all` says which nodes are missing. Drivers belong on nodes that stay, on EMR on
  core nodes and not on spot instances.
{_GO_ON}"""

PHYSICAL = f"""
## What it means

A container used more memory than YARN gives it, and its NodeManager killed it (exit status -104).

A container of Spark holds Java's heap (`executorMemory`, `driverMemory`) and an overhead beside it: a tenth of the
heap, at least 384 MiB, unless `spark.executor.memoryOverhead` or `spark.driver.memoryOverhead` says otherwise. Python's
workers, Arrow and pandas, shuffle buffers and native libraries use the overhead. Java keeps to its heap, so it is the
overhead that was too small.

## What to do

- More overhead, as in the ready cell: its figure is computed from what YARN says.
- Fewer tasks at a time (`executorCores`): each brings its own Python worker.
- Smaller pieces: more partitions, `spark.sql.execution.arrow.maxRecordsPerBatch`, no pandas function over a whole
  group that is huge.
{_GO_ON}"""

VIRTUAL = f"""
## What it means

A container reserved more address space than YARN lets it, and its NodeManager killed it (exit status -103). The limit
is the container's memory times `yarn.nodemanager.vmem-pmem-ratio` (2.1).

## Why

Java reserves address space generously and uses a part of it. The check says little on today's Linux (YARN-4714), and
EMR and most distributions switch it off.

## What to do

- For the operator: `yarn.nodemanager.vmem-check-enabled = false`, or a larger ratio.
- Until then a larger overhead raises the limit with the container, as in the ready cell.
{_GO_ON}"""

SIGKILL = f"""
## What it means

The process was killed with SIGKILL: 128 + 9 = 137. It could not write why.

## Why

Mostly memory: Linux' out-of-memory killer took it, because the node or the container's control group had none left.
The node's kernel log (`dmesg`) names it then. YARN sends SIGKILL as well, 250 ms after a SIGTERM that was not heeded,
and so does a person with `kill -9`.

## What to do

- Read the container's log, and the lines around this one: where they name a limit that was exceeded, a code of its own
  stands here instead.
- More overhead and fewer tasks at a time, as for LG215.
- For the operator: do not give YARN all memory of a node (`yarn.nodemanager.resource.memory-mb`); Linux and the
  daemons need some.
{_GO_ON}"""

SIGTERM = f"""
## What it means

The process was asked to stop with SIGTERM: 128 + 15 = 143. That is how every container of YARN is stopped, so it says
that it was stopped, and not why.

## Why

The application ended or was killed; Spark gave an idle executor back; YARN took the container back or found it too
large; Java ran out of memory and its option `-XX:OnOutOfMemoryError='kill %p'` ended it. In each of these cases another
line says so.

## What to do

Read the lines before it, and `yarn logs -applicationId …`. Executors that end like this while nothing fails are no
reason to worry.
{_GO_ON}"""
