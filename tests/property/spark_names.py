"""Which names Livy and Spark know one thing by, from their sources: the oracle's own tables."""

from __future__ import annotations

FIELDS = {
    **dict.fromkeys(
        ("kind", "proxyUser", "driverMemory", "executorMemory", "queue", "name", "ttl", "idleTimeout"), str
    ),
    **dict.fromkeys(("driverCores", "executorCores", "numExecutors", "heartbeatTimeoutInSecond"), int),
    **dict.fromkeys(("jars", "pyFiles", "files", "archives"), list),
}
#: Livy writes these fields over the keys of conf.
OVER_CONF = {
    "driverCores": "spark.driver.cores",
    "driverMemory": "spark.driver.memory",
    "executorCores": "spark.executor.cores",
    "executorMemory": "spark.executor.memory",
    "numExecutors": "spark.executor.instances",
    "name": "spark.app.name",
    "queue": "spark.yarn.queue",
}
#: Livy puts these fields and the keys of conf together.
LISTS = {
    "jars": ("spark.jars", "spark.yarn.dist.jars", "livy.rsc.jars"),
    "pyFiles": ("spark.submit.pyFiles", "spark.yarn.dist.pyFiles", "livy.rsc.pyspark.archives"),
    "files": ("spark.files", "spark.yarn.dist.files"),
    "archives": ("spark.yarn.dist.archives", "spark.archives", "livy.rsc.sparkr.package"),
}
OLDER = {
    "spark.executor.memoryOverhead": "spark.yarn.executor.memoryOverhead",
    "spark.driver.memoryOverhead": "spark.yarn.driver.memoryOverhead",
    "spark.memory.offHeap.enabled": "spark.unsafe.offHeap",
    "livy.rsc.proxy-user": "livy.rsc.proxy_user",
}
DYNAMIC, STREAMING = "spark.dynamicAllocation", "spark.streaming.dynamicAllocation"
KUBERNETES = "spark.kubernetes"
#: Prefixes of keys that set environment variables, and of the options that a JVM takes there, by side.
ENVIRONMENTS = {
    "spark.executorEnv.": "executor",
    "spark.yarn.appMasterEnv.": "driver",
    f"{KUBERNETES}.driverEnv.": "driver",
}
OPTIONS = {
    "spark.driver.extraJavaOptions": "driver",
    "spark.driver.defaultJavaOptions": "driver",
    "spark.yarn.am.extraJavaOptions": "driver",
    "spark.executor.extraJavaOptions": "executor",
    "spark.executor.defaultJavaOptions": "executor",
}
JVM_VARIABLES = ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "SPARK_JAVA_OPTS", "SPARK_SUBMIT_OPTS")
