"""A session that runs badly: no executors, no Java behind Python, two Pythons, another Scala, a missing package."""

from __future__ import annotations

import json

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read

WAITS = (
    "26/11/21 06:22:44 WARN YarnScheduler: Initial job has not accepted any resources; check your cluster UI to ensure "
    "that workers are registered and have sufficient resources"
)
GONE = "py4j.protocol.Py4JNetworkError: "
REFUSED = (
    '  File "/usr/lib/spark/py4j-0.10.9.7-src.zip/py4j/clientserver.py", line 438, in connect_to_java_server\n'
    "    self.socket.connect((self.java_address, self.java_port))\n"
    "ConnectionRefusedError: [Errno 111] Connection refused"
)


def the(text):
    """Return the one hint for a pasted text."""
    (hint,) = diagnose(read(text))
    return hint


def settings(fix):
    """Return what a ready cell asks for."""
    return json.loads(fix.cell.removeprefix("%%configure -f\n"))


def test_a_job_without_executors_is_told_with_the_size_that_it_asks_for():
    asked = "Will request 2 executor container(s) for ResourceProfile Id: 0, each with 1 core(s) and 4505 MB memory."

    hint = the(f"{asked}\n{WAITS}\n{WAITS}")

    assert (hint.code, hint.severity) == ("LG306", "warning")
    assert "a container of 4.4 GiB" in hint.cause


@pytest.mark.parametrize(
    "then",
    [
        "INFO x: Registered executor NettyRpcEndpointRef(spark-client://Executor) (10.0.0.4:1) with ID 1",
        "INFO TaskSetManager: Starting task 0.0 in stage 0.0 (TID 0) (node1, executor 1, partition 0, PROCESS_LOCAL)",
        "[Stage 0:>                                                          (0 + 1) / 2]",
    ],
)
def test_executors_that_came_after_all_are_no_failure(then):
    assert diagnose(read(f"{WAITS}\n{then}")) == []


def test_executors_that_end_at_once_are_the_reason_for_having_none():
    shuffle = "InvalidAuxServiceException: The auxService:spark_shuffle does not exist"

    assert the(f"{shuffle}\n{WAITS}").code == "LG305"


@pytest.mark.parametrize(
    "text",
    [
        f"{GONE}Answer from Java side is empty",
        f"{GONE}Error while receiving",
        f"{GONE}Error while sending",
        f"{GONE}An error occurred while trying to connect to the Java server (127.0.0.1:41803)",
        REFUSED,
        REFUSED.replace("clientserver.py", "java_gateway.py").replace("connect_to_java_server", "start"),
    ],
)
def test_a_driver_without_its_java_is_recovered_from(text):
    hint = the(text)

    assert (hint.code, hint.title) == ("LG307", "The session's driver lost its Java process")
    assert hint.fixes[0].cell == "%livy_recover"


@pytest.mark.parametrize("text", ["Interpreter died:\n", "An error was encountered:\nInterpreter died:\nexit 1"])
def test_an_interpreter_that_died_may_have_left_its_driver(text):
    hint = the(text)

    assert (hint.code, hint.title) == ("LG307", "The session's interpreter died")
    assert [fix.cell for fix in hint.fixes] == ["%livy_recover", "%livy_sessions --mine"]


@pytest.mark.parametrize(
    ("said", "driver", "worker"),
    [
        ("version 3.8 than that in driver 3.9, PySpark cannot", "3.9", "3.8"),
        ("version (3, 10) than that in driver 3.11, PySpark cannot", "3.11", "3.10"),
        ("version: 3.10 than that in driver: 3.11, PySpark cannot", "3.11", "3.10"),
        ("version 2.7 than that in driver 3.6, PySpark cannot", "3.6", "2.7"),
    ],
)
def test_two_pythons_are_named_and_the_drivers_offered_to_the_executors(said, driver, worker):
    hint = the(f"RuntimeError: Python in worker has different {said} run with different minor versions.")

    assert hint.title == f"The driver runs Python {driver} and its executors Python {worker}"
    asked = settings(hint.fixes[0])["conf"]
    assert set(asked.values()) == {f"python{driver}"}
    assert settings(hint.fixes[1]) == {"conf": {"spark.pyspark.python": f"python{worker}"}}


@pytest.mark.parametrize(
    ("text", "built"),
    [
        (
            "java.lang.NoSuchMethodError: scala.Predef$.refArrayOps([Ljava/lang/Object;)[Ljava/lang/Object;",
            "",
        ),
        (
            "java.lang.NoSuchMethodError: 'java.lang.Object[] scala.Predef$.refArrayOps(java.lang.Object[])'",
            "",
        ),
        ("java.lang.NoClassDefFoundError: scala/Product$class", "Scala 2.11 or older"),
        ("java.lang.ClassNotFoundException: scala.collection.GenTraversableOnce$class", "Scala 2.11 or older"),
        ("java.lang.NoClassDefFoundError: scala/Serializable", "Scala 2.12 or older"),
        ("java.lang.NoClassDefFoundError: scala/collection/GenTraversableOnce", "Scala 2.12 or older"),
    ],
)
def test_another_scala_is_told_with_the_libraries_that_name_theirs(text, built):
    hint = the(f"added spark-avro_2.11-2.4.0.jar, delta-core_2.12\n{text}\n\tat com.example.A$.b(A.scala:1)")

    assert hint.code == "LG309"
    assert built in hint.cause
    assert ("built for" in hint.cause) == bool(built)
    assert "spark-avro_2.11, delta-core_2.12" in hint.cause


