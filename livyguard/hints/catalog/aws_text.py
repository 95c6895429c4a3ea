"""The long forms of LG501 to LG503."""

from __future__ import annotations

__all__ = ["NOT_READY", "NO_MAXIMUM", "TUNNEL"]

TUNNEL = """
## What it means

The notebook looks for Livy on its own machine, `localhost`, and nothing listens there, or what listens closes the
connection. A Livy elsewhere is reached that way through a tunnel: of `ssh -L`, of `autossh` on a SageMaker notebook
with a Glue development endpoint, of `kubectl port-forward`, of a session manager. Sessions at the other end go on until
their idle time-out.

## Why

- The tunnel is down: its terminal was closed, the machine slept, the connection broke, the key was changed.
- The tunnel stands, and at its far end nothing answers: the endpoint was stopped or made anew, with another address.
- There is no tunnel: Livy itself should run on this machine, and does not.

## What to do

- `livyguard sessions` in a terminal of the same machine says whether Livy answers; `ss -ltn` what listens.
- A Glue development endpoint: `ssh -i KEY -N -L 8998:169.254.76.1:8998 glue@ADDRESS`, with the endpoint's present
  address. EMR: `ssh -i KEY -N -L 8998:localhost:8998 hadoop@ADDRESS`. Kubernetes:
  `kubectl port-forward service/livy 8998`.
- On a SageMaker notebook the tunnel is a cron job's: `/var/log/sagemaker-lifecycle-config-v2-dev-endpoint-daemon.log`
  says what hinders it.
- `autossh -M 0` with `-o ServerAliveInterval=30` opens it again when it breaks.

Then run the cell again. A session that was there before is there still; `%livy_recover` where SparkMagic goes on
repeating the error.
"""

NOT_READY = """
## What it means

The endpoint, the cluster or the application is there, and does not take sessions: it starts, it stops, or it failed.

## Why

- A Glue development endpoint takes minutes in `PROVISIONING`. `FAILED` has a `FailureReason`: no address left in the
  subnet, no way to S3, no DNS names in the VPC.
- An EMR cluster in `STARTING` or `BOOTSTRAPPING` has no Livy yet; `TERMINATED` never again.
- An EMR Serverless application starts by itself with a session, where its auto-start is on.

## What to do

Look at its state again after some minutes. A failed or terminated one has to be made anew, and gets another address:
SparkMagic's config.json, or the tunnel, has to name that one. Then `%livy_recover` and the cell again. No kernel
restart is needed.
"""

NO_MAXIMUM = """
## What it means

Dynamic allocation is on, and `spark.dynamicAllocation.maxExecutors` is not set in what was read. Spark's own default is
no limit: a session whose query has enough tasks takes every executor that the cluster has, and sessions that start
after it wait. A Glue development endpoint comes like that, whatever the worker type. The hint is given only where the
text bears a sign of Glue: its name, a development endpoint, a worker type such as `G.1X`.

## Why it matters on a shared endpoint

Executors go back after a minute without work, but not while they hold a cached table
(`spark.dynamicAllocation.cachedExecutorIdleTimeout` has no limit either), nor while the query runs.

## What to do

- In a notebook: `%%configure -f` with `{"conf": {"spark.dynamicAllocation.maxExecutors": "5"}}`; the session is made
  anew.
- For the operator: a limit `"executors.max" = { max = 8, default = 5 }` in livyguard's policy sets it for every
  session that says nothing, and bounds those that do. `livyguard policy init --users N --workers M --worker-type G.1X`
  works out how many there are for each.
- In `spark-defaults.conf` it is a default that anybody may override.

A maximum that stands in another place than the text that was read holds all the same: the Spark UI's Environment page
shows what is in force.
"""
