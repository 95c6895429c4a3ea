"""Whether the log of a driver that ended holds an error: record by record, as log4j writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["has_error", "is_empty"]

_HEADINGS = "(?:stdout|stderr|YARN Diagnostics|Kubernetes Diagnostics):"
#: Beside stack and headings, Hadoop's warning that stands in every healthy log.
_EMPTY = re.compile(
    rf"\s*(?:{_HEADINGS}|at [\w.$/@<>\-]+\(.*|\.\.\. \d+ more"
    r"|[^\n]{0,60} WARN (?:[\w.]{1,60}\.)?NativeCodeLoader: Unable to load native-hadoop library[^\n]*)?\s*"
)
_HEADING = re.compile(rf"\s*{_HEADINGS}\s*")
_RECORD = re.compile(
    r"[^\n]{0,40}?\b(?P<level>TRACE|DEBUG|INFO|WARN|ERROR|FATAL) +(?:\[[^\]\n]{0,80}\] +)?"
    r"(?:[\w$]{1,80}\.){0,20}(?P<logger>\w{1,80})"
)
#: Who tells of tasks and stages that fail. The statement fails with them, and the driver lives on.
_OF_A_JOB = frozenset({"DAGScheduler", "Executor", "PythonRunner", "TaskSchedulerImpl", "TaskSetManager"})
#: An end by these, whoever says so and on whatever level.
_FATAL = re.compile(
    r"\bFAILED\b|Exception in thread |User class threw exception|RECEIVED SIGNAL | due to AM Container "
    r"|\bexitCode:? [1-9]|\bOutOfMemoryError\b|\bApplicationAttemptNotFoundException\b|# A fatal error "
)
_ERROR = re.compile(r"\b(?:ERROR|FATAL)\b|Exception|Error:")


def is_empty(line: str) -> bool:
    """Tell a line that says nothing of why a driver ended: of a stack, a heading, a warning of every log."""
    return _EMPTY.fullmatch(line) is not None


def has_error(lines: Iterable[str]) -> bool:
    """Tell whether an error stands anywhere in a log that may have been a driver's end.

    A warning is none, nor is a task that failed: the driver lived on. What stands in the lines behind a record, up to
    the next one, belongs to it; but Java writes there as well when it has no memory left or crashes.
    """
    is_survived = is_of_a_job = False
    for line in lines:
        record = _RECORD.match(line)
        if record is not None:
            is_of_a_job = record["logger"] in _OF_A_JOB
            is_survived = is_of_a_job or record["level"] == "WARN"
        elif _HEADING.fullmatch(line):
            is_survived = is_of_a_job = False
        is_a_jobs_own = is_of_a_job and (record is not None or line.startswith("Caused by: "))
        if _FATAL.search(line) and not is_a_jobs_own:
            return True
        if not is_survived and _ERROR.search(line) and not is_empty(line):
            return True
    return False
