"""Containers that YARN or a signal ended: whose, where, why, and the settings that the figures ask for."""

from __future__ import annotations

import json

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read

ATTEMPT = (
    "Application application_1700000000000_0007 failed 1 times due to AM Container for appattempt_1700000000000_0007"
)
DRIVERS = f"{ATTEMPT}_000001 exited with  exitCode: {{}}\nFailing this attempt.Diagnostics: "
FIRST = "[pid=931,containerID=container_1700000000000_0007_01_000001]"
FOURTH = "[pid=188,containerID=container_e17_1700000000000_0007_01_000004]"
LOST = "Lost executor 3 on node2.example.com: "
ON_HOST = "container_1700000000000_0007_01_000004 on host: node2.example.com"


def the(text):
    """Return the one hint for a pasted text."""
    (hint,) = diagnose(read(text))
    return hint


def settings(hint, place=0):
    """Return what the ready cell at a place asks for."""
    head, _, body = hint.fixes[place].cell.partition("\n")
    assert head == "%%configure -f"
    assert hint.fixes[place].applicability == "review"
    return json.loads(body)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        (f"INFO YarnAllocator: Container {ON_HOST} was preempted.", "executor's container on node2.example.com"),
        (f"{LOST}Container {ON_HOST} was preempted.", "executor's container on node2.example.com"),
        ("Container container_1700000000000_0007_01_000004 was preempted.", "executor's container"),
        (f"{DRIVERS.format(-102)}Container preempted by scheduler", "driver's container"),
        (DRIVERS.format(-102), "driver's container"),
        ("AM container preempted, current appAttemptId=appattempt_1_1_000001, containerId=container_1", "driver's"),
        (
            "Non-AM container preempted, current appAttemptId=appattempt_1_1_000001, containerId=c",
            "executor's container",
        ),
    ],
)
def test_a_preempted_driver_is_told_from_an_executor(text, who):
    hint = the(text)

    assert hint.code == "LG213"
    assert f"YARN took the {who}" in hint.title
    assert ("session is gone" in hint.cause) == ("driver" in who)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            (
                f"{LOST}Container marked as failed: {ON_HOST}. Exit status: -100. Diagnostics: Container released on a "
                "*lost* node."
            ),
            "The node node2.example.com was lost, with the executor on it",
        ),
        (f"{DRIVERS.format(-100)}Container released on a *lost* node", "The node was lost, with the driver on it"),
        (DRIVERS.format(-100), "The node was lost, with the driver on it"),
    ],
)
def test_a_lost_node_is_named_with_what_was_on_it(text, title):
    hint = the(text)

    assert (hint.code, hint.title) == ("LG214", title)


@pytest.mark.parametrize(
    ("text", "conf"),
    [
        # Spark 2.3 and 3, Spark 2.2, Hadoop 2 and 3, and Spark's own words cut short by a level of logging.
        (
            (
                f"{LOST}Container killed by YARN for exceeding physical memory limits. 8.2 GB of 8 GB physical memory "
                "used. Consider boosting spark.executor.memoryOverhead."
            ),
            {"spark.executor.memoryOverhead": "1792m"},
        ),
        (
            (
                f"{LOST}Container killed by YARN for exceeding memory limits. 12.0 GB of 12 GB physical memory used. "
                "Consider boosting spark.yarn.executor.memoryOverhead or disabling yarn.nodemanager.vmem-check-enabled"
            ),
            {"spark.yarn.executor.memoryOverhead": "2560"},
        ),
        (
            (
                f"{LOST}Container killed by YARN for exceeding memory limits.  12.0 GB of 12 GB physical memory used. "
                "Consider boosting spark.yarn.executor.memoryOverhead."
            ),
            {"spark.yarn.executor.memoryOverhead": "2560"},
        ),
        (
            (
                f"Container {FOURTH} is running beyond physical memory limits. Current usage: 1.4 GB of 1.4 GB "
                "physical memory used; 3.1 GB of 2.9 GB virtual memory used. Killing container."
            ),
            {"spark.executor.memoryOverhead": "1g"},
        ),
        (
            (
                f"{DRIVERS.format(-104)}Container {FIRST} is running 5410816B beyond the 'PHYSICAL' memory limit. "
                "Current usage: 2.0 GB of 2 GB physical memory used; 3.9 GB of 4.2 GB virtual memory used."
            ),
            {"spark.driver.memoryOverhead": "768m"},
        ),
        (
            (
                f"Container {FOURTH} is running 1B beyond the 'PHYSICAL' memory limit. Current usage: 30 GB of 10 GB "
                "physical memory used; 41 GB of 42 GB virtual memory used. Killing container."
            ),
            {"spark.executor.memoryOverhead": "22g"},
        ),
    ],
)
def test_the_overhead_that_yarns_figures_ask_for_stands_in_the_cell(text, conf):
    hint = the(text)

    assert hint.code == "LG215"
    assert settings(hint) == {"conf": conf}


