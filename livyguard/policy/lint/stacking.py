"""LG85x: what a later layer says in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.policy.lint.finding import Check, Found
from livyguard.policy.lint.globs import common, covers
from livyguard.policy.lint.places import at, quotas
from livyguard.policy.rulebook import Rulebook, compiled
from livyguard.policy.rules import as_given, examine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.lint.ground import Ground
    from livyguard.policy.lint.places import Section, Stated
    from livyguard.policy.model import Policy, Tenant
    from livyguard.policy.rules import Rule

__all__ = ["CHECKS", "outcomes"]


def outcomes(layer: Policy, users: list[str], groups: list[str], cluster: str) -> list[Rulebook]:
    """Return what one layer may come to for some users and groups; for everybody, ``["*"]`` twice."""
    tenants = [(place, each) for place, each in enumerate(layer.tenant) if each.cluster in (None, cluster)]
    found = [place for place, each in tenants if groups or each.groups or _meet(users, each)]
    is_surely_somebody = not groups and all(
        covers([glob for _, each in tenants for glob in each.users], user) for user in users
    )
    places: list[int | None] = [*found] if is_surely_somebody else [*found, None]
    return [compiled(layer, place, cluster) for place in places]


def _meet(users: list[str], tenant: Tenant) -> bool:
    return any(common([user, glob]) is not None for user in users for glob in tenant.users)


def _looser(ground: Ground) -> Iterator[Found]:
    for stated in ground.limits:
        for layer in ground.below(stated.section):
            yield from _against(ground, stated, layer)
    for section in ground.sections:
        for layer in ground.below(section):
            yield from _looser_quotas(ground, section, layer)


def _against(ground: Ground, stated: Stated, layer: Policy) -> Iterator[Found]:
    """Yield what is looser than whatever an earlier layer may come to for the same people."""
    rules = [book.rule_for(stated.rule.name) for book in _books(ground, stated.section, layer, stated.limit.cluster)]
    for part in ("max", "min", "allow", "default", "fixed"):
        own = getattr(stated.rule, part)
        if own is None or not rules:
            continue
        tighter = [
            (rule, is_tighter(part, own, rule)) for rule in rules if rule is not None and rule.kind is stated.rule.kind
        ]
        if len(tighter) == len(rules) and all(said is not None for _, said in tighter):
            rule, said = tighter[0]
            yield Found(
                stated.at(part),
                f"{part} of {_written(stated.rule, part)} has no effect: {ground.where(rule)} has {said}, and"
                " an earlier layer's limit holds in every later one.",
                "Give a tighter value, or take it out.",
            )


def _looser_quotas(ground: Ground, section: Section, layer: Policy) -> Iterator[Found]:
    """Yield the users' quotas of a section that hold more than an earlier layer's, whichever holds for the same people.

    Those of teams all have an effect: the tenants of each layer have members of their own.
    """
    books = _books(ground, section, layer, None)
    for own in (each for each in quotas(section) if not each.is_team):
        lower = [next((each for each in book.quotas if each.name == own.name), None) for book in books]
        tighter = [each for each in lower if each is not None and each.most < own.most]
        if tighter and len(tighter) == len(books):
            before = tighter[0]
            yield Found(
                section.at(own.name),
                f"{own.write(own.most)} has no effect: {ground.where_of(before)} is {own.write(before.most)}, and an"
                " earlier layer's quota holds in every later one.",
                "Give a smaller one, or take it out.",
            )


def _books(ground: Ground, section: Section, layer: Policy, cluster: str | None) -> list[Rulebook]:
    tenant = None if section.place is None else section.layer.tenant[section.place]
    only = cluster or (None if tenant is None else tenant.cluster)
    clusters = ground.cluster_names if only is None else [only]
    users, groups = (["*"], ["*"]) if tenant is None else (tenant.users, tenant.groups)
    return [book for name in clusters for book in outcomes(layer, users, groups, name)]


def is_tighter(part: str, own: Any, rule: Rule) -> str | None:
    """Return what an earlier rule says that leaves a part of a later one nothing to say; None where it does not."""
    most, least = rule.most, rule.least
    write = rule.kind.write
    if part in {"max", "default"} and rule.kind.is_ordered and most is not None and most < own:
        return f"at most {write(most)}"
    if part == "min" and least is not None and least > own:
        return f"at least {write(least)}"
    if part == "allow" and rule.allow is not None and set(rule.allow) < set(own):
        return f"only {len(rule.allow)} of these {len(own)}"
    if part == "fixed" and rule.fixed is not None and rule.fixed != own:
        return f"fixed = {write(rule.fixed)}"
    return None


def _written(rule: Rule, part: str) -> str:
    own = getattr(rule, part)
    return f"{len(own)} values" if part == "allow" else str(rule.kind.write(own))


def _operators(ground: Ground) -> Iterator[Found]:
    for layer in ground.layers[1:]:
        said = {
            "operators": layer.operators.users or layer.operators.groups,
            "grant": layer.grant,
            "test": layer.test,
            "decision_log": layer.decision_log,
            "cluster": layer.cluster,
            "shared_accounts": layer.shared_accounts,
        }
        for name, value in said.items():
            if value:
                yield Found(
                    at(layer, name),
                    f"{name} counts in the operator's layer alone, which is {ground.layers[0].source}: here it has no"
                    " effect.",
                    "Put it there, or take it out.",
                )


def _contradictory(ground: Ground) -> Iterator[Found]:
    for each in ground.standpoints:
        for rule in each.tenancy.rules.values():
            why = _leaves_nothing(rule) if rule.parts else None
            if why is not None:
                others = " and ".join(dict.fromkeys(map(ground.where, rule.parts[:-1])))
                yield Found(
                    ground.where(rule.parts[-1]),
                    f"No value passes this and {others}: {why}. Every session of {each.tenancy.name} is refused that"
                    " says one, or is given one.",
                    "Let one of them leave room for the other.",
                )


def _leaves_nothing(rule: Rule) -> str | None:
    """Return why no value passes every layer; None where one may."""
    write = rule.kind.write
    if rule.fixed is not None:
        passes = examine(rule, as_given(rule, rule.fixed)) is None
        return None if passes else f"one has it always {write(rule.fixed)}, and another refuses that"
    if rule.kind.is_ordered and rule.min is not None and rule.max is not None and rule.min > rule.max:
        return f"at least {write(rule.min)}, and at most {write(rule.max)}"
    allowed = [set(part.allow) for part in rule.parts if part.allow is not None and part.kind is rule.kind]
    if len(allowed) > 1 and not set.intersection(*allowed):
        return "no value is allowed by both"
    return None


CHECKS = (
    Check("LG851", "warning", _looser),
    Check("LG852", "warning", _operators),
    Check("LG853", "fault", _contradictory),
)
