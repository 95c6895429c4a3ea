"""The pages of LG82x: how many executors, how large, and what can be had together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.catalog.lint_page import page

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry

__all__ = ["ENTRIES"]

ENTRIES: tuple[Entry, ...] = (
    page(
        "LG821",
        "no-executor-limit",
        "nothing limits the executors",
        means="""
For a tenant, or for users whom no tenant names, neither `executors.max` nor `session.memory` nor `session.cores` says
how many executors one session may have.
""",
        before="""
[defaults.limits]
"executor.memory" = { max = "16g" }
""",
        why="With dynamic allocation Spark has no bound of its own: one session takes every executor that is free.",
        todo="Give `[defaults]` an `executors.max`; a tenant's own replaces it.",
        after="""
[defaults.limits]
"executors.max" = { max = 4, default = 2 }
"executor.memory" = { max = "16g" }
""",
    ),
    page(
        "LG822",
        "borrowed-executor-limit",
        "users whom no tenant names get the tightest limit of all tenants",
        severity="note",
        means="`[defaults]` has no `executors.max`, and tenants have. For everybody else the smallest of theirs holds.",
        before="""
[[tenant]]
name = "analysts"
users = ["alice"]
limits."executors.max" = { max = 8 }
""",
        why="Nothing is wrong. Their limit changes when some tenant's does, which the file does not show.",
        todo="Say in `[defaults]` what holds for them.",
        after="""
[defaults]
limits."executors.max" = { max = 2 }

[[tenant]]
name = "analysts"
users = ["alice"]
limits."executors.max" = { max = 8 }
""",
    ),
    page(
        "LG823",
        "cap-never-reached",
        "a maximum that no session reaches",
        means="""
Another number stops every session before it: `session.memory` or `session.cores`, `executors.max`, or what all workers
hold. The smallest executor that passes the limits is counted, 450 MiB where no limit says more, so it is certain.
""",
        before="""
[defaults.limits]
"executors.max" = { max = 40 }
"executor.memory" = { min = "4g" }
"session.memory" = { max = "96g" }
""",
        why="Whoever reads 40 expects 40. The number that does hold stands elsewhere.",
        todo="Lower the one, or raise the other.",
        after="""
[defaults.limits]
"executors.max" = { max = 20 }
"executor.memory" = { min = "4g" }
"session.memory" = { max = "96g" }
""",
    ),
    page(
        "LG824",
        "larger-than-a-worker",
        "an executor that no worker holds",
        means="""
An executor of the size that a limit gives, or lets through, is larger than a worker of `[cluster]`: in cores, or in
memory with the overhead that Spark adds (a tenth of the heap, at least 384 MiB). On Kubernetes its cores are
`spark.kubernetes.executor.request.cores` where that is given.
""",
        before="""
[cluster]
worker = { cores = 16, memory = "64g" }

[defaults.limits]
"executors.max" = { max = 4 }
"executor.memory" = { max = "64g" }
""",
        why="The cluster manager refuses it, or lets the session wait for ever.",
        todo="Leave room for the overhead. What YARN offers is less than what the machine has.",
        after="""
[cluster]
worker = { cores = 16, memory = "64g" }

[defaults.limits]
"executors.max" = { max = 4 }
"executor.memory" = { max = "48g" }
""",
    ),
    page(
        "LG825",
        "no-room-for-an-executor",
        "a session limit that leaves no room for an executor",
        severity="failure",
        means="""
A driver and one executor of the sizes that a session gets by default take more than `session.memory` or `session.cores`
allows, overheads included.
""",
        before="""
[defaults.limits]
"executors.max" = { max = 4 }
"executor.memory" = { default = "16g" }
"session.memory" = { max = "16g" }
""",
        why="Whoever asks for nothing is denied: no session starts.",
        todo="Raise `session.memory`, or give smaller defaults for driver and executor.",
        after="""
[defaults.limits]
"executors.max" = { max = 4 }
"executor.memory" = { default = "8g" }
"session.memory" = { max = "32g" }
""",
    ),
    page(
        "LG826",
        "starts-with-two-executors",
        "a session starts with two executors, whatever the default of executors.max is",
        severity="note",
        means="""
`executors.max` is a ceiling, which Spark grows to where dynamic allocation is on. `[cluster]` does not say that it is,
so a session for which nobody asks anything is sent with a number as well: two, or less where the ceiling is lower.
""",
        before="""
[defaults.limits]
"executors.max" = { max = 8, default = 5 }
""",
        why="Nothing is wrong. Without dynamic allocation everybody works with two executors and not with five.",
        todo="Say what spark-defaults.conf says, or give `executors.count` a default.",
        after="""
[cluster]
dynamic_allocation = true

[defaults.limits]
"executors.max" = { max = 8, default = 5 }
""",
    ),
    page(
        "LG827",
        "half-the-people-do-not-fit",
        "not even half of the people fit on the cluster",
        means="""
`[cluster]` says how many workers there are and what one offers, and tenants name people, or hold all of theirs together
by `team_quota`, as `[defaults]` may hold those without a tenant. When half of them work, with one session each for
which nobody asks anything, their drivers and executors take more than all workers have, however well they are placed.
""",
        before="""
[cluster]
manager = "glue"
workers = 6
worker_type = "G.1X"

[defaults.limits]
"executors.max" = { max = 5 }

[[tenant]]
name = "analysts"
users = ["alice", "bob", "carol", "dora"]
""",
        why="""
The last to come wait for executors, or for a driver, on an ordinary day. `livyguard plan --policy FILE` says how many
workers everybody needs, and half of them.
""",
        todo="Let one session have fewer executors, by the max of `executors.max` or by its default, or add workers.",
        after="""
[cluster]
manager = "glue"
workers = 6
worker_type = "G.1X"

[defaults.limits]
"executors.max" = { max = 5, default = 2 }

[[tenant]]
name = "analysts"
users = ["alice", "bob", "carol", "dora"]
""",
    ),
    page(
        "LG828",
        "quotas-beyond-the-cluster",
        "what quotas let people hold does not fit all at once",
        severity="note",
        means="""
Of the people whom tenants name, and of the teams with a `team_quota`, somebody can find the cluster full with quota
left: what all of them may hold is more than all workers have, however well it is placed. Half of them, with one session
each for which nobody asks anything, fit.
""",
        before="""
[cluster]
manager = "glue"
workers = 18
worker_type = "G.1X"

[defaults]
quota = { sessions = 1 }
limits."executors.max" = { max = 8, default = 2 }

[[tenant]]
name = "analysts"
users = ["alice", "bob", "carol"]
""",
        why="""
Nothing is wrong where they seldom all work at once: a cluster that is promised once alone stands idle most of the time.
`livyguard plan --policy FILE` says how many workers both cases need.
""",
        todo="Leave it so, or lower quotas to what everybody is to have at any time.",
        after="""
[cluster]
manager = "glue"
workers = 18
worker_type = "G.1X"

[defaults]
quota = { sessions = 1 }
limits."executors.max" = { max = 5, default = 2 }

[[tenant]]
name = "analysts"
users = ["alice", "bob", "carol"]
""",
    ),
)
