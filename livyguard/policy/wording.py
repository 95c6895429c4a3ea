"""Words for a reader: what a limit says, without secrets; numbers of things and short times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.policy.redact import redact_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.rules import Rule

__all__ = ["counted", "idle_for", "in_words", "people", "says"]

_SCALARS = ("fixed", "min", "max", "default")


def says(rule: Rule) -> dict[str, Any]:
    """Return a limit's own words and values, as JSON, redacted."""
    said: dict[str, Any] = {}
    for name in _SCALARS:
        value = getattr(rule, name)
        if value is not None:
            said[name] = rule.kind.write(value)
    parts = rule.parts or (rule,)
    allowed = [_written(part, part.allow) for part in parts if part.allow is not None]
    if allowed:
        said["allow"] = [item for item in allowed[0] if all(item in others for others in allowed)]
    blocked = [item for part in parts if part.block is not None for item in _written(part, part.block)]
    if blocked:
        said["block"] = list(dict.fromkeys(blocked))
    patterns = [part.pattern.pattern for part in parts if part.pattern is not None]
    if patterns:
        said["pattern"] = patterns if len(patterns) > 1 else patterns[0]
    shown = {name: redact_value(rule.name, value) for name, value in said.items()}
    return shown | {name: True for name in ("forbidden", "required") if getattr(rule, name)}


def _written(rule: Rule, items: tuple[Any, ...]) -> list[Any]:
    return [item if rule.kind.is_list else rule.kind.write(item) for item in items]


_WORDS = {
    "forbidden": "never",
    "required": "required",
    "fixed": "always {}",
    "min": "at least {}",
    "max": "at most {}",
    "allow": "one of {}",
    "block": "not {}",
    "pattern": "what matches {}",
    "default": "{} unless asked",
}


def in_words(said: Mapping[str, Any]) -> str:
    """Return what :func:`says` returned, in words: ``at most 8; 5 unless asked``."""
    return "; ".join(words.format(_shown(said[name])) for name, words in _WORDS.items() if name in said)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(_shown, value)) or "nothing" if isinstance(value, list) else str(value)


def people(number: int) -> str:
    """Return ``1 person``, ``3 people``."""
    return "1 person" if number == 1 else f"{number} people"


def counted(number: int, noun: str) -> str:
    """Return ``1 session``, ``2 sessions``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def idle_for(seconds: float) -> str:
    """Return a short time for a sentence: ``40 s``, ``52 min``."""
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds // 60:.0f} min"  # noqa: PLR2004 - seconds in a minute
