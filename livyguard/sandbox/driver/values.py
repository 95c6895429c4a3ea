"""Values of SQL in JSON, as Livy writes them: decimals as doubles, rows with their schema, bytes as numbers."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql.types import DataType

__all__ = ["NoJson", "json_value"]

# Livy looks into these with Java's reflection, which Java 17 does not let it do.
_CLOSED = {
    "timestamp_ntz": "java.time.LocalDate java.time.LocalDateTime.date",
    "daytimeinterval": "long java.time.Duration.seconds",
    "yearmonthinterval": "int java.time.Period.years",
}


class NoJson(Exception):
    """A value of a type that Livy cannot answer with."""


def json_value(value: Any, kind: DataType) -> Any:
    """Convert one value of a row.

    Args:
        value: as PySpark collects it.
        kind: its type in the schema.

    Raises:
        NoJson: in Java's words.
    """
    name = kind.typeName()
    if value is None:
        return None
    if name in _CLOSED:
        raise NoJson(
            f"Unable to make field private final {_CLOSED[name]} accessible: "
            'module java.base does not "opens java.time" to unnamed module'
        )
    convert = _CONVERT.get(name)
    return value if convert is None else convert(value, kind)


def _number(value: Any, _kind: DataType) -> Any:
    number = float(value)
    if math.isnan(number):
        return None
    return number if math.isfinite(number) else ("Infinity" if number > 0 else "-Infinity")


def _timestamp(value: dt.datetime, _kind: DataType) -> str:
    return value.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _row(value: Any, kind: Any) -> dict[str, Any]:
    return {
        "schema": _fields(kind),
        "values": [json_value(item, field.dataType) for item, field in zip(value, kind.fields, strict=True)],
    }


def _map(value: dict[Any, Any], kind: Any) -> dict[str, Any]:
    return {_key(key, kind.keyType): json_value(item, kind.valueType) for key, item in value.items()}


def _key(value: Any, kind: DataType) -> str:
    if kind.typeName() == "date":
        return f"{value}T00:00:00Z"
    key = json_value(value, kind)
    return key if isinstance(key, str) else json.dumps(key)


def _fields(kind: Any) -> list[dict[str, Any]]:
    return [
        {"name": field.name, "dataType": _shape(field.dataType), "nullable": field.nullable, "metadata": {"map": {}}}
        for field in kind.fields
    ]


def _shape(kind: Any) -> Any:
    """Describe a type by what its Java object holds; a type without parameters holds nothing."""
    name = kind.typeName()
    if name == "struct":
        return _fields(kind)
    if name == "array":
        return {"elementType": _shape(kind.elementType), "containsNull": kind.containsNull}
    if name == "map":
        return {
            "keyType": _shape(kind.keyType),
            "valueType": _shape(kind.valueType),
            "valueContainsNull": kind.valueContainsNull,
        }
    return {"precision": kind.precision, "scale": kind.scale} if name == "decimal" else {}


_CONVERT: dict[str, Any] = {
    "array": lambda value, kind: [json_value(item, kind.elementType) for item in value],
    "binary": lambda value, _kind: [byte - 256 if byte > 127 else byte for byte in value],  # noqa: PLR2004 - Java's bytes
    "date": lambda value, _kind: str(value),
    "decimal": _number,
    "double": _number,
    "float": _number,
    "map": _map,
    "struct": _row,
    "timestamp": _timestamp,
}
