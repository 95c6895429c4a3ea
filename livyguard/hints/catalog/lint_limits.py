"""The pages of LG80x: one limit by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.catalog.lint_page import page

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry

__all__ = ["ENTRIES"]

ENTRIES: tuple[Entry, ...] = (
    page(
        "LG801",
        "default-outside-its-range",
        "a default that its own limit does not let pass",
        severity="failure",
        means="A limit prefers a value that its own `min`, `max`, `allow`, `block` or `pattern` refuses.",
        before="""
[defaults.limits]
"executors.max" = { max = 8, default = 10 }
""",
        why="""
A default beyond `min` or `max` is moved to the bound, so nobody ever gets what the file says. One that `allow`, `block`
or `pattern` refuses cannot be given at all: whoever asks for nothing is denied.
""",
        todo="Give a default inside the range, or widen the range.",
        after="""
[defaults.limits]
"executors.max" = { max = 8, default = 5 }
""",
    ),
    page(
        "LG802",
        "part-without-effect",
        "parts of a limit that never apply",
        means="Beside `fixed`, and beside `forbidden`, nothing else of a limit is looked at.",
        before="""
[defaults.limits]
"executors.max" = { fixed = 4, max = 8, default = 2 }
""",
        why="Whoever reads the file takes the other parts for limits that hold.",
        todo="Keep the one or the other.",
        after="""
[defaults.limits]
"executors.max" = { max = 8, default = 2 }
""",
    ),
    page(
        "LG803",
        "nothing-passes",
        "a limit that lets no value pass",
        severity="failure",
        means="`allow` is empty, or the rest of the limit refuses every value in it.",
        before="""
[defaults.limits]
"executors.max" = { max = 8 }
"queue" = { allow = ["adhoc", "batch"], pattern = 'root\\..*' }
""",
        why="Whatever a user asks for here is refused, and no message can name a value that passes.",
        todo="""
Name a value that passes. If none shall, `forbidden = true` says so. A pattern has to match the whole value, as
`re.fullmatch` in Python; `^` and `$` change nothing.
""",
        after="""
[defaults.limits]
"executors.max" = { max = 8 }
"queue" = { allow = ["root.adhoc", "root.batch"], pattern = 'root\\..*' }
""",
    ),
    page(
        "LG804",
        "allowed-and-refused",
        "a value that allow names and the rest of the limit refuses",
        means="Some of the values in `allow` are beyond `min` or `max`, stand in `block`, or do not match `pattern`.",
        before="""
[defaults.limits]
"executors.max" = { max = 8 }
"executor.memory" = { allow = ["4g", "8g", "16g"], max = "8g" }
""",
        why="The message to a user who asks for something else lists all of `allow`, the refused ones too.",
        todo="Take them out of `allow`, or let the rest of the limit pass them.",
        after="""
[defaults.limits]
"executors.max" = { max = 8 }
"executor.memory" = { allow = ["4g", "8g"] }
""",
    ),
    page(
        "LG805",
        "glob-for-pattern",
        "a pattern that reads like a glob",
        means="""
Users, groups and keys are named by globs, where `*` stands for any characters. `pattern` is a regular expression: there
`*` repeats the character before it.
""",
        before="""
[defaults.limits]
"executors.max" = { max = 8 }
"jars" = { pattern = "s3://releases/*" }
""",
        why="`s3://releases/*` matches `s3://releases///` and nothing below the folder: every real file is refused.",
        todo="Write `.*` for any characters, and a backslash before a dot that is a dot.",
        after="""
[defaults.limits]
"executors.max" = { max = 8 }
"jars" = { pattern = 's3://releases/.*' }
""",
    ),
    page(
        "LG806",
        "placeholder-not-replaced",
        "{user} where it stands for nobody",
        means="The user's name is put in place of `{user}` in `fixed`, `default` and `session_configs` alone.",
        before="""
[defaults.limits]
"executors.max" = { max = 8 }
"queue" = { allow = ["root.users.{user}", "root.shared"] }
""",
        why="Elsewhere it is taken letter by letter, and no value of a user ever equals it.",
        todo="Fix the value, or list the ones that are allowed.",
        after="""
[defaults.limits]
"executors.max" = { max = 8 }
"queue" = { fixed = "root.users.{user}" }
""",
    ),
    page(
        "LG807",
        "bounds-dropped",
        "a tenant's limit that drops the bounds of the one it replaces",
        means="""
A tenant's limit takes the place of the limit of the same key in `[defaults]`, or in the tenant that it inherits from,
as a whole. This one only prefers something: what the other forbids is allowed here.
""",
        before="""
[defaults.limits]
"executors.max" = { max = 4 }
"executor.memory" = { max = "16g" }

[[tenant]]
name = "analysts"
users = ["alice"]
limits."executor.memory" = { default = "8g" }
""",
        why="The tenant reads as if it chose another default, and has no bound at all.",
        todo="Repeat the bounds that shall hold for the tenant.",
        after="""
[defaults.limits]
"executors.max" = { max = 4 }
"executor.memory" = { max = "16g" }

[[tenant]]
name = "analysts"
users = ["alice"]
limits."executor.memory" = { max = "16g", default = "8g" }
""",
    ),
    page(
        "LG808",
        "glob-among-values",
        "a star in allow or block, where no glob is read",
        means="The values of `allow` and `block` are taken as they are: there `*` is a star and nothing else.",
        before="""
[defaults.limits]
"executors.max" = { max = 8 }
"jars" = { block = ["s3://private/*"] }
""",
        why="This `block` keeps nobody from anything below the folder; an `allow` like it refuses every real file.",
        todo="Use `pattern`, a regular expression that the whole value has to match; `(?!…)` says what it may not be.",
        after="""
[defaults.limits]
"executors.max" = { max = 8 }
"jars" = { pattern = '(?!s3://private/).*' }
""",
    ),
    page(
        "LG809",
        "pattern-matches-nothing",
        "a pattern that no value of the property matches",
        severity="failure",
        means="""
A pattern is held against the value as livyguard shows it: sizes as `8g` or `512m`, times as `10m`, a session's kind as
Livy calls it (`pyspark`, not `python`), `true` and `false`. No such value matches this one.
""",
        before="""
[defaults.limits]
"executors.max" = { max = 8 }
"executor.memory" = { pattern = "[0-9]+GB" }
""",
        why="Whatever a user asks for here is refused, or replaced by the default.",
        todo="Write the pattern for values as they are shown; bounds are better said by `min` and `max`.",
        after="""
[defaults.limits]
"executors.max" = { max = 8 }
"executor.memory" = { pattern = "[0-9]+g" }
""",
    ),
)
