"""Several layers' rules of one property as one: all of them hold, the last one's preferences as far as they pass."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livyguard.policy.rules import Rule, as_given, bounded, examine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["combined"]


def combined(rules: Sequence[Rule]) -> Rule | None:
    """Return one rule that stands for those of all layers, the operator's first; None for none.

    The largest minimum, the smallest maximum, the first ``fixed``; ``forbidden``, ``required`` and ``deny`` where any
    layer says so. The ``default`` is the last layer's, moved into the bounds of all, that passes every layer. The rule
    bears path, reason and contact of the layer whose maximum binds.
    """
    if len(rules) <= 1:
        return rules[0] if rules else None
    place = next((place for place, rule in enumerate(rules) if rule.fixed is not None), len(rules))
    rules = [*rules[: place + 1], *(replace(rule, fixed=None) for rule in rules[place + 1 :])]
    binding = _binding(rules)
    bounds = _bounds(rules)
    all_of_them = replace(
        binding,
        name=rules[0].name,
        denies=any(rule.denies for rule in rules),
        min=bounds.min,
        max=bounds.max,
        fixed=rules[place].fixed if place < len(rules) else None,
        allow=None,
        block=None,
        pattern=None,
        forbidden=any(rule.forbidden for rule in rules),
        required=any(rule.required for rule in rules),
        parts=tuple(rules),
    )
    default = _default(all_of_them, bounds)
    return replace(
        all_of_them, default=default, parts=tuple(replace(rule, default=_own(rule, default, bounds)) for rule in rules)
    )


def _binding(rules: Sequence[Rule]) -> Rule:
    """Return the rule that the others leave nothing to say to: the first ``fixed``, else the smallest maximum."""
    fixed = next((rule for rule in rules if rule.fixed is not None), None)
    capped = [rule for rule in rules if rule.max is not None and rule.kind.is_ordered]
    if fixed is not None or not capped:
        return fixed or next((rule for rule in rules if rule.forbidden), rules[0])
    kind = capped[0].kind
    return min((rule for rule in capped if rule.kind is kind), key=lambda rule: rule.max)


def _bounds(rules: Sequence[Rule]) -> Rule:
    """Return a rule of the bounds alone; those of another kind of value are held part by part."""
    kind = _binding(rules).kind
    same = [rule for rule in rules if rule.kind is kind]
    return Rule(
        rules[0].name,
        rules[0].path,
        kind,
        denies=False,
        min=max(_said(rule.min for rule in same), default=None),
        max=min(_said(rule.max for rule in same), default=None),
    )


def _said(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def _default(rule: Rule, bounds: Rule) -> Any:
    """Return the last layer's preference that passes every layer; the last one's in any case, if none does."""
    said = [
        _own(part, part.default, bounds) for part in rule.parts if part.default is not None and part.kind is rule.kind
    ]
    passing = (value for value in reversed(said) if examine(rule, as_given(rule, value)) is None)
    return next(passing, said[-1] if said else None)


def _own(rule: Rule, default: Any, bounds: Rule) -> Any:
    """Return a default as far as the bounds of all layers let it; a part of another kind keeps its own."""
    if rule.kind is not bounds.kind or default is None:
        return rule.default
    return bounded(bounds, default)
