"""What keeps Spark from starting: executors that do not fit together, a shuffle service, a file system."""

from __future__ import annotations

import json

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read

REQUIREMENT = "java.lang.IllegalArgumentException: requirement failed: "
SUBMIT = "\tat org.apache.spark.deploy.yarn.Client.prepareLocalResources(Client.scala:1)"
CHECKED = "\tat org.apache.hadoop.hdfs.server.namenode.FSPermissionChecker.check(FSPermissionChecker.java:399)"


def the(text):
    """Return the one hint for a pasted text."""
    (hint,) = diagnose(read(text))
    return hint


def settings(fix):
    """Return what a ready cell asks for."""
    return json.loads(fix.cell.removeprefix("%%configure -f\n"))


def denied(inode, *stack):
    refusal = "org.apache.hadoop.security.AccessControlException: Permission denied"
    said = f'{refusal}: user=alice, access=WRITE, inode="{inode}":hdfs:supergroup:drwxr-xr-x'
    return "\n".join((said, *stack))


@pytest.mark.parametrize(
    ("text", "fits", "raised"),
    [
        # Spark 2 and 3, Spark 1, the check of two of them alone, EMR Serverless.
        (
            f"{REQUIREMENT}initial executor number 40 must between min executor number 0 and max executor number 8",
            {"numExecutors": 8, "conf": {"initial": "8", "max": "8"}},
            "40",
        ),
        (
            "initial executor number 3 must between min executor number3 and max executor number 2",
            {"numExecutors": 2, "conf": {"min": "2", "initial": "2", "max": "2"}},
            "3",
        ),
        (
            (
                "org.apache.spark.SparkException: spark.dynamicAllocation.minExecutors (10) must be less than or equal "
                "to spark.dynamicAllocation.maxExecutors (8)!"
            ),
            {"numExecutors": 8, "conf": {"min": "8", "initial": "8", "max": "8"}},
            "10",
        ),
        (
            (
                "Maximum value of spark.dynamicAllocation.initialExecutors: 3 must be between "
                "spark.dynamicAllocation.minExecutor 1 and spark.dynamicAllocation.maxExecutors 2."
            ),
            {"numExecutors": 2, "conf": {"initial": "2", "max": "2"}},
            "3",
        ),
        (
            "initial executor number 2 must between min executor number 0 and max executor number 0",
            {"numExecutors": 1, "conf": {"initial": "1", "max": "1"}},
            "2",
        ),
    ],
)
def test_the_start_that_passes_stands_in_the_cell(text, fits, raised):
    hint = the(text)

    assert hint.code == "LG304"
    conf = {f"spark.dynamicAllocation.{key}Executors": value for key, value in fits["conf"].items()}
    assert settings(hint.fixes[0]) == {**fits, "conf": conf}
    assert settings(hint.fixes[1]) == {"conf": {"spark.dynamicAllocation.maxExecutors": raised}}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            (
                "Dynamic allocation of executors requires the external shuffle service. "
                "You may enable this through spark.shuffle.service.enabled."
            ),
            "did not start",
        ),
        (
            (
                "Dynamic allocation of executors requires one of the following conditions: 1) enabling external "
                "shuffle service through spark.shuffle.service.enabled. 2) enabling shuffle tracking"
            ),
            "did not start",
        ),
        ("InvalidAuxServiceException: The auxService:spark_shuffle does not exist", "missing on a node"),
        ("InvalidAuxServiceException: The auxService:spark2_shuffle does not exist", "missing on a node"),
        (
            (
                "Unable to create executor due to Unable to register with external shuffle server due to : "
                "java.io.IOException: Failed to connect to node1.example.com/10.0.0.4:7337"
            ),
            "missing on a node",
        ),
    ],
)
def test_a_shuffle_service_that_is_off_is_told_from_one_that_is_missing(text, title):
    hint = the(text)

    assert hint.code == "LG305"
    assert title in hint.title
    assert settings(hint.fixes[0])["conf"]["spark.dynamicAllocation.shuffleTracking.enabled"] == "true"
    assert settings(hint.fixes[1])["conf"]["spark.dynamicAllocation.enabled"] == "false"


