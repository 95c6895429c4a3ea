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
- been deleted by somebody, or by a tool such as `%%cleanup`: LG106;
- been deleted since nobody asked for it within its heartbeat, while the computer slept: LG108;
- reached the end of its own time to live (`ttl`): LG109;
- ended more than ten minutes ago: on its own (out of memory, for one) LG105, without an error LG111, killed in YARN
  LG113;
- been lost in a restart of Livy without recovery: LG104 where the number is another session's by now;
- lived on another Livy: the address leads to another server, or a balancer does not keep to one: LG110;
- never been: a slip in the number: LG112.

This code stands where what was seen carries none of them.
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
the statement ends. While Livy deletes it, for ten seconds mostly, the running cell gets 400 `Session isn't active`;
after that, 404.
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

The session had ended before it was missed: this notebook saw it `dead` or `error`, or YARN says that its application
failed. (Killed is LG113; an end without an error LG111.) Livy lists an ended session for ten minutes
(`livy.server.session.state-retain.sec`) and answers 404 after that.

## Why

The log tells: `%%logs` within those ten minutes, `yarn logs -applicationId … | livyguard diagnose -` later. Frequent
are a driver that ran out of memory, and a node that was lost.
{_GO_ON}"""

DELETED = f"""
## What it means

The session was used not long ago, so no idle time-out took it.

## Why

- Somebody deleted it. On a Livy without access control everybody may, and SparkMagic's `%%cleanup -f` deletes the
  sessions of all users. Where livyguard is loaded it deletes only one's own.
- Livy was restarted without recovery. Where this notebook found nobody at Livy's address between the last sight of the
  session and its loss, that is named first; a number that is another session's by now proves it (LG104).
- The application was killed, and this notebook had no sight of it (LG113 where it had).
- Its heartbeat stopped, where this notebook does not know that it has one (LG108 where it does).
- The operator's time-out is shorter than Livy's default of an hour.
{_GO_ON}"""
