"""The long forms of LG108 to LG113."""

from __future__ import annotations

__all__ = ["ELSEWHERE", "FINISHED", "HEARTBEAT", "KILLED", "NEVER", "TTL"]

_GO_ON = """
## What to do

`%livy_recover` makes the notebook forget the lost session; settings stay, and the next Spark cell starts a new one. No
kernel restart is needed. Variables that lived in Spark are lost: run the cells that made them again.
"""

HEARTBEAT = f"""
## What it means

The session was created with a heartbeat (`heartbeatTimeoutInSecond`): Livy deletes it once nobody has asked about it
for that long, whether a statement runs or not. SparkMagic sets 60 seconds unless told otherwise, and asks every 30
seconds from a thread of the kernel.

## Why

That thread stood still: a laptop slept, a machine was suspended, a debugger or a long call that holds Python's lock
paused the kernel, or the network was away for a minute. Livy's own log says `Session N expired. Last heartbeat is at
…`.
{_GO_ON}
To keep it from happening again: `"livy_server_heartbeat_timeout_seconds": 0` in SparkMagic's config.json switches the
heartbeat off, a larger number makes it patient. Livy's idle time-out then ends what is forgotten. Once it is off,
`%livy_release` frees sessions that are left over.
"""

TTL = f"""
## What it means

The session was created with a time to live (`ttl`), asked for by `%%configure` or filled in by the policy, and that
time is over. Since Livy 0.9 it counts from the creation and needs `livy.server.session.ttl-check = true`; in 0.8 it
counted from the last use.
{_GO_ON}
A session for longer work asks for a longer `ttl`, as far as the policy lets it: `%livy_policy` shows that. Work that
takes days is better a batch.
"""

ELSEWHERE = """
## What it means

The session is there for one request and gone for the next, or it was created at another address than the one that is
asked now. Sessions live in one Livy server; a second one behind the same address knows nothing of them.

## Why

- A balancer spreads the requests over several Livys and does not keep a client at one of them.
- A name in DNS has several addresses.
- The endpoint in the notebook was changed since the session was created.

## What to do

`%livy_sessions --mine`, twice, shows whether the answers differ. The session lives on where it was created: go back to
that address, and the notebook goes on with its variables. Where that is no way, `%livy_recover` lets the
notebook start anew; the old session then holds its executors until it is released (`%livy_release N --url …`) or idles
out.

For the operator: sticky sessions on the balancer (by source address or cookie), or one address for each Livy.
"""

FINISHED = f"""
## What it means

The session's driver went through an orderly end: Spark was stopped by the shutdown of its Java process, and no error
stands before that in its log. Apache's Livy calls such a session `dead`, like any other that has ended; services with a
Livy of their own say `success`. It is listed for ten minutes (`livy.server.session.state-retain.sec`), then Livy
answers 404.

## Why

- A cell, or a library that it calls, ended Java: `System.exit(0)`, in Scala also `sys.exit()`. Python's own `exit()` is
  an error of the cell and nothing more.
- Somebody told the driver's process to end (`kill` without `-9`), or its machine was shut down.
{_GO_ON}
Leave such calls out of notebooks; `%livy_release --this` frees a session.
"""

NEVER = """
## What it means

Livy does not know the number, and neither does this notebook nor the ledger of this machine. Numbers only grow, and
this one is beyond all that are listed.

## Why

A slip of the keyboard, a number of another Livy (`%livy_sessions` has a column for the endpoint where there are
several), or one of before a restart of Livy, which counts from 0 again.

## What to do

`%livy_sessions --mine` shows the numbers of your sessions. Where a notebook keeps asking for it, `%livy_recover` makes
it forget the number; settings stay.
"""

KILLED = f"""
## What it means

The cluster says that the application behind the session was killed: state `killed`. It did not fail by itself.

## Why

- Somebody ran `yarn application -kill`, or pressed Kill on the ResourceManager's page. Its diagnostics name the user.
- Livy was stopped in an orderly way without recovery: it kills all of its sessions.
- A queue with a higher claim took the room of the driver back (preemption).
{_GO_ON}
"""
