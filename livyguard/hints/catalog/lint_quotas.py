"""The pages of LG892 to LG897: what may be held over all live sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.catalog.lint_page import page

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry

__all__ = ["ENTRIES"]

ENTRIES: tuple[Entry, ...] = (
    page(
        "LG892",
        "quota-below-one-session",
        "a quota into which no session fits",
        severity="failure",
        means="""
A session counts with the most that it can ever hold, its driver and the overheads included. The smallest that the
limits let anybody have, one executor of 450 MiB beside a driver of 450 MiB where no limit says more, is beyond the
quota of the user or of the team.
""",
        before="""
[defaults]
quota = { sessions = 2, memory = "1g" }

[defaults.limits]
"executors.max" = { max = 4 }
"executor.memory" = { min = "1g", max = "8g" }
""",
        why="Nobody can start a session: every one is refused, however small it is.",
        todo="Raise the quota to what people are to hold at once, or let smaller sessions pass.",
        after="""
[defaults]
quota = { sessions = 2, memory = "40g" }

[defaults.limits]
"executors.max" = { max = 4 }
"executor.memory" = { min = "1g", max = "8g" }
""",
    ),
    page(
        "LG893",
        "default-session-over-quota",
        "a session for which nobody asks anything is over the quota",
        means="""
With the defaults, the presets and Spark's own values a session may come to hold more than the quota, by itself and with
nothing held beside it. Where nothing caps the executors it fits into no quota of executors, memory or cores at all.
""",
        before="""
[cluster]
dynamic_allocation = true

[defaults]
quota = { executors = 2 }
limits."executors.max" = { max = 4 }
""",
        why="""
No session starts until `%%configure` asks for less: a quota never lowers what is asked, it refuses.
""",
        todo="Raise the quota, or give `executors.max` a default, or a maximum, that fits.",
        after="""
[cluster]
dynamic_allocation = true

[defaults]
quota = { executors = 4 }
limits."executors.max" = { max = 4, default = 2 }
""",
    ),
    page(
        "LG894",
        "team-quota-below-a-members",
        "a team's quota below the one of each member",
        means="""
`quota` is what each user may hold, `team_quota` what all members of the tenant may hold together; of each amount the
tenant's own counts, else its parent's, else that of `[defaults]`. Here the team's is the smaller one.
""",
        before="""
[defaults]
quota = { executors = 8 }
team_quota = { executors = 6 }
limits."executors.max" = { max = 4 }
""",
        why="Nobody ever holds what the file gives each of them, and one member can take all that the team has.",
        todo="Give the team more than one of its members, or each of them less.",
        after="""
[defaults]
quota = { executors = 8 }
team_quota = { executors = 40 }
limits."executors.max" = { max = 4 }
""",
    ),
    page(
        "LG895",
        "limit-above-the-quota",
        "a limit on one session beyond the quota over all",
        means="""
`executors.max`, `session.memory` or `session.cores` lets one session have more than a quota lets its user, or all
members together, hold.
""",
        before="""
[defaults]
quota = { executors = 4 }
limits."executors.max" = { max = 8, default = 2 }
""",
        why="""
What is above a limit is lowered to it, what is above a quota is refused. Whoever asks for 40 executors is to get 8 by
this file, and gets none.
""",
        todo="Lower the limit to what the quota holds, or raise the quota.",
        after="""
[defaults]
quota = { executors = 8 }
limits."executors.max" = { max = 8, default = 2 }
""",
    ),
    page(
        "LG896",
        "quota-never-used-up",
        "a quota that so many sessions never use up",
        severity="note",
        means="""
As many sessions as the quota lets anybody have, each as large as the limits allow, hold less than the rest of the same
quota. Grants that raise the limit are left out of account: where there is one, nothing is said.
""",
        before="""
[defaults]
quota = { sessions = 2, executors = 40 }
limits."executors.max" = { max = 8 }
""",
        why="Nothing is wrong. Whoever reads 40 expects 40, and 16 can be had.",
        todo="Lower it, or take it out.",
        after="""
[defaults]
quota = { sessions = 2, executors = 12 }
limits."executors.max" = { max = 8 }
""",
    ),
    page(
        "LG897",
        "grant-above-the-quota",
        "a grant beyond the quota",
        means="""
A grant raises a limit on one session. Whichever tenant the user belongs to, a quota there holds less than what is
granted; and a grant raises no quota.
""",
        before="""
[defaults]
quota = { executors = 8 }
limits."executors.max" = { max = 4 }

[[grant]]
user = "carol"
limits."executors.max" = { max = 20 }
until = 2099-12-24T18:00:00Z
""",
        why="The user has been promised 20, asks for them, and is refused.",
        todo="Grant what the quota holds, or put the user into a tenant with a larger one for that time.",
        after="""
[defaults]
quota = { executors = 8 }
limits."executors.max" = { max = 4 }

[[grant]]
user = "carol"
limits."executors.max" = { max = 8 }
until = 2099-12-24T18:00:00Z
""",
    ),
)
