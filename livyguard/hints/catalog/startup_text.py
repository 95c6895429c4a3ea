"""The long forms of LG201 to LG204 and LG209."""

from __future__ import annotations

__all__ = ["AM_LIMIT", "NO_NODES", "TIMEOUT", "USER_LIMIT", "WAITING"]

_GO_ON = """
Then `%livy_recover` and the cell again. No kernel restart is needed.
"""

_ROOM = """
- `%livy_sessions` shows who holds what, the idle ones too.
- `%livy_release` frees those of your own sessions that lie idle; `--dry-run` only shows them. Ask the owners of others.
"""

TIMEOUT = f"""
## What it means

The session was created and did not become idle in time. Two clocks run, and either may end it:

| clock | default | what moves it |
|---|---|---|
| SparkMagic | 60 s | `livy_session_startup_timeout_seconds` in config.json |
| Livy | 90 s | `livy.rsc.server.connect.timeout` in livy-client.conf, or in `conf` of one session |

Livy's runs until the driver calls back, so it includes the time in YARN's queue. When it ends, Livy kills the
application.

## Why

Mostly a full cluster: YARN accepts the application and starts it only when there is room. The session's log mostly
says so, and a code of its own then stands here. Without such a line the cluster may just be slow: a first start after a
scale-up, large jars, a driver that cannot reach Livy (ports 10000 to 10010).

## What to do
{_ROOM}- Where the start is only slow, give both clocks more time:
  `%%configure -f` with `{{"conf": {{"livy.rsc.server.connect.timeout": "300s"}}}}`, and SparkMagic's option.
{_GO_ON}"""

AM_LIMIT = f"""
## What it means

YARN's capacity scheduler lets drivers (application masters) hold a share of the queue only:
`yarn.scheduler.capacity.maximum-am-resource-percent`, 10 % by default. Each Livy session in cluster mode is one driver,
so many small sessions fill that share while executors still have room.

## What to do
{_ROOM}- A smaller driver fits where a large one does not: `%%configure -f` with `{{"driverMemory": "1g"}}`.
- For the operator: on a cluster for notebooks the share may be 0.5 or more.
{_GO_ON}"""

USER_LIMIT = f"""
## What it means

The queue limits what one user may hold (`user-limit-factor`, `minimum-user-limit-percent`), and that user holds it.
Without impersonation YARN sees all of Livy's users as one: then it is a limit for all together.

## What to do
{_ROOM}- For the operator: impersonation (`livy.impersonation.enabled = true`) gives each user their own limit; a larger
  `user-limit-factor` lets one user take what others leave.
{_GO_ON}"""

WAITING = f"""
## What it means

The application is through the queue, and no node has room for its driver: containers of others fill the nodes, or no
node is as large as the driver with its overhead.

## What to do
{_ROOM}- Ask for less: `%%configure -f` with `{{"driverMemory": "1g", "executorMemory": "1g", "numExecutors": 1}}`.
- For the operator: executors of idle sessions return by dynamic allocation; cached data keeps them unless
  `spark.dynamicAllocation.cachedExecutorIdleTimeout` is set.
{_GO_ON}"""

NO_NODES = f"""
## What it means

YARN has accepted the application and has nowhere to start its driver: no NodeManager is registered, or none in the
partition (node label) that the queue uses.

## Why

The NodeManagers are stopped, were lost, are decommissioned or unhealthy (a full disk is a frequent reason), or the
cluster is scaled down to nothing and has not come back yet.

## What to do

- `yarn node -list -all`, or the ResourceManager's page of nodes, says which are up and why the others are not.
- For the operator: start one. On a cluster that scales itself, wait for it.
{_GO_ON}"""
