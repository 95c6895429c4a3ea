"""Dated exceptions: what a grant changes of a limit, for whom, and until when."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from livyguard.policy.rules import Rule, rule_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.model import Grant, Policy

__all__ = ["grants_for", "raised"]

_VALUES = frozenset({"min", "max", "default", "fixed", "allow", "block", "pattern", "forbidden", "required"})


def grants_for(policy: Policy, user: str | None, now: float | None) -> tuple[int, ...]:
    """Return the places of the grants that hold for a user at a moment, seconds since the epoch; None has no grants."""
    if user is None or now is None:
        return ()
    return tuple(
        place
        for place, grant in enumerate(policy.grant)
        if now < grant.until.timestamp() and fnmatchcase(user, grant.user)
    )


def raised(rules: Mapping[str, Rule], grant: Grant, path: str, source: str) -> dict[str, Rule]:
    """Return the rules that a grant changes: what it says replaces, the rest of a limit stays."""
    changed = {}
    for key, limit in grant.limits.items():
        rule = replace(rule_of(key, limit, path, "clamp", source), reason=limit.reason or grant.reason)
        before = rules.get(rule.name)
        if before is not None:
            said: dict[str, Any] = {name: getattr(rule, name) for name in limit.model_fields_set & _VALUES}
            rule = replace(before, path=rule.path, source=source, reason=rule.reason or before.reason, **said)
        changed[rule.name] = rule
    return changed
