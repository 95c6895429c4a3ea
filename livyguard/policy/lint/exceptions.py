"""LG86x: grants."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from livyguard.policy.lint.finding import Check, Found
from livyguard.policy.lint.ground import at
from livyguard.policy.lint.stacking import outcomes
from livyguard.policy.rules import rule_of
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.lint.ground import Ground
    from livyguard.policy.rules import Rule

__all__ = ["CHECKS"]


def _expired(ground: Ground) -> Iterator[Found]:
    for place, grant in enumerate(ground.policy.grant):
        if ground.now is not None and grant.until.timestamp() <= ground.now:
            ended = grant.until.astimezone(timezone.utc)
            today = datetime.fromtimestamp(ground.now, timezone.utc)
            yield Found(
                at(ground.policy, f"grant[{place}]", "until"),
                f"The grant of {shown(grant.user)} ended at {_moment(ended)}; it is {_moment(today)}.",
                "Take it out, or give it a later end.",
            )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def _pointless(ground: Ground) -> Iterator[Found]:
    for place, grant in enumerate(ground.policy.grant):
        where = f"grant[{place}]"
        if not grant.limits:
            yield Found(
                at(ground.policy, where), f"The grant of {shown(grant.user)} names no limit.", "Give it limits."
            )
        books = [book for name in ground.cluster_names for book in outcomes(ground.policy, [grant.user], [], name)]
        for key, limit in grant.limits.items():
            own = rule_of(key, limit, where, "clamp")
            rules = [book.rules.get(own.name) for book in books]
            told = [_in_vain(own, rule) for rule in rules]
            if all(each is not None for each in told):
                why = " and ".join(dict.fromkeys(filter(None, told)))
                yield Found(
                    at(ground.policy, where, f"limits.{key}"),
                    f"The grant raises nothing for {shown(grant.user)}: {why}.",
                    "Grant more than the limit lets everybody have, or take it out.",
                )


def _in_vain(own: Rule, rule: Rule | None) -> str | None:
    """Return why a grant lets nobody have more than a rule does; None where it may."""
    said = {name for name in ("min", "max", "default", "fixed", "allow", "block", "pattern") if getattr(own, name)}
    if rule is None:
        return f"nothing limits {own.name} without it"
    if said == {"max"} and rule.fixed is None and rule.max is not None and own.max <= rule.max:
        return f"{rule.path} allows {rule.kind.write(rule.max)}, and the grant {own.kind.write(own.max)}"
    if said == {"min"} and rule.fixed is None and rule.min is not None and own.min >= rule.min:
        return f"{rule.path} asks for {rule.kind.write(rule.min)}, and the grant for {own.kind.write(own.min)}"
    if rule.fixed is not None and "fixed" not in said:
        return f"{rule.path} is fixed"
    return None


CHECKS = (
    Check("LG861", "warning", _expired),
    Check("LG862", "warning", _pointless),
)
