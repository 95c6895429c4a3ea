"""Out of memory, in an executor or in the driver, and a result that is too large: told apart, with the next size."""

from __future__ import annotations

import json

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read

HEAP = "java.lang.OutOfMemoryError: Java heap space"
TASK = (
    "Job aborted due to stage failure: Task 0 in stage 1.0 failed 4 times, most recent failure: Lost task 0.3 in stage"
)
EXECUTORS = "Will request 2 executor container(s) for ResourceProfile Id: 0, each with 1 core(s) and 4505 MB memory."
DRIVERS = "INFO Client: Will allocate AM container, with 2432 MB memory including 384 MB overhead"


def the(text):
    """Return the one hint for a pasted text."""
    (hint,) = diagnose(read(text))
    return hint


def settings(fix):
    """Return what a ready cell asks for."""
    return json.loads(fix.cell.removeprefix("%%configure -f\n"))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"{TASK} 1.0 (TID 7) (node2.example.com executor 3): {HEAP}", "Executor 3 on node2.example.com"),
        (f"{TASK} 1.0 (TID 7, node2.example.com, executor 3): {HEAP}", "Executor 3 on node2.example.com"),
        (
            (
                "INFO TaskSetManager: Lost task 0.1 in stage 1.0 (TID 8) on node2.example.com, executor 3: "
                "java.lang.OutOfMemoryError (Java heap space) [duplicate 1]"
            ),
            "Executor 3",
        ),
        (
            (
                f"{TASK} 1.0 (TID 7) (node2 executor 3): org.apache.spark.memory.SparkOutOfMemoryError: Unable to "
                "acquire 65536 bytes of memory, got 0"
            ),
            "Executor 3 on node2",
        ),
        (
            (
                "ERROR SparkUncaughtExceptionHandler: Uncaught exception in thread Thread[Executor task launch worker "
                f"for task 0.0 in stage 1.0 (TID 7),5,main]\n{HEAP}\n\tat java.util.Arrays.copyOf(Arrays.java:1)"
            ),
            "An executor",
        ),
        (
            "ERROR x: Container marked as failed: container_1_1_01_000004. Exit status: 52. Diagnostics: x",
            "An executor",
        ),
        ("INFO x: Executor app-1/0 removed: Command exited with code 52", "An executor"),
        ("The executor with id 4 exited with exit code 52(unknown)", "An executor"),
    ],
)
def test_an_executor_that_ran_out_of_memory_is_named_with_its_node(text, title):
    hint = the(text)

    assert (hint.code, hint.title) == ("LG301", f"{title} ran out of memory")


@pytest.mark.parametrize(
    "text",
    [
        f"{TASK} 1.0 (TID 7) (localhost executor driver): {HEAP}",
        f"An error occurred while calling o59.collectToPython.\n: {HEAP}\n\tat java.util.Arrays.copyOf(Arrays.java:1)",
        f'Exception in thread "task-result-getter-2" {HEAP}',
        'Exception in thread "dispatcher-event-loop-3" java.lang.OutOfMemoryError: GC overhead limit exceeded',
        f"An error was encountered:\n{HEAP}\n  at java.util.Arrays.copyOf(Arrays.java:1)",
        HEAP,
        (
            "Not enough memory to build and broadcast the table to all worker nodes. As "
            "a workaround, you can either disable broadcast by setting spark.sql.autoBroadcastJoinThreshold to -1"
        ),
    ],
)
def test_the_driver_that_ran_out_of_memory_is_told_from_an_executor(text):
    hint = the(text)

    assert hint.code == "LG302"
    joins = [fix.cell for fix in hint.fixes if "autoBroadcastJoinThreshold" in (fix.cell or "")]
    assert bool(joins) == ("broadcast the table" in text)


@pytest.mark.parametrize(
    ("text", "known", "ask"),
    [
        (f"{EXECUTORS}\n{TASK} 1.0 (TID 7) (n executor 3): {HEAP}", " of 4.0 GiB", {"executorMemory": "8190m"}),
        (
            (
                "Will request 2 executor containers, each with 1 cores and 1408 MB memory including 384 MB overhead\n"
                f"{TASK} 1.0 (TID 7) (n executor 3): {HEAP}"
            ),
            " of 1.0 GiB",
            {"executorMemory": "2g"},
        ),
        (f'{DRIVERS}\nException in thread "main" {HEAP}', " of 2.0 GiB", {"driverMemory": "4g"}),
    ],
)
def test_twice_the_memory_is_offered_where_the_log_tells_what_there_was(text, known, ask):
    hint = the(text)

    assert f"heap{known} " in hint.cause
    assert settings(hint.fixes[0]) == ask
    assert hint.fixes[0].applicability == "review"


