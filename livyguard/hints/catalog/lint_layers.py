"""The pages of LG85x to LG88x: layers, grants, clusters, and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.catalog.lint_page import page

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry

__all__ = ["ENTRIES"]

ENTRIES: tuple[Entry, ...] = (
    page(
        "LG851",
        "looser-layer",
        "a later layer that is looser than an earlier one",
        means="""
The limits of all layers hold: the smallest maximum, the largest minimum, what every layer allows, the first `fixed`;
and of quotas the smallest. A value here is looser than what an earlier layer says for everybody whom it may concern.
""",
        before="""
# the operator's layer
[defaults]
limits."executors.max" = { max = 8 }

# a later layer
[defaults]
limits."executors.max" = { max = 20 }
""",
        why="It has no effect, and whoever wrote it believes it has.",
        todo="Tighten it or take it out. More than the operator's layer gives is the operator's to give.",
        after="""
# the operator's layer
[defaults]
limits."executors.max" = { max = 8 }

# a later layer
[defaults]
limits."executors.max" = { max = 4 }
""",
    ),
    page(
        "LG852",
        "operators-part-in-a-later-layer",
        "a part of a later layer that only the operator's layer may say",
        means="""
Operators, shared accounts, clusters, grants, tests and the decision log are those of the first layer.
""",
        before="""
# the operator's layer
[defaults]
limits."executors.max" = { max = 8 }

# a later layer
operators = { users = ["alice"] }
""",
        why="It has no effect here: otherwise anybody could name themselves an operator.",
        todo="Put it into the operator's layer, `/etc/livyguard/` in most places.",
        after="""
# the operator's layer
operators = { users = ["alice"] }

[defaults]
limits."executors.max" = { max = 8 }

# a later layer
[defaults]
limits."executors.max" = { max = 4 }
""",
    ),
    page(
        "LG853",
        "contradictory-layers",
        "layers that leave no value between them",
        severity="failure",
        means="""
Every layer's limit of a property holds, and no value passes all of them: a minimum above another layer's maximum, lists
of allowed values that have nothing in common, a `fixed` value that another layer refuses.
""",
        before="""
# the operator's layer
[defaults]
limits."executors.max" = { max = 8 }
limits."executor.memory" = { max = "4g" }

# a later layer
[defaults]
limits."executor.memory" = { min = "8g" }
""",
        why="Whoever asks for a value is refused, and where one is filled in nobody starts a session at all.",
        todo="Let one of the two leave room for the other.",
        after="""
# the operator's layer
[defaults]
limits."executors.max" = { max = 8 }
limits."executor.memory" = { max = "4g" }

# a later layer
[defaults]
limits."executor.memory" = { min = "2g" }
""",
    ),
    page(
        "LG861",
        "expired-grant",
        "a grant that has ended",
        means="The moment after `until` has passed: the grant no longer changes anything.",
        before="""
[defaults]
limits."executors.max" = { max = 4 }

[[grant]]
user = "carol"
limits."executors.max" = { max = 20 }
until = 2020-12-24T18:00:00Z
""",
        why="Exceptions that stay in the file hide the ones that are in force.",
        todo="Take it out, or renew it.",
        after="""
[defaults]
limits."executors.max" = { max = 4 }

[[grant]]
user = "carol"
limits."executors.max" = { max = 20 }
until = 2099-12-24T18:00:00Z
""",
    ),
    page(
        "LG862",
        "grant-raises-nothing",
        "a grant that gives nobody more",
        means="""
Whichever tenant the user belongs to, the limit lets as much pass without the grant; or nothing limits the property, and
the grant would be the first to; or the limit is `fixed`, and the grant does not say `fixed`.
""",
        before="""
[defaults]
limits."executors.max" = { max = 8 }

[[grant]]
user = "carol"
limits."executors.max" = { max = 6 }
until = 2099-12-24T18:00:00Z
""",
        why="The user has asked for more and gets no more, or gets less.",
        todo="Grant more than the limit lets everybody have.",
        after="""
[defaults]
limits."executors.max" = { max = 8 }

[[grant]]
user = "carol"
limits."executors.max" = { max = 20 }
until = 2099-12-24T18:00:00Z
""",
    ),
    page(
        "LG871",
        "unreachable-cluster",
        "a cluster to which no endpoint leads",
        severity="failure",
        means="A named cluster has no `endpoints`, or earlier clusters match all of them.",
        before="""
[cluster.prod]
workers = 40

