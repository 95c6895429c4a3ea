"""A session that did not start: the log's reason where it tells one, both clocks where it does not."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read

TIMED_OUT = "Session 16 did not start up in 60 seconds."
LIVY_GAVE_UP = "java.util.concurrent.TimeoutException: Timed out waiting for context to start."
ACTIVATED = "Application is Activated, waiting for resources to be assigned for AM."
AM_LIMIT = "Queue's AM resource limit exceeded. "
USER_LIMIT = "User's AM resource limit exceeded. "
RUNNING = "Application report for application_1_0001 (state: RUNNING)"


def codes(error="", *log):
    return [hint.code for hint in diagnose(Case(error=error, log=log))]


def test_the_warning_of_sparkmagic_alone_names_the_limit_on_drivers():
    hints = diagnose(read(f"Warning: The Spark session does not have enough YARN resources to start. {TIMED_OUT}"))

    assert [hint.code for hint in hints] == ["LG202"]
    assert hints[0].title.startswith("Session 16 ")
    assert [fact.source for fact in hints[0].evidence] == ["SparkMagic"]


def test_the_figures_of_yarn_stand_in_the_cause():
    details = (
        "AM Resource Request = <memory:2048, vCores:1>; Queue Resource Limit for AM = <memory:5120, vCores:1>; "
        "User AM Resource Limit of the queue = <memory:1536, vCores:1>; "
        "Queue AM Resource Usage = <memory:4096, vCores:1>; "
    )
    (queue,) = diagnose(Case(TIMED_OUT, (AM_LIMIT + details,)))
    (user,) = diagnose(Case(TIMED_OUT, (USER_LIMIT + details,)))

    assert "The limit is 5,120 MiB, drivers hold 4,096 and this one needs 2,048." in queue.cause
    assert "The limit is 1,536 MiB" in user.cause


@pytest.mark.parametrize(("asked", "is_offered"), [(2048, False), (1408, False), (3072, True), (None, True)])
def test_a_smaller_driver_is_offered_unless_yarn_tells_that_it_is_small_already(asked, is_offered):
    details = "" if asked is None else f"AM Resource Request = <memory:{asked}, vCores:1>; "

    for limit in (AM_LIMIT, USER_LIMIT):
        (hint,) = diagnose(Case(TIMED_OUT, (limit + details,)))

        smaller = [fix for fix in hint.fixes if "driverMemory" in (fix.cell or "")]
        assert [fix.applicability for fix in smaller] == (["review"] if is_offered else [])


def test_a_driver_of_unknown_size_is_not_said_to_be_large():
    (hint,) = diagnose(Case(TIMED_OUT, (AM_LIMIT,)))

    assert any("if yours is larger" in fix.label for fix in hint.fixes)


def test_a_reason_in_the_log_takes_the_place_of_the_bare_time_out():
    assert codes(TIMED_OUT, AM_LIMIT) == ["LG202"]
    assert codes(TIMED_OUT, ACTIVATED) == ["LG204"]
    assert codes(TIMED_OUT) == ["LG201"]


def test_a_wait_that_ended_in_a_running_application_is_no_failure():
    assert codes("", AM_LIMIT, RUNNING) == []
    assert codes("", USER_LIMIT, RUNNING) == []


def test_a_wait_is_named_again_if_the_start_failed_after_all():
    assert codes(TIMED_OUT, AM_LIMIT, RUNNING) == ["LG202"]


def test_a_wait_for_a_container_says_nothing_until_the_start_has_failed():
    assert codes("", ACTIVATED) == []
    assert codes("Session 5 unexpectedly reached final status 'dead'. See logs:", ACTIVATED) == ["LG204"]


def test_both_clocks_and_what_moves_each_are_named_where_the_log_gives_no_reason():
    (hint,) = diagnose(Case(TIMED_OUT, startup_seconds=60))

    assert "SparkMagic's clock of 60 seconds ran out" in hint.cause
    for setting in ("livy_session_startup_timeout_seconds", "livy.rsc.server.connect.timeout"):
        assert setting in hint.cause
        assert any(setting in fix.cell for fix in hint.fixes)


def test_livys_own_clock_is_told_from_sparkmagics():
    (hint,) = diagnose(Case("", (LIVY_GAVE_UP,), session_id=7))

    assert hint.code == "LG201"
    assert hint.title.startswith("Session 7 ")
    assert hint.cause.startswith("Livy's clock ran out")


@pytest.mark.parametrize(
    ("line", "code", "cell"),
    [
        ("Required AM memory (8192+819 MB) is above the max threshold (6144 MB)", "LG207", '"driverMemory": "5585m"'),
        ("Required AM memory (8192 MB) is above the max threshold (2048 MB)", "LG207", '"driverMemory": "1664m"'),
        (
            "Required AM memory (1024+8192 MB) is above the max threshold (8192 MB)",
            "LG207",
            '{"driverMemory": "1024m", "conf": {"spark.driver.memoryOverhead": "7168m"}}',
        ),
        (
            "Required AM memory (1024+2048 MB) is above the max threshold (2900 MB)",
            "LG207",
            '{"driverMemory": "852m"}',
        ),
        (
            "Required AM memory (1024+384 MB) is above the max threshold (800 MB)",
            "LG207",
            '{"driverMemory": "512m", "conf": {"spark.driver.memoryOverhead": "288m"}}',
        ),
        (
            (
                "Required executor memory (2048 MB), offHeap memory (0) MB, overhead (8192 MB), and PySpark memory (0 "
                "MB) is above the max threshold (8192 MB)"
            ),
            "LG208",
            '{"executorMemory": "2048m", "conf": {"spark.executor.memoryOverhead": "6144m"}}',
        ),
        (
            (
                "Required executor memory (8192 MB), offHeap memory (1024) MB, overhead (2048 MB), and PySpark memory "
                "(512 MB) is above the max threshold (8192 MB)"
            ),
            "LG208",
            '{"executorMemory": "4608m"}',
        ),
        (
            "Required executor memory (1024+384 MB) is above the max threshold (1024 MB)",
            "LG208",
            '{"executorMemory": "640m"}',
        ),
        (
            "Required executor memory (20480), overhead (2048 MB), and … is above the max threshold (12288 MB)",
            "LG208",
            '"executorMemory": "11170m"',
        ),
    ],
)
def test_the_largest_memory_that_fits_with_its_overhead_is_offered(line, code, cell):
    (hint,) = diagnose(Case("", (line,)))

    assert hint.code == code
    assert cell in hint.fixes[0].cell


@pytest.mark.parametrize(
    "line",
    [
        "Required AM memory (512 MB) is above the max threshold (256 MB)",
        (
            "Required executor memory (2048 MB), offHeap memory (0) MB, overhead (384 MB), and PySpark memory (8192 "
            "MB) is above the max threshold (8192 MB)"
        ),
    ],
)
def test_where_no_heap_fits_that_spark_starts_with_no_cell_is_offered(line):
    (hint,) = diagnose(Case("", (line,)))

    assert hint.fixes[0].cell is None
    assert hint.fixes[0].applicability == "manual"


def test_what_is_asked_for_beside_the_heap_is_told():
    line = (
        "Required executor memory (2048 MB), offHeap memory (100) MB, overhead (8192 MB), and PySpark memory (12 MB) "
        "is above the max threshold (8192 MB)"
    )

    (hint,) = diagnose(Case("", (line,)))

    assert "2,048 MiB and 8,192 MiB of overhead, 112 MiB for Python or off the heap; the" in hint.cause


def test_a_name_that_several_queues_carry_is_told_from_one_that_none_has():
    line = "Application a_1 submitted by user alice to ambiguous queue: etl please use full queue path instead."

    (hint,) = diagnose(Case("", (line,), session_id=2))

    assert (hint.code, hint.title) == ("LG205", "Session 2 did not start: YARN has several queues etl")
    assert "a path from the root" in hint.cause


def test_the_fair_schedulers_words_for_the_drivers_share_are_known_too():
    line = (
        "[Thu Aug 25 10:09:56 +0000 2022] Application is added to the scheduler and is not yet activated.  (Resource "
        "request: <memory:27136, vCores:4> exceeds maximum AM resource allowed)."
    )

    (hint,) = diagnose(Case(TIMED_OUT, (line,)))

    assert hint.code == "LG202"
    assert any("driverMemory" in (fix.cell or "") for fix in hint.fixes), "the driver is larger than the smallest"


@pytest.mark.parametrize(
    ("why", "full"),
    [
        ("exceeds the available resources of the node and the request is reserved", "the cluster is full"),
        ("exceeds the available resources of the node and the request cannot be reserved", "the cluster is full"),
        ("exceeds current queue or its parents maximum resource allowed", "the queue, or one above it, is full"),
    ],
)
def test_the_fair_schedulers_words_for_a_driver_that_finds_no_room_are_known_too(why, full):
    line = (
        "[Thu Aug 25 10:09:56 +0000 2022] Application is added to the scheduler and is not yet activated.  (Resource "
        f"request: <memory:2048, vCores:1> {why})."
    )

    (hint,) = diagnose(Case(TIMED_OUT, (line,)))

    assert hint.code == "LG204"
    assert full in hint.cause
    assert diagnose(Case("", (line,), waited=1.0)) == [], "a healthy start says so for a moment"


def test_a_queue_is_named_with_the_user_it_refused():
    (hint,) = diagnose(Case("", ("Application a_1 submitted by user alice to unknown queue: root.x",), session_id=2))

    assert hint.title == "Session 2 did not start: YARN has no queue root.x"
    assert "user alice" in hint.cause


@pytest.mark.parametrize(
    ("line", "waited"),
    [
        ("No YARN application is found with tag livy-session-1-ab in 120 seconds. This may be", " within 120 seconds"),
        ("No YARN application is tagged with tag livy-session-1-ab. Please check", "in YARN:"),
    ],
)
def test_an_application_that_never_reached_yarn_says_how_long_livy_looked(line, waited):
    (hint,) = diagnose(Case("", (line,)))

    assert hint.code == "LG206"
    assert waited in hint.cause


def test_several_failures_come_best_explained_first():
    text = f"Session '13' not found.\n{TIMED_OUT}\nRequired AM memory (9+9 MB) is above the max threshold (1 MB)"

    assert codes(text) == ["LG207", "LG101"]
