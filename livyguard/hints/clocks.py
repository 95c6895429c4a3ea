"""The two clocks that end a start: which one did, and the setting that moves each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from livyguard.hints.model import Fix
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case
    from livyguard.hints.model import Hint

__all__ = ["LIVY_CLOCK", "SPARKMAGIC_CLOCK", "with_clocks"]

LIVY_CLOCK = Fix(
    f"Give Livy's clock more time, where the policy allows it. {REPLACES}",
    cell=configure({"conf": {"livy.rsc.server.connect.timeout": "300s"}}),
    applicability="review",
)
SPARKMAGIC_CLOCK = Fix(
    "Give SparkMagic's clock more time, in this kernel.",
    cell=(
        "%%local\nimport sparkmagic.utils.configuration as conf\n"
        'conf.override("livy_session_startup_timeout_seconds", 300)'
    ),
    applicability="review",
)

_PATIENCE = re.compile(r"did not start up in (\d{1,9}) seconds")
_LIVYS = "Timed out waiting for context to start"
_LIVY = "Livy's own (90 s, livy.rsc.server.connect.timeout, in conf of one session or in Livy's livy-client.conf)"
_SPARKMAGIC = "SparkMagic's (60 s, livy_session_startup_timeout_seconds in its config.json)"
#: Families of codes that explain why a session does not come up; LG201 tells of the clocks by itself.
_STARTS, _ITSELF = ("LG2", "LG3", "LG4"), "LG201"


def with_clocks(hint: Hint, case: Case) -> Hint:
    """Return the hint with the clock that ended the start, the other one, and what moves each.

    The same hint where no clock did: YARN or Livy refused the session, or it still starts.
    """
    if not hint.code.startswith(_STARTS) or hint.code == _ITSELF or case.waited is not None:
        return hint
    patience = _PATIENCE.search(case.text)
    if patience is None and _LIVYS not in case.text:
        return hint
    return replace(hint, cause=f"{hint.cause} {_said(case, patience)}", fixes=(*hint.fixes, *_moves(case, patience)))


def _said(case: Case, patience: re.Match[str] | None) -> str:
    helps = "More time helps only if room comes meanwhile."
    if patience is None:
        return f"The clock that ended the start is {_LIVY}; the other is {_SPARKMAGIC}. {helps}"
    if case.gave_up != "SparkMagic":
        return f"The clock that ended the start is {case.gave_up}'s, {patience[1]} s; the other is {_LIVY}. {helps}"
    ours = _SPARKMAGIC.replace("60 s", f"{patience[1]} s")
    return f"The clock that ended the start is {ours}; the next is {_LIVY}. {helps}"


def _moves(case: Case, patience: re.Match[str] | None) -> tuple[Fix, ...]:
    if patience is None:
        return (LIVY_CLOCK,)
    return (SPARKMAGIC_CLOCK, LIVY_CLOCK) if case.gave_up == "SparkMagic" else ()
