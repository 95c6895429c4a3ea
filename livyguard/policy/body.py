"""The text of a request body: what stands under ``%%configure``, or in a file for the command line."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from livyguard.errors import InvalidBody

__all__ = ["parse_body"]


def parse_body(text: str) -> dict[str, Any]:
    """Return the JSON object that the text holds.

    Raises:
        InvalidBody: it is no JSON, no object, or names a key twice (JSON readers keep the last one silently).
    """
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        repeated.extend(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        return dict(pairs)

    try:
        value = json.loads(text, object_pairs_hook=unique, parse_constant=_no_number)
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
        raise InvalidBody(f"Named more than once: {', '.join(repeated)}")
    return value


def _no_number(name: str) -> None:
    """Refuse ``NaN`` and ``Infinity``, which Python reads and Livy does not."""
    raise InvalidBody(f"This is no JSON: {name} is no number")


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
    before = text[: len(text) - len(text.lstrip())]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
