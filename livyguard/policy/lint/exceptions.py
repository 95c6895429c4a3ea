"""LG86x: grants."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from livyguard.policy.keys import is_glob
from livyguard.policy.lint.finding import Check, Found
from livyguard.policy.lint.places import at
from livyguard.policy.lint.stacking import outcomes
from livyguard.policy.rules import rule_of
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.lint.ground import Ground
    from livyguard.policy.rulebook import Rulebook
    from livyguard.policy.rules import Rule

__all__ = ["CHECKS"]

#: The parts of a limit that say nothing of values.
_NO_VALUES = {"key", "kind", "on_violation", "reason", "contact", "cluster"}


def _expired(ground: Ground) -> Iterator[Found]:
    for place, grant in enumerate(ground.policy.grant):
        if ground.now is not None and grant.until.timestamp() <= ground.now:
            yield Found(
                at(ground.policy, f"grant[{place}]", "until"),
                f"The grant of {shown(grant.user)} ended at {_moment(grant.until)}; it is"
                f" {_moment(datetime.fromtimestamp(ground.now, timezone.utc))}.",
                "Take it out, or give it a later end.",
            )


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes").replace("+00:00", "Z")


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
            said = frozenset(limit.model_fields_set) - _NO_VALUES
            told = [_in_vain(own, said, book) for book in books]
            if all(each is not None for each in told):
                why = " and ".join(dict.fromkeys(filter(None, told)))
                yield Found(
                    at(ground.policy, where, f"limits.{key}"),
                    f"The grant raises nothing for {shown(grant.user)}: {why}.",
                    "Grant more than the limit lets everybody have, or take it out.",
                )


def _in_vain(own: Rule, said: frozenset[str], book: Rulebook) -> str | None:
    """Return why a grant lets nobody have more than the rules do without it; None where it may."""
    rule = next((each for each in (*book.rules.values(), *book.globs) if each.name == own.name), None)
    if rule is None:
        is_free = not is_glob(own.name) and book.rule_for(own.name) is None
        return f"nothing limits {own.name} without it" if is_free else None
    if rule.fixed is not None and said.isdisjoint({"fixed", "forbidden"}):
        return f"{rule.path} is fixed"
    write = rule.kind.write
    if rule.fixed is None and not rule.forbidden and rule.kind is own.kind:
        if said == {"max"} and rule.max is not None and own.max <= rule.max:
            return f"{rule.path} allows {write(rule.max)}, and the grant {write(own.max)}"
        if said == {"min"} and rule.min is not None and own.min >= rule.min:
            return f"{rule.path} asks for {write(rule.min)}, and the grant for {write(own.min)}"
    return None


CHECKS = (
    Check("LG861", "warning", _expired),
    Check("LG862", "warning", _pointless),
)