def test_the_line_that_names_the_node_is_quoted():
    words = "Container killed by YARN for exceeding physical memory limits. 8.2 GB of 8 GB physical memory used."

    hint = the(f"WARN x: {words}\nERROR x: {LOST}{words}")

    assert hint.title.startswith("YARN killed the executor on node2.example.com:")
    assert "8.2 GiB of the 8.0 GiB" in hint.cause


def test_a_driver_is_not_told_to_run_fewer_tasks():
    hint = the(
        f"{DRIVERS.format(-104)}Container {FIRST} is running beyond physical memory limits. Current usage: 2.0 GB of 2 "
        "GB physical memory used; 3.9 GB of 4.2 GB virtual memory used. Killing container."
    )

    assert "the driver" in hint.title
    assert "executorCores" not in "".join(fix.cell or "" for fix in hint.fixes)


@pytest.mark.parametrize(
    ("text", "limit", "conf"),
    [
        (
            (
                f"Container {FOURTH} is running beyond virtual memory limits. Current usage: 264.3 MB of 1 GB physical "
                "memory used; 2.8 GB of 2.1 GB virtual memory used. Killing container."
            ),
            "2.8 GiB of address space and may have 2.1 GiB",
            {"spark.executor.memoryOverhead": "1g"},
        ),
        (
            (
                f"{DRIVERS.format(-103)}Container {FIRST} is running 9B beyond the 'VIRTUAL' memory limit. Current "
                "usage: 1 GB of 2 GB physical memory used; 4.3 GB of 4.2 GB virtual memory used. Killing container."
            ),
            "4.3 GiB of address space and may have 4.2 GiB",
            {"spark.driver.memoryOverhead": "1g"},
        ),
        (
            (
                f"{LOST}Container killed by YARN for exceeding memory limits. 7.2 GB of 4.2 GB virtual memory used. "
                "Consider boosting spark.yarn.executor.memoryOverhead."
            ),
            "7.2 GiB of address space and may have 4.2 GiB",
            {"spark.yarn.executor.memoryOverhead": "2560"},
        ),
    ],
)
def test_virtual_memory_is_told_from_physical(text, limit, conf):
    hint = the(text)

    assert hint.code == "LG216"
    assert limit in hint.cause
    assert settings(hint, 1) == {"conf": conf}


@pytest.mark.parametrize("code", [137, 143])
@pytest.mark.parametrize(
    ("text", "who", "app"),
    [
        (f"{LOST}Container from a bad node: {ON_HOST}. Exit status: {{}}. Diagnostics: x", "executor on node2.", True),
        ("[2022-02-22 15:02:23.483]Container killed on request. Exit code is {}", "executor was", False),
        ("Container exited with a non-zero exit code {}", "executor was", False),
        (DRIVERS, "driver was", True),
    ],
)
def test_a_signal_says_who_got_it_and_where_its_log_is(code, text, who, app):
    hint = the(text.format(code))

    assert hint.code == {137: "LG217", 143: "LG218"}[code]
    assert f"The {who}" in hint.title
    logs = hint.fixes[0]
    assert logs.command.endswith("application_1700000000000_0007" if app else "application_…")
    assert logs.applicability == ("safe" if app else "manual")


def test_the_application_of_the_session_is_the_one_whose_logs_are_read():
    (hint,) = diagnose(Case("Container killed on request. Exit code is 143", app_id="application_1_2"))

    assert hint.fixes[0].command == "yarn logs -applicationId application_1_2"


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("Container killed by YARN for exceeding physical memory limits. 2 GB of 2 GB physical memory used.", "LG215"),
        ("Container released on a *lost* node", "LG214"),
        ("Container preempted by scheduler", "LG213"),
        ('Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', "LG302"),
    ],
)
@pytest.mark.parametrize("signal", [137, 143])
def test_a_signal_is_no_cause_where_another_line_names_one(reason, code, signal):
    hints = diagnose(read(f"{reason}\n{LOST}{ON_HOST}. Exit status: {signal}. Diagnostics: x"))

    assert [hint.code for hint in hints] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "INFO YarnAllocator: Completed container container_1_1_01_000002 on host: a (state: COMPLETE, exit status: 0)",
        "MemoryError: 8.2 GB of 8 GB physical memory used",
        "step exited with exit code 137",
        "ValueError: this node was preempted.",
        "Diagnostics: Container released by application",
    ],
)
def test_what_only_sounds_like_it_gives_nothing(text):
    assert diagnose(read(text)) == []


POD = "The executor with id 3 exited with exit code 137(SIGKILL, possible container OOM)."
STATUSES = (
    "\n\n\nThe API gave the following container statuses:\n\n\n\t container name: spark-kubernetes-executor\n"
    "\t container state: terminated\n\t exit code: 137\n\t termination reason: {}\n"
)


