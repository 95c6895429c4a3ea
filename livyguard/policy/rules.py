"""A limit in force: read, resolved, ready to be held against a value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from livyguard.policy.keys import limited_property
from livyguard.policy.kinds import TEXT, Kind, conf_text
from livyguard.policy.request import Entry
from livyguard.policy.units import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.policy.limit import Limit, OnViolation

__all__ = ["Finding", "Rule", "as_given", "bounded", "examine", "rule_of"]

#: A text or list that says nothing.
_NOTHING: tuple[Any, ...] = ("", ())
#: Stands for the name of the user in ``fixed`` and ``session_configs``.
PLACEHOLDER = "{user}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit, values canonical.

    Attributes:
        name: canonical property, or a glob over ``conf`` keys.
        path: where it stands in the policy, ``analysts.limits.executors.max``.
        denies: a violation is refused instead of clamped.
        source: the file that says so, as messages call it.
        parts: the rules of several layers that this one stands for: a value has to pass each.
    """

    name: str
    path: str
    kind: Kind
    denies: bool
    min: Any = None
    max: Any = None
    default: Any = field(default=None, repr=False)  # what an operator puts in may be a secret
    fixed: Any = field(default=None, repr=False)
    allow: tuple[Any, ...] | None = field(default=None, repr=False)
    block: tuple[Any, ...] | None = field(default=None, repr=False)
    pattern: re.Pattern[str] | None = None
    forbidden: bool = False
    required: bool = False
    reason: str | None = None
    contact: str | None = None
    source: str = ""
    parts: tuple[Rule, ...] = ()

    @property
    def most(self) -> Any:
        """The largest that its bounds let through: ``fixed``, else ``max``; None where there is no such bound."""
        return self.max if self.fixed is None else self.fixed

    @property
    def least(self) -> Any:
        """The smallest that its bounds let through: ``fixed``, else ``min``; None where there is no such bound."""
        return self.min if self.fixed is None else self.fixed

    @property
    def bounding(self) -> str:
        """The word that says the largest value: ``fixed`` where there is one, else ``max``."""
        return "max" if self.fixed is None else "fixed"

    @property
    def wants_user(self) -> bool:
        """Does it set the name of whoever asks?"""
        return any(PLACEHOLDER in str(value) for value in (self.fixed, self.default) if isinstance(value, (str, tuple)))

    def for_user(self, user: str) -> Rule:
        """Return the rule with the user's name put in."""
        return replace(self, fixed=_named(self.fixed, user), default=_named(self.default, user))

    def but(self, **changes: Any) -> Rule:
        """Return the rule with other fields, in each of its parts too."""
        return replace(self, **changes, parts=tuple(replace(part, **changes) for part in self.parts))

    def for_kind(self, kind: Kind) -> Rule:
        """Return a rule over many keys as it holds for one property; what makes no sense for its kind is left out."""

        def read(value: Any) -> Any:
            try:
                return None if value is None else kind.read(self.kind.write(value))
            except Unreadable:
                return None

        return replace(
            self,
            kind=kind,
            min=read(self.min),
            max=read(self.max),
            default=read(self.default),
            fixed=read(self.fixed),
            allow=_read_again(read, self.allow, kind),
            block=_read_again(read, self.block, kind),
        )


