"""Reading a policy's text: every fault at once, each with its path and a way out."""

from __future__ import annotations

import itertools
import re
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel, ValidationError

from livyguard.errors import InvalidPolicy
from livyguard.policy.joining import joined
from livyguard.policy.keys import limited_property
from livyguard.policy.limit import Limit
from livyguard.policy.model import (
    DEFAULTS,
    Cluster,
    Grant,
    Holding,
    Idle,
    Members,
    Policy,
    Quota,
    Rules,
    Tenant,
    Test,
    Worker,
)
from livyguard.policy.properties import FIELDS
from livyguard.policy.redact import redact_text, redact_value
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
    "operators": Members,
    "cluster": Cluster,
    "worker": Worker,
    "defaults": Rules,
    "tenant": Tenant,
    "grant": Grant,
    "test": Test,
    "holding": Holding,
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
    "less_than_equal": "is {input}; {le} is the most",
    "datetime_type": "is {input}; a date and time is wanted, 2026-12-24T18:00:00Z",
    "datetime_from_date_parsing": "is {input}; a date and time is wanted, 2026-12-24T18:00:00Z",
    "datetime_parsing": "is {input}; a date and time is wanted, 2026-12-24T18:00:00Z",
    "string_too_short": "is empty",
}


def read(files: Sequence[tuple[str, str]], source: str) -> Policy:
    """Return the policy that the files of one layer hold together, the later one's values over the earlier one's.

    Args:
        files: each file's name, as messages call it, and its text.
        source: how messages call the layer.

    Raises:
        InvalidPolicy: with every fault of every file, path by path.
    """
    tables: dict[str, dict[str, Any]] = {}
    faults: list[str] = []
    for name, text in files:
        table, found = _table(text)
        tables[name] = table
        faults += [f"{name}: {fault}" for fault in found or _own_faults(table, is_whole=len(files) == 1)]
    whole, sources = joined(tables)
    if not faults and len(files) > 1:
        faults += [f"{source}: {fault}" for fault in _crossing(whole)]
    if faults:
        raise InvalidPolicy(faults)
    return Policy.model_validate(whole).named(source, sources)


def _table(text: str) -> tuple[dict[str, Any], list[str]]:
    """Return the table that a text holds, and why nothing more can be said of it, if so."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return {}, [_syntax(error, text)]
    except RecursionError:
        return {}, ["it is nested too deeply"]
    too_new = _requirement(table.get("requires_livyguard"))
    return table, [f"requires_livyguard: {too_new}"] if too_new else []


def _own_faults(table: Mapping[str, Any], *, is_whole: bool) -> list[str]:
    """Return what is wrong with one file, for itself."""
    crossing = list(_crossing(table)) if is_whole else []
    try:
        Policy.model_validate(table)
    except ValidationError as error:
        return list(dict.fromkeys([*_faults(error, table), *crossing]))
    return crossing


def _syntax(error: ValueError, text: str) -> str:
    match = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
    if match is None:  # pragma: no cover - every message of tomllib ends with its place
        return f"no TOML: {error}"
    line = match[2] or text.count("\n") + 1
    column = match[3] or len(text) - text.rfind("\n")
    return f"line {line}, column {column}: no TOML: {match[1]}"


def _requirement(wanted: Any) -> str | None:
    if not isinstance(wanted, str):
        return None
    try:
        fits = SpecifierSet(wanted).contains(here := _own_version(), prereleases=True)
    except InvalidSpecifier:
        return f'{shown(wanted)} is no version specifier such as ">=0.1"'
    return None if fits else f"this policy needs livyguard {wanted}; this is {here}. Update livyguard here."


def _own_version() -> str:
    """Return livyguard's version, without importing upwards: the package itself also loads notebooks' parts."""
    return str(import_module("livyguard").__version__)


def _crossing(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield what two places of the file say against each other."""
    tenants = table.get("tenant")
    tenants = [each for each in tenants if isinstance(each, dict)] if isinstance(tenants, list) else []
    clusters = table.get("cluster")
    known = [key for key, value in clusters.items() if isinstance(value, dict)] if isinstance(clusters, dict) else []
    yield from _twice(DEFAULTS, table.get(DEFAULTS))
    for place, (label, each) in enumerate(_labelled(tenants, table)):
        yield from _references(label, each, [other.get("name") for other in tenants[:place]])
        yield from _twice(label, each)
    for label, each in [(DEFAULTS, table.get(DEFAULTS)), *_labelled(tenants, table)]:
        for path, cluster in _clusters_named(label, each) if isinstance(each, dict) else ():
            if isinstance(cluster, str) and cluster not in known:
                yield f"{path}: there is no [cluster.{redact_text(cluster)}]"


