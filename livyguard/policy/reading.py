"""Reading a policy's text: every fault at once, each with its path and a way out."""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel, ValidationError

from livyguard import __version__
from livyguard.errors import InvalidPolicy
from livyguard.policy.limit import Limit
from livyguard.policy.model import DEFAULTS, Cluster, Grant, Idle, Members, Policy, Quota, Rules, Tenant, Test, Worker
from livyguard.policy.units import shown

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - the same parser under its older name
    import tomli as tomllib  # type: ignore[import-not-found] # installed on Python 3.10 alone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["read"]

#: The table that a path leads into, by the last name in it that is no key of the operator's own.
_TABLES: Mapping[str, type[BaseModel]] = {
    "": Policy,
    "operators": Members,
    "cluster": Cluster,
    "worker": Worker,
    "defaults": Rules,
    "tenant": Tenant,
    "grant": Grant,
    "test": Test,
    "limits": Limit,
    "idle": Idle,
    "quota": Quota,
    "team_quota": Quota,
}
_MESSAGES = {
    "missing": "is missing",
    "literal_error": "is {input}; it takes {expected}",
    "dict_type": "is {input}; a table is wanted",
    "model_type": "is {input}; a table is wanted",
    "list_type": "is {input}; a list is wanted",
    "string_type": "is {input}; a text in quotes is wanted",
    "int_type": "is {input}; a whole number is wanted",
    "bool_type": "is {input}; true or false is wanted",
    "bool_parsing": "is {input}; true or false is wanted",
    "greater_than_equal": "is {input}; {ge} is the least",
    "datetime_type": "is {input}; a date and time is wanted, 2026-12-24T18:00:00Z",
    "datetime_from_date_parsing": "is {input}; a date and time is wanted, 2026-12-24T18:00:00Z",
    "datetime_parsing": "is {input}; a date and time is wanted, 2026-12-24T18:00:00Z",
    "string_too_short": "is empty",
}


def read(text: str, source: str) -> Policy:
    """Return the policy that a text holds; see :func:`livyguard.policy.model.parse`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidPolicy([f"{source}: {_syntax(error)}"]) from None
    except RecursionError:
        raise InvalidPolicy([f"{source}: it is nested too deeply"]) from None
    too_new = _requirement(table.get("requires_livyguard"))
    if too_new:
        raise InvalidPolicy([f"{source}: requires_livyguard: {too_new}"])
    faults = list(_crossing(table))
    try:
        policy = Policy.model_validate(table)
    except ValidationError as error:
        faults = list(dict.fromkeys([*_faults(error, table), *faults]))
        raise InvalidPolicy([f"{source}: {fault}" for fault in faults]) from None
    if faults:
        raise InvalidPolicy([f"{source}: {fault}" for fault in faults])
    return policy


def _syntax(error: ValueError) -> str:
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|(end of document))\)", str(error), re.DOTALL)
    if match is None:
        return f"no TOML: {error}"
    return f"{match[4] or f'line {match[2]}, column {match[3]}'}: no TOML: {match[1]}"


def _requirement(wanted: Any) -> str | None:
    if not isinstance(wanted, str):
        return None
    try:
        fits = SpecifierSet(wanted).contains(__version__, prereleases=True)
    except InvalidSpecifier:
        return f'{shown(wanted)} is no version specifier such as ">=0.1"'
    return None if fits else f"this policy needs livyguard {wanted}; this is {__version__}. Update livyguard here."


def _crossing(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield what two places of the file say against each other."""
    tenants = table.get("tenant")
    tenants = [each for each in tenants if isinstance(each, dict)] if isinstance(tenants, list) else []
    names = [each.get("name") for each in tenants]
    for place, each in enumerate(tenants):
        name, parent = each.get("name"), each.get("inherits")
        if name == DEFAULTS:
            yield f"tenant[{place}] {name}.name: the name is taken by [defaults]"
        elif isinstance(name, str) and names.index(name) < place:
            yield f"tenant[{place}] {name}.name: tenant[{names.index(name)}] has the same name"
        if isinstance(parent, str) and parent not in names[:place]:
            yield f"tenant[{place}] {name}.inherits: no tenant {parent} stands before this one"
    clusters = table.get("cluster")
    known = [key for key, value in clusters.items() if isinstance(value, dict)] if isinstance(clusters, dict) else []
    for place, each in enumerate(tenants):
        cluster = each.get("cluster")
        if isinstance(cluster, str) and cluster not in known:
            yield f"tenant[{place}] {each.get('name')}.cluster: there is no [cluster.{cluster}]"


def _faults(error: ValidationError, table: Mapping[str, Any]) -> Iterator[str]:
    for each in error.errors(include_url=False):
        names = [part for part in each["loc"] if part != "[key]"]
        if each["type"] == "extra_forbidden":
            yield f"{_path(names, table)}: unknown key{_meant(names)}"
        elif _is_alternative(each["loc"], names):
            names = [part for part in names if not _is_type_name(part)]
            yield f"{_path(names, table)}: is {shown(each['input'])}; a number, a text or a list of texts is wanted"
        else:
            yield f"{_path(names, table)}: {_message(each)}"


def _is_type_name(part: Any) -> bool:
    return part in {"str", "int", "float", "bool", "list[str]"}


def _is_alternative(location: Sequence[Any], names: list[Any]) -> bool:
    return any(_is_type_name(part) for part in location[2:]) and bool(names)


def _message(each: Any) -> str:
    message = _MESSAGES.get(each["type"])
    if message is None:
        return str(each["msg"])
    return message.format(input=shown(each["input"]), **{"expected": "", "ge": 0, **each.get("ctx", {})})


def _path(names: Sequence[Any], table: Mapping[str, Any]) -> str:
    """Write a place in the file: ``tenant[0] analysts.limits.executors.max.maximum``."""
    path = ""
    value: Any = table
    for place, part in enumerate(names):
        if place == 1 and names[0] == "cluster" and part == "":
            continue
        if isinstance(part, int):
            path += f"[{part}]"
            value = value[part] if isinstance(value, list) and part < len(value) else None
            name = value.get("name") if isinstance(value, dict) else None
            path += f" {name}" if isinstance(name, str) and names[0] == "tenant" else ""
        else:
            path += f"{'.' if path else ''}{str(part).strip()}"
            value = value.get(part) if isinstance(value, dict) else None
    return path


def _meant(names: Sequence[Any]) -> str:
    """Suggest what an unknown key may have been meant for."""
    table = next((_TABLES[part] for part in reversed(names[:-1]) if part in _TABLES), Policy)
    known = [name for name in table.model_fields if name not in {"key", "kind"}]
    wrong = str(names[-1]).strip()
    close = get_close_matches(wrong, known, n=1) or [name for name in known if wrong.startswith(name)]
    return f"; did you mean {close[0]}" if close else f"; known here: {', '.join(known)}"
