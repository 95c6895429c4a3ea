"""What every key of the policy file and every property means, in a sentence: for editors and documents."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EXPECTED", "KEYS", "PROPERTIES_TOLD"]

_POLICY = {
    "version": "The version of the policy language: 1.",
    "requires_livyguard": 'The versions of livyguard that read this file, ">=0.1"; another one says just that.',
    "shared_accounts": "Logins under which many people work; whoever bears one is nobody in particular.",
    "operators": "Who may act on other people's sessions.",
    "decision_log": "Folder of the decision log: one file a user, one JSON line a decision. No log without it.",
    "cluster": "The cluster behind Livy; a table of another name, [cluster.NAME], is one of several.",
    "defaults": "Where every tenant starts from; it holds also for a user whom no tenant matches.",
    "tenant": "Users and groups with their own limits; the first that matches, in the order of the file, counts.",
    "grant": "Dated exceptions; only in the operator's own file.",
    "test": "Expectations, run by `livyguard policy test`; without `at` they ignore grants.",
}
_CLUSTER = {
    "endpoints": 'URLs of the Livy servers that lead to this cluster, as globs: "http://livy-a*".',
    "manager": "What runs the containers.",
    "resource_manager": "URL of YARN's ResourceManager: tells what sessions hold, why they wait; ends what is left.",
    "resource_manager_auth": "How it is asked; unset: as the reported user, and by Kerberos where it wants that.",
    "history_server": 'URL of Spark\'s history server, "http://shs:18080", for links.',
    "workers": "Number of workers.",
    "worker": "The size of one worker.",
    "worker_type": 'AWS Glue\'s name of a size of workers, "G.1X".',
    "minimum_allocation": 'YARN\'s yarn.scheduler.minimum-allocation-mb, "1g", to which it rounds containers up.',
    "dynamic_allocation": "What the cluster's spark-defaults.conf says of spark.dynamicAllocation.enabled.",
    "spark_defaults": "What else spark-defaults.conf says, as far as limits should know it.",
}
_LIMIT = {
    "min": "The least; a smaller value is raised to it.",
    "max": "The most; a larger value is lowered to it.",
    "default": "What is sent where nobody gives a value.",
    "fixed": 'The one value, whatever is asked; "{user}" is the name of whoever asks.',
    "allow": "The values that pass, and no other.",
    "block": "Values that do not pass.",
    "pattern": "A regular expression (Python's) that the whole value, or each item of a list, matches.",
    "forbidden": "true: the property may not be given.",
    "required": "true: the property has to be given, here or by `default`.",
    "on_violation": "clamp: what does not pass is changed or left out. deny: the request is refused.",
    "reason": "Why, for the person who reads the message.",
    "contact": "Whom to ask for more.",
    "cluster": "The limit holds on this [cluster.NAME] alone.",
}
_RULES = {
    "on_violation": "clamp: what does not pass is changed or left out. deny: the request is refused.",
    "idle": "When a session counts as left alone.",
    "limits": "What one session may ask, by property.",
    "session_configs": "What is asked where the user gives nothing, in SparkMagic's own shape.",
    "quota": "What one user may hold over all live sessions of one Livy. Of each amount: the tenant's own, else its"
    " parent's, else that of [defaults]; the smallest of all layers.",
    "team_quota": "What all members of the tenant may hold together at one Livy; of each amount as with `quota`.",
    "unlisted": "Whether conf keys that no limit names may be given.",
}
_TENANT = {
    "name": "How messages call the tenant.",
    "users": 'Names of users, as globs: "bob-*".',
    "groups": "Names of groups, as globs.",
    "cluster": "The tenant exists on this [cluster.NAME] alone.",
    "inherits": "Name of a tenant further up, whose rules this one starts from.",
}
_QUOTA = {
    "sessions": "Number of sessions.",
    "executors": "Executors of all sessions together, each counted with the most that it can ever hold.",
    "cores": "Cores of all sessions together, drivers included.",
    "memory": "Memory of all sessions together, drivers and overheads included.",
}
_GRANT = {
    "user": "Who is granted it, as a glob.",
    "limits": "What the grant changes; the rest of each limit stays.",
    "until": "The moment at which it ends, 2026-12-24T18:00:00Z.",
    "reason": "Why.",
}
_TEST = {
    "name": "What is expected, in words.",
    "user": "Who asks.",
    "groups": "The groups of whoever asks.",
    "trust": "Whether something that authenticated the user names them.",
    "endpoint": "URL of the Livy that is asked, where there are several clusters.",
    "at": "The moment of the request, for grants.",
    "holding": "What the user, and others of the team, hold while it is asked: one table a session, numbered from 0.",
    "request": "What is asked: the body of %%configure.",
    "expect": "What the decision holds: `verdict`, and properties with their values.",
}
_HOLDING = {
    "user": "Whose it is; without it, of whoever asks. It counts for the team if its owner's tenant is the same.",
    "groups": "The groups of its owner, where that is somebody else.",
    "state": "Livy's word. What is dead, killed, shutting_down, or ended by error or success, counts nothing.",
    "idle": 'How long it has been idle, "52m": the way out names the longest first.',
    "executors": "The most executors that it can ever hold; else what the policy makes of an empty request.",
    "memory": "Of driver and executors, overheads included; else a driver and as many executors of an empty request.",
    "cores": "Of driver and executors; else a driver and as many executors of an empty request.",
    "request": "What was asked for it, the body of %%configure, in place of a size; its keys may also stand beside.",
}

_TABLES: Mapping[str, Mapping[str, str]] = {
    "Policy": _POLICY,
    "Members": {"users": 'Names of users, as globs: "ops-*".', "groups": "Names of groups, as globs."},
    "Cluster": _CLUSTER,
    "Worker": {"cores": "Cores of one worker.", "memory": 'Memory of one worker, "64g".'},
    "Rules": _RULES,
    "Tenant": _RULES | _TENANT,
    "Idle": {"after": 'Time since the end of the last statement, "30m".'},
    "Quota": _QUOTA,
    "Limit": _LIMIT,
    "Grant": _GRANT,
    "Holding": _HOLDING,
    "Test": _TEST,
}
#: By table of :mod:`livyguard.policy.model` and key.
KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {table: MappingProxyType(dict(keys)) for table, keys in _TABLES.items()}
)

#: What a test may expect beside the values of properties.
EXPECTED: Mapping[str, str] = MappingProxyType(
    {
        "verdict": "allow, clamp or deny.",
        "tenant": "Name of the tenant that is found.",
        "violations": "Properties for which the request is refused, all of them; quotas too, `quota.executors`.",
        "absent": "Properties that are not sent, globs too.",
        "release": "Over a quota: places in `holding` of the sessions whose end would make room, all of them.",
        "largest": "Executors of the nearest request that passes now; 0 where there is none.",
    }
)

#: By canonical property, the computed ones included.
PROPERTIES_TOLD: Mapping[str, str] = MappingProxyType(
    {
        "executors.max": "The most executors that a session can ever hold (spark.dynamicAllocation.maxExecutors).",
        "executors.min": "The executors that a session holds at least (spark.dynamicAllocation.minExecutors).",
        "executors.initial": "The executors that a session begins with (spark.dynamicAllocation.initialExecutors).",
        "executors.count": "The number of executors (numExecutors, spark.executor.instances).",
        "executor.memory": "Heap of one executor (executorMemory, spark.executor.memory).",
        "executor.cores": "Cores of one executor (executorCores, spark.executor.cores).",
        "executor.memory_overhead": "Memory of one executor beside its heap (spark.executor.memoryOverhead).",
        "executor.pyspark_memory": "Memory of one executor for Python (spark.executor.pyspark.memory).",
        "executor.offheap_memory": "Memory of one executor outside its heap (spark.memory.offHeap.size).",
        "driver.memory": "Heap of the driver (driverMemory, spark.driver.memory).",
        "driver.cores": "Cores of the driver (driverCores, spark.driver.cores).",
        "driver.memory_overhead": "Memory of the driver beside its heap (spark.driver.memoryOverhead).",
        "dynamic_allocation": "Whether Spark asks for executors as it needs them (spark.dynamicAllocation.enabled).",
        "queue": "YARN's queue (queue, spark.yarn.queue).",
        "proxy_user": "The user that the session runs as (proxyUser).",
        "name": "The name of the session and its application (name, spark.app.name).",
        "kind": "The language: spark, pyspark, sparkr, sql (kind).",
        "idle_timeout": "Time without a statement after which Livy ends the session (idleTimeout).",
        "ttl": "Time after which Livy ends the session in any case (ttl).",
        "heartbeat_timeout": "Time without a sign of the notebook after which Livy ends the session.",
        "startup_timeout": "Time in which the driver has to answer Livy (livy.rsc.server.connect.timeout).",
        "jars": "Jars (jars, spark.jars), item by item.",
        "py_files": "Python files (pyFiles, spark.submit.pyFiles), item by item.",
        "files": "Files (files, spark.files), item by item.",
        "archives": "Archives (archives, spark.yarn.dist.archives), item by item.",
        "session.memory": "Computed: driver and executors at their most, overheads included.",
        "session.cores": "Computed: cores of the driver and of the executors at their most.",
    }
)
