"""The text of a first policy: what a cluster gives each of its people, and the rest explained and commented out.

A line that begins with ``# `` explains; one with ``#`` and no blank is TOML, in force once the mark is gone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.footprint import overhead
from livyguard.policy.units import MIB, read_size, write_size
from livyguard.policy.wording import counted, people

if TYPE_CHECKING:
    from livyguard.policy.share import Nodes, Share

__all__ = ["starter"]


def starter(share: Share) -> str:
    """Return a policy in TOML that reads, lints clean and passes its own tests."""
    parts = [_head(share), _cluster(share), _defaults(share), _tenant(share), _LATER, _tests(share)]
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def _quoted(text: str) -> str:
    """Return a printable text as TOML's basic string, which JSON's is."""
    return json.dumps(text, ensure_ascii=False)


def _head(share: Share) -> str:
    cluster = f"{counted(share.workers, 'worker')} {share.of_kind}, shared by {people(share.users)} at a time"
    return f"""
# The policy{f" of {share.name}" if share.name else ""}: {cluster}.
# Written by `livyguard policy init`. A line with # and a blank explains; take the # of any other away to use it.
#
#   livyguard policy lint FILE       says what it hardly means
#   livyguard policy test FILE       runs the [[test]] blocks at its end
#   livyguard policy install FILE    lints, tests, and puts it where the notebooks of this machine read it
#
# `livyguard policy schema > policy.schema.json` lets an editor complete and check this file, by a first line
# that says: #:schema ./policy.schema.json
version = 1
requires_livyguard = ">=0.1"

# Who may free other people's sessions. Without this line nobody may.
#operators = {{ users = ["ops-*"], groups = ["platform"] }}

# More log-ins under which many people work: whoever bears one is nobody in particular, and [defaults] holds. livyguard
# knows {", ".join(sorted(SHARED_ACCOUNTS))}.
#shared_accounts = ["analytics"]
"""


def _cluster(share: Share) -> str:
    return f"""
[cluster]
manager = {_quoted(share.manager)}
workers = {share.workers}
{_worker(share)}
# What the cluster's spark-defaults.conf says: with dynamic allocation Spark takes executors as it needs them.
{"" if share.is_dynamic else "#"}dynamic_allocation = true
{_RESOURCE_MANAGER.strip() if share.manager in {"yarn", "glue"} else ""}
{_HISTORY.strip()}
"""


def _worker(share: Share) -> str:
    nodes = share.nodes
    if nodes is None:
        return f"worker_type = {_quoted(share.worker_type or '')}"
    cores = "" if nodes.cores is None else f"cores = {nodes.cores}, "
    lines = [f'worker = {{ {cores}memory = "{write_size(nodes.memory_mib, MIB)}" }}']
    if nodes.step is not None:
        lines.append("# YARN's yarn.scheduler.minimum-allocation-mb, of which a container takes a whole number.")
        lines.append(f'minimum_allocation = "{write_size(nodes.step, MIB)}"')
    if nodes.spark_defaults:
        said = ", ".join(f"{_quoted(name)} = {_quoted(value)}" for name, value in nodes.spark_defaults.items())
        lines.append("# What this Spark takes where nobody says anything, and Apache's takes something else.")
        lines.append(f"spark_defaults = {{ {said} }}")
    return "\n".join(lines)


_RESOURCE_MANAGER = """
# YARN's ResourceManager: what sessions hold, why one waits, in YARN's own words, and the end of what Livy leaves there.
#resource_manager = "http://rm:8088"
# How to ask it: "none", "simple" or "kerberos". Without this line as the user whom Livy or JupyterHub reports, and by
# Kerberos where it wants that.
#resource_manager_auth = "kerberos"
"""
_HISTORY = """
# Spark's history server, for links to what an application did.
#history_server = "http://shs:18080"
"""


def _defaults(share: Share) -> str:
    if share.members:
        reason = _quoted(f"only the people of {_team(share)} are counted in")
        return f"""
# For whoever is not named below: what they hold is beyond what was shared out.
[defaults]
{_MANNERS.strip()}
quota = {{ sessions = 1 }}

[defaults.limits]
"executors.max" = {{ max = 1, reason = {reason} }}
{_sizes(share, 1)}
"""
    return f"""
# For everybody. {_arithmetic(share)}
[defaults]
{_MANNERS.strip()}
{_quota(share)}

