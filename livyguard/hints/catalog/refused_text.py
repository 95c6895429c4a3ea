"""The long forms of LG118 to LG124."""

from __future__ import annotations

__all__ = ["FIELD", "FORBIDDEN", "IMPERSONATION", "LOCAL", "NAME", "PORTS", "TOO_MANY"]

_NOTHING = """
Nothing was created. With livyguard the notebook can go on at once; where SparkMagic repeats the error in every cell,
`%livy_recover` makes it forget it, without a kernel restart.
"""

TOO_MANY = f"""
## What it means

Livy answers 400, `Rejected, too many sessions are being created!`: it starts `livy.server.session.max-creation`
sessions (100) and batches at a time, those of everybody.
{_NOTHING}
## Why

Many notebooks start at once, or a full cluster lets nobody finish starting. Where Livy runs drivers on its own machine
(client or local mode), every living session counts.

## What to do

`%livy_sessions --state starting` shows them. Run the cell again in a minute. If it stays so, the cluster is full or
Livy's machine overloaded; the operator may raise the number.
"""

PORTS = f"""
## What it means

Livy opens a port of `livy.rsc.launcher.port.range` (10000~10010) by which drivers call back, and none of them is free.
{_NOTHING}
## Why

Other programs on Livy's machine use the range, a second Livy runs there, or an older Livy leaked ports of sessions that
failed to start (LIVY-765 is one such leak).

## What to do

For the operator: widen the range in livy-client.conf, open it in the firewall between the cluster's nodes and Livy, and
restart Livy. `ss -ltnp 'sport >= :10000'` on Livy's machine shows who holds the ports.
"""

NAME = f"""
## What it means

The request gives the session a name that another living session has. Livy gives each name once.
{_NOTHING}
## Why

`name` stands in `session_configs` of SparkMagic's config.json, so that a second notebook asks for the same; or the
session of before lives on.

## What to do

Leave `name` out. `%livy_sessions` shows which session has it; if it is yours and idle, `%livy_release N` frees it.
"""

FORBIDDEN = f"""
## What it means

Some keys of `conf` are the operator's: spark-blacklist.conf on Livy's machine lists them, and a request that sets one
is refused as a whole.
{_NOTHING}
## What to do

Leave the keys that the answer names out: in the cell, in `session_configs` of SparkMagic's config.json, or in the
policy's `session_configs`. What they were for is the operator's to set.
"""

FIELD = f"""
## What it means

Livy reads a request for a session strictly: a field that it does not know makes it refuse the whole.
{_NOTHING}
## Why

- A `spark.*` property stands beside `conf` instead of in it.
- A slip: `executorMemmory`.
- A field that came with a later Livy: `heartbeatTimeoutInSecond` with 0.3, `ttl` with 0.8, `idleTimeout` with 0.9.
  The first of them is SparkMagic's own doing: it adds the field to every request.

## What to do

`"livy_server_heartbeat_timeout_seconds": 0` in SparkMagic's config.json makes it leave `heartbeatTimeoutInSecond` out;
`%%configure` does not.

Put Spark's properties into `conf`. `%%livy_check` with the same body shows what livyguard makes of it, and creates
nothing. livyguard itself moves `spark.*` keys to where they belong.
"""

IMPERSONATION = f"""
## What it means

The session was to run as another user than the one who is logged in, and that is not allowed: by Livy
(`User 'a' not allowed to impersonate 'Some(b)'.`), or by Hadoop (`User: livy is not allowed to impersonate b`).
{_NOTHING}
## Why

- `proxyUser` names somebody else, and Livy lets only `livy.superusers` do that.
- Livy impersonates its users, and Hadoop was not told that its account may: `hadoop.proxyuser.<account>.hosts` and
  `.groups`.

## What to do

Leave `proxyUser` out; Livy then takes the user who logs in. In the second case the operator has to change
core-site.xml.
"""

LOCAL = f"""
## What it means

A path without a scheme, or with `file://`, in `jars`, `pyFiles`, `files` or `archives` is a file on Livy's machine.
Livy takes such files only from the folders in `livy.file.local-dir-whitelist`.
{_NOTHING}
## What to do

Upload the file to HDFS or S3 and name it with its scheme, `hdfs:///…` or `s3://…`. A library from a Maven repository
goes by `spark.jars.packages` instead.
"""
