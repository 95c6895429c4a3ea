"""A failed statement: the cluster's failures get a hint behind their traceback, the user's own nothing at all."""

from __future__ import annotations

from typing import Any

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.sparkmagic.statements import explained
from livyguard.testing import RecordingDisplay
from livyguard.views.notebook import NotebookDisplay
from scripts.hint_pages import case_of

TOO_LARGE = (
    "An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.\n"
    ": org.apache.spark.SparkException: Job aborted due to stage failure: Total size of serialized results of 3 tasks "
    "(1536.0 KiB) is bigger than spark.driver.maxResultSize (1024.0 KiB)\n"
)
JAVA_GONE = "py4j.protocol.Py4JNetworkError: Answer from Java side is empty\n"
OUT_OF_MEMORY = 'Exception in thread "broadcast-exchange-0" java.lang.OutOfMemoryError: Java heap space'
RECORDING = RecordingDisplay()


def failed(evalue: str, *traceback: str) -> dict[str, Any]:
    """Return what Livy answers for a statement that raised."""
    output = {"status": "error", "ename": "X", "evalue": evalue, "traceback": list(traceback)}
    return {"id": 0, "state": "available", "output": output}


def nothing() -> tuple[str, ...]:
    raise AssertionError("the log was asked for")


def told(answer: dict[str, Any], *log: str) -> str:
    """Return what SparkMagic would show of the answer."""
    output = explained(answer, NotebookDisplay(), (lambda: log) if log else nothing, 7)["output"]
    return f"{output['evalue']}\n{''.join(output['traceback'])}"


def test_the_hint_stands_behind_the_traceback_which_stays_as_it_was() -> None:
    answer = failed(TOO_LARGE, "Traceback (most recent call last):\n", '  File "x.py", line 1\n', TOO_LARGE)

    shown = told(answer)

    before = f"{TOO_LARGE}\n{''.join(answer['output']['traceback'])}"
    assert shown.startswith(before)
    assert shown[len(before) :].startswith("\n\nLG303 The result is larger than the driver may take: 2 MiB of 1 MiB\n")
    assert "%livy_explain LG303" in shown
    assert len(answer["output"]["traceback"]) == 3, "Livy's own answer is not written into"


@pytest.mark.parametrize(
    "answer",
    [
        failed("name 'df' is not defined", "Traceback (most recent call last):\n", "NameError: name 'df'\n"),
        failed("Livy says: Session '13' not found.", "ValueError: Session '13' not found.\n"),
        failed("401", "requests.exceptions.HTTPError: Invalid status code '401' from http://x/\n"),
        failed("java.lang.RuntimeException: mine"),
        {"id": 0, "state": "available", "output": {"status": "ok", "data": {"text/plain": TOO_LARGE}}},
        {"id": 0, "state": "cancelled", "output": None},
        {"id": 0, "state": "error"},
    ],
)
def test_the_users_own_errors_and_results_pass_as_they_are(answer: dict[str, Any]) -> None:
    assert explained(answer, RECORDING, nothing) is answer


@pytest.mark.parametrize("traceback", [None, "a text", [1, None]])
def test_an_answer_of_another_shape_is_read_as_far_as_it_goes(traceback: Any) -> None:
    answer = failed(TOO_LARGE)
    answer["output"]["traceback"] = traceback

    assert "LG303" in explained(answer, RECORDING, nothing)["output"]["traceback"][-1]


def test_where_the_drivers_java_is_gone_the_log_may_say_why() -> None:
    silent, talking = told(failed("", JAVA_GONE), "INFO x"), told(failed("", JAVA_GONE), "INFO x", OUT_OF_MEMORY)

    assert "LG307" in silent
    assert "%livy_recover" in silent
    assert "LG302" in talking
    assert "LG307" not in talking


def test_a_traceback_of_any_length_is_read_at_both_ends() -> None:
    noise = "x" * 80 + "\n"

    assert "LG303" in told(failed("", *[noise] * 5_000, TOO_LARGE))
    assert "LG303" in told(failed(TOO_LARGE, *[noise] * 5_000))
    assert "LG303" not in told(failed("", *[noise] * 5_000, TOO_LARGE, *[noise] * 5_000))


@pytest.mark.parametrize(
    "said",
    [
        "AssertionError: Container killed by YARN for exceeding physical memory limits. 8.2 GB of 8 GB physical memory",
        (
            "AssertionError: Total size of serialized results of 3 tasks (2.0 GiB) is bigger than "
            "spark.driver.maxResultSize (1.0 GiB)"
        ),
        "ValueError: Container released on a *lost* node",
        "RuntimeError: Application application_1700000000000_0007 was killed by user bob at 10.0.0.7",
        "RuntimeError: unresolved dependency: a#b_2.12;1: not found",
        "KeyError: 'Initial job has not accepted any resources; check your cluster UI'",
    ],
)
def test_what_users_quote_in_errors_of_their_own_passes_as_it_is(said: str) -> None:
    frame = '  File "<stdin>", line 1, in <module>\n'
    answer = failed(said.partition(": ")[2], "Traceback (most recent call last):\n", frame, f"{said}\n")

    assert explained(answer, RECORDING, nothing) is answer


@pytest.mark.parametrize("code", ["LG201", "LG202", "LG205", "LG207", "LG208", "LG210", "LG211", "LG219", "LG304"])
def test_what_only_a_start_can_meet_is_no_reason_of_a_statement(code: str) -> None:
    text = case_of(code).text
    assert code in [hint.code for hint in diagnose(Case(error=text))]

    answer = failed(f"An error occurred while calling o1.x.\n: java.lang.IllegalStateException: {text}")

    assert explained(answer, RECORDING, nothing) is answer
