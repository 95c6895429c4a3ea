"""What the ResourceManager says, against what the session's log says: whose words count, and whose they are."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read

APP = "application_1795260701213_0007"
TIMED_OUT = "Session 3 did not start up in 60 seconds."
AM_LIMIT = (
    "[Sat Nov 21 11:32:11 +0000 2026] Application is added to the scheduler and is not yet activated. Queue's AM "
    "resource limit exceeded.  Details : AM Partition = <DEFAULT_PARTITION>; AM Resource Request = <memory:1024, "
    "vCores:1>; Queue Resource Limit for AM = <memory:4096, vCores:1>; User AM Resource Limit of the queue = "
    "<memory:4096, vCores:1>; Queue AM Resource Usage = <memory:4096, vCores:4>; "
)
NO_ROOM = (
    "[Sat Nov 21 11:31:50 +0000 2026] Application is Activated, waiting for resources to be assigned for AM.  "
    "Details : AM Partition = <DEFAULT_PARTITION> ; Partition Resource = <memory:1024, vCores:16> ; "
)
SHARES = "Queue's Absolute used capacity = {} % ; Queue's Absolute max capacity = 100.0 % ; "
NO_NODES = (
    "[Sat Nov 21 11:32:11 +0000 2026] Application is added to the scheduler and is not yet activated. Skipping AM "
    "assignment as cluster resource is empty.  Details : AM Partition = <DEFAULT_PARTITION>; AM Resource Request = "
    "<memory:256, vCores:1>; Queue Resource Limit for AM = <memory:0, vCores:0>; "
)
LAUNCHED = "AM container is launched, waiting for AM container to Register with RM"


def told(*said, error=TIMED_OUT, log=(), state="ACCEPTED"):
    """Return the hints where the ResourceManager said so of an application."""
    lines = tuple(f"{APP} {one}" for one in said)
    return diagnose(Case(error=error, log=log, resource_manager=lines, app_state=state, startup_seconds=60))


@pytest.mark.parametrize(
    ("said", "code"), [(AM_LIMIT, "LG202"), (NO_ROOM, "LG204"), (NO_NODES, "LG209"), (LAUNCHED, "LG201")]
)
def test_yarns_reason_is_told_with_the_line_and_its_source(said, code):
    (hint,) = told(f"ACCEPTED in queue default: {said}")

    assert hint.code == code
    first = hint.evidence[0]
    assert first.source == "ResourceManager"
    assert first.text.startswith(f"{APP} ACCEPTED in queue default: {said[:40]}")


def test_the_figures_are_yarns():
    (hint,) = told(f"ACCEPTED in queue default: {AM_LIMIT}")

    assert "The limit is 4,096 MiB, drivers hold 4,096 and this one needs 1,024." in hint.cause


@pytest.mark.parametrize(("now", "code"), [(NO_ROOM, "LG204"), (LAUNCHED, "LG201")])
def test_what_yarn_says_now_outdates_the_log(now, code):
    (hint,) = told(f"ACCEPTED in queue default: {now}", log=("YARN Diagnostics: ", AM_LIMIT))

    assert hint.code == code


def test_where_yarn_only_knows_of_the_kill_the_log_still_counts():
    error = "Session 3 unexpectedly reached final status 'dead'. See logs:"
    log = ("Timed out waiting for context to start.", "YARN Diagnostics: ", AM_LIMIT)
    (hint,) = [
        hint
        for hint in told(f"KILLED: Application {APP} was killed by user livy", error=error, log=log, state="KILLED")
        if hint.code != "LG107"
    ]

    assert hint.code == "LG202"
    assert hint.evidence[0].source == "YARN, in the session's log"


def test_what_it_waited_for_before_livy_killed_it_is_the_reason():
    hints = told(
        f"ACCEPTED in queue default: {AM_LIMIT}",
        f"KILLED in queue default: Application {APP} was killed by user livy",
        error="Session 3 ended in state dead.",
        log=("java.util.concurrent.TimeoutException: Timed out waiting for context to start.",),
        state="KILLED",
    )

    assert hints[0].code == "LG202"


def test_a_driver_that_yarn_had_started_is_told_from_one_that_it_had_not():
    launched, running, unknown = (
        told(f"ACCEPTED in queue default: {LAUNCHED}"),
        told("RUNNING in queue default: no diagnostics", state="RUNNING"),
        diagnose(Case(TIMED_OUT, resource_manager=("no application carries the tag livyguard-0badcafe",))),
    )

    assert [hints[0].code for hints in (launched, running, unknown)] == ["LG201"] * 3
    assert all("YARN had started the driver by then" in hints[0].cause for hints in (launched, running))
    assert "YARN knew of no application of it by then" in unknown[0].cause
    assert "nothing says what" in diagnose(Case(TIMED_OUT))[0].cause


def test_no_node_at_all_is_told_from_no_room_on_the_nodes():
    empty = NO_ROOM.replace("<memory:1024, vCores:16>", "<memory:0, vCores:0>")

    assert [hint.code for hint in told(f"ACCEPTED in queue default: {empty}")] == ["LG209"]


def test_a_healthy_start_on_a_cluster_that_is_just_waking_is_no_failure():
    assert diagnose(Case(log=("YARN Diagnostics: ", NO_NODES), waited=1.0)) == []
    assert diagnose(Case(log=("Application report (state: RUNNING)", "YARN Diagnostics: ", NO_NODES))) == []
    assert diagnose(Case("ValueError: 1", log=("YARN Diagnostics: ", NO_NODES))) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (NO_NODES, ["LG209"]),
        (f"{NO_ROOM}{SHARES.format('100.0')}", ["LG204"]),
        (f"{NO_ROOM}{SHARES.format('99.0')}", []),
    ],
)
def test_yarns_words_by_themselves_are_enough_where_they_tell_that_nothing_is_free(said, code):
    assert [hint.code for hint in diagnose(read(said))] == code


def test_an_unknown_queue_is_found_in_yarns_words_too():
    said = f"FAILED in queue nowhere: Application {APP} submitted by user livy to unknown queue: nowhere"

    hint = told(said, error="Session 3 ended in state dead.", state="FAILED")[0]

    assert (hint.code, hint.evidence[0].source) == ("LG205", "ResourceManager")


def test_a_lost_node_is_quoted_as_yarns_words():
    said = (
        f"FAILED in queue other: Application {APP} failed 1 times due to AM Container exited with  exitCode: -100",
        "Failing this attempt.Diagnostics: Container released on a *lost* node",
    )
    error = "Session 3 ended in state dead."
    (hint,) = diagnose(
        Case(error, ("stderr: ", "INFO x"), (f"{APP} {said[0]}", said[1]), "FAILED"),
    )

    assert hint.code == "LG214"
    assert {fact.source for fact in hint.evidence} == {"ResourceManager"}
    assert "released on a *lost* node" in hint.evidence[-1].text


REFUSAL = "Invalid resource request"
OLD = f"{REFUSAL}, requested memory < 0, or requested memory > max configured, requestedMemory=8196, maxMemory=8192"
NEW = (
    f"{REFUSAL}! Requested resource type=[memory-mb], Requested resource=<memory:8196, vCores:1>, maximum allowed "
    "allocation=<memory:8192, vCores:4>, please note"
)


@pytest.mark.parametrize("text", [OLD, NEW])
def test_a_container_larger_than_any_is_told_in_old_words_and_new(text):
    (hint,) = diagnose(Case(log=(text,)))

    assert hint.code == "LG210"
    assert "8,196 MiB" in hint.cause
    assert "8,192 MiB" in hint.cause
    assert '"driverMemory": "7447m"' in hint.fixes[0].cell


def test_secrets_in_yarns_words_are_not_quoted():
    (hint,) = told("RUNNING in queue default: spark.hadoop.fs.s3a.secret.key=abc123", state="RUNNING")

    assert all("abc123" not in fact.text for fact in hint.evidence)


@pytest.mark.parametrize(
    ("used", "most", "full"),
    [
        ("100.0", "100.0", "the queue is full, it uses the 100 % of the cluster that it may, or"),
        ("25.5", "25.0", "the queue is full, it uses the 25 % of the cluster that it may, or"),
        ("40.0", "100.0", "the cluster is full, or"),
    ],
)
def test_a_queue_that_is_full_is_told_from_a_full_cluster(used, most, full):
    share = f"Queue's Absolute used capacity = {used} % ; Queue's Absolute max capacity = {most} % ; "

    (hint,) = told(f"ACCEPTED in queue default: {NO_ROOM}Queue's Absolute capacity = 20.0 % ; {share}")

    assert hint.code == "LG204"
    assert full in hint.cause


def test_a_wait_that_ended_is_no_reason_for_what_came_after():
    ended = (
        "AM Container for appattempt_1795260701213_0007_000001 exited with  exitCode: -104",
        (
            "Failing this attempt.Diagnostics: Container [pid=1,containerID=container_1795260701213_0007_01_000001] is "
            "running beyond physical memory limits. Current usage: 2.0 GB of 2 GB physical memory used"
        ),
    )

    hints = diagnose(Case("Session 3 unexpectedly reached final status 'dead'.", (AM_LIMIT, *ended)))

    assert [hint.code for hint in hints] == ["LG215"]


OLD_CORES = (
    f"{REFUSAL}, requested virtual cores < 0, or requested virtual cores > max configured, requestedVirtualCores=16, "
    "maxVirtualCores=8"
)
NEW_CORES = (
    f"{REFUSAL}! Cannot allocate containers as requested resource is greater than maximum allowed allocation. "
    "Requested resource type=[vcores], Requested resource=<memory:1024, vCores:16>, maximum allowed "
    "allocation=<memory:8192, vCores:8>, please note"
)
CORES_OF_3_1 = (
    f"{REFUSAL}, requested resource type=[vcores] < 0 or greater than maximum allowed allocation. Requested "
    "resource=<memory:1024, vCores:16>, maximum allowed allocation=<memory:8192, vCores:8>, please note"
)


@pytest.mark.parametrize("text", [OLD_CORES, NEW_CORES, CORES_OF_3_1])
def test_cores_are_told_as_cores(text):
    (hint,) = diagnose(Case(log=(text,)))

    assert (hint.code, hint.title) == ("LG210", "The session did not start: it asks for more cores than any node gives")
    assert "with 16 cores" in hint.cause
    assert hint.fixes[0].cell.endswith('{"driverCores": 8, "executorCores": 8}')


def test_the_last_refusal_counts():
    (hint,) = diagnose(Case(log=(NEW_CORES, NEW)))

    assert "8,196 MiB" in hint.cause


def test_a_resource_that_is_neither_is_not_told_as_memory():
    text = NEW.replace("memory-mb", "yarn.io/gpu").replace("vCores:1>", "vCores:1, yarn.io/gpu: 2>")

    assert diagnose(Case(log=(text,))) == []


def test_no_heap_is_offered_that_spark_refuses():
    (hint,) = diagnose(Case(log=(NEW.replace("8192", "512"),)))

    assert hint.code == "LG210"
    assert hint.fixes[0].cell is None


@pytest.mark.parametrize(
    ("waits", "code"),
    [
        (NO_ROOM, "LG212"),
        (f"{NO_ROOM}{SHARES.format('100.0')}", "LG204"),
        (AM_LIMIT, "LG202"),
        (NO_NODES, "LG209"),
    ],
)
@pytest.mark.parametrize("end", ["unexpectedly reached final status 'killed'.", "ended in state dead."])
def test_a_start_that_was_ended_in_yarn_waited_for_room_where_yarn_told_a_limit(waits, code, end):
    log = (f"diagnostics: {waits}", "YARN Diagnostics: ", f"Application {APP} was killed by user root at 127.0.0.1")

    assert diagnose(Case(f"Session 3 {end}", log, app_state="KILLED"))[0].code == code


def test_what_yarn_says_when_it_is_asked_is_no_passing_moment():
    killed = f"Application {APP} was killed by user livy at 10.0.0.7"
    said = (f"{APP} ACCEPTED in queue default: {NO_ROOM}", f"{APP} KILLED in queue default: {killed}")
    case = Case("Session 3 unexpectedly reached final status 'dead'.", resource_manager=said, app_state="KILLED")

    assert [hint.code for hint in diagnose(case)] == ["LG204"]
