"""LG809: a pattern that no value matches, of those that a property can have."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from livyguard.policy import kinds
from livyguard.policy.kinds import conf_text
from livyguard.policy.lint.finding import Check, Found
from livyguard.policy.redact import redact_value
from livyguard.policy.units import Unreadable, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.kinds import Kind
    from livyguard.policy.lint.ground import Ground

__all__ = ["CHECKS", "values"]

#: What Livy 0.5 to 0.9 call a session's kind.
_SESSIONS = ("spark", "pyspark", "sparkr", "sql", "shared")
#: Numbers from nought to this one, with each unit, stand for all.
_MOST = 1024
_UNITS = ("", "b", "k", "m", "g", "t", "p", "us", "ms", "s", "min", "h", "d")


@lru_cache(maxsize=64)
def values(kind: Kind) -> tuple[str, ...]:
    """Return the values of a kind as a pattern sees them; none for texts and lists, which may be anything."""
    if kind is kinds.LIVY_KIND:
        return _SESSIONS
    if kind is kinds.FLAG:
        return ("true", "false")
    if not kind.is_ordered:
        return ()
    written = (_written(kind, f"{number}{unit}") for unit in _UNITS for number in range(_MOST + 1))
    return tuple(dict.fromkeys(text for text in written if text is not None))


def _written(kind: Kind, text: str) -> str | None:
    try:
        return str(conf_text(kind.write(kind.read(text))))
    except Unreadable:
        return None


def _unmatched(ground: Ground) -> Iterator[Found]:
    for stated in ground.limits:
        rule = stated.rule
        known = values(rule.kind) if rule.pattern is not None and rule.fixed is None else ()
        if rule.pattern is not None and known and not any(map(rule.pattern.fullmatch, known)):
            pattern = shown(redact_value(rule.name, rule.pattern.pattern))
            yield Found(
                stated.at("pattern"),
                f"No value matches {pattern}: it is held against {known[0]}, {known[len(known) // 2]} and the like.",
                "Write it for values as livyguard shows them, or use allow, min and max.",
            )


CHECKS = (Check("LG809", "fault", _unmatched),)
