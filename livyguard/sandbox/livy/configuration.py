"""What a Livy on this machine reads: its livy.conf, Spark's defaults, and its environment."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from livyguard.sandbox.java import QUICK, quick

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["LOG4J", "LivyOptions", "environment", "livy_conf", "spark_defaults", "spark_env"]

#: What Livy logs, and where: to standard error. 0.8 and 0.9 both read log4j 1.2's properties.
LOG4J = """\
log4j.rootCategory=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
log4j.logger.org.eclipse.jetty=WARN
"""
#: hadoop-auth's filter, which Livy takes as any servlet filter; its simple type believes ``?user.name=``.
_FILTER = "org.apache.hadoop.security.authentication.server.AuthenticationFilter"
#: What Livy's own start script opens on Java 17; that of 0.8 does not yet.
_OPENED = (
    "java.io",
    "java.lang",
    "java.lang.invoke",
    "java.net",
    "java.nio",
    "java.util.concurrent.atomic",
    "sun.nio.ch",
)
#: Spark without a web page, on this machine alone, as small as it starts.
_SPARK = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": QUICK,
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "512m",
    "spark.executor.extraJavaOptions": QUICK,
    "spark.executor.memory": "512m",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
}


@dataclass(frozen=True, slots=True)
class LivyOptions:
    """How a Livy on this machine runs.

    Attributes:
        master: ``livy.spark.master``.
        deploy_mode: ``livy.spark.deploy-mode``; None for a local master.
        users: tell users apart by ``?user.name=``, and refuse who has none.
        anonymous: with ``users``: who has none is nobody, and served.
        access_control: a session is its owner's and the superusers' alone.
        superusers: who may do everything.
        csrf: POST and DELETE want an ``X-Requested-By`` header.
        port: 0 = a free one.
        conf: more of livy.conf; takes precedence.
        spark: more of spark-defaults.conf; takes precedence.
        environment: more environment variables.
        java_options: more options of Livy's JVM.
    """

    master: str = "local[1]"
    deploy_mode: str | None = None
    users: bool = False
    anonymous: bool = False
    access_control: bool = False
    superusers: Sequence[str] = ("admin",)
    csrf: bool = False
    port: int = 0
    conf: Mapping[str, str] = field(default_factory=dict)
    spark: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    java_options: Sequence[str] = ()


def livy_conf(options: LivyOptions, port: int) -> str:
    """Return the text of livy.conf."""
    lines = {
        "livy.server.host": "127.0.0.1",
        "livy.server.port": str(port),
        "livy.spark.master": options.master,
        "livy.rsc.rpc.server.address": "127.0.0.1",
        "livy.rsc.launcher.port.range": "10000~10999",  # the default's 11 ports hold 10 sessions
        "livy.server.csrf-protection.enabled": _flag(options.csrf),
        "livy.server.access-control.enabled": _flag(options.access_control),
        "livy.superusers": ",".join(options.superusers),
    }
    if options.deploy_mode:
        lines["livy.spark.deploy-mode"] = options.deploy_mode
    if options.users:
        simple = "livy.server.auth.simple"
        lines |= {
            "livy.server.auth.type": "simple",
            f"{simple}.class": _FILTER,
            f"{simple}.param.type": "simple",
            f"{simple}.param.simple.anonymous.allowed": _flag(options.anonymous),
        }
    return _properties(lines | dict(options.conf), " = ")


def spark_defaults(options: LivyOptions) -> str:
    """Return the text of spark-defaults.conf."""
    addresses = set() if options.master.startswith("local") else {"spark.driver.bindAddress", "spark.driver.host"}
    own = {key: value for key, value in _SPARK.items() if key not in addresses}
    return _properties(own | dict(options.spark), " ")


def spark_env(folder: Path) -> str:
    """Return the text of spark-env.sh, by which spark-submit reads no configuration but what Livy tells it.

    Livy has read spark-defaults.conf by then; and a folder that stands before Spark's jars would keep Java from taking
    their classes from an archive.
    """
    return f"SPARK_CONF_DIR={shlex.quote(str(folder / 'conf' / 'none'))}\n"


def environment(
    options: LivyOptions,
    folder: Path,
    livy: Path,
    *,
    spark: Path,
    java: Path,
    python: str,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return the environment of a Livy whose files lie in ``folder``.

    What SPARK_* and LIVY_* the machine sets stays outside.
    """
    # hadoop-auth needs httpclient, which Livy does not bring; Spark does.
    jars = [f"{livy / 'jars'}/*", *map(str, spark.glob("jars/http*-4.*.jar")), str(folder / "conf")]
    files = f"-Djava.io.tmpdir={folder / 'tmp'}"
    opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
    kept = {
        key: value for key, value in environ.items() if not key.startswith(("SPARK_", "LIVY_", "PYSPARK_", "HADOOP_"))
    }
    return kept | {
        "JAVA_HOME": str(java),
        "LIVY_LOG_DIR": str(folder / "logs"),
        "LIVY_CONF_DIR": str(folder / "conf"),
        "LIVY_CLASSPATH": os.pathsep.join(jars),
        "LIVY_SERVER_JAVA_OPTS": " ".join([*opened, "-Xmx512m", QUICK, files, *options.java_options]),
        "PYSPARK_PYTHON": python,
        "SPARK_CONF_DIR": str(folder / "conf"),
        "SPARK_HOME": str(spark),
        "SPARK_LOCAL_DIRS": str(folder / "tmp"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        # spark-submit and a driver inside it: Java knows no TMPDIR, and what is killed leaves its files behind.
        "SPARK_SUBMIT_OPTS": f"{quick(environ)} {files}",
        "TMPDIR": str(folder / "tmp"),
        **options.environment,
    }


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _properties(lines: Mapping[str, str], between: str) -> str:
    return "".join(f"{key}{between}{value}\n" for key, value in lines.items())
