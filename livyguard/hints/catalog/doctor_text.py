"""The long forms of what the doctor finds."""

from __future__ import annotations

__all__ = ["TEXTS"]

#: Code → its long form.
TEXTS = {
    "LG950": """
## What it means

One check of `%livy_doctor` broke down in a way that nobody had thought of. The other checks went on; this one says
nothing about your cluster.

## What to do

Look at what the line quotes. If it is no fault of this machine (a full disk, a broken Python package), it is one of
livyguard: its text and the output of `livyguard doctor --json` are what a report needs.
""",
    "LG951": """
## What it means

Jupyter lists no PySpark, Spark or SparkR kernel of SparkMagic's, or SparkMagic itself is not installed where this
runs. `%load_ext sparkmagic.magics` in an IPython kernel works without those kernels.

## What to do

`pip install sparkmagic` where Jupyter's kernels run, then register them:

```
pip show sparkmagic | grep Location
jupyter kernelspec install --sys-prefix LOCATION/sparkmagic/kernels/pysparkkernel
```

`sparkkernel` and `sparkrkernel` beside it are the other two.
""",
    "LG952": """
## What it means

A kernel of SparkMagic's runs in a Python in which livyguard is not installed. Sessions that are created from it are
judged by no policy.

## What to do

Install livyguard in that Python, by its own pip and from a folder of wheels, which `deploy/wheelhouse.sh` makes: no
index has a release. `/path/to/that/python -m pip install --no-index --find-links WHEELS livyguard`, and then
`livyguard enable --sys-prefix` there.
""",
    "LG953": """
## What it means

No start-up file of livyguard's is where IPython looks for it, or it is that of another version. The guard is then
in those notebooks alone that say `%load_ext livyguard`.

## What to do

`livyguard enable --sys-prefix` writes it for everybody who uses this environment, `--user` for you alone;
`--strict` refuses Spark cells where livyguard cannot load. `livyguard disable` takes it away again.
""",
    "LG954": """
## What it means

livyguard is loaded in this kernel, and not every method of SparkMagic's that it stands in front of is as it should
be: this SparkMagic is another one than livyguard knows (vendors patch it), or another extension has put something
of its own over the guard.

## What to do

- `%reload_ext livyguard` puts the guard in again, over what came after it.
- Where a method has other parameters or is missing: compare the version of SparkMagic with the one that livyguard
  is tested with, and tell the operator. The essential method is `post_session`: without it nothing is judged.
""",
    "LG955": """
## What it means

livyguard found no policy file, so it limits nothing: every session is created as SparkMagic does it. Listing and
releasing work all the same.

## What to do

`livyguard policy init` writes a first policy, `livyguard policy install` puts it where every kernel of this machine
finds it. `livyguard policy show` says where one is looked for.
""",
    "LG956": """
## What it means

A policy file is there and cannot be used. A kernel that never had a valid one creates no sessions; one that had
keeps it. Listing and releasing work.

## What to do

`livyguard policy lint` names every fault with its file and path; the quoted lines are the first of them. Whoever
wrote the file mends it; running kernels read it again by themselves.
""",
    "LG957": """
## What it means

The policy is valid, and lint finds that it says something that its author can hardly mean: a fault (it does not do
what it says, or nobody can start a session) or a warning.

## What to do

`livyguard policy lint` lists them, each with its place and a way out; `livyguard explain CODE` has the long form.
This is for whoever writes the policy; sessions are created by it as it stands.
""",
    "LG958": """
## What it means

The policy tells people apart, and nobody has said who you are: only a shared account is known, or nothing at all.
What holds then is the tenant of nobody in particular, its `[defaults]`.

## What to do

Log in to Livy as yourself (`username` in SparkMagic's config.json, or a Kerberos ticket), or ask the operator for
JupyterHub. `%livy_policy` shows what each source says.
""",
    "LG959": """
## What it means

What is sent to Livy can be read or answered by somebody else on the way: config.json says `ignore_ssl_errors`, so
nobody looks at the server's certificate, or a password goes over plain `http://`.

## What to do

- Take `"ignore_ssl_errors": true` out of config.json. A certificate of the site's own authority is trusted by
  `REQUESTS_CA_BUNDLE=/path/to/ca.pem` in the kernel's environment.
- Use the `https://` URL where Livy has one; else let a password be used on this machine or in a closed network
  alone.
""",
    "LG960": """
## What it means

The certificate that Livy, or the gateway in front of it, shows is over soon. From that day on every cell fails with
a TLS error.

## What to do

Tell whoever runs the server; the line has the date. Nothing is to be done on this machine.
""",
    "LG961": """
## What it means

The Kerberos ticket that this notebook logs in with is over soon. Sessions live on; cells fail until there is a new
ticket.

## What to do

`kinit` in a terminal of the machine that the notebook runs on, or `kinit -R` as long as `klist` says "renew until".
Neither a kernel restart nor a new session is needed.
""",
    "LG962": """
## What it means

This Livy is older than 0.7: it tells no times of statements, so nobody can see since when a session of somebody
else's lies idle, and what it may hold is not shown either (from 0.8 on it is).

## What to do

livyguard goes on with what its own ledger knows. What is missing comes with Livy 0.8: sizes and settings in the
listing, and 0.9: `idleTimeout` for each session.
""",
    "LG963": """
## What it means

Livy shows you the log of a session that is not yours, or it knows nobody at all: without access control whoever
reaches Livy may read everybody's results, run code in everybody's sessions, and delete them.

## What to do

For the operator: authentication (`livy.server.auth.type`) and `livy.server.access-control.enabled = true` in
livy.conf. livyguard leaves other people's sessions alone either way, but that binds only those who use it. If you
are among `livy.superusers` or the view users, this is as it should be.
""",
    "LG964": """
## What it means

The policy names a ResourceManager (or Kubernetes), and it does not answer, or does not let us in. Sessions are
created and run all the same; what is missing is why one waits, what each holds, and the end of applications that
Livy leaves behind.

## What to do

- See whether the URL in the policy's `[cluster] resource_manager` is right, and whether this machine may reach it:
  the port is often closed to notebooks.
- A ResourceManager with Kerberos wants a ticket here, too: `klist`.
""",
    "LG965": """
## What it means

The queue that your sessions go to has next to nothing left, or the cluster has not. A session that is asked for now
waits in state `starting`; after 60 seconds SparkMagic gives up.

## What to do

`%livy_sessions` shows who holds what and since when it lies idle; `%livy_release` frees what is yours and idle.
Asking for less (`%%configure -f` with fewer or smaller executors) may fit at once.
""",
    "LG966": """
## What it means

YARN has no queue of the name that your sessions are sent to, the queue is stopped, or the cluster has no node that
works: no session can start.

## What to do

The queue comes from the policy, from config.json or from `queue` in `%%configure`; `%livy_policy` shows the first.
The ResourceManager's page `/cluster/scheduler` shows the queues that there are.
""",
    "LG967": """
## What it means

This machine's clock and a server's differ by more than a minute. Idle times, grants that end at an hour and the
order of log lines are off by as much. Beyond five minutes Kerberos refuses every ticket (`Clock skew too great`).

## What to do

Set the clock that is wrong by NTP: `timedatectl` says whether this machine is synchronised. A container has the
clock of its host; a virtual machine that slept is the usual case.
""",
    "LG968": """
## What it means

SparkMagic asks Livy for its session every now and then, and Livy ends a session that nobody has asked for in
`livy_server_heartbeat_timeout_seconds`. With these settings one late heartbeat, or a laptop that sleeps for a
moment, ends the session with all its variables; the next cell gets a 404.

## What to do

In SparkMagic's config.json: `livy_server_heartbeat_timeout_seconds` of at least twice `heartbeat_refresh_seconds`,
and on a machine that sleeps several hours, or 0, which turns it off. Then only Livy's idle time-out
(`livy.server.session.timeout`, an hour by default) ends a session that was left alone.
""",
    "LG969": """
## What it means

livyguard keeps a small file a kernel of the sessions that it created. The folder cannot be written, or a page in it
cannot be read or belongs to somebody else. Where Livy tells no owner, only the ledger proves that a session is
yours: without it nothing is freed by itself, and after a kernel restart it is unknown.

## What to do

- Give the folder back to yourself: `chmod u+rwx`, `chown`. On a read-only home let `XDG_STATE_HOME` name a folder
  that can be written.
- A page that cannot be read is never deleted: look at it, then remove it.
""",
}
