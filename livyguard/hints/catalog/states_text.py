"""The long forms of LG114 to LG117."""

from __future__ import annotations

__all__ = ["CHANNEL", "INACTIVE", "RECOVERING", "SHUTTING_DOWN"]

_GO_ON = """
`%livy_recover`, and the cell again: settings stay, and no kernel restart is needed. Variables that lived in Spark are
lost.
"""

INACTIVE = f"""
## What it means

Livy answers 400, `requirement failed: Session isn't active`: the session's driver has ended, and Livy lists the session
for ten minutes more (`livy.server.session.state-retain.sec`). After that the same cell gets a 404. Livy 0.9 says it
with 500 and `Session is in state dead`.

## Why

What ends a session ends it here, too: Livy's idle time-out, one statement longer than that, a driver out of memory, an
application that was killed. The log tells, as long as Livy has it: `%%logs`, or `yarn logs -applicationId …` later.

## What to do
{_GO_ON}"""

SHUTTING_DOWN = f"""
## What it means

The session's state is `shutting_down`: it takes no code and is gone in some seconds. A cell that was running gets 400
`Session isn't active`.

## Why

Somebody deleted it, Livy's time-out did, or its driver stops by itself. A time-out that is known here has its own hint:
LG103 for a statement that ran too long, LG109 for the session's time to live.

## What to do
{_GO_ON}
`%livy_sessions --mine` shows which of your sessions live on.
"""

CHANNEL = f"""
## What it means

Livy speaks to the driver of a session over a channel of its own, and that is closed. Livy lists the session as idle or
busy until YARN tells it more.

## Why

- The driver's process ended without a farewell: out of memory, killed, its node lost.
- The network between Livy and the cluster's nodes broke, or a firewall cut a connection that was quiet.
- Livy 0.9 does not see the end of a recovered session on YARN: it stays idle and answers like this for ever.

## What to do
{_GO_ON}
Livy may go on calling the session idle. `%livy_recover` looks whether it can still speak to the driver; where it
cannot, the session is deleted, and its application with it.
"""

RECOVERING = """
## What it means

Livy was restarted with recovery (`livy.server.recovery.mode = recovery`) and is connecting to the drivers that it left.
Until then a session is `recovering` and takes no code.

## What to do

Wait a minute, then run the cell again: the session and its variables come back.

Where the log says `Cannot recover interactive session`, the session was still starting when Livy stopped, and is dead:
`%livy_recover`, and the cell again. Settings stay, and no kernel restart is needed.
"""
