"""The long forms of LG211 and LG219."""

from __future__ import annotations

__all__ = ["FULL", "REFUSED"]

_GO_ON = """
Then `%livy_recover` and the cell again. No kernel restart is needed.
"""

REFUSED = f"""
## What it means

YARN knows the queue and does not let this user submit to it, or its placement rules give this user no queue.

## Why

- The queue has a list of users and groups (`acl_submit_applications`), and this user is on neither.
- Placement rules (`yarn.scheduler.queue-placement-rules`, `queue-mappings`) map users and groups to queues, and none
  fits.
- The queue is stopped, or it is one that only holds other queues.

YARN judges the user that Livy submits as: with impersonation that is you, without it the account that Livy runs as.

## What to do

- Leave `queue` out, or name one that takes you. `mapred queue -showacls` lists what you may do.
- For the operator: `"queue" = {{ fixed = "…" }}` in the policy sends each tenant to its own.
{_GO_ON}"""

FULL = f"""
## What it means

A queue takes a number of applications and no more (`maximum-applications`), and a user a part of them; those that wait
count as well. Each Livy session is one application.

## What to do

- `%livy_release` frees those of your own sessions that lie idle; `--dry-run` only shows them.
- `%livy_sessions` shows who holds the others.
- For the operator: `yarn.scheduler.capacity.maximum-applications`, or a quota of sessions in the policy.
{_GO_ON}"""
