"""The canonical properties: every name that Livy, Spark and livyguard know one resource by."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from livyguard.policy import kinds
from livyguard.policy.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ALIASES",
    "CONF",
    "DOORS",
    "EXECUTORS",
    "FIELDS",
    "PROPERTIES",
    "VIRTUAL",
    "Door",
    "Property",
    "canonical",
    "order",
]

CONF = "conf."


@dataclass(frozen=True, slots=True)
class Property:
    """One resource that a session asks for.

    Attributes:
        name: canonical, ``executor.memory``.
        kind: of its values.
        field: Livy's top-level field, if it has one: there it is sent.
        keys: names in ``conf``, the one that Spark prefers first, old names after it.
    """

    name: str
    kind: Kind
    field: str | None = None
    keys: tuple[str, ...] = ()

    def sent(self, value: Any) -> Any:
        """Return a canonical value as it is sent: ints as ints at the top level, strings in ``conf``."""
        written = self.kind.write(value)
        return written if self.field else kinds.conf_text(written)


@dataclass(frozen=True, slots=True)
class Door:
    """A ``conf`` key that reaches the same resource, judged under its limit and left where it stands."""

    property: str
    kind: Kind


def _seconds_as_number() -> Kind:
    return Kind("a time", kinds.SECONDS.read, lambda seconds: seconds, is_ordered=True)


_ALL = (
    Property("executors.max", kinds.POSITIVE, None, ("spark.dynamicAllocation.maxExecutors",)),
    Property("executors.min", kinds.COUNT, None, ("spark.dynamicAllocation.minExecutors",)),
    Property("executors.initial", kinds.COUNT, None, ("spark.dynamicAllocation.initialExecutors",)),
    Property("executors.count", kinds.COUNT, "numExecutors", ("spark.executor.instances",)),
    Property("executor.memory", kinds.HEAP, "executorMemory", ("spark.executor.memory",)),
    Property("executor.cores", kinds.POSITIVE, "executorCores", ("spark.executor.cores",)),
    Property(
        "executor.memory_overhead",
        kinds.MEBIBYTES,
        None,
        ("spark.executor.memoryOverhead", "spark.yarn.executor.memoryOverhead"),
    ),
    Property("executor.pyspark_memory", kinds.MEBIBYTES, None, ("spark.executor.pyspark.memory",)),
    Property("executor.offheap_memory", kinds.BYTES, None, ("spark.memory.offHeap.size",)),
    Property("driver.memory", kinds.HEAP, "driverMemory", ("spark.driver.memory",)),
    Property("driver.cores", kinds.POSITIVE, "driverCores", ("spark.driver.cores",)),
    Property(
        "driver.memory_overhead",
        kinds.MEBIBYTES,
        None,
        ("spark.driver.memoryOverhead", "spark.yarn.driver.memoryOverhead"),
    ),
    Property("dynamic_allocation", kinds.FLAG, None, ("spark.dynamicAllocation.enabled",)),
    Property("queue", kinds.TEXT, "queue", ("spark.yarn.queue",)),
    Property("proxy_user", kinds.TEXT, "proxyUser", ("livy.rsc.proxy-user", "livy.rsc.proxy_user")),
    Property("name", kinds.TEXT, "name", ("spark.app.name",)),
    Property("kind", kinds.LIVY_KIND, "kind", ("livy.rsc.session.kind",)),
    Property("idle_timeout", kinds.MILLISECONDS, "idleTimeout"),
    Property("ttl", kinds.MILLISECONDS, "ttl"),
    Property("heartbeat_timeout", _seconds_as_number(), "heartbeatTimeoutInSecond"),
    Property("startup_timeout", kinds.MILLISECONDS, None, ("livy.rsc.server.connect.timeout",)),
    Property("jars", kinds.ITEMS, "jars", ("spark.jars",)),
    Property("py_files", kinds.ITEMS, "pyFiles", ("spark.submit.pyFiles",)),
    Property("files", kinds.ITEMS, "files", ("spark.files",)),
    Property("archives", kinds.ITEMS, "archives", ("spark.yarn.dist.archives",)),
)

PROPERTIES: Mapping[str, Property] = MappingProxyType({each.name: each for each in _ALL})
#: Computed from the others; a limit on one lowers the executor ceiling.
VIRTUAL: Mapping[str, Kind] = MappingProxyType({"session.memory": kinds.MEBIBYTES, "session.cores": kinds.COUNT})
EXECUTORS = ("executors.max", "executors.min", "executors.initial", "executors.count")
#: Livy's top-level fields, and the names in ``conf``, each with its canonical property.
FIELDS: Mapping[str, str] = MappingProxyType({each.field: each.name for each in _ALL if each.field})
ALIASES: Mapping[str, str] = MappingProxyType({key: each.name for each in _ALL for key in each.keys})


def _doors() -> dict[str, Door]:
    doors = {
        "spark.kubernetes.executor.request.cores": Door("executor.cores", kinds.CORES),
        "spark.kubernetes.executor.limit.cores": Door("executor.cores", kinds.CORES),
        "spark.kubernetes.driver.request.cores": Door("driver.cores", kinds.CORES),
        "spark.kubernetes.driver.limit.cores": Door("driver.cores", kinds.CORES),
        "spark.yarn.am.memory": Door("driver.memory", kinds.HEAP),
        "spark.yarn.am.cores": Door("driver.cores", kinds.POSITIVE),
        "spark.yarn.am.memoryOverhead": Door("driver.memory_overhead", kinds.MEBIBYTES),
        "spark.archives": Door("archives", kinds.WORDS),
        "spark.yarn.dist.jars": Door("jars", kinds.WORDS),
        "spark.yarn.dist.files": Door("files", kinds.WORDS),
        "spark.yarn.dist.pyFiles": Door("py_files", kinds.WORDS),
        "livy.rsc.jars": Door("jars", kinds.WORDS),
        "livy.rsc.pyspark.archives": Door("py_files", kinds.WORDS),
        "livy.rsc.sparkr.package": Door("archives", kinds.WORDS),
        "spark.cores.max": Door("executors.max", kinds.COUNT),
        "spark.streaming.dynamicAllocation.enabled": Door("executors.max", kinds.FLAG),
        "spark.streaming.dynamicAllocation.maxExecutors": Door("executors.max", kinds.POSITIVE),
        "spark.streaming.dynamicAllocation.minExecutors": Door("executors.max", kinds.POSITIVE),
        "spark.streaming.dynamicAllocation.initialExecutors": Door("executors.max", kinds.COUNT),
    }
    variables = {
        "SPARK_EXECUTOR_MEMORY": Door("executor.memory", kinds.HEAP),
        "SPARK_MEM": Door("executor.memory", kinds.HEAP),
        "SPARK_EXECUTOR_CORES": Door("executor.cores", kinds.POSITIVE),
        "SPARK_EXECUTOR_INSTANCES": Door("executors.max", kinds.COUNT),
        "SPARK_DRIVER_MEMORY": Door("driver.memory", kinds.HEAP),
        "PYSPARK_EXECUTOR_MEMORY_MB": Door("executor.pyspark_memory", kinds.MEBIBYTES),
        "SPARK_YARN_QUEUE": Door("queue", kinds.TEXT),
        "HADOOP_USER_NAME": Door("proxy_user", kinds.TEXT),
        "HADOOP_PROXY_USER": Door("proxy_user", kinds.TEXT),
    }
    return doors | {f"{prefix}{name}": door for prefix in ENVIRONMENTS for name, door in variables.items()}


#: Prefixes of ``conf`` keys that set environment variables, with the side whose heap their Java options set.
ENVIRONMENTS: Mapping[str, str] = MappingProxyType(
    {
        "spark.executorEnv.": "executor.memory",
        "spark.yarn.appMasterEnv.": "driver.memory",
        "spark.kubernetes.driverEnv.": "driver.memory",
    }
)
DOORS: Mapping[str, Door] = MappingProxyType(_doors())

#: Old names of keys that are no property of their own; a limit on either name holds for both, neither is renamed.
#: Spark's are those of its SparkConf whose values have the same unit under both names, Livy's those of its RSCConf.
TWINS: Mapping[str, str] = MappingProxyType(
    {
        "spark.unsafe.offHeap": "spark.memory.offHeap.enabled",
        "spark.yarn.jar": "spark.yarn.jars",
        "spark.yarn.keytab": "spark.kerberos.keytab",
        "spark.yarn.principal": "spark.kerberos.principal",
        "spark.yarn.access.namenodes": "spark.kerberos.access.hadoopFileSystems",
        "spark.yarn.access.hadoopFileSystems": "spark.kerberos.access.hadoopFileSystems",
        "spark.yarn.kerberos.relogin.period": "spark.kerberos.relogin.period",
        "spark.yarn.max.worker.failures": "spark.yarn.max.executor.failures",
        "spark.files.userClassPathFirst": "spark.executor.userClassPathFirst",
        "spark.akka.frameSize": "spark.rpc.message.maxSize",
        "spark.executor.logs.rolling.size.maxBytes": "spark.executor.logs.rolling.maxSize",
        "spark.kryoserializer.buffer.max.mb": "spark.kryoserializer.buffer.max",
        "spark.reducer.maxMbInFlight": "spark.reducer.maxSizeInFlight",
        "spark.scheduler.listenerbus.eventqueue.size": "spark.scheduler.listenerbus.eventqueue.capacity",
        "spark.shuffle.file.buffer.kb": "spark.shuffle.file.buffer",
        "livy.rsc.client.do_not_use.run_driver_in_process": "livy.rsc.client.do-not-use.run-driver-in-process",
        "livy.rsc.client.shutdown_timeout": "livy.rsc.client.shutdown-timeout",
        "livy.rsc.driver_class": "livy.rsc.driver-class",
        "livy.rsc.job_cancel.timeout": "livy.rsc.job-cancel.timeout",
        "livy.rsc.job_cancel.trigger_interval": "livy.rsc.job-cancel.trigger-interval",
        "livy.rsc.retained_statements": "livy.rsc.retained-statements",
        "livy.rsc.server.idle_timeout": "livy.rsc.server.idle-timeout",
    }
)

_ORDER = {name: place for place, name in enumerate([*PROPERTIES, *VIRTUAL])}


def canonical(key: str) -> str:
    """Return the canonical name of a ``conf`` key: its property's, else ``conf.<key>``."""
    return ALIASES.get(key, f"{CONF}{key}")


def order(name: str) -> tuple[int, str]:
    """Return a sort key: the canonical properties as listed, then ``conf`` keys by name."""
    return (_ORDER.get(name, len(_ORDER)), name)
