"""The long forms of LG304 and LG305."""

from __future__ import annotations

__all__ = ["INITIAL", "SHUFFLE"]

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
{_GO_ON}
Where drivers run in the cluster, Spark's words stand in the driver's log alone: Livy calls the session dead and ends
its application, and the notebook shows LG212 or LG107. `yarn logs -applicationId … | livyguard diagnose -` then gives
this code.
"""

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
