"""LG309 and LG310: a library for another Scala, or one that is not there or cannot be had."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import spark_packages_text as text
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.fixes import IF_LOST
from livyguard.hints.model import Fix
from livyguard.hints.redaction import excerpt
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# Java 8's way to write a method, and that of Java 11 on; a class by its path or by its name.
_SCALA = re.compile(
    r"java\.lang\.NoSuchMethodError: (?:'[^'\n]{0,200}? ?)?scala\.[\w.$]+"
    r"|java\.lang\.NoClassDefFoundError: (?:Could not initialize class )?scala[/.][\w/.$]+"
    r"|java\.lang\.ClassNotFoundException: scala\.[\w.$]+"
)
_REPL = re.compile(
    r"Cannot find Livy REPL jars\."
    r"|java\.lang\.(?:ClassNotFoundException|NoClassDefFoundError): org[./]apache[./]livy[./]repl[\w./$]*"
)
_ARTEFACT = re.compile(r"\b([A-Za-z][\w.\-]{0,100}_2\.1[0-3])(?![\w])")
#: What only Scala 2.11 and older compile to, and what 2.13 has no more.
_OLD, _BEFORE_13 = re.compile(r"\$class\b"), re.compile(r"scala[/.](?:Serializable|collection[/.]GenTraversableOnce)")


def _coordinates(prefix: str) -> str:
    group, name, version = (rf"(?P<{prefix}{part}>[\w.\-]{{1,200}})" for part in ("group", "name", "version"))
    return f"{group}#{name};{version}"


# What spark-submit throws, in its list of problems and in its last words; and what it found and did not get.
_UNRESOLVED = re.compile(
    rf"unresolved dependency: {_coordinates('')}: (?:not found|configuration not found)"
    rf"|:: {_coordinates('listed_')}: not found|download failed: {_coordinates('failed_')}!"
)
_NO_WAY = re.compile(
    r"[Ss]erver access [Ee]rror[^\n]{0,300}?(?:ConnectException|UnknownHost|timed out|NoRouteToHost)[^\n]{0,200}"
)
_ANSWERED = re.compile(r"Server returned HTTP response code: (\d{3})\b[^\n]{0,300}")
_SOURCE = re.compile(
    r"Failed to find (?:the )?data source: (?P<source>[\w.\-]{1,200})\. (?:Please find packages at|Please deploy the "
    r"|(?:Avro|Kafka) is built-in but external)"
)
_FILE = re.compile(
    r"java\.io\.FileNotFoundException: (?:File (?:does not exist: )?|No such file or directory:? '?)"
    r"(?P<file>[^\s']{1,1000}\.(?:jar|zip|egg|whl|py|tar\.gz))(?: does not exist|'|$)",
    re.MULTILINE,
)
_SUBMITTING = re.compile(r"at org\.apache\.spark\.deploy\.")
_STACK = 16_000

#: The package that holds each data source that Spark does not bring; the version is Spark's or the project's own.
_PACKAGES = {
    "delta": "io.delta:delta-spark_2.12:VERSION",
    "iceberg": "org.apache.iceberg:iceberg-spark-runtime-SPARK_2.12:VERSION",
    "org.apache.iceberg": "org.apache.iceberg:iceberg-spark-runtime-SPARK_2.12:VERSION",
    "hudi": "org.apache.hudi:hudi-sparkSPARK-bundle_2.12:VERSION",
    "avro": "org.apache.spark:spark-avro_2.12:VERSION",
    "com.databricks.spark.avro": "org.apache.spark:spark-avro_2.12:VERSION",
    "kafka": "org.apache.spark:spark-sql-kafka-0-10_2.12:VERSION",
    "xml": "com.databricks:spark-xml_2.12:VERSION",
    "com.databricks.spark.xml": "com.databricks:spark-xml_2.12:VERSION",
    "com.crealytics.spark.excel": "com.crealytics:spark-excel_2.12:VERSION",
    "excel": "com.crealytics:spark-excel_2.12:VERSION",
    "mongodb": "org.mongodb.spark:mongo-spark-connector_2.12:VERSION",
    "mongo": "org.mongodb.spark:mongo-spark-connector_2.12:VERSION",
    "snowflake": "net.snowflake:spark-snowflake_2.12:VERSION",
    "net.snowflake.spark.snowflake": "net.snowflake:spark-snowflake_2.12:VERSION",
    "bigquery": "com.google.cloud.spark:spark-bigquery-with-dependencies_2.12:VERSION",
    "org.apache.spark.sql.cassandra": "com.datastax.spark:spark-cassandra-connector_2.12:VERSION",
    "org.elasticsearch.spark.sql": "org.elasticsearch:elasticsearch-spark-30_2.12:VERSION",
    "io.github.spark_redshift_community.spark.redshift": (
        "io.github.spark-redshift-community:spark-redshift_2.12:VERSION"
    ),
}


def _scala(case: Case) -> Finding | None:
    if match := case.find(_REPL):
        operators = Fix(
            "For the operator: Livy's archive for the Scala of this Spark, 2.12 for Spark 3.",
            command="apache-livy-0.9.0-incubating_2.12-bin.zip",
            applicability="manual",
        )
        return Finding(
            "Livy has no interpreter for the Scala of this Spark",
            "Livy brings one folder of jars for each Scala that it was built for (repl_2.11-jars, repl_2.12-jars), and "
            "the one that this Spark needs is not there.",
            (case.quote(match, "Livy"),),
            (operators, IF_LOST),
            rank=88,
        )
    match = case.find(_SCALA)
    if match is None:
        return None
    built = ""
    if _OLD.search(match[0]):
        built = " It was built for Scala 2.11 or older, and this Spark has a newer one."
    elif _BEFORE_13.search(match[0]):
        built = " It was built for Scala 2.12 or older, and this Spark has 2.13."
    seen = list(dict.fromkeys(one[1] for one in _ARTEFACT.finditer(case.text)))[:3]
    named = f" Libraries that name their Scala: {', '.join(excerpt(one) for one in seen)}." if seen else ""
    fixes = (
        Fix(
            "See which Scala this Spark has, in a PySpark session.",
            cell="spark.sparkContext._jvm.scala.util.Properties.versionNumberString()",
            applicability="review",
        ),
        Fix(
            f"Then name the library with that Scala in its name. {REPLACES}",
            cell=configure({"conf": {"spark.jars.packages": "GROUP:NAME_2.12:VERSION"}}),
            applicability="manual",
        ),
        IF_LOST,
    )
    return Finding(
        "A library was built for another Scala than this Spark's",
        f"It calls what this Scala does not have.{built}{named} Livy, Spark and every library of a session need one "
        "Scala; the end of a library's name tells its own (_2.12).",
        (case.quote(match, "Java"),),
        fixes,
        rank=86,
    )


def _missing(case: Case) -> Finding | None:
    return _unresolved(case) or _unknown_source(case) or _no_file(case)


def _unresolved(case: Case) -> Finding | None:
    match = case.find(_UNRESOLVED)
    if match is None:
        return None
    named = match.groupdict()
    group, name, version = (
        next(named[key] for key in (part, f"listed_{part}", f"failed_{part}") if named[key])
        for part in ("group", "name", "version")
    )
    facts = [case.quote(match, "spark-submit")]
    cause = "No repository that Spark asked has it under this name."
    if no_way := case.find(_NO_WAY):
        facts.append(case.quote(no_way, "spark-submit"))
        cause = (
            "Livy's machine does not reach the repositories: there is no way out to the internet, or a proxy is due."
        )
    elif answered := case.find(_ANSWERED):
        facts.append(case.quote(answered, "spark-submit"))
        cause = (
            f"A repository, or a proxy before it, answered and did not give it: status {answered[1]}. Where that is "
            "401 or 403, it wants a log-in or does not hand this package out."
        )
    elif not re.search(r"_2\.1[0-3](?:$|\D)", f"{name} {version}"):
        cause += " Most libraries for Spark end in their Scala, as in name_2.12; this one does not."
    fixes = (
        Fix(
            f"Mend the coordinates, group:name:version, as Maven Central writes them. {REPLACES}",
            cell=configure({"conf": {"spark.jars.packages": f"{group}:{name}:{version}"}}),
            applicability="manual",
        ),
        Fix(
            "Or start without it: back to the operator's settings.",
            cell=configure({}),
            applicability="review",
        ),
        Fix(
            "For the operator: a repository that can be reached, in spark-defaults.conf.",
            command="spark.jars.repositories https://…",
            applicability="manual",
        ),
        IF_LOST,
    )
    return Finding(f"The package {group}:{name}:{version} cannot be had", cause, tuple(facts), fixes, rank=94)


def _unknown_source(case: Case) -> Finding | None:
    # A name that nobody knows is a slip of the user's own code, and theirs to read.
    match = next((one for one in _SOURCE.finditer(case.text) if one["source"].lower() in _PACKAGES), None)
    if match is None:
        return None
    package = _PACKAGES[match["source"].lower()]
    fixes = (
        Fix(
            f"Start a session with the package, in the version that fits this Spark. {REPLACES}",
            cell=configure({"conf": {"spark.jars.packages": package}}),
            applicability="manual",
        ),
        IF_LOST,
    )
    return Finding(
        f"The session was started without the package for {match['source']}",
        "Spark does not bring this data source. Packages are loaded when a session starts; into a running one they do "
        "not come.",
        (case.quote(match, "Spark"),),
        fixes,
        rank=80,
    )


def _no_file(case: Case) -> Finding | None:
    match = case.find(_FILE)
    if match is None or not _SUBMITTING.search(case.text, match.end(), match.end() + _STACK):
        return None
    fixes = (
        Fix(
            f"Name a path that exists where Livy or the cluster looks, such as s3:// or hdfs://. {REPLACES}",
            cell=configure({"jars": ["hdfs:///PATH"]}),
            applicability="manual",
        ),
        Fix("Or start without it: back to the operator's settings.", cell=configure({}), applicability="review"),
        IF_LOST,
    )
    return Finding(
        f"The file {excerpt(match['file'])} that the session is to bring along does not exist",
        "Spark copies what jars, pyFiles, files and archives name before it starts, and this one is not there.",
        (case.quote(match, "spark-submit"),),
        fixes,
        rank=93,
    )


ENTRIES = (
    Entry(
        "LG309",
        "scala-versions-differ",
        "a library is for another Scala",
        text.SCALA,
        _scala,
        needles=(
            "java.lang.NoSuchMethodError: ",
            "java.lang.NoClassDefFoundError: ",
            "java.lang.ClassNotFoundException: scala.",
            "java.lang.ClassNotFoundException: org.apache.livy.repl",
            "Cannot find Livy REPL jars",
        ),
    ),
    Entry(
        "LG310",
        "package-missing",
        "a package is missing or cannot be had",
        text.PACKAGE,
        _missing,
        needles=(
            "unresolved dependency: ",
            ": not found",
            "download failed: ",
            "Failed to find data source: ",
            "Failed to find the data source: ",
            "java.io.FileNotFoundException: File ",
            "java.io.FileNotFoundException: No such file or directory",
        ),
    ),
)
