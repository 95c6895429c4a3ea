"""What lint and the policy's own tests have to say, as text."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from livyguard.policy.wording import counted
from livyguard.views.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from livyguard.policy.expectations import Mismatch, Outcome
    from livyguard.policy.lint import Finding, Severity

__all__ = ["CLEAN", "UNTRIED", "findings", "outcomes"]

CLEAN = "Lint has nothing to say."
UNTRIED = "No [[test]] stands in the policy: nothing was tried."
_LONGEST = 1_000
_SEVERITIES: tuple[Severity, ...] = ("fault", "warning", "note")
_LABEL = 9


def findings(found: Sequence[Finding], more: str = "livyguard explain") -> str:
    """Return every finding with its way out, then how many there are.

    Args:
        found: sorted already.
        more: how the long form is asked for; a code follows it.
    """
    if not found:
        return CLEAN
    lines = [line for each in found for line in _finding(each)]
    counts = Counter(each.severity for each in found)
    told = [counted(counts[severity], severity) for severity in _SEVERITIES if counts[severity]]
    return "\n".join([*lines, "", f"{', '.join(told)}. More: {more} {found[0].code}"])


def outcomes(tried: Sequence[Outcome]) -> str:
    """Return a line a test, below it what is not as expected, then how many passed."""
    if not tried:
        return UNTRIED
    lines = [line for each in tried for line in _outcome(each)]
    passed = sum(each.passed for each in tried)
    failed = f"{len(tried) - passed} failed, " if passed < len(tried) else ""
    return "\n".join([*lines, "", f"{failed}{passed} passed."])


def _finding(each: Finding) -> Iterator[str]:
    yield f"{each.severity:<{_LABEL}}{each.code}  {plain(each.where, _LONGEST)}"
    yield f"{'':<{_LABEL}}{plain(each.message, _LONGEST)}"
    yield f"{'fix':>{_LABEL - 2}}  {plain(each.fix, _LONGEST)}"


def _outcome(each: Outcome) -> Iterator[str]:
    if each.passed:
        yield f"{'passed':<{_LABEL}}{plain(each.name)}"
        return
    yield f"{'FAILED':<{_LABEL}}{plain(each.name)}  ({plain(each.where)})"
    for mismatch in each.mismatches:
        yield f"{'':<{_LABEL}}{_mismatch(mismatch)}"
    yield from (f"{'':<{_LABEL}}It is refused: {plain(refusal, _LONGEST)}" for refusal in each.refusals)


def _mismatch(each: Mismatch) -> str:
    if each.fault is not None:
        said = "" if each.expected is None else f" = {_json(each.expected)}"
        return f"{plain(each.property)}{said}: {plain(each.fault, _LONGEST)}."
    got = "nothing is sent" if each.got is None else f"it is {_json(each.got)}"
    return f"{plain(each.property)}: {_json(each.expected)} is expected, {got}."


def _json(value: Any) -> str:
    return plain(json.dumps(value, ensure_ascii=False), _LONGEST)
