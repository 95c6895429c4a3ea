"""Livy's magics of a Python statement: a variable shown as JSON, as a table, as a picture."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MAGICS"]

_NULL = "NULL_TYPE"
_PLAIN: dict[type, tuple[str, Callable[[Any], Any]]] = {
    type(None): (_NULL, lambda value: value),
    bool: ("BOOLEAN_TYPE", bool),
    int: ("INT_TYPE", int),
    float: ("DOUBLE_TYPE", float),
    str: ("STRING_TYPE", str),
    dt.date: ("DATE_TYPE", str),
    dt.datetime: ("TIMESTAMP_TYPE", str),
    decimal.Decimal: ("DECIMAL_TYPE", str),
}


def _one_type(kinds: set[str]) -> None:
    if len(kinds) > 1:
        raise ValueError("value has inconsistent types")


def _cell(value: Any) -> tuple[str, Any]:
    if isinstance(value, (list, tuple)):
        items = [_cell(item) for item in value]
        _one_type({kind for kind, _ in items})
        return "ARRAY_TYPE", [item for _, item in items]
    if isinstance(value, dict):
        pairs = [(_cell(key), _cell(item)) for key, item in value.items()]
        _one_type({kind for (kind, _), _ in pairs})
        _one_type({kind for _, (kind, _) in pairs})
        return "MAP_TYPE", {key: item for (_, key), (_, item) in pairs}
    kind, convert = _PLAIN.get(type(value), _PLAIN[str])
    return kind, convert(value)


def _columns(row: Any) -> list[tuple[Any, Any]]:
    if hasattr(row, "asDict"):  # a Spark Row, which is a tuple too
        row = row.asDict()
    if isinstance(row, dict):
        return sorted(row.items())
    return list(enumerate(row if isinstance(row, (list, tuple)) else [row]))


def _table(value: Any) -> dict[str, Any]:
    headers: dict[Any, dict[str, str]] = {}
    data = []
    for row in value if isinstance(value, (list, tuple)) else [value]:
        cells = []
        for name, item in _columns(row):
            kind, cell = _cell(item)
            header = headers.setdefault(name, {"name": str(name), "type": kind})
            if header["type"] == _NULL:
                header["type"] = kind
            elif kind not in {_NULL, header["type"]}:
                raise TypeError("table rows have different types")
            cells.append(cell)
        data.append(cells)
    table = {"headers": [header for _, header in sorted(headers.items())], "data": data}
    return {"application/vnd.livy.table.v1+json": table}


def _json(value: Any) -> dict[str, Any]:
    return {"application/json": value}


def _matplot(pyplot: Any) -> dict[str, Any]:
    picture = io.BytesIO()
    pyplot.gcf().savefig(picture, format="png")
    return {"image/png": base64.b64encode(picture.getvalue()).decode("ascii"), "text/plain": ""}


MAGICS: dict[str, Callable[[Any], dict[str, Any]]] = {"json": _json, "matplot": _matplot, "table": _table}