[defaults.limits]
"executors.max" = {{ max = {share.executors}, reason = {_quoted(share.reason)} }}
{_sizes(share, share.executors)}
{_MORE_LIMITS.strip()}
"""


def _team(share: Share) -> str:
    return share.name or "team"


def _arithmetic(share: Share) -> str:
    return (
        f"{counted(share.workers, 'worker')} {share.of_kind} "
        f"{'holds' if share.workers == 1 else 'hold'} {counted(share.containers, 'container')}:\n"
        f"# for {people(share.users)} {share.each}, in one session each. "
        "Who leaves theirs unused lends them to nobody:\n"
        "# a cap keeps the cluster fair, not full."
    )


_MANNERS = """
# clamp: lower what is too much, and say so. deny: refuse it.
on_violation = "clamp"
# What `%livy_release` frees: sessions whose last statement ended so long ago.
idle = { after = "30m" }
"""


def _quota(share: Share) -> str:
    sessions = _sessions(share)
    told = _TWO_NOTEBOOKS if sessions > 1 else _ONE_NOTEBOOK
    return f"""
{told.strip()}
quota = {{ sessions = {sessions}, executors = {share.executors}{_memory(share)} }}
# What all of them may hold together; without it nobody counts how many people come.
#team_quota = {{ executors = {share.users * share.executors} }}
""".strip()


def _sessions(share: Share) -> int:
    """Return how many each may have: two where a quota of memory makes the second driver take an executor's place."""
    is_held = share.executor_memory is not None and share.nodes is None
    return 2 if is_held and share.executors > 2 else 1  # noqa: PLR2004 - of two, one is left beside two drivers


_ONE_NOTEBOOK = """
# What one person may hold over all sessions, each counted with the most that it can ever hold: the share, all in one.
"""
_TWO_NOTEBOOKS = """
# What one person may hold over all sessions, each counted with the most that it can ever hold: the share, in one
# notebook or in two, where the second driver takes the place of an executor. Who asks for nothing has all of it in the
# first; with a default beside the max of executors.max, below it, something is left for the second.
"""


def _memory(share: Share) -> str:
    """Return the quota of memory, where two sessions share it; ``session.memory`` holds one alone."""
    held = None if _sessions(share) == 1 else _all_of_it(share, share.executors)
    return "" if held is None else f', memory = "{held}"'


def _sizes(share: Share, executors: int) -> str:
    if share.executor_memory is None:
        return f"""
# No limit on sizes: AWS does not say how much memory and how many cores a container on workers of type
# {share.worker_type} has. A larger one than that never starts.
""".strip()
    if share.nodes is not None:
        return _sizes_of(share, share.nodes, executors)
    reason = _quoted(f"what one container of a {share.worker_type} worker has")
    return f"""
# A container is not larger than this, since that never starts; nor smaller, since that takes as much of a worker.
"executor.memory" = {{ fixed = "{share.executor_memory}", reason = {reason} }}
"executor.cores" = {{ max = {share.executor_cores}, reason = {reason} }}
"driver.memory" = {{ fixed = "{share.driver_memory}", reason = {reason} }}
"executor.memory_overhead" = {{ min = "{_own_overhead(share.executor_memory)}", reason = {reason} }}
"driver.memory_overhead" = {{ min = "{_own_overhead(share.driver_memory)}", reason = {reason} }}
{_session(share, executors)}
""".strip()


def _sizes_of(share: Share, nodes: Nodes, executors: int) -> str:
    reason = _quoted("the size that the workers are shared out in")
    driver = (
        ""
        if nodes.driver_cores is None
        else f"""
"driver.cores" = {{ max = {nodes.driver_cores}, default = {nodes.driver_cores}, reason = {reason} }}"""
    )
    sizes = (("executor.memory", share.executor_memory), ("driver.memory", share.driver_memory))
    heaps = "\n".join(f'"{name}" = {{ max = "{heap}", default = "{heap}", reason = {reason} }}' for name, heap in sizes)
    return f"""
# A container is not larger than this; a larger one would take the place of somebody else's, or never start.
{heaps}
"executor.cores" = {{ max = {share.executor_cores}, default = {share.executor_cores}, reason = {reason} }}{driver}
{_overheads(share, nodes)}{_session(share, executors)}
""".strip()


def _overheads(share: Share, nodes: Nodes) -> str:
    """Return limits on what stands beside a heap, as a container leaves room for it; standalone counts heaps alone."""
    if share.manager == "standalone":
        return ""
    sides = [("executor", share.executor_memory, nodes.executor_mib)]
    sides += [("driver", share.driver_memory, nodes.driver_mib)] if nodes.holds_drivers else []
    lines = [
        f'"{side}.memory_overhead" = {{ max = "{write_size(whole - read_size(heap or "0m", MIB), MIB)}" }}'
        for side, heap, whole in sides
    ]
    return "\n".join(
        [
            "# What is left of a container beside that; PySpark's and off-heap memory would come on top of it.",
            *lines,
            '"executor.pyspark_memory" = { forbidden = true }',
            '"executor.offheap_memory" = { forbidden = true }\n',
        ]
    )


def _session(share: Share, executors: int) -> str:
    held = _all_of_it(share, executors)
    if held is None:
        return ""
    told = f"a driver and {counted(executors, 'executor')}, overheads too"
    return f"""
# All of a session together.
"session.memory" = {{ max = "{held}", reason = "{told}" }}
""".strip()


