"""The long forms of LG1xx."""

from __future__ import annotations

__all__ = ["BUSY", "DELETED", "ENDED", "IDLE", "NOT_FOUND", "RESTARTED"]

_GO_ON = """
## What to do

`%livy_recover` makes the notebook forget the lost session. Settings stay; the next Spark cell starts a new session.
No kernel restart is needed, and local variables (`%%local`) stay. Variables that lived in Spark are lost: run the
cells that made them again.

`%livy_sessions --mine` shows which of your sessions live on.
"""

NOT_FOUND = f"""
## What it means

The notebook asked Livy for its session and was told `404 Session 'N' not found`. SparkMagic keeps asking for the same
session, so every cell repeats the error.

## Why

Livy forgets an ended session and writes no reason where a client could read it. It may have

- lain idle longer than `livy.server.session.timeout` (1 hour by default): LG102 where this notebook knows the times;
- run one statement longer than that, with `skip-busy` off, which is the default: LG103;
- been deleted by somebody, by a tool such as `%%cleanup`, or by its heartbeat while the computer slept: LG106;
- ended on its own (out of memory, killed in YARN) more than ten minutes ago: LG105;
- been lost in a restart of Livy without recovery: LG104;
- never lived on this Livy: the address leads to another server, or a balancer without sticky sessions.
{_GO_ON}"""

IDLE = f"""
## What it means

Livy deletes a session in which nothing ran for `livy.server.session.timeout` (1 hour by default). Looking at the
session does not count as use; running a statement does.

## Why

So that forgotten notebooks give their executors back to the others.
{_GO_ON}
A longer time is the operator's to give: `livy.server.session.timeout` in livy.conf, or `idleTimeout` of a single
session from Livy 0.9 on, where the policy allows it.
"""

BUSY = f"""
## What it means

A statement that runs longer than `livy.server.session.timeout` (1 hour by default) gets its session deleted, unless
`livy.server.session.timeout-check.skip-busy` is on. It is off by default. Before Livy 0.7 the session goes right after
the statement ends.
{_GO_ON}
To keep it from happening again: split the statement (write intermediate results to storage), submit the work as a batch
(batches are never timed out), or ask the operator for `livy.server.session.timeout-check.skip-busy = true`.
"""

RESTARTED = f"""
## What it means

A Livy that was restarted without recovery starts its numbers at 0 again. The number that this notebook remembers now
belongs to another session. livyguard compares tags, owners and applications before it acts on a number, so nothing is
run in, and nothing is taken from, somebody else's session.
{_GO_ON}
For the operator: `livy.server.recovery.mode = recovery` with a state store keeps sessions over a restart.
"""

ENDED = f"""
## What it means

The session had ended before it was missed: this notebook saw it dead, killed or shutting down. Livy lists an ended
session for ten minutes (`livy.server.session.state-retain.sec`) and answers 404 after that.

## Why

The log tells: `%%logs` within those ten minutes, `yarn logs -applicationId …` later. Frequent are a driver that ran out
of memory and an application that was killed in YARN.
{_GO_ON}"""

DELETED = f"""
## What it means

The session was used not long ago, so no idle time-out took it.

## Why

- Somebody deleted it. On a Livy without access control everybody may, and SparkMagic's `%%cleanup -f` deletes the
  sessions of all users. Where livyguard is loaded it deletes only one's own.
- Its heartbeat stopped. With `heartbeatTimeoutInSecond` set, Livy deletes a session that no client asked about for that
  long: a laptop that slept is enough.
- The application was killed, or Livy was restarted.
- The operator's time-out is shorter than Livy's default of an hour.
{_GO_ON}"""
