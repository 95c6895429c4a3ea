"""LG80x: one limit by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livyguard.policy.lint.finding import Check, Found
from livyguard.policy.redact import redact_value
from livyguard.policy.request import Entry
from livyguard.policy.rules import PLACEHOLDER, Rule, examine
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.lint.ground import Ground
    from livyguard.policy.lint.places import Stated

__all__ = ["CHECKS"]

#: What has no effect beside ``fixed``, and beside ``forbidden``.
_VALUES = ("min", "max", "default", "allow", "block", "pattern", "required")
#: Signs that a glob has not, or means otherwise.
_OF_EXPRESSIONS = re.compile(r"\\|\.\*|\.\+|\.\?|[\^$()\[\]{}|+]")


def _objection(rule: Rule, value: Any) -> str | None:
    """Return what a rule has against one value of its own, in words."""
    alone = replace(rule, fixed=None, forbidden=False, required=False, default=None)
    found = examine(alone, Entry("", value))
    if found is None:
        return None
    allowed = found.allowed if isinstance(found.allowed, str) else ", ".join(map(str, found.allowed)) or "nothing"
    return f"{found.what} ({redact_value(rule.name, allowed)})"


def _written(rule: Rule, value: Any) -> str:
    written = redact_value(rule.name, rule.kind.write(value))
    return ", ".join(map(str, written)) if isinstance(written, list) else str(written)


def _default(ground: Ground) -> Iterator[Found]:
    for stated in ground.limits:
        rule = stated.rule
        if rule.default is None or rule.fixed is not None or rule.forbidden or _has_placeholder(rule.default):
            continue
        objection = _objection(rule, rule.default)
        if objection is not None:
            yield Found(
                stated.at("default"),
                f"The default {_written(rule, rule.default)} {objection}, by the same limit.",
                "Give a default that the limit lets pass, or widen the limit.",
            )


def _ineffective(ground: Ground) -> Iterator[Found]:
    for stated in ground.limits:
        rule = stated.rule
        reason = "fixed" if rule.fixed is not None else "forbidden" if rule.forbidden else None
        parts = [name for name in _VALUES if name in stated.limit.model_fields_set and getattr(rule, name)]
        if reason is not None and parts:
            verb = "has" if len(parts) == 1 else "have"
            yield Found(
                stated.at(),
                f"Beside {reason}, {' and '.join(parts)} {verb} no effect.",
                f"Take out {' and '.join(parts)}, or {reason}.",
            )


def _nothing(ground: Ground) -> Iterator[Found]:
    for stated in ground.limits:
        rule = stated.rule
        if rule.allow is None or rule.fixed is not None or rule.forbidden:
            continue
        passing = [item for item in rule.allow if _passes(rule, item)]
        if not passing and not any(map(_has_placeholder, rule.allow)):
            yield Found(
                stated.at("allow"),
                f"No value passes: none of the {len(rule.allow)} in allow is let through by the rest of the limit."
                if rule.allow
                else "No value passes: allow is empty.",
                "Name at least one value that passes, or write forbidden = true.",
            )


def _never(ground: Ground) -> Iterator[Found]:
    for stated in ground.limits:
        rule = stated.rule
        if rule.allow is None or rule.fixed is not None or rule.forbidden:
            continue
        lost = [item for item in rule.allow if not _passes(rule, item)]
        if lost and len(lost) < len(rule.allow):
            names = ", ".join(_written(rule, (item,) if rule.kind.is_list else item) for item in lost)
            yield Found(
                stated.at("allow"),
                f"The rest of the limit refuses what allow names: {names}.",
                "Take it out of allow, or let min, max, block and pattern pass it.",
            )


def _passes(rule: Rule, item: Any) -> bool:
    return _objection(rule, (item,) if rule.kind.is_list else item) is None


def _glob(ground: Ground) -> Iterator[Found]:
    for stated in ground.limits:
        text = stated.limit.pattern
        if text is None or _OF_EXPRESSIONS.search(text) or not re.search(r"[\w/:-]\*(?:$|[/.:])", text):
            continue
        meant = ".*".join(re.escape(piece) for piece in text.split("*"))
        text, meant = redact_value(stated.rule.name, text), redact_value(stated.rule.name, meant)
        yield Found(
            stated.at("pattern"),
            f"{shown(text)} reads like a glob; as a regular expression, * repeats the character before it.",
            f"Write {shown(meant)} if any characters may stand there.",
        )


def _literal(ground: Ground) -> Iterator[Found]:
    """Yield values of allow and block with a star: a block that reads like a glob keeps nobody from anything."""
    for stated in ground.limits:
        for name in ("allow", "block"):
            values = [each for each in getattr(stated.limit, name) or () if isinstance(each, str)]
            starred = [each for each in values if "*" in each.replace("[*]", "")]  # local[*] is a master of Spark's
            if starred:
                named = ", ".join(shown(redact_value(stated.rule.name, each)) for each in starred)
                yield Found(
                    stated.at(name),
                    f"{name} takes its values as they are, and here * is a mere star: {named}.",
                    "Use pattern, a regular expression of what may pass.",
                )


def _placeholder(ground: Ground) -> Iterator[Found]:
    for stated in ground.limits:
        for name in ("allow", "block", "pattern"):
            value = getattr(stated.limit, name)
            values = value if isinstance(value, list) else [value]
            if any(isinstance(each, str) and PLACEHOLDER in each for each in values):
                yield Found(
                    stated.at(name),
                    f"{PLACEHOLDER} stands for the user's name in fixed, default and session_configs alone; in {name}"
                    " it is taken as it is.",
                    f"Use fixed = {shown(PLACEHOLDER)}, or name the values.",
                )


def _dropped(ground: Ground) -> Iterator[Found]:
    """Yield limits of tenants that only prefer, and so take away the bounds of the limit that they replace."""
    for stated in ground.limits:
        before = None if _bounds(stated) else ground.replaced(stated)
        lost = [] if before is None else _bounds(before)
        if before is not None and lost:
            yield Found(
                stated.at(),
                f"It takes the place of {before.at()} as a whole: {' and '.join(lost)} of that"
                f" {'does' if len(lost) == 1 else 'do'} not hold here.",
                "Repeat what shall hold here as well.",
            )


def _bounds(stated: Stated) -> list[str]:
    """Return the parts of a limit that keep anybody from anything."""
    parts = ("min", "max", "fixed", "allow", "block", "pattern", "forbidden")
    return [part for part in parts if getattr(stated.limit, part) not in (None, False)]


def _has_placeholder(value: Any) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    return any(isinstance(each, str) and PLACEHOLDER in each for each in values)


CHECKS = (
    Check("LG801", "fault", _default),
    Check("LG802", "warning", _ineffective),
    Check("LG803", "fault", _nothing),
    Check("LG804", "warning", _never),
    Check("LG805", "warning", _glob),
    Check("LG806", "warning", _placeholder),
    Check("LG807", "warning", _dropped),
    Check("LG808", "warning", _literal),
)
