"""Putting the user's name where the policy says ``{user}``, if it is known well enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.policy.kinds import TEXT
from livyguard.policy.request import entry
from livyguard.policy.rules import PLACEHOLDER, Rule
from livyguard.policy.tenancy import PRESETS

if TYPE_CHECKING:
    from livyguard.policy.bench import Bench
    from livyguard.policy.tenancy import Tenancy

__all__ = ["name_user"]

_HOW = (
    "The policy puts the user's name here, and nothing that authenticated the user has told it. Use a Livy endpoint"
    " with Kerberos (and a ticket: kinit) or basic authentication, or a notebook server of JupyterHub or SageMaker."
)


def name_user(bench: Bench, tenant: Tenancy) -> Tenancy:
    """Return the rules with the user's name in them, having put it into the operator's values too."""
    user = tenant.user if tenant.trust == "reported" else None
    for name, given in list(bench.entries.items()):
        if given.origin and given.origin.endswith(PRESETS) and _holds(given.raw):
            if user is None:
                rule = Rule(name, given.origin, TEXT, denies=True)
                bench.refuse(name, None, rule, "needs to know the user", allowed=given.raw, reason=_HOW)
            else:
                bench.entries[name] = entry(name, _named(given.raw, user), given.origin)
    if not any(rule.wants_user for book in tenant.books for rule in (*book.rules.values(), *book.globs)):
        return tenant
    if user is not None:
        return tenant.with_rules(lambda rule: rule.for_user(user) if rule.wants_user else rule)
    wanting = [each for book in tenant.books for each in book.rules.items() if each[1].wants_user]
    for name, rule in wanting:
        own = bench.entries.get(name)
        bench.refuse(name, own, rule, "needs to know the user", allowed=rule.fixed, reason=_HOW)
    return tenant.with_rules(lambda rule: None if rule.wants_user else rule)


def _holds(value: Any) -> bool:
    values = value if isinstance(value, (list, tuple)) else [value]
    return any(isinstance(item, str) and PLACEHOLDER in item for item in values)


def _named(value: Any, user: str) -> Any:
    if isinstance(value, (list, tuple)):
        return [_named(item, user) for item in value]
    return value.replace(PLACEHOLDER, user) if isinstance(value, str) else value
