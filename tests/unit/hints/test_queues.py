"""A queue that does not take an application, and an application that somebody ended."""

from __future__ import annotations

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.reading import read

APP = "application_1700000000000_0007"
FAILED = (
    f'Exception in thread "main" org.apache.hadoop.yarn.exceptions.YarnException: Failed to submit {APP} to YARN : '
)


def the(case):
    """Return the one hint for a case, or for a pasted text."""
    (hint,) = diagnose(read(case) if isinstance(case, str) else case)
    return hint


@pytest.mark.parametrize(
    ("said", "title"),
    [
        # The capacity scheduler of Hadoop 3, the fair scheduler of Hadoop 3, both of Hadoop 2.
        (
            f"User alice does not have permission to submit {APP} to queue root.etl",
            "the queue root.etl does not take alice",
        ),
        (
            f"User alice does not have permission to submit {APP} to queue root.etl denied by ACL for queue root",
            "the queue root.etl does not take alice",
        ),
        ("User alice cannot submit applications to queue root.etl", "the queue root.etl does not take alice"),
        (
            f"Reject application {APP} submitted by user alice application rejected by placement rules.",
            "YARN finds no queue for alice",
        ),
        (f"Application {APP} submitted by user bob rejected by placement rules.", "YARN finds no queue for bob"),
        ("Application rejected by queue placement policy", "YARN finds no queue for this user"),
        (
            f"Queue root.etl is STOPPED. Cannot accept submission of application: {APP}",
            "the queue root.etl is stopped",
        ),
        (
            f"Application {APP} submitted by user : alice to non-leaf queue : root",
            "the queue root only holds other queues",
        ),
        (
            f"Application {APP} submitted by user alice to non-leaf queue: root",
            "the queue root only holds other queues",
        ),
        (
            (
                f"Application {APP} submission by user : alice to specified queue : etl  is prohibited. Verify "
                "automatic queue mapping for user exists in yarn.scheduler.capacity.queue-mappings"
            ),
            "the queue etl does not take alice",
        ),
        ("Cannot submit application to non-leaf queue: root.a", "the queue root.a only holds other queues"),
    ],
)
def test_whoever_refuses_says_whom_and_which_queue(said, title):
    hint = the(FAILED + said)

    assert hint.code == "LG211"
    assert hint.title == f"The session did not start: {title}"
    assert [fix.applicability for fix in hint.fixes] == ["manual", "safe", "safe"]


@pytest.mark.parametrize(
    ("said", "title", "first"),
    [
        (
            f"Queue root.etl already has 3 applications, cannot accept submission of application: {APP}",
            "the queue root.etl takes no more applications",
            "%livy_sessions",
        ),
        (
            f"Queue root.etl already has 9 applications from user bob cannot accept submission of application: {APP}",
            "the queue root.etl takes no more applications of bob",
            "%livy_sessions --mine",
        ),
        (
            f"Maximum system application limit reached,cannot accept submission of application: {APP}",
            "YARN takes no more applications",
            "%livy_sessions",
        ),
    ],
)
def test_a_queue_that_is_full_says_whose_applications_fill_it(said, title, first):
    hint = the(Case("", (FAILED + said,), session_id=4))

    assert (hint.code, hint.title) == ("LG219", f"Session 4 did not start: {title}")
    assert hint.fixes[0].cell == first


@pytest.mark.parametrize(
    ("said", "title", "cause"),
    [
        (f"Application {APP} was killed by user bob at 10.0.0.7", "bob killed", "by bob from 10.0.0.7. If"),
        (f"Application {APP} was killed by user bob at fe80:0:0:0:0:0:0:1", "bob killed", "from fe80:0:0:0:0:0:0:1."),
        (f"Application {APP} was killed by user dr.who at 10.0.0.7", "dr.who killed", "by dr.who from 10.0.0.7. If"),
        (f"Application {APP} was killed by user bob.", "bob killed", "by bob. If"),
        (
            f"Application {APP} was killed by user bob, at noon",
            "bob killed the session's application in YARN",
            "by bob. If",
        ),
        (f"Application {APP} was killed by user {'b' * 256}", "bbb killed the session's", "by bbbb"),
        (f"Application {APP} was killed by user bob", "bob killed the session's application in YARN", "by bob. If"),
        (
            f"Application {APP} was killed by user bob at 10.0.0.7 with diagnostic message: idle since noon",
            "bob killed",
            'They left word: "idle since noon".',
        ),
        ("Application killed by user.", "Somebody killed", "does not say who"),
        (
            "Application is killed by ResourceManager as it has exceeded the lifetime period.",
            "as long as its queue lets one live",
            "maximum-application-lifetime",
        ),
    ],
)
def test_who_killed_it_is_told_as_far_as_yarn_tells(said, title, cause):
    hint = the(Case("Session 3 unexpectedly reached final status 'dead'.", resource_manager=(f"{APP} KILLED: {said}",)))

    assert hint.code == "LG212"
    assert title in hint.title
    assert cause in hint.cause
    assert hint.evidence[0].source == "ResourceManager"
    assert hint.fixes[0].cell == "%livy_recover"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("Session 3 did not start up in 60 seconds.", "LG201"),
        ("java.util.concurrent.TimeoutException: Timed out waiting for context to start.", "LG201"),
    ],
)
def test_whoever_gives_a_start_up_kills_it_and_that_is_no_cause(error, code):
    said = (f"Application {APP} was killed by user livy at 10.0.0.7",)

    assert the(Case(error, resource_manager=said)).code == code


@pytest.mark.parametrize(
    "text",
    [
        "PermissionError: User alice does not have permission to submit orders to queue eu",
        "queue.Full: Queue already has 3 applications",
        "RuntimeError: job 7 was killed by user request",
        "ValueError: submitted by user alice, rejected by the placement rules of the warehouse",
    ],
)
def test_what_a_user_writes_that_sounds_like_it_gives_nothing(text):
    assert diagnose(read(text)) == []