def _labelled(tenants: Sequence[Mapping[str, Any]], table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for place, each in enumerate(tenants):
        yield _path(["tenant", place], table), each


def _references(label: str, tenant: Mapping[str, Any], before: Sequence[Any]) -> Iterator[str]:
    name, parent = tenant.get("name"), tenant.get("inherits")
    if name == DEFAULTS:
        yield f"{label}.name: the name is taken by [defaults]"
    elif isinstance(name, str) and name in before:
        yield f"{label}.name: tenant[{before.index(name)}] has the same name"
    if isinstance(parent, str) and parent not in before:
        yield f"{label}.inherits: no tenant {shown(parent)} stands before this one"


def _clusters_named(label: str, section: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield f"{label}.cluster", section.get("cluster")
    limits = section.get("limits")
    for key, limit in limits.items() if isinstance(limits, dict) else ():
        if isinstance(limit, dict):
            yield f"{label}.limits.{key}.cluster", limit.get("cluster")


def _twice(label: str, section: Any) -> Iterator[str]:
    """Yield the limits of a section that name a property which another one names already."""
    limits = section.get("limits") if isinstance(section, dict) else None
    seen: dict[str, str] = {}
    for key in limits if isinstance(limits, dict) else ():
        try:
            other = seen.setdefault(limited_property(key), key)
        except ValueError:
            continue  # told as an unknown property
        if other != key:
            yield f"{label}.limits.{key}: {other} is the same property"


def _faults(error: ValidationError, table: Mapping[str, Any]) -> Iterator[str]:
    for each in error.errors(include_url=False):
        names = [part for part in each["loc"] if part != "[key]"]
        if names[0] == "cluster" and names[1:2] != [""] and _is_inherited(names, table):
            continue
        if each["type"] == "extra_forbidden":
            yield f"{_path(names, table)}: unknown key{_meant(names)}"
        elif any(_is_type_name(part) for part in names):
            whole = list(itertools.takewhile(lambda part: not _is_type_name(part), names))
            yield f"{_path(whole, table)}: a number, a text, true or false, or a list of texts is wanted"
        else:
            yield f"{_path(names, table)}: {_message(each)}"


def _is_inherited(names: Sequence[Any], table: Mapping[str, Any]) -> bool:
    """Tell whether a fault of a named cluster is one of ``[cluster]`` itself, told there."""
    named = table["cluster"].get(names[1]) if len(names) > 2 and isinstance(table["cluster"], dict) else None  # noqa: PLR2004
    return isinstance(named, dict) and names[2] not in named


def _is_type_name(part: Any) -> bool:
    return part in {"str", "int", "float", "bool", "list[str]"}


def _message(each: Any) -> str:
    message = _MESSAGES.get(each["type"])
    if message is None:
        return str(each["msg"])
    return message.format(
        input=shown(redact_value(".".join(map(str, each["loc"])), each["input"], 1)),
        **{"expected": "", "ge": 0, "le": 0, **each.get("ctx", {})},
    )


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
            path += f"{'.' if path else ''}{redact_text(str(part).strip())}"
            value = value.get(part) if isinstance(value, dict) else None
    return path


def _meant(names: Sequence[Any]) -> str:
    """Suggest what an unknown key may have been meant for."""
    table = next((_TABLES[part] for part in reversed(names[:-1]) if part in _TABLES), Policy)
    known = [name for name in table.model_fields if name not in {"key", "kind"}]
    known += [*FIELDS, "conf"] if table is Holding else []
    wrong = str(names[-1]).strip()
    close = get_close_matches(wrong, known, n=1) or [name for name in known if wrong.startswith(name)]
    return f"; did you mean {close[0]}" if close else f"; known here: {', '.join(known)}"