@pytest.mark.parametrize(
    ("text", "title", "command"),
    [
        (
            denied("/user", CHECKED, SUBMIT),
            "alice has no home to put its files",
            "hdfs dfs -mkdir -p /user/alice && hdfs dfs -chown alice /user/alice",
        ),
        (
            denied("/user/alice/.sparkStaging/application_1_0001", CHECKED),
            "alice may not write to /user/alice/.sparkStaging/application_1_0001",
            "hdfs dfs -chown alice /user/alice/.sparkStaging/application_1_0001",
        ),
        (
            denied("/spark-history", CHECKED, "\tat org.apache.spark.SparkContext.<init>(SparkContext.scala:1)"),
            "alice may not write to /spark-history",
            "hdfs dfs -setfacl -m user:alice:rwx /spark-history",
        ),
        (
            f"{denied('/data', CHECKED)}\n{denied('/user/alice', CHECKED, SUBMIT)}",
            "alice may not write to /user/alice",
            "hdfs dfs -chown alice /user/alice",
        ),
    ],
)
def test_a_folder_that_spark_starts_with_is_named_with_its_owner(text, title, command):
    hint = the(text)

    assert (hint.code, hint.title) == ("LG311", f"The session did not start: {title}")
    assert "belongs to hdfs (drwxr-xr-x)" in hint.cause
    assert (hint.fixes[0].command, hint.fixes[0].applicability) == (command, "manual")


STAGING = "/proc/nowhere/.sparkStaging/application_1_0001"


@pytest.mark.parametrize(
    "text",
    [
        f"ExitCodeException exitCode=1: chmod: cannot access '{STAGING}': No such file or directory",
        f"chmod: changing permissions of \u2018{STAGING}\u2019: Operation not permitted",
        f"java.nio.file.AccessDeniedException: {STAGING}: PUT 0-byte object: Access Denied (Service: Amazon S3)",
        f"java.io.IOException: Mkdirs failed to create {STAGING} (exists=false, cwd=file:/)",
    ],
)
def test_a_staging_folder_that_cannot_be_made_on_another_file_system_is_named(text):
    hint = the(text)

    assert (hint.code, hint.title) == ("LG311", f"The session did not start: its folder {STAGING} cannot be made")


@pytest.mark.parametrize(
    "text",
    [
        "ExitCodeException exitCode=1: chmod: cannot access '/data/mine': No such file or directory",
        "java.nio.file.AccessDeniedException: s3a://bucket/data: getFileStatus: 403",
        "PermissionError: [Errno 13] Permission denied: '/user'",
        "ValueError: wait. Name node is in safe mode",
    ],
)
def test_a_path_of_the_users_own_is_theirs(text):
    assert diagnose(read(text)) == []


@pytest.mark.parametrize(
    ("text", "does"),
    [
        (
            denied("/data/sales", CHECKED, "\tat org.apache.spark.sql.execution.SparkPlan.execute(SparkPlan.scala:1)"),
            "write to",
        ),
        (denied("/data/sales", *[CHECKED] * 300, SUBMIT), "write to"),
        (denied("/data/sales").replace("WRITE", "READ_EXECUTE"), "list"),
        (denied("/data/sales").replace("WRITE", "READ_WRITE"), "use"),
    ],
)
def test_a_statement_that_the_file_system_refuses_is_told_with_whose_the_path_is_and_no_session_is_lost(text, does):
    hint = the(text)

    assert (hint.code, hint.title) == ("LG311", f"The file system does not let alice {does} /data/sales")
    assert "hdfs's, of the group supergroup, with the rights drwxr-xr-x" in hint.cause
    assert hint.is_survived
    assert all(fix.cell != "%livy_recover" and fix.applicability != "safe" for fix in hint.fixes)


@pytest.mark.parametrize(
    ("access", "rights"), [("READ", "r--"), ("READ_EXECUTE", "r-x"), ("WRITE", "rwx"), ("EXECUTE", "--x")]
)
def test_the_operator_is_told_to_give_the_right_that_was_asked_for_and_no_more(access, rights):
    hint = the(denied("/data/hr").replace("WRITE", access))

    (let_in,) = [fix.command for fix in hint.fixes if fix.applicability == "manual"]
    assert let_in == f"hdfs dfs -setfacl -m user:alice:{rights} /data/hr"