def _all_of_it(share: Share, executors: int) -> str | None:
    """Return what a driver and so many executors hold at their largest; None where nobody says how large that is."""
    if share.nodes is not None:
        return write_size(share.nodes.driver_mib + executors * share.nodes.executor_mib, MIB)
    if share.driver_memory is None or share.executor_memory is None:
        return None
    return write_size(_whole(share.driver_memory) + executors * _whole(share.executor_memory), MIB)


def _own_overhead(heap: str | None) -> str:
    return write_size(overhead(read_size(heap or "0m", MIB)), MIB)


def _whole(heap: str) -> int:
    """Return what a container of that heap holds, MiB."""
    size = read_size(heap, MIB)
    return size + overhead(size)


_MORE_LIMITS = """
# More of them; every spelling of a property is the same property, and conf.* names any other key, * spans dots.
#"queue" = { fixed = "root.analytics" }
#"proxy_user" = { fixed = "{user}", on_violation = "deny" }
#"conf.spark.jars.packages" = { pattern = '(io\\.delta|org\\.apache\\.iceberg):.*', on_violation = "deny" }
#"conf.spark.hadoop.fs.s3a.*.key" = { forbidden = true, on_violation = "deny", reason = "use the role" }
"""


def _tenant(share: Share) -> str:
    if not share.members:
        return """
# People with limits of their own; the first tenant that matches counts, and its limit of a property replaces that of
# [defaults].
#[[tenant]]
#name = "analysts"
#users = ["alice", "bob-*"]
#groups = ["analytics"]
#session_configs = { conf = { "spark.dynamicAllocation.cachedExecutorIdleTimeout" = "10m" } }
#limits."executors.max" = { max = 2, default = 1, contact = "data-platform@example.com" }
"""
    return f"""
# {_arithmetic(share)}
[[tenant]]
name = {_quoted(_team(share))}
# As Livy, or what the notebooks log in with, names them.
users = [{", ".join(map(_quoted, share.members))}]
{_quota(share)}
# What is asked where a notebook says nothing, in SparkMagic's own shape.
#session_configs = {{ conf = {{ "spark.dynamicAllocation.cachedExecutorIdleTimeout" = "10m" }} }}

[tenant.limits]
"executors.max" = {{ max = {share.executors}, reason = {_quoted(share.reason)} }}
{_session(share, share.executors)}
{_MORE_LIMITS.strip()}
"""


_LATER = """
# An exception with an end.
#[[grant]]
#user = "carol"
#limits."executors.max" = { max = 20 }
#until = 2026-12-24T18:00:00Z
#reason = "quarter close"
"""


def _tests(share: Share) -> str:
    who = share.members[0] if share.members else "somebody"
    tests = [
        _test("a plain session starts", who, "{}", f'verdict = "allow", "executors.max" = {share.executors}'),
        _test(
            "more executors than there are for one person",
            who,
            f"{{ numExecutors = {share.executors + 1} }}",
            f'verdict = "clamp", "executors.max" = {share.executors}',
        ),
        *_tests_of_sizes(share, who),
        *_tests_of_quota(share, who),
    ]
    if share.members:
        stranger = "somebody-else" if "somebody-else" not in share.members else "somebody-else-still"
        tests.append(
            _test("who is not named has one executor", stranger, "{ numExecutors = 9 }", '"executors.max" = 1')
        )
    return (
        "# What this policy is to do: `livyguard policy test` runs these, and `install` does so before it installs.\n"
        + ("\n".join(tests))
    )


def _tests_of_sizes(share: Share, who: str) -> list[str]:
    if share.executor_memory is None:
        return []
    expect = f'verdict = "clamp", "executor.memory" = "{share.executor_memory}"'
    return [_test("an executor larger than a container", who, '{ executorMemory = "1t" }', expect)]


def _tests_of_quota(share: Share, who: str) -> list[str]:
    most = '{{ conf = {{ "spark.dynamicAllocation.maxExecutors" = {} }} }}'
    is_alone = _sessions(share) == 1
    refusing = '"quota.sessions", "quota.executors"' if is_alone else '"quota.executors", "quota.memory"'
    used_up = _test(
        "who holds all of it has to free it first",
        who,
        "{}",
        f'verdict = "deny", violations = [{refusing}], release = [0]',
        holding=f'{{ numExecutors = {share.executors}, idle = "52m" }}',
    )
    if is_alone:
        return [used_up]
    shared = _test(
        "two notebooks share it",
        who,
        most.format(1),
        'verdict = "allow", "executors.max" = 1',
        holding=most.format(share.executors - 2),
    )
    return [used_up, shared]


def _test(name: str, user: str, request: str, expect: str, *, holding: str = "") -> str:
    held = f"holding = [{holding}]\n" if holding else ""
    return f"""
[[test]]
name = {_quoted(name)}
user = {_quoted(user)}
{held}request = {request}
expect = {{ {expect} }}
""".lstrip("\n")
