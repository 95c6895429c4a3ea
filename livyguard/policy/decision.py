"""The policy's answer: a value that says what was asked, what is given, by which rule and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CHANGED", "DENIED", "OVER_QUOTA", "Change", "Decision", "Verdict", "Violation"]

Verdict = Literal["allow", "clamp", "deny"]

CHANGED = "LG701"
DENIED = "LG702"
OVER_QUOTA = "LG703"


@dataclass(frozen=True, slots=True)
class Change:
    """One property that will be sent otherwise than it was asked.

    Attributes:
        property: canonical name, ``executors.max``.
        asked: the user's value as JSON; None where the user gave none and a value was filled in.
        given: what is sent instead; None where it was dropped.
        code: ``LG701``.
        rule: dotted path of the rule in the policy, ``analysts.limits.executors.max``.
        reason: the operator's sentence, or None.
        contact: whom to ask for more, or None (not part of the JSON contract).
    """

    property: str
    asked: Any
    given: Any
    rule: str
    reason: str | None = None
    contact: str | None = None
    code: str = CHANGED

    def to_json(self) -> dict[str, Any]:
        """Return the contract's object: property, asked, given, code, rule, reason."""
        return {
            "property": self.property,
            "asked": self.asked,
            "given": self.given,
            "code": self.code,
            "rule": self.rule,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Violation:
    """One property that the policy refuses.

    Attributes:
        allowed: what would pass, in words or as JSON: ``"at most 8"``; None where nothing would.
        what: what is wrong, after the property's name: ``"is above the limit"`` (not part of the JSON contract).
    """

    property: str
    asked: Any
    allowed: Any
    rule: str
    reason: str | None = None
    contact: str | None = None
    code: str = DENIED
    what: str = "is refused"

    def to_json(self) -> dict[str, Any]:
        """Return the contract's object: property, asked, allowed, code, rule, reason."""
        return {
            "property": self.property,
            "asked": self.asked,
            "allowed": self.allowed,
            "code": self.code,
            "rule": self.rule,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy says of one request.

    Attributes:
        verdict: ``deny`` if there is a violation; ``clamp`` if a value that the user gave was altered or dropped;
            else ``allow``.
        tenant: the tenant's name; None without a policy, ``"defaults"`` where no tenant matches.
        user: who asked, or None.
        request: the body Livy would be sent (livyguard's own tags apart); None for deny.
        changes: in the order of the canonical properties.
        violations: all of them, never only the first.
        notices: sentences that belong beside the decision (a spelling that lost against another).
        nearest: for deny, the nearest body that would pass, or None; over a quota the largest that fits now.
        release: over a quota, the fewest of the user's own idle sessions that have to go to make room, longest idle
            first; none where that does not help.
        endpoint: URL of the Livy that ``release`` numbers the sessions of; None where it names none.
        gave_way: what became of a session that was over a quota once it had been created, in sentences; empty where
            none was.
    """

    verdict: Verdict
    tenant: str | None
    user: str | None
    request: Mapping[str, Any] | None = field(repr=False)
    changes: tuple[Change, ...] = ()
    violations: tuple[Violation, ...] = ()
    notices: tuple[str, ...] = ()
    nearest: Mapping[str, Any] | None = field(default=None, repr=False)
    release: tuple[int, ...] = ()
    endpoint: str | None = None
    gave_way: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``livyguard policy check --json`` prints."""
        return {
            "verdict": self.verdict,
            "tenant": self.tenant,
            "user": self.user,
            "request": None if self.request is None else dict(self.request),
            "changes": [change.to_json() for change in self.changes],
            "violations": [violation.to_json() for violation in self.violations],
        }
