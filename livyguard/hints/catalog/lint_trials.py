"""The pages of LG84x: a session for which nobody asks anything, and the policy's own ``session_configs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.catalog.lint_page import page

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry

__all__ = ["ENTRIES"]

ENTRIES: tuple[Entry, ...] = (
    page(
        "LG841",
        "nobody-can-start",
        "a session for which nobody asks anything is denied",
        severity="failure",
        means="""
Lint asks for a session without `%%configure`, as somebody does who wants nothing special, for each tenant at each
cluster. Here what the policy itself fills in does not pass its limits, or cannot be read.
""",
        before="""
[defaults]
session_configs = { executorMemory = "lots" }
limits."executors.max" = { max = 4 }
""",
        why="Every session is denied until the user asks for something else, and nothing in the notebook is to blame.",
        todo="Let defaults and `session_configs` pass the limits; `livyguard policy check --user U` shows them.",
        after="""
[defaults]
session_configs = { executorMemory = "4g" }
limits."executors.max" = { max = 4 }
""",
    ),
    page(
        "LG842",
        "preset-changed",
        "session_configs that the policy's own limits change",
        means="What `session_configs` gives is lowered, raised or left out by a limit of the same policy.",
        before="""
[defaults]
session_configs = { executorMemory = "8g" }
limits."executors.max" = { max = 4 }
limits."executor.memory" = { max = "4g" }
""",
        why="The preset never arrives. Every session shows a change that nobody asked for.",
        todo="Preset what the limits let pass.",
        after="""
[defaults]
session_configs = { executorMemory = "4g" }
limits."executors.max" = { max = 4 }
limits."executor.memory" = { max = "4g" }
""",
    ),
    page(
        "LG843",
        "secret-in-the-policy",
        "a secret in clear text",
        severity="failure",
        means="""
The name or the value looks like a secret by Spark's own pattern (secret, password, token, access key), or a URL holds a
password. Paths, references, providers and `${…}` are let be.
""",
        before="""
[defaults]
session_configs = { conf = { "spark.hadoop.fs.s3a.secret.key" = "wJalrXUtnFEMI" } }
limits."executors.max" = { max = 4 }
""",
        why="Every notebook reads the policy, so everybody can read the secret. Livy lists it with the session too.",
        todo="""
Take it out and change it, since it was readable. Use an instance profile or a role, a Hadoop credential provider, or a
Kubernetes secret.
""",
        after="""
[defaults]
session_configs = { conf = { "spark.hadoop.hadoop.security.credential.provider.path" = "jceks://hdfs/team.jceks" } }
limits."executors.max" = { max = 4 }
""",
    ),
    page(
        "LG844",
        "preset-nobody-may-change",
        "a preset that nobody may change",
        severity="note",
        means='With `unlisted = "deny"` the policy presets a key that no limit names.',
        before="""
[defaults]
unlisted = "deny"
session_configs = { conf = { "spark.sql.shuffle.partitions" = "200" } }
limits."executors.max" = { max = 4 }
""",
        why="The preset is sent as it is. A user who gives the key another value is refused.",
        todo="Nothing, if that is meant. Else give the key a limit.",
        after="""
[defaults]
unlisted = "deny"
session_configs = { conf = { "spark.sql.shuffle.partitions" = "200" } }
limits."executors.max" = { max = 4 }
limits."conf.spark.sql.shuffle.partitions" = { min = 1, max = 4000 }
""",
    ),
    page(
        "LG845",
        "idle-after-livys-timeout",
        "idle.after beyond Livy's own time-out",
        means="""
Livy deletes a session that lies idle for `livy.server.session.timeout`, 1 hour by default, or for its own `idleTimeout`
from Livy 0.9 on. livyguard counts it as left alone only after `idle.after`, which is not shorter here.
""",
        before="""
[defaults]
idle = { after = "2h" }
limits."executors.max" = { max = 4 }
""",
        why="No session ever counts as idle: `%livy_release` finds nothing to free, and users lose sessions to a 404.",
        todo="""
Shorten `idle.after`. If livy.conf has a longer time-out, say so by a limit on `idle_timeout` (Livy 0.9 and later), or
pass over this warning.
""",
        after="""
[defaults]
idle = { after = "30m" }
limits."executors.max" = { max = 4 }
""",
    ),
    page(
        "LG846",
        "asks-something-of-everybody",
        "a value that every user has to give",
        severity="note",
        means="A limit is `required` and has no default, so no session starts without `%%configure`.",
        before="""
[defaults.limits]
"executors.max" = { max = 4 }
"queue" = { required = true }
""",
        why="That may be meant. Somebody who opens a notebook for the first time meets it as an error.",
        todo="Add a default if the user's own word is not needed, and give the limit a `reason`.",
        after="""
[defaults.limits]
"executors.max" = { max = 4 }
"queue" = { required = true, default = "root.adhoc" }
""",
    ),
    page(
        "LG847",
        "preset-livy-refuses",
        "a field in session_configs that Livy does not know",
        means="`session_configs` is a body as Livy takes it, and holds a field that is none of Livy's.",
        before="""
[defaults]
session_configs = { executorMemroy = "4g" }
limits."executors.max" = { max = 4 }
""",
        why="Livy answers 400 to a field that it does not know: nobody can start a session.",
        todo="Correct its name, or put a key of Spark's into `conf`.",
        after="""
[defaults]
session_configs = { executorMemory = "4g" }
limits."executors.max" = { max = 4 }
""",
    ),
)
