"""The pages of LG83x: the ``conf`` keys that a policy names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.catalog.lint_page import page

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry

__all__ = ["ENTRIES"]

ENTRIES: tuple[Entry, ...] = (
    page(
        "LG831",
        "tie-of-keys",
        "two globs of which neither is the more specific",
        severity="failure",
        means="""
The most specific limit holds for a key: the one with the most characters that are no wildcard. Two globs here have as
many, say different things, and match a key that nothing more specific names.
""",
        before="""
[defaults.limits]
"executors.max" = { max = 4 }
"conf.spark.hadoop.fs.*" = { forbidden = true }
"conf.spark.hadoop.*.fs" = { pattern = "s3a?" }
""",
        why="Which of the two holds depends on their order, which nobody looks at.",
        todo="Name one of them more closely, or give both the same.",
        after="""
[defaults.limits]
"executors.max" = { max = 4 }
"conf.spark.hadoop.fs.*" = { forbidden = true }
"conf.spark.hadoop.default.fs" = { pattern = "s3a?" }
""",
    ),
    page(
        "LG832",
        "misspelled-key",
        "a key that is a slip of one of Spark's",
        means="""
Spark does not know the key, and knows one that differs by a letter or by capitals. The names are those of Spark's own
registry. Keys of others (a site's own, Delta's, Hadoop's) are like none of them and are let be.
""",
        before="""
[defaults.limits]
"executors.max" = { max = 4 }
"conf.spark.shufle.service.enabled" = { fixed = true }
""",
        why="Spark takes unknown keys without a word. The limit holds for a key that nobody sets.",
        todo="Correct the name.",
        after="""
[defaults.limits]
"executors.max" = { max = 4 }
"conf.spark.shuffle.service.enabled" = { fixed = true }
""",
    ),
    page(
        "LG833",
        "unread-key",
        "a conf key that neither Spark nor Livy reads",
        means="Keys of `conf` begin with `spark.` or `livy.`; all others reach nobody.",
        before="""
[defaults.limits]
"executors.max" = { max = 4 }
"conf.hadoop.fs.s3a.endpoint" = { forbidden = true }
""",
        why="The limit, or the preset, has no effect on any session.",
        todo="Write the whole name. Hadoop's settings stand below `spark.hadoop.`.",
        after="""
[defaults.limits]
"executors.max" = { max = 4 }
"conf.spark.hadoop.fs.s3a.endpoint" = { forbidden = true }
""",
    ),
    page(
        "LG834",
        "unlisted-without-effect",
        "unlisted = deny beside a glob that names every key",
        means='`unlisted = "deny"` refuses the keys that no limit names, and a glob here names all of Spark\'s.',
        before="""
[defaults]
unlisted = "deny"
limits."executors.max" = { max = 4 }
limits."conf.spark.*" = { block = ["none"] }
""",
        why="Every key passes that the glob lets pass. The file reads as if only listed ones did.",
        todo="Narrow the glob to the keys that users may set.",
        after="""
[defaults]
unlisted = "deny"
limits."executors.max" = { max = 4 }
limits."conf.spark.sql.*" = { block = ["none"] }
""",
    ),
)
