"""A session that ended by itself: its last words are quoted, and a known reason takes their place."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case

GONE = """Invalid status code '404' from http://livy/sessions/3 with error payload: {"msg":"Session '3' not found."}"""
DEAD = "Session 3 unexpectedly reached final status 'dead'. See logs:"


def quoted(*log):
    (hint,) = diagnose(Case(DEAD, log))
    return [fact.text for fact in hint.evidence]


def test_the_telling_lines_at_the_end_of_the_log_are_quoted():
    lines = [
        "ERROR one",
        "INFO two",
        "Exception: three",
        "\tat a.b.C(D.java:1)",
        "exit code 4",
        "INFO five",
        "stderr: ",
    ]

    assert quoted(*lines) == ["ERROR one", "Exception: three", "exit code 4"]


def test_without_a_telling_line_the_last_ones_are_quoted():
    assert quoted("a", "b", "c", "d", "", "YARN Diagnostics: ") == ["b", "c", "d"]


def test_without_a_log_it_is_said_that_there_is_none():
    (hint,) = diagnose(Case("Session 3 ended in state dead.", ("stdout: ", "\nstderr: ")))

    assert hint.title == "Session 3 ended as dead"
    assert hint.evidence == ()
    assert "no log" in hint.cause


def test_a_known_reason_comes_first():
    hints = diagnose(Case(DEAD, ("Required AM memory (9+9 MB) is above the max threshold (1 MB) of this cluster!",)))

    assert hints[0].code == "LG207"


def test_a_dead_interpreter_in_a_live_driver_is_told_as_what_it_is():
    (hint,) = diagnose(Case("Session 3 unexpectedly reached final status 'error'.", ("Interpreter died",)))

    assert "its driver lives on" in hint.cause
    assert "Its application ended" not in hint.cause


def test_what_the_virtual_machine_could_not_do_is_quoted():
    log = (
        "stdout: ",
        "Error occurred during initialization of VM",
        "Could not reserve enough space for heap",
        "stderr: ",
    )

    (hint,) = diagnose(Case("Session 3 ended in state dead.", log))

    assert "Could not reserve enough space for heap" in [fact.text for fact in hint.evidence]


APP = "application_1700000000000_0007"
ORDERLY = (
    "26/11/21 16:52:11 INFO SparkEntries: Created SQLContext.",
    "26/11/21 16:52:15 INFO SparkContext: Invoking stop() from shutdown hook",
    "26/11/21 16:52:15 INFO SparkContext: SparkContext is stopping with exitCode 0.",
    "26/11/21 16:52:15 INFO ShutdownHookManager: Shutdown hook called",
)


def test_an_end_without_an_error_before_it_is_told_as_one():
    (hint,) = diagnose(Case(DEAD, ORDERLY))

    assert hint.code == "LG111"
    assert hint.title == "Session 3 had finished"
    assert [fact.text for fact in hint.evidence] == [ORDERLY[1]]


@pytest.mark.parametrize(
    ("error", "log"),
    [
        (DEAD.replace("dead", "error"), ORDERLY),
        (DEAD, ("26/11/21 16:52:15 ERROR RSCDriver: Failed.", *ORDERLY)),
        (DEAD, ("Exception in thread 'main' java.lang.IllegalStateException: no", *ORDERLY)),
        (DEAD, ("ERROR Client: RECEIVED SIGNAL TERM", *ORDERLY)),
        (DEAD, ORDERLY[:1]),
    ],
)
def test_an_end_after_an_error_is_told_by_that(error, log):
    assert [hint.code for hint in diagnose(Case(error, log))] == ["LG107"]


def test_an_error_long_before_the_end_is_not_its_reason():
    log = ("ERROR Executor: Exception in task 0.0", *["INFO Session: Statement 1 ended."] * 30, *ORDERLY)

    assert [hint.code for hint in diagnose(Case(DEAD, log))] == ["LG111"]


STOP = ORDERLY[1]
BOO = "User class threw exception: java.lang.IllegalArgumentException: boo"
NO_FOLDER = 'Exception in thread "main" java.lang.IllegalStateException: Library directory does not exist'


@pytest.mark.parametrize("stack", [0, 21, 45, 500])
def test_a_stack_between_an_error_and_the_end_does_not_hide_the_error(stack):
    lines = ["\tat org.apache.X.<init>(X.java:1)"] * stack

    (hint,) = diagnose(Case(DEAD, ("stderr:", NO_FOLDER, *lines, *ORDERLY[1:])))

    assert hint.code == "LG107"
    assert [fact.text for fact in hint.evidence] == [NO_FOLDER]


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (
            (*ORDERLY, "YARN Diagnostics:", f"{APP} failed 1 times due to AM Container … exitCode: 15", BOO),
            BOO,
        ),
        ((*ORDERLY, f"{APP} failed 2 times due to AM Container for {APP} exited"), "failed 2 times"),
        ((*ORDERLY, "YARN Diagnostics:", "Container exited with exitCode: 3"), "exitCode: 3"),
        (("INFO Client: state FAILED", *ORDERLY), "state FAILED"),
        ((*ORDERLY, "ERROR AsyncEventQueue: Listener x threw"), "ERROR AsyncEventQueue"),
        ((NO_FOLDER, *["INFO Client: waits"] * 50, *ORDERLY), NO_FOLDER),
        (("WARN TaskSetManager: Lost task 0.0", "java.lang.X: y", NO_FOLDER, *ORDERLY), NO_FOLDER),
        (("26/11/22 WARN Client: slow", "stderr: ", "java.io.IOException: no room", *ORDERLY), "no room"),
    ],
)
def test_an_error_wherever_it_stands_tells_how_the_driver_ended(log, told):
    (hint,) = diagnose(Case(DEAD, log))

    assert hint.code == "LG107"
    assert told in " ".join(fact.text for fact in hint.evidence)