@pytest.mark.parametrize(
    "text",
    [
        "requirement failed: Cannot find Livy REPL jars.",
        "java.lang.ClassNotFoundException: org.apache.livy.repl.ReplDriver",
        "java.lang.NoClassDefFoundError: org/apache/livy/repl/Session",
    ],
)
def test_a_livy_for_another_scala_is_the_operators(text):
    hint = the(text)

    assert hint.title == "Livy has no interpreter for the Scala of this Spark"
    assert hint.fixes[0].applicability == "manual"


@pytest.mark.parametrize(
    ("text", "package", "cause"),
    [
        (
            ("java.lang.RuntimeException: [unresolved dependency: io.delta#delta-core_2.12;9.9: not found]"),
            "io.delta:delta-core_2.12:9.9",
            "No repository that Spark asked has it",
        ),
        (
            "\t::   UNRESOLVED DEPENDENCIES   ::\n\t:: com.stratio.datasource#spark-mongodb;0.8.0: not found",
            "com.stratio.datasource:spark-mongodb:0.8.0",
            "this one does not",
        ),
        (
            (
                "[unresolved dependency: a#b_2.12;1: not found]\nServer access error at url https://repo1.maven.org/ "
                "(java.net.ConnectException: Connection refused)"
            ),
            "a:b_2.12:1",
            "no way out",
        ),
        (
            (
                "[unresolved dependency: a#b_2.12;1: not found]\nSERVER ERROR: Server access Error: Server returned "
                "HTTP response code: 403 for URL: https://repo1.maven.org/maven2/a/b_2.12/1/b_2.12-1.pom"
            ),
            "a:b_2.12:1",
            "status 403",
        ),
        (
            (
                "[unresolved dependency: a#b_2.12;1: not found]\nServer access error at url https://repo1.maven.org/ "
                "(java.net.UnknownHostException: repo1.maven.org)"
            ),
            "a:b_2.12:1",
            "no way out",
        ),
        (
            "[download failed: commons-logging#commons-logging;1.2!commons-logging.jar]",
            "commons-logging:commons-logging:1.2",
            "No repository",
        ),
        (
            "[unresolved dependency: org.x#y_2.10;0.1: configuration not found in org.x#y_2.10;0.1: 'default'.]",
            "org.x:y_2.10:0.1",
            "No repository",
        ),
    ],
)
def test_a_package_that_cannot_be_had_is_named_as_it_was_asked_for(text, package, cause):
    hint = the(text)

    assert (hint.code, hint.title) == ("LG310", f"The package {package} cannot be had")
    assert cause in hint.cause
    assert ("this one does not" in hint.cause) == ("_2.1" not in package and "no way out" not in hint.cause)
    assert settings(hint.fixes[0]) == {"conf": {"spark.jars.packages": package}}
    assert settings(hint.fixes[1]) == {}


@pytest.mark.parametrize(
    ("text", "package"),
    [
        (
            (
                "java.lang.ClassNotFoundException: Failed to find data source: delta. Please find packages at "
                "http://spark.apache.org/third-party-projects.html"
            ),
            "io.delta:delta-spark_2.12:VERSION",
        ),
        (
            (
                "[DATA_SOURCE_NOT_FOUND] Failed to find the data source: iceberg. Please find packages at "
                "`https://spark.apache.org/third-party-projects.html`."
            ),
            "org.apache.iceberg:iceberg-spark-runtime-SPARK_2.12:VERSION",
        ),
        (
            (
                "Failed to find data source: avro. Avro is built-in but external data source module since Spark 2.4. "
                "Please deploy the application as per the deployment section"
            ),
            "org.apache.spark:spark-avro_2.12:VERSION",
        ),
        (
            (
                "Failed to find data source: kafka. Please deploy the application as per the deployment section of "
                '"Structured Streaming + Kafka Integration Guide".'
            ),
            "org.apache.spark:spark-sql-kafka-0-10_2.12:VERSION",
        ),
    ],
)
def test_a_data_source_that_spark_does_not_bring_comes_with_its_package(text, package):
    hint = the(text)

    assert hint.code == "LG310"
    assert settings(hint.fixes[0]) == {"conf": {"spark.jars.packages": package}}
    assert hint.fixes[0].applicability == "manual"


@pytest.mark.parametrize(
    "text",
    [
        "java.io.FileNotFoundException: File hdfs://nn/libs/a.jar does not exist",
        "java.io.FileNotFoundException: File does not exist: hdfs://nn/libs/a.jar",
        "java.io.FileNotFoundException: No such file or directory 'hdfs://nn/libs/a.jar'",
        "java.io.FileNotFoundException: No such file or directory: hdfs://nn/libs/a.jar",
    ],
)
def test_a_file_that_the_session_was_to_bring_is_told_from_a_users_own(text):
    hint = the(f"{text}\n\tat org.apache.spark.deploy.yarn.Client.distribute(Client.scala:1)")

    assert hint.title == "The file hdfs://nn/libs/a.jar that the session is to bring along does not exist"
    assert diagnose(read(f"{text}\n\tat org.apache.spark.sql.execution.X.y(X.scala:1)")) == []


@pytest.mark.parametrize(
    "text",
    [
        "[DATA_SOURCE_NOT_FOUND] Failed to find the data source: parqet. Please find packages at `https://x`.",
        "ModuleNotFoundError: No module named 'pandas'",
        "java.lang.NoSuchMethodError: com.example.Mine.run()V",
        "java.lang.ClassNotFoundException: com.example.Mine",
        "ConnectionRefusedError: [Errno 111] Connection refused",
        "FileNotFoundError: [Errno 2] No such file or directory: 'a.jar'",
        "RuntimeError: the interpreter died",
    ],
)
def test_slips_of_the_users_own_code_give_nothing(text):
    assert diagnose(Case(text)) == []