def test_where_nobody_tells_what_there_was_the_size_is_left_to_the_reader():
    executor, driver = the(f"{TASK} 1.0 (TID 7) (n executor 3): {HEAP}"), the(f'Exception in thread "main" {HEAP}')

    assert (settings(executor.fixes[0]), settings(driver.fixes[0])) == (
        {"executorMemory": "4g"},
        {"driverMemory": "4g"},
    )
    assert {executor.fixes[0].applicability, driver.fixes[0].applicability} == {"manual"}


@pytest.mark.parametrize(
    ("size", "limit", "ask"),
    [
        ("1049.5 MiB", "1024.0 MiB", {"driverMemory": "6g", "conf": {"spark.driver.maxResultSize": "3g"}}),
        ("2.0 GiB", "2.0 GiB", {"driverMemory": "8g", "conf": {"spark.driver.maxResultSize": "4g"}}),
        ("4.1 GB", "4.0 GB", {"driverMemory": "18g", "conf": {"spark.driver.maxResultSize": "9g"}}),
        ("1536.0 KiB", "1024.0 KiB", {"conf": {"spark.driver.maxResultSize": "3m"}}),
        ("600.2 MB", "512.0 MB", {"driverMemory": "4g", "conf": {"spark.driver.maxResultSize": "2g"}}),
    ],
)
def test_a_larger_limit_comes_with_a_driver_that_can_hold_it(size, limit, ask):
    hint = the(
        f"org.apache.spark.SparkException: Job aborted due to stage failure: Total size of serialized results of 22460 "
        f"tasks ({size}) is bigger than spark.driver.maxResultSize ({limit})"
    )

    assert hint.code == "LG303"
    assert "after 22,460 tasks" in hint.cause
    (cell,) = [fix for fix in hint.fixes if fix.applicability == "review"]
    assert settings(cell) == ask


@pytest.mark.parametrize(
    "text",
    [
        "MemoryError: Unable to allocate 8.2 GiB for an array",
        "ValueError: java.lang.OutOfMemoryError is what I feared",
        "RuntimeError: Command exited with code 52",
        "Total size of serialized results of 3 tasks is bigger than I like",
        "torch.cuda.OutOfMemoryError: CUDA out of memory.",
    ],
)
def test_memory_in_a_users_own_words_gives_nothing(text):
    assert diagnose(Case(text)) == []


OWN = (
    f"ERROR Executor: Exception in task 3.0 in stage 5.0 (TID 77)\n{HEAP}\n\tat java.util.Arrays.copyOf(Arrays.java:1)"
)


def test_the_log_of_an_executor_itself_tells_it():
    hint = the(OWN)

    assert (hint.code, hint.title) == ("LG301", "An executor ran out of memory")
    assert HEAP in hint.evidence[0].text


def test_where_the_driver_runs_the_tasks_its_log_says_the_same_and_it_is_the_driver():
    assert the(f"{OWN}\nWARN TaskSetManager: {TASK} 5.0 (TID 77) (host executor driver): {HEAP}").code == "LG302"


def test_an_application_that_ends_by_it_is_the_driver():
    assert the(f"ERROR ApplicationMaster: User class threw exception: {HEAP}").code == "LG302"


def test_both_may_run_out_of_memory_and_both_are_told():
    hints = diagnose(read(f"{OWN}\nERROR ApplicationMaster: User class threw exception: {HEAP}"))

    assert [hint.code for hint in hints] == ["LG302", "LG301"]


def test_a_line_that_does_not_say_whose_heap_is_full_is_not_made_the_drivers():
    bare, cell = the(f"{HEAP}\n\tat Main.run(Main.scala:3)"), the(f"An error was encountered:\n{HEAP}")

    assert bare.code == cell.code == "LG302"
    assert bare.title == "A JVM of Spark ran out of memory: the driver, unless the text is an executor's"
    assert bare.cause.startswith("Java's heap is used up; the line alone does not say whose. In the driver: what is")
    assert cell.title == "The driver ran out of memory"