def test_what_the_resource_manager_says_of_it_counts_as_well():
    (hint,) = diagnose(Case(DEAD, ORDERLY, resource_manager=(BOO,)))

    assert hint.code == "LG107"
    assert hint.evidence[-1].text == BOO


@pytest.mark.parametrize(
    "survived",
    [
        "26/11/21 06:22:55 WARN ObjectStore: Failed to get database default, returning NoSuchObjectException",
        "26/11/21 06:23:52 WARN TransportChannelHandler: Exception in connection from /10.0.0.22:51234",
        "26/11/21 06:23:52 ERROR org.apache.spark.executor.Executor: Exception in task 0.0 in stage 0.0 (TID 0)",
        "26/11/21 06:23:52 INFO DAGScheduler: ResultStage 0 failed due to Job aborted: state FAILED",
    ],
)
def test_what_the_driver_lived_through_is_not_its_end(survived):
    log = (survived, "java.lang.ArithmeticException: / by zero", "\tat a.b.C(D.java:1)", *ORDERLY)

    assert [hint.code for hint in diagnose(Case(DEAD, log))] == ["LG111"]


OUT_OF_MEMORY = ("# java.lang.OutOfMemoryError: Java heap space", '# -XX:OnOutOfMemoryError="kill 4711"')
FORGOTTEN = "org.apache.hadoop.yarn.exceptions.ApplicationAttemptNotFoundException: Application attempt doesn't exist"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("26/11/21 16:52:14 WARN BlockManager: Putting block rdd_1_0 failed", OUT_OF_MEMORY),
        ("26/11/21 16:52:14 INFO TaskSetManager: Finished task 0.0 in stage 0.0 (TID 0)", OUT_OF_MEMORY),
        ("26/11/21 16:52:14 WARN BlockManager: x", ("Caused by: java.lang.OutOfMemoryError: Java heap space",)),
        ("26/11/21 16:52:14 WARN ApplicationMaster: Reporter thread fails 5 time(s) in a row.", (FORGOTTEN,)),
        ("26/11/21 16:52:14 WARN Client: x", ("# A fatal error has been detected by the Java Runtime Environment:",)),
    ],
)
def test_what_ends_a_driver_is_an_error_behind_a_warning_too(record, said):
    (hint,) = diagnose(Case(DEAD, (record, *said, STOP)))

    assert hint.code == "LG107"
    assert said[0] in [fact.text for fact in hint.evidence]


@pytest.mark.parametrize(
    "lines",
    [
        ("26/11/21 16:52:14 WARN Client: x", "    -XX:OnOutOfMemoryError='kill %p' \\"),
        (
            "26/11/21 16:52:14 WARN TaskSetManager: Lost task 0.0 in stage 0.0 (TID 0): java.lang.X: y",
            "\tat a.b.C(D.java:1)",
            "Caused by: java.lang.OutOfMemoryError: Java heap space",
        ),
    ],
)
def test_neither_javas_option_nor_a_task_without_memory_ends_the_driver(lines):
    assert [hint.code for hint in diagnose(Case(DEAD, (*lines, *ORDERLY)))] == ["LG111"]


def test_what_yarn_says_of_an_orderly_end_comes_first():
    killed = "Application application_1700000000000_0001 was killed by user bob at 10.0.0.5"

    assert [hint.code for hint in diagnose(Case(DEAD, (*ORDERLY, killed)))] == ["LG212"]


READ = f"yarn logs -applicationId {APP} | livyguard diagnose -"


@pytest.mark.parametrize(
    ("case", "commands"),
    [
        (Case(DEAD, ("YARN Diagnostics: ", f"Application {APP} failed 1 times due to AM Container")), [READ]),
        (Case(DEAD, app_id=APP), [READ]),
        (Case(GONE, last_state="dead", app_id=APP), [READ]),
        (Case(DEAD, ("stderr: ",)), []),
        (Case(DEAD, app_id="spark-3f2a"), []),
    ],
)
def test_what_ended_in_yarn_has_its_whole_log_read(case, commands):
    (hint,) = diagnose(case)

    assert [fix.command for fix in hint.fixes if fix.command] == commands
    assert hint.fixes[0].cell == "%livy_recover"


@pytest.mark.parametrize("state", ["dead", "killed"])  # whichever Livy is told of first
def test_a_driver_that_failed_is_not_told_as_killed_by_livys_own_account_without_its_log(state):
    said = f"YARN Diagnostics: Application {APP} was killed by user livy at 10.0.0.7"

    (hint,) = diagnose(Case(f"Session 0 unexpectedly reached final status '{state}'.", (said,)))

    assert hint.code == "LG212"
    assert [fix.command for fix in hint.fixes if fix.command] == [READ]
    assert "or its driver failed" in hint.cause


def test_a_driver_that_was_launched_and_failed_did_not_wait_for_room():
    log = (
        "Application report for application_1700000000000_0007 (state: ACCEPTED)",
        "\t diagnostics: Application is Activated, waiting for resources to be assigned for AM.  Details : ",
        "YARN Diagnostics: ",
        "AM container is launched, waiting for AM container to Register with RM",
    )

    (hint,) = diagnose(Case(DEAD, log))

    assert hint.code == "LG107"
    assert [fix.command for fix in hint.fixes if fix.command] == [READ]
    assert [hint.code for hint in diagnose(Case("Session 3 did not start up in 60 seconds.", log))] == ["LG204"]
