"""Secrets never leave in what livyguard shows: Spark's own redaction, for bodies and single values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["REDACTED", "redact", "redact_text", "redact_value", "without_secrets"]

REDACTED = "*********(redacted)"
#: Spark's default of ``spark.redaction.regex``, which it holds against names and values alike.
_SECRET = re.compile(r"(?i)secret|password|token|access[._]?key")
_URL_USER = re.compile(r"(://)[^/\s]+@")  # up to the last @: a password may hold one
#: ``password=…`` within a key or a sentence, where the word alone is no secret.
_ASSIGNED = re.compile(r"(?i)((?:secret|password|token|access[._]?key)[^\s=:]*\s*[=:]\s*)\S+")
_DEEPEST = 50


def redact(body: Any, _depth: int = 0) -> Any:
    """Return a copy of a JSON value, a request body say, without its secrets."""
    if isinstance(body, Mapping):
        return {redact_text(str(key)): redact_value(str(key), value, _depth) for key, value in body.items()}
    if isinstance(body, (list, tuple)):
        return [redact_value("", value, _depth) for value in body]
    return redact_value("", body, _depth)


def redact_text(text: str) -> str:
    """Return a key or a sentence without the secrets that it says; the words ``token`` or ``password`` stay."""
    return _ASSIGNED.sub(rf"\1{REDACTED}", _URL_USER.sub(rf"\1{REDACTED}@", text))


def redact_value(name: str, value: Any, _depth: int = 0) -> Any:
    """Return a value as it may be shown under its name."""
    if value is None or isinstance(value, bool):
        return value
    if _SECRET.search(name) and not (isinstance(value, Mapping) and _depth == 0):
        return REDACTED
    if _depth > _DEEPEST:
        return "…"
    if isinstance(value, (Mapping, list, tuple)):
        return redact(value, _depth + 1)
    if isinstance(value, str):
        return REDACTED if _SECRET.search(value) else _URL_USER.sub(rf"\1{REDACTED}@", value)
    return value


def without_secrets(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a body as it may be shown to be run again, and the keys of the values that are left out of it."""
    kept: dict[str, Any] = {}
    secret: list[str] = []
    for key, value in body.items():
        if key == "conf" and isinstance(value, dict):
            inner, hidden = without_secrets(value)
            secret += hidden
            if inner:
                kept[key] = inner
        elif redact_value(key, value, 1) == value and redact_text(key) == key:
            kept[key] = value
        else:
            secret.append(key)
    return kept, secret