def _read_again(read: Callable[[Any], Any], values: tuple[Any, ...] | None, kind: Kind) -> tuple[Any, ...] | None:
    if values is None:
        return None
    again = [read(value) for value in values]
    return tuple(item for items in again if items for item in items) if kind.is_list else tuple(again)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a value.

    Attributes:
        what: in words, after the property's name: "is above the limit".
        allowed: what would pass, for the violation.
        given: canonical value to send instead; None drops it.
        is_final: nothing can be given instead, so it is refused.
        reason: why, where it is no choice of the operator's.
        rule: whose it is, where the rule that was held against the value has parts.
    """

    what: str
    allowed: Any = None
    given: Any = None
    is_final: bool = False
    reason: str | None = None
    rule: Rule | None = None


def rule_of(key: str, limit: Limit, section: str, on_violation: OnViolation, source: str = "") -> Rule:
    """Return the limit of one section, ``defaults`` or a tenant, as a rule."""
    name = limited_property(key)
    kind: Kind = limit.kind or TEXT

    def read(value: Any) -> Any:
        return None if value is None else kind.read(value)

    def read_all(values: list[Any] | None) -> tuple[Any, ...] | None:
        if values is None:
            return None
        flat = [kind.read(value) for value in values]
        return tuple(item for items in flat for item in items) if kind.is_list else tuple(flat)

    return Rule(
        name=name,
        path=f"{section}.limits.{name}",
        kind=kind,
        denies=(limit.on_violation or on_violation) == "deny",
        min=read(limit.min),
        max=read(limit.max),
        default=read(limit.default),
        fixed=read(limit.fixed),
        allow=read_all(limit.allow),
        block=read_all(limit.block),
        pattern=re.compile(limit.pattern) if limit.pattern is not None else None,
        forbidden=limit.forbidden,
        required=limit.required,
        reason=limit.reason,
        contact=limit.contact,
        source=source,
    )


def _named(value: Any, user: str) -> Any:
    if isinstance(value, tuple):
        return tuple(_named(item, user) for item in value)
    return value.replace(PLACEHOLDER, user) if isinstance(value, str) else value


def examine(rule: Rule, given: Entry) -> Finding | None:
    """Hold one given value against a rule; None if it passes."""
    return _examine_each(rule, given) if rule.parts else _examine_one(rule, given)


def _examine_one(rule: Rule, given: Entry) -> Finding | None:
    if rule.forbidden:
        return Finding("is forbidden", given=rule.fixed)
    if given.is_substituted and given.value not in (rule.fixed, rule.default):
        return Finding(
            "cannot be judged",
            is_final=True,
            reason="Spark puts something in place of ${…} only when it starts; write the value itself.",
        )
    if given.fault is not None:
        return Finding("cannot be read", is_final=True, reason=f"{given.fault}.")
    if rule.fixed is not None:
        return None if given.value == rule.fixed else Finding("is fixed", rule.kind.write(rule.fixed), rule.fixed)
    if rule.required and given.value in _NOTHING:
        default = None if rule.default is None else bounded(rule, rule.default)
        return Finding("is required", "a value", default, default is None)
    return _items(rule, given.value) if rule.kind.is_list else _scalar(rule, given.value)


def _examine_each(rule: Rule, given: Entry) -> Finding | None:
    """Hold a value against the rules of several layers: what is given instead passes all of them, or it is refused."""
    found: Finding | None = None
    value: Entry | None = given
    for _ in rule.parts:
        objection = _first(rule, value)
        if objection is None:
            return found
        if objection.is_final:
            return objection if found is None else _contradiction(found, objection)
        found, by = objection, objection.rule or rule
        value = None if found.given is None else as_given(by, found.given)
    objection = _first(rule, value)
    return found if found is None or objection is None else _contradiction(found, objection)


def _contradiction(found: Finding, objection: Finding) -> Finding:
    """Return what to say where one layer's rule puts in what another's refuses."""
    places = [f"{rule.path} ({rule.source})" for rule in (found.rule, objection.rule) if rule is not None]
    reason = f"{' and '.join(places)} leave no value."
    return Finding("cannot be met", found.allowed, is_final=True, reason=reason, rule=objection.rule)


def _first(rule: Rule, given: Entry | None) -> Finding | None:
    """Return what the first of the parts that object has to say."""
    for part in rule.parts:
        if given is None:
            lacking = part.required or (part.fixed is not None and not part.forbidden)
            finding = Finding("is required", "a value", is_final=True) if lacking else None
        elif part.forbidden and part.fixed is not None and given.value == part.fixed:
            finding = None
        else:
            finding = examine(part, _read_as(part, given))
        if finding is not None:
            return replace(finding, rule=part)
    return None


def as_given(rule: Rule, value: Any) -> Entry:
    """Return a canonical value as if somebody had written it."""
    written = rule.kind.write(value)
    return Entry(",".join(written) if isinstance(written, list) else conf_text(written), value)


def _read_as(rule: Rule, given: Entry) -> Entry:
    """Read a value of a ``conf`` key as the kind that one of the parts knows it by; a property has one kind alone."""
    if not rule.name.startswith("conf.") or given.fault is not None:
        return given
    try:
        return replace(given, value=rule.kind.read(given.raw))
    except ValueError as error:
        return replace(given, fault=str(error))


def _items(rule: Rule, items: tuple[str, ...]) -> Finding | None:
    kept = tuple(item for item in items if _refusal(rule, item) is None)
    if kept == items:
        return None
    what, allowed = next(refusal for item in items if (refusal := _refusal(rule, item)) is not None)
    return Finding(what, allowed, kept or None)


def _scalar(rule: Rule, value: Any) -> Finding | None:
    refusal = _refusal(rule, value)
    if refusal is not None:
        default = None if rule.default is None else bounded(rule, rule.default)
        is_final = default is None or _refusal(rule, default) is not None
        return Finding(refusal[0], refusal[1], None if is_final else default, is_final)
    if rule.max is not None and value > rule.max:
        return Finding("is above the limit", f"at most {rule.kind.write(rule.max)}", rule.max)
    if rule.min is not None and value < rule.min:
        return Finding("is below the limit", f"at least {rule.kind.write(rule.min)}", rule.min)
    return None


def bounded(rule: Rule, value: Any) -> Any:
    """Return a value as far as the rule's own minimum and maximum let it."""
    if rule.max is not None and value > rule.max:
        return rule.max
    return rule.min if rule.min is not None and value < rule.min else value


def _refusal(rule: Rule, value: Any) -> tuple[str, Any] | None:
    """Return why one item does not pass, and what would."""
    if rule.allow is not None and value not in rule.allow:
        return "is not among the allowed", [_shown(rule, item) for item in rule.allow]
    if rule.block is not None and value in rule.block:
        return "is blocked", f"not {', '.join(str(_shown(rule, item)) for item in rule.block)}"
    if rule.pattern is not None:
        text = value if isinstance(value, str) else str(conf_text(rule.kind.write(value)))
        if rule.pattern.fullmatch(text) is None:
            return "does not match the pattern", f"what matches {rule.pattern.pattern}"
    return None


def _shown(rule: Rule, item: Any) -> Any:
    return item if rule.kind.is_list else rule.kind.write(item)