TABLE = "\t container state: terminated\n\t exit code: 137\n\t termination reason: OOMKilled\n"
KUBECTL = "    State:          Terminated\n      Reason:       OOMKilled\n      Exit Code:    137\n"


@pytest.mark.parametrize("table", [TABLE, KUBECTL])
def test_a_pod_of_somebody_elses_is_none_of_sparks(table):
    assert diagnose(read(f"\t container name: web\n{table}")) == []


@pytest.mark.parametrize("text", [POD, f"{POD}{STATUSES.format('Error')}"])
def test_the_end_of_a_pod_is_told_in_the_words_of_pods(text):
    hint = the(f"ERROR TaskSchedulerImpl: Lost executor 3 on 10.0.0.7:\n{text}")

    assert (hint.code, hint.title) == ("LG217", "The pod of executor 3 was ended by SIGKILL (exit code 137)")
    assert {fact.source for fact in hint.evidence} == {"Kubernetes, by Spark"}
    assert any(fix.command and fix.command.startswith("kubectl get pods") for fix in hint.fixes)
    assert not any("yarn" in (fix.command or "") for fix in hint.fixes)


def test_a_pod_that_was_too_large_says_so():
    hint = the(f"ERROR TaskSchedulerImpl: Lost executor 3 on 10.0.0.7:\n{POD}{STATUSES.format('OOMKilled')}")

    assert (hint.code, "used more memory than its limit" in hint.title) == ("LG217", True)
    assert [fact.text for fact in hint.evidence][1].strip() == "termination reason: OOMKilled"
    assert settings(hint) == {"executorCores": 1, "conf": {"spark.executor.memoryOverhead": "2g"}}


@pytest.mark.parametrize(
    ("whose", "wanted"),
    [
        ("executor", {"executorCores": 1, "conf": {"spark.executor.memoryOverhead": "2g"}}),
        ("driver", {"conf": {"spark.driver.memoryOverhead": "2g"}}),
    ],
)
@pytest.mark.parametrize("table", [TABLE, KUBECTL])
def test_a_pod_that_was_too_large_is_told_by_a_table_of_its_containers_alone(table, whose, wanted):
    hint = the(f"\t container name: spark-kubernetes-{whose}\n{table}")

    title = f"The {whose}'s pod used more memory than its limit, and Kubernetes killed it"
    assert (hint.code, hint.title, hint.is_survived) == ("LG217", title, whose == "executor")
    assert settings(hint) == wanted


def described(name, *containers):
    each = "".join(
        f"  {container}:\n    Container ID:  containerd://1\n{KUBECTL if is_killed else '    State: Running'}\n"
        for container, is_killed in containers
    )
    return f"Name:             {name}\nNamespace:        spark\nContainers:\n{each}"


def spark_says(name, labels, *containers):
    each = "".join(f"\t\t container name: {container}\n{TABLE}" for container in containers)
    return f"\t pod name: {name}\n\t namespace: spark\n\t labels: {labels}\n\t container status: \n{each}"


HEALTHY = described("livy-session-1-abc-exec-1", ("spark-kubernetes-executor", False))
REDIS = described("redis-0", ("redis", True))
RENAMED = spark_says("pyspark-abc-exec-4", "spark-app-name -> pyspark, spark-role -> executor", "main")


@pytest.mark.parametrize("text", [REDIS, HEALTHY + REDIS, RENAMED.partition("\t\t container")[0] + REDIS, HEALTHY * 2])
def test_a_pod_of_somebody_elses_that_stands_beside_sparks_is_none_of_sparks(text):
    assert diagnose(read(text)) == []


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        (RENAMED, "executor"),
        (spark_says("pod-1", "spark-role -> driver", "main"), "driver"),
        (spark_says("pyspark-abc-exec-4", "a -> b", "main"), "executor"),
        (spark_says("pyspark-abc-driver", "a -> b", "main"), "driver"),
        (described("livy-session-1-abc-driver", ("main", True)), "driver"),
        ("\t pod name: pyspark-abc-exec-4\n" + TABLE, "executor"),
        (REDIS + RENAMED, "executor"),
        (REDIS * 19 + described("a-exec-1", ("spark-kubernetes-executor", True)), "executor"),
        (described("a-driver", ("spark-kubernetes-driver", True), ("fluent-bit", False)), "driver"),
        (described("a-driver", ("spark-kubernetes-driver", True), ("fluent-bit", True)), "driver"),
        (described("a-driver", ("fluent-bit", True), ("spark-kubernetes-driver", True)), "driver"),
    ],
)
def test_a_container_of_sparks_own_is_found_under_another_name_and_behind_others(text, whose):
    hint = the(text)

    title = f"The {whose}'s pod used more memory than its limit, and Kubernetes killed it"
    assert (hint.code, hint.title) == ("LG217", title)
    assert f"spark.{whose}.memoryOverhead" in settings(hint)["conf"]


