"""The text of a request body: what stands under ``%%configure``, or in a file for the command line."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from datetime import date, time
from typing import Any

from livyguard.errors import InvalidBody
from livyguard.policy.redact import redact_text

__all__ = ["as_json", "parse_body"]


def parse_body(text: str) -> dict[str, Any]:
    """Return the JSON object that the text holds.

    Raises:
        InvalidBody: it is no JSON, no object, or names a key twice (JSON readers keep the last one silently).
    """
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        repeated.extend(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        return dict(pairs)

    def no_number(name: str) -> None:
        raise InvalidBody(f"This is no JSON: {name} is no number", *_place(text, name))

    def finite(name: str) -> float:
        number = float(name)
        if math.isinf(number):
            raise InvalidBody(f"{name[:80]} is beyond any number that Livy reads", *_place(text, name))
        return number

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=no_number, parse_float=finite)
    except json.JSONDecodeError as error:
        message = "There is no JSON object here" if not text.strip() else f"This is no JSON: {error.msg}"
        raise InvalidBody(message, error.lineno, error.colno) from None
    except RecursionError:
        raise InvalidBody("This JSON is nested too deeply", 1, 1) from None
    except ValueError:
        raise InvalidBody("This JSON holds a number of thousands of digits") from None
    if not isinstance(value, dict):
        line, column = _start(text)
        raise InvalidBody(f"A request is a JSON object, {{…}}; this is {_KINDS[type(value)]}", line, column)
    if repeated:
        raise InvalidBody(
            f"Named more than once: {', '.join(map(redact_text, repeated))}", *_place_again(text, repeated[-1])
        )
    return value


_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"(?:\s*:)?|[^\s,:\[\]{}"]+', re.DOTALL)


def _place(text: str, token: str) -> tuple[int, int]:
    """Return line and column, from 1, of the first number or word that is this one; strings are passed over."""
    return _at(text, next(found.start() for found in _TOKEN.finditer(text) if found[0].startswith(token)))


def _place_again(text: str, key: str) -> tuple[int, int] | tuple[()]:
    """Return the place of a key's second naming; nothing where it is not plain which one that is."""
    named = [found.start() for found in _TOKEN.finditer(text) if found[0].rstrip(": \t\r\n") == json.dumps(key)]
    return _at(text, named[1]) if len(named) == 2 else ()  # noqa: PLR2004 - named twice, nowhere else


def _at(text: str, place: int) -> tuple[int, int]:
    before = text[:place]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


_KINDS = {
    list: "a list",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}


def _start(text: str) -> tuple[int, int]:
    """Return line and column, from 1, of the first character that is no white space."""
    return _at(text, len(text) - len(text.lstrip()))


def as_json(value: Any) -> Any:
    """Return a value of TOML as JSON: dates and times as text."""
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if isinstance(value, (date, time)) else value
