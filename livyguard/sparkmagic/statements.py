"""A statement that failed: where Spark or YARN is the reason, its traceback ends with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.hints.model import Hint
    from livyguard.ports import Display

__all__ = ["explained"]

#: What befalls a statement of a session that runs. Other families speak of sessions and of log-ins; in the words of a
#: statement those would be the user's own.
_FAMILIES = frozenset({"LG2", "LG3"})
#: Of these families, what only a start can meet.
_OF_STARTS = ("LG20", "LG210", "LG211", "LG219", "LG304")
#: One of these stands in every error that Spark, and no code of the user's alone, has raised.
_SPARKS = ("py4j", "pyspark", "org.apache.spark", "java.", "Interpreter died:", "org.apache.hadoop")
#: The driver's Java is gone, and Python does not know why; the session's log may.
_DRIVER_LOST = "LG307"
#: Characters of either end of a traceback that are read: the cause stands at one of them.
_READ = 50_000


def explained(
    answer: dict[str, Any],
    display: Display,
    log: Callable[[], tuple[str, ...]],
    session_id: int | None = None,
) -> dict[str, Any]:
    """Return Livy's answer for a statement, with a hint behind the traceback where the cluster is what failed.

    A traceback is what SparkMagic prints, raises and shows on every route. Of an error of the user's own code the
    answer comes back as it was.

    Args:
        answer: Livy's statement: ``output`` has ``status``, and of an error ``evalue`` and ``traceback``.
        display: writes the hint.
        log: returns the end of the session's log; called only where the error itself does not say enough.
        session_id: of the session.
    """
    output = answer.get("output")
    if not isinstance(output, dict) or output.get("status") != "error":
        return answer
    lines = output.get("traceback")
    traceback = [str(line) for line in lines] if isinstance(lines, list) else []
    said = f"{output.get('evalue')}\n{''.join(traceback)}"
    error = said if len(said) <= 2 * _READ else f"{said[:_READ]}\n{said[-_READ:]}"
    if not any(word in error for word in _SPARKS):
        return answer
    hints = _of_the_cluster(Case(error=error, session_id=session_id))
    if not hints:
        return answer
    if hints[0].code == _DRIVER_LOST:
        hints = _of_the_cluster(Case(error=error, log=log(), session_id=session_id))
    hint = display.failure("", hints).strip()
    return {**answer, "output": {**output, "traceback": [*traceback, f"\n\n{hint}\n"]}}


def _of_the_cluster(case: Case) -> list[Hint]:
    return [hint for hint in diagnose(case) if hint.family in _FAMILIES and not hint.code.startswith(_OF_STARTS)]
