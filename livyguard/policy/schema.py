"""The JSON Schema of the policy file, for editors: pydantic's, mended where the model alone does not say enough.

What livyguard reads as a policy the schema takes too; it refuses what can be seen in one place: an unknown key, a size
that is none, ``max`` of a text. What takes two places to see, or a regular expression, ``livyguard policy lint`` tells.
"""

from __future__ import annotations

import re
from typing import Any

from livyguard.policy.descriptions import EXPECTED, KEYS, PROPERTIES_TOLD
from livyguard.policy.model import DEFAULTS, Policy
from livyguard.policy.properties import ALIASES, CONF, DOORS, FIELDS, PROPERTIES, VIRTUAL

__all__ = ["DIALECT", "schema"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

#: Blanks around a value, as Java's ``trim`` takes them away.
_BLANKS = r"[\x00-\x20]*"
_LARGEST = 2**31 - 1


def _text(pattern: str, *examples: str) -> Schema:
    return {"type": "string", "pattern": f"^{_BLANKS}(?:{pattern}){_BLANKS}$", "examples": list(examples)}


_COUNT: Schema = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": _LARGEST}, _text(r"\+?[0-9]+|-0+", "8")]}
_SIZE: Schema = {"anyOf": [_text("[0-9]+(?:[bB]|[kKmMgGtTpP][bB]?)?", "8g", "512m"), {"type": "integer", "minimum": 0}]}
_UNIT = "(?:[uU][sS]|[mM][sS]|[sS]|[mM](?:[iI][nN])?|[hH]|[dD])?"
_TIME: Schema = {"anyOf": [_text(f"-?[0-9]+{_UNIT}", "30m"), {"type": "integer"}]}
_PAST: Schema = {"anyOf": [_text(f"-?0+{_UNIT}|[0-9]+{_UNIT}", "52m"), {"type": "integer", "minimum": 0}]}
_CORES: Schema = {"anyOf": [{"type": "number", "minimum": 0}, _text(r"[0-9]+(?:\.[0-9]+)?m?", "2", "500m")]}
_FLAG: Schema = {"anyOf": [{"type": "boolean"}, _text("[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]", "true")]}
_WORD: Schema = {"type": ["string", "number", "boolean"]}
_WORDS: Schema = {"type": "array", "items": {"type": "string"}}
_LIST: Schema = {"anyOf": [{"type": "string"}, _WORDS]}
_ANY: Schema = {"anyOf": [_WORD, _WORDS]}
#: By the name of a kind of values: what stands for one.
_KINDS: dict[str, Schema] = {
    "a whole number": _COUNT,
    "a size": _SIZE,
    "a time": _TIME,
    "a number of cores": _CORES,
    "true or false": _FLAG,
    "a text": _WORD,
    "a kind of session": _WORD,
    "a list": _LIST,
}
_ORDERED = (_COUNT, _SIZE, _TIME, _CORES)
#: By ``conf`` key that reaches a property: the name of the kind of its values.
_KEYS: dict[str, str] = {key: PROPERTIES[name].kind.name for key, name in ALIASES.items()} | {
    key: door.kind.name for key, door in DOORS.items()
}
_VALUES = ("min", "max", "default", "fixed")
#: Fields of the model that hold sizes and times.
_UNITS = {
    ("Quota", "memory"): _SIZE,
    ("Worker", "memory"): _SIZE,
    ("Cluster", "minimum_allocation"): _SIZE,
    ("Idle", "after"): _TIME,
    ("Holding", "memory"): _SIZE,
    ("Holding", "idle"): _PAST,
}
_MOMENT: Schema = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$"}


def schema() -> Schema:
    """Return the JSON Schema of a policy file, draft 2020-12."""
    raw = Policy.model_json_schema()
    tables: dict[str, Schema] = {**raw["$defs"], "Policy": raw}
    limit = _table("Limit", tables)
    return {
        "$schema": DIALECT,
        "title": "Policy of livyguard",
        **_table("Policy", tables),
        "$defs": {"Limits": _limits(limit)},
    }


def _table(name: str, tables: dict[str, Schema], description: str | None = None) -> Schema:
    raw = tables[name]
    mended: Schema = {
        "type": "object",
        "description": description or raw["description"],
        "properties": {field: _field(name, field, each, tables) for field, each in raw["properties"].items()},
        "additionalProperties": False,
    }
    if "required" in raw:
        mended["required"] = raw["required"]
    if name == "Holding":
        mended["properties"] = {**_body(), **mended["properties"]}
        mended["patternProperties"] = {r"^(?:spark|livy)\.": {"description": "Of `conf`, as `request` may hold it."}}
    return mended


def _field(table: str, field: str, raw: Schema, tables: dict[str, Schema]) -> Schema:
    """Mend one field; a reference is spelled out, so that editors show this field's own words."""
    description = KEYS[table][field]
    if field == "limits":
        return {"$ref": "#/$defs/Limits"}
    if (table, field) == ("Policy", "cluster"):
        cluster = _table("Cluster", tables, description)
        return {**cluster, "additionalProperties": _table("Cluster", tables)}
    plain = _plain(raw)
    if "$ref" in plain:
        return _table(_name(plain), tables, description)
    if "$ref" in plain.get("items", {}):
        plain["items"] = _table(_name(plain["items"]), tables)
    plain = _UNITS.get((table, field), plain)
    if plain.get("format") == "date-time":
        plain = _MOMENT
    if (table, field) == ("Tenant", "name"):
        plain["not"] = {"enum": [DEFAULTS]}
    if field in {"session_configs", "request"}:
        plain["properties"] = _body()
    if field == "expect":
        plain["properties"] = {name: {"description": told} for name, told in {**EXPECTED, **PROPERTIES_TOLD}.items()}
    return {"description": description, **plain}


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _plain(raw: Schema) -> Schema:
    """Take out what TOML does not have (null) and what says nothing (titles)."""
    kept = {key: value for key, value in raw.items() if key not in {"title", "anyOf", "default", "const"}}
    if "const" in raw:
        kept["enum"] = [raw["const"]]
    if raw.get("default") is not None:
        kept["default"] = raw["default"]
    choices = [_plain(each) for each in raw.get("anyOf", ()) if each != {"type": "null"}]
    if len(choices) > 1:
        kept["anyOf"] = choices
    return {**choices[0], **kept} if len(choices) == 1 else kept


def _limits(limit: Schema) -> Schema:
    """Return the schema of a table of limits: every property by its name, ``conf`` keys by their form."""
    properties = {name: _limit(limit, each.kind.name, PROPERTIES_TOLD[name]) for name, each in PROPERTIES.items()}
    for name in VIRTUAL:
        properties[name] = _computed(limit, name)
    patterns = {f"^{re.escape(CONF)}[\\s\\S]": _limit_of_conf(limit)}
    for kind in dict.fromkeys(_KEYS.values()):
        keys = "|".join(re.escape(key) for key, name in _KEYS.items() if name == kind)
        patterns[f"^{re.escape(CONF)}(?:{keys})$"] = _limit(limit, kind, "The same resource under its name in conf.")
    return {
        "type": "object",
        "description": KEYS["Rules"]["limits"],
        "properties": properties,
        "patternProperties": patterns,
        "additionalProperties": False,
    }


def _limit(limit: Schema, kind: str, description: str) -> Schema:
    """Return what a limit of one property says; ``min`` and ``max`` only where values have an order."""
    value = _KINDS[kind]
    useless = () if value in _ORDERED else ("min", "max")
    fields = {field: each for field, each in limit["properties"].items() if field not in useless}
    return {**limit, "description": description, "properties": _with_values(fields, value, value)}


def _limit_of_conf(limit: Schema) -> Schema:
    """Return what a limit of any ``conf`` key says; * spans dots."""
    told = "A key of conf, whole or as a glob: * spans dots."
    ordered: Schema = {"type": ["string", "number"]}
    return {**limit, "description": told, "properties": _with_values(limit["properties"], _ANY, ordered)}


def _with_values(fields: Schema, value: Schema, bound: Schema) -> Schema:
    told: Schema = {}
    for field, each in fields.items():
        description = {"description": each["description"]}
        if field in _VALUES:
            told[field] = {**description, **(bound if field in {"min", "max"} else value)}
        elif field in {"allow", "block"}:
            told[field] = {**description, "type": "array", "items": value}
        else:
            told[field] = each
    return told


def _computed(limit: Schema, name: str) -> Schema:
    """Return what a limit of a computed property says: ``max``, and words about it."""
    kept = ("on_violation", "reason", "contact", "cluster")
    largest = {"description": limit["properties"]["max"]["description"], **_KINDS[VIRTUAL[name].name]}
    fields = {"max": largest, **{field: limit["properties"][field] for field in kept}}
    return {**limit, "description": PROPERTIES_TOLD[name], "properties": fields, "required": ["max"]}


def _body() -> Schema:
    """Return the fields of a request's body, so that editors know their names."""
    fields: Schema = {field: {"description": PROPERTIES_TOLD[name]} for field, name in FIELDS.items()}
    return {**fields, "conf": {"description": "Spark's own settings, by key."}}
