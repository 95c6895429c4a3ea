"""The pages of LG81x: tenants whom nobody reaches, and names that name nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.catalog.lint_page import page

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry

__all__ = ["ENTRIES"]

ENTRIES: tuple[Entry, ...] = (
    page(
        "LG811",
        "unreachable-tenant",
        "a tenant whom nobody reaches",
        severity="failure",
        means="""
The first tenant in the file that matches a user counts. Here earlier ones match everybody whom this one names, at each
of its clusters; or it names nobody at all. It is said only where the globs prove it.
""",
        before="""
[defaults]
limits."executors.max" = { max = 4 }

[[tenant]]
name = "everybody"
users = ["*"]

[[tenant]]
name = "etl"
users = ["etl-*"]
limits."executors.max" = { max = 20 }
""",
        why="Nothing that the tenant says is ever in force.",
        todo="Put the narrower tenant above the wider one. One without members is fine where another inherits from it.",
        after="""
[defaults]
limits."executors.max" = { max = 4 }

[[tenant]]
name = "etl"
users = ["etl-*"]
limits."executors.max" = { max = 20 }

[[tenant]]
name = "everybody"
users = ["*"]
""",
    ),
    page(
        "LG812",
        "shadowed-member",
        "a member whom an earlier tenant takes",
        means="A tenant names a user or a group that an earlier tenant has already; the first match counts.",
        before="""
[defaults]
limits."executors.max" = { max = 4 }

[[tenant]]
name = "analysts"
users = ["alice", "bob"]

[[tenant]]
name = "etl"
users = ["alice", "erin"]
""",
        why="The second tenant's limits never hold for them, though the file reads as if they did.",
        todo="Name everybody once.",
        after="""
[defaults]
limits."executors.max" = { max = 4 }

[[tenant]]
name = "analysts"
users = ["bob"]

[[tenant]]
name = "etl"
users = ["alice", "erin"]
""",
    ),
    page(
        "LG813",
        "groups-after-everybody",
        "a tenant of groups below one of all users",
        means="""
An earlier tenant matches every user by name, so the groups of this one are looked at only for those who have no name:
shared accounts.
""",
        before="""
[defaults]
limits."executors.max" = { max = 4 }

[[tenant]]
name = "everybody"
users = ["*"]

[[tenant]]
name = "platform"
groups = ["platform"]
""",
        why="The members of the groups get what everybody gets.",
        todo="Put the tenant of groups first.",
        after="""
[defaults]
limits."executors.max" = { max = 4 }

[[tenant]]
name = "platform"
groups = ["platform"]

[[tenant]]
name = "everybody"
users = ["*"]
""",
    ),
    page(
        "LG814",
        "shared-account-named",
        "a shared account where a user is wanted",
        means="""
`ec2-user`, `jovyan`, `sagemaker-user`, `hadoop`, `livy`, `root`, `nobody`, `app` and the policy's `shared_accounts` are
log-ins that many people work under. They name nobody, so no tenant, operator or grant matches them by name.
""",
        before="""
[defaults]
limits."executors.max" = { max = 4 }

[[tenant]]
name = "notebooks"
users = ["jovyan"]
""",
        why="The limits of the tenant never hold; such a log-in gets what `[defaults]` says.",
        todo="Let `[defaults]` say what holds for them, and name persons or groups in tenants.",
        after="""
[defaults]
limits."executors.max" = { max = 4 }

[[tenant]]
name = "notebooks"
groups = ["notebook-users"]
""",
    ),
    page(
        "LG815",
        "glob-for-shared-account",
        "a glob among the shared accounts",
        means="`shared_accounts` holds names as they are; wildcards in them stand for themselves.",
        before="""
shared_accounts = ["svc-*"]

[defaults]
limits."executors.max" = { max = 4 }
""",
        why="The accounts that are meant go on to count as persons, with tenants and grants of their own.",
        todo="Write out each account.",
        after="""
shared_accounts = ["svc-etl", "svc-reports"]

[defaults]
limits."executors.max" = { max = 4 }
""",
    ),
)