@pytest.mark.parametrize("inode", ["/", "/data/" + "x" * 400, "/data/password=secret"])
def test_no_command_is_made_of_the_root_or_of_a_path_that_cannot_be_shown_whole(inode):
    hint = the(denied(inode).replace("WRITE", "READ"))

    assert not any("setfacl" in (fix.command or "") for fix in hint.fixes)
    assert not any("…" in (fix.command or "") or "redacted" in (fix.command or "") for fix in hint.fixes)


@pytest.mark.parametrize("inode", ["/user", "/"])
def test_a_statement_that_may_not_write_there_is_no_matter_of_a_home(inode):
    hint = the(denied(inode, CHECKED))

    assert (hint.title, hint.is_survived) == (f"The file system does not let alice write to {inode}", True)
    assert not any("mkdir" in (fix.command or "") for fix in hint.fixes)


def test_a_home_that_is_missing_is_told_where_the_stack_is_cut_too():
    dead = f"Session 3 unexpectedly reached final status 'dead'. See logs:\n{denied('/user')}"
    (hint,) = (hint for hint in diagnose(read(dead)) if hint.code == "LG311")

    assert hint.title == "Session 3 did not start: alice has no home to put its files"
    assert hint.fixes[0].command == "hdfs dfs -mkdir -p /user/alice && hdfs dfs -chown alice /user/alice"


def test_the_event_log_of_a_context_is_no_matter_of_a_home():
    hint = the(denied("/", "\tat org.apache.spark.SparkContext.<init>(SparkContext.scala:640)"))

    assert hint.title == "The session did not start: alice may not write to /"
    assert not any("mkdir" in (fix.command or "") or "setfacl" in (fix.command or "") for fix in hint.fixes)


@pytest.mark.parametrize("inode", ["/user/alice-history", "/user/bob/.sparkStaging"])
def test_nobody_is_given_anothers_folder(inode):
    hint = the(denied(inode, "\tat org.apache.spark.SparkContext.<init>(SparkContext.scala:640)"))

    assert not any("chown" in (fix.command or "") for fix in hint.fixes)


def test_of_a_session_that_ended_nobody_says_that_a_statement_failed():
    dead = f"Session 3 unexpectedly reached final status 'dead'. See logs:\n{denied('/data/sales')}"

    assert "LG311" not in [hint.code for hint in diagnose(read(dead))]


def test_a_folder_that_others_use_too_is_given_to_nobody():
    hint = the(denied("/spark-history", "\tat org.apache.spark.SparkContext.<init>(SparkContext.scala:640)"))

    assert hint.title == "The session did not start: alice may not write to /spark-history"
    assert not any("chown" in (fix.command or "") or "stagingDir" in (fix.cell or "") for fix in hint.fixes)


MODE = "SafeModeException): Cannot create directory /user/alice. Name node is in safe mode.\n"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (f"{MODE}In safe mode extension. Safe mode will be turned off automatically in 9 seconds.", "in 9 seconds"),
        (f"{MODE}It was turned on manually. Use hdfs dfsadmin -safemode leave", "An operator has switched it on"),
        (f"{MODE}Resources are low on NN. Please add or free up more resources", "disk is full"),
        (f"{MODE}The reported blocks 0 needs additional 48 blocks", "as soon as enough DataNodes have reported"),
        ("Cannot delete /a. NameNode is in safe mode.", "as soon as enough DataNodes have reported"),
    ],
)
def test_safe_mode_says_how_it_ends(text, how):
    hint = the(text)

    assert hint.code == "LG312"
    assert how in hint.cause


def test_a_reason_that_spark_gives_comes_before_the_clock_and_the_death():
    log = (
        "stderr: ",
        f"{REQUIREMENT}initial executor number 4 must between min executor number 0 and max executor number 2",
    )

    for error in ("Session 3 did not start up in 60 seconds.", "Session 3 unexpectedly reached final status 'dead'."):
        assert [hint.code for hint in diagnose(Case(error, log))] == ["LG304"]