@pytest.mark.parametrize(
    ("text", "name", "pod"),
    [
        (
            described("a-driver", ("spark-kubernetes-driver", False), ("fluent-bit", True)) + HEALTHY,
            "fluent-bit",
            "driver's pod",
        ),
        (described("a-driver", ("helper", True), ("spark-kubernetes-driver", False)), "helper", "driver's pod"),
        (spark_says("a-exec-4", "spark-role -> executor", "istio-proxy"), "istio-proxy", "executor's pod"),
        (f"{POD}\n\t container name: fluentd\n{TABLE}", "fluentd", "pod of executor 3"),
    ],
)
def test_a_container_beside_sparks_is_named_and_sparks_memory_left_as_it_is(text, name, pod):
    hint = the(text)

    title = f"The container {name} in the {pod} used more memory than its limit, and Kubernetes killed it"
    assert (hint.code, hint.title, hint.is_survived) == ("LG217", title, True)
    assert not any("memoryOverhead" in (fix.cell or "") for fix in hint.fixes)
    assert [fix.applicability for fix in hint.fixes] == ["manual", "safe"]


@pytest.mark.parametrize(
    "text",
    [
        "The executor with id 4 exited with exit code 143(SIGTERM).",
        (
            f"{ON_HOST}. Exit status: 143. Diagnostics: Container killed by the ApplicationMaster.\nContainer killed "
            "on request. Exit code is 143\nContainer exited with a non-zero exit code 143."
        ),
        "Container Killed by ResourceManager\n[2022-02-22 15:02:23.483]Container killed on request. Exit code is 143",
    ],
)
def test_an_executor_that_is_given_back_is_no_failure(text):
    assert diagnose(read(text)) == []


LOST_NODE = f"{LOST}{ON_HOST}. Exit status: -100. Diagnostics: Container released on a *lost* node."
REGISTERED = "INFO YarnSchedulerBackend$YarnDriverEndpoint: Registered executor NettyRpcEndpointRef(spark-client://Exec"
ENDED_WELL = "INFO SparkContext: Successfully stopped SparkContext"


def test_a_lost_node_that_the_session_made_up_for_is_no_failure():
    assert diagnose(read(f"{LOST_NODE}\n{REGISTERED}\n{ENDED_WELL}")) == []


@pytest.mark.parametrize("after", [(), (REGISTERED,), (ENDED_WELL,), (ENDED_WELL, REGISTERED)])
def test_a_lost_node_is_told_where_nothing_says_that_all_went_well(after):
    assert the("\n".join((LOST_NODE, *after))).code == "LG214"


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("ExecutorLostFailure (executor 2 exited caused by one of the running tasks) Reason: Slave lost", ""),
        ("WARN x: ExecutorLostFailure (executor 2 lost) Reason: Slave lost\nERROR YarnScheduler: ", ""),
        ("ExecutorLostFailure (executor 0 exited caused by one of the running tasks) Reason: worker lost", ""),
        ("ERROR TaskSchedulerImpl: Lost executor 0 on 10.0.0.7: Worker lost", " 10.0.0.7"),
        ("ERROR YarnScheduler: Lost executor 2 on ip-10-0-0-7.ec2.internal: Slave lost", " ip-10-0-0-7.ec2.internal"),
    ],
)
def test_a_worker_that_went_away_is_a_lost_node_in_sparks_own_words(text, node):
    hint = the(text)

    assert (hint.code, hint.title) == ("LG214", f"The node{node} was lost, with the executor on it")


@pytest.mark.parametrize(
    "survived",
    [
        LOST_NODE,
        f"{LOST}Container {ON_HOST} was preempted.",
        f"{LOST}Container killed by YARN for exceeding physical memory limits. 8.2 GB of 8 GB physical memory used.",
        f"{LOST}Container from a bad node: {ON_HOST}. Exit status: 137. Diagnostics: x",
        POD,
    ],
)
def test_an_executor_that_the_session_survived_does_not_hide_its_end(survived):
    case = Case("Session 3 did not start up in 60 seconds.", log=(survived,), session_id=3)

    assert diagnose(case)[0].code == "LG201"


@pytest.mark.parametrize("times", [3, 2_000])
def test_the_line_that_names_the_node_is_found_behind_one_that_says_it_often(times):
    words = "Container killed by YARN for exceeding physical memory limits. 8.2 GB of 8 GB physical memory used. "

    hint = the(f"WARN x: {words * times}\nERROR x: {LOST}{words}")

    assert (hint.code, "on node2.example.com" in hint.title) == ("LG215", times == 3)  # no more than 20 are looked at