[defaults]
limits."executors.max" = { max = 4 }
""",
        why="Its numbers, and the limits and tenants that name it, hold nowhere.",
        todo="Give it the URL of its Livy, or put it above the cluster that takes it.",
        after="""
[cluster.prod]
endpoints = ["http://livy-prod*"]
workers = 40

[defaults]
limits."executors.max" = { max = 4 }
""",
    ),
    page(
        "LG872",
        "overlapping-endpoints",
        "endpoints of two clusters that overlap",
        means="Two clusters match one URL, and neither is simply the cluster for all the rest; the first counts.",
        before="""
[cluster.eu]
endpoints = ["http://livy-*-eu"]

[cluster.prod]
endpoints = ["http://livy-prod-*"]

[defaults]
limits."executors.max" = { max = 4 }
""",
        why="A session at that URL is held to the limits of a cluster that may not be meant.",
        todo="Narrow one of the globs, or name the URLs.",
        after="""
[cluster.eu]
endpoints = ["http://livy-test-eu"]

[cluster.prod]
endpoints = ["http://livy-prod-*"]

[defaults]
limits."executors.max" = { max = 4 }
""",
    ),
    page(
        "LG873",
        "limit-of-another-cluster",
        "a limit for another cluster than its tenant's",
        means="A tenant holds at one cluster alone, and one of its limits at another alone.",
        before="""
[cluster.eu]
endpoints = ["http://livy-eu"]

[cluster.us]
endpoints = ["http://livy-us"]

[defaults]
limits."executors.max" = { max = 4 }

[[tenant]]
name = "analysts"
users = ["alice"]
cluster = "eu"
limits."executors.max" = { max = 8, cluster = "us" }
""",
        why="The limit holds nowhere.",
        todo="Take `cluster` out of the one or the other.",
        after="""
[cluster.eu]
endpoints = ["http://livy-eu"]

[cluster.us]
endpoints = ["http://livy-us"]

[defaults]
limits."executors.max" = { max = 4 }

[[tenant]]
name = "analysts"
users = ["alice"]
limits."executors.max" = { max = 8, cluster = "us" }
""",
    ),
    page(
        "LG874",
        "no-url-of-a-server",
        "a ResourceManager or history server that is no URL",
        severity="failure",
        means="`resource_manager` or `history_server` is no URL of http or https, or has a login in it.",
        before="""
[cluster]
resource_manager = "rm.example.com:8088"

[defaults]
limits."executors.max" = { max = 4 }
""",
        why="Nobody can be asked there: nothing tells what sessions hold, or links lead nowhere.",
        todo="Write the whole URL, of several ResourceManagers each, separated by commas.",
        after="""
[cluster]
resource_manager = "http://rm.example.com:8088"

[defaults]
limits."executors.max" = { max = 4 }
""",
    ),
    page(
        "LG875",
        "allocation-not-said",
        "whether executors are held always is not said",
        severity="note",
        means="""
The cluster can be asked what each session holds now, and the policy does not say whether Spark allocates executors
dynamically there.
""",
        before="""
[cluster]
manager = "yarn"
resource_manager = "http://rm:8088"

[defaults]
limits."executors.max" = { max = 4 }
""",
        why="""
With dynamic allocation an idle session that holds executors has work to do, a streaming query or a cached table;
without it every session holds its executors always. Not knowing which, livyguard calls none of them idle, and frees
them by their numbers or with `--force` alone.
""",
        todo="Say what the cluster's `spark-defaults.conf` says of `spark.dynamicAllocation.enabled`; unset is false.",
        after="""
[cluster]
manager = "yarn"
resource_manager = "http://rm:8088"
dynamic_allocation = false

[defaults]
limits."executors.max" = { max = 4 }
""",
    ),
    page(
        "LG881",
        "test-expects-nothing",
        "a test that expects nothing",
        means="A `[[test]]` block has an empty `expect`.",
        before="""
[defaults]
limits."executors.max" = { max = 4 }

[[test]]
user = "alice"
request = { numExecutors = 40 }
expect = {}
""",
        why="It passes whatever the policy does.",
        todo="Expect a `verdict`, a `tenant`, `violations`, what is `absent`, or the value of a property.",
        after="""
[defaults]
limits."executors.max" = { max = 4 }

[[test]]
user = "alice"
request = { numExecutors = 40 }
expect = { verdict = "clamp", "executors.max" = 4 }
""",
    ),
)
