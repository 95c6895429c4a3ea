"""What is said aloud of a policy when it is put in force, beside its faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.policy.quota import AMOUNTS

if TYPE_CHECKING:
    from livyguard.policy.model import Policy, Rules

__all__ = ["notes"]


def notes(policy: Policy) -> tuple[str, ...]:
    """Return a sentence where no layer of the policy limits anything: it may have been emptied by mistake."""
    if any(_limits(each) for layer in policy.layers for each in (layer.defaults, *layer.tenant)):
        return ()
    return (f"{policy.layers[-1].source}: it holds no limit: nothing is limited.",)


def _limits(rules: Rules) -> bool:
    quotas = [getattr(each, amount) for each in (rules.quota, rules.team_quota) if each for amount in AMOUNTS]
    is_held = any(most is not None for most in quotas)
    return bool(rules.limits or rules.session_configs) or rules.unlisted == "deny" or is_held
