"""What another policy says differently, value by value, secrets redacted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.policy.redact import redact_value
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.model import Policy

__all__ = ["difference"]


def difference(before: Policy, after: Policy) -> tuple[str, ...]:
    """Return a line for every value that is new, gone or another one, in the order of the later policy.

    ``analysts.limits.executors.max.max: 8 → 4``; ``new: …``, ``gone: …``.
    """
    old, new = dict(_values(before)), dict(_values(after))
    lines = [*_order(before, after)]
    for path, (value, text) in new.items():
        if path not in old:
            lines.append(f"new: {path} = {text}")
        elif old[path][0] != value:
            lines.append(f"{path}: {_one_to_another(old[path][1], text)}")
    return (*lines, *(f"gone: {path} = {text}" for path, (_, text) in old.items() if path not in new))


def _order(before: Policy, after: Policy) -> Iterator[str]:
    """Tell where the same tenants are tried in another order: the first that matches counts."""
    old, new = ([each.name for each in policy.tenant] for policy in (before, after))
    if old != new and sorted(old) == sorted(new):
        yield f"order of the tenants: {', '.join(old)} → {', '.join(new)}"


def _one_to_another(old: str, new: str) -> str:
    return "another secret" if old == new else f"{old} → {new}"


def _values(policy: Policy) -> Iterator[tuple[str, tuple[Any, str]]]:
    """Yield every value by its path, as it is and as it may be shown."""
    for key, value in policy.model_dump(exclude_unset=True, mode="json").items():
        yield from _leaves([] if key == "tenant" else [key], key, value)


def _leaves(path: list[str], key: str, value: Any) -> Iterator[tuple[str, tuple[Any, str]]]:
    if isinstance(value, dict) and value:
        for name, each in value.items():
            yield from _leaves([*path, name] if name else path, name, each)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value):
        for place, each in enumerate(value):
            label = f"{''.join(path[-1:])}[{place}]"
            named = each["name"] if key == "tenant" else label
            yield from _leaves([*path[:-1], named], key, each)
    else:
        yield ".".join(path), (value, shown(redact_value(key, value)))
