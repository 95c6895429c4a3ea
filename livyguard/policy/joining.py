"""The files of one folder as one: ``policy.toml``, then what ``policy.d`` drops in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["joined"]

#: Lists that every file adds to. Any other list is a value: a later file's replaces an earlier one's.
_ADDED = frozenset(
    {("tenant",), ("grant",), ("test",), ("shared_accounts",), ("operators", "users"), ("operators", "groups")}
)


def joined(tables: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return one table for several, and which file says what.

    Tables are joined key by key, a limit is replaced as a whole, tenants, grants, tests and members are added.

    Args:
        tables: by file, in the order in which they count.

    Returns:
        The table, and files by path: ``defaults.limits.executors.max``, ``analysts.limits.queue``, ``grant[0]``.
    """
    whole: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, table in tables.items():
        grants = len(whole.get("grant") or ())
        sources |= dict.fromkeys(_said(table, grants), name)
        whole = _join(whole, table, ())
    return whole, sources


def _join(before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    table = dict(before)
    for key, value in after.items():
        place = (*path, key)
        known = table.get(key)
        if isinstance(value, dict) and isinstance(known, dict) and path[-1:] != ("limits",):
            table[key] = _join(known, value, place)
        elif isinstance(value, list) and isinstance(known, list) and place in _ADDED:
            table[key] = [*known, *value]
        else:
            table[key] = value
    return table


def _said(table: Mapping[str, Any], grants: int) -> Iterator[str]:
    """Yield the path of every limit and grant of a file."""
    sections: list[tuple[Any, Any]] = [("defaults", table.get("defaults"))]
    tenants = table.get("tenant")
    sections += [
        (each.get("name"), each) for each in (tenants if isinstance(tenants, list) else ()) if isinstance(each, dict)
    ]
    for name, section in sections:
        limits = section.get("limits") if isinstance(section, dict) else None
        yield from (f"{name}.limits.{key}" for key in (limits if isinstance(limits, dict) else ()))
        yield from [f"{name}"] if isinstance(section, dict) else []
    found = table.get("grant")
    yield from (f"grant[{grants + place}]" for place in range(len(found) if isinstance(found, list) else 0))
