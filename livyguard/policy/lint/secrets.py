"""LG843: a secret in a file that every notebook reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from livyguard.policy.fold import fold
from livyguard.policy.lint.finding import Check, Found
from livyguard.policy.redact import REDACTED, redact_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from livyguard.policy.lint.ground import Ground

__all__ = ["CHECKS"]

#: Names that say where a secret is, or how one is got.
_REFERENCE = re.compile(
    r"(?i)secretKeyRef|\.secrets\.|(file|path|dir|url|uri|provider|providers|class|name|enabled)s?$"
)
#: Values that are no secret themselves: paths, switches, numbers and times, classes, what Spark substitutes.
_HARMLESS = re.compile(
    r"/.*|(?:file|jceks|localjceks|s3a?|hdfs)://?.*|true|false|[0-9.]+ ?[a-z]*|[a-z]+(?:\.[A-Za-z_$][\w$]*){2,}"
)
_URL_PASSWORD = re.compile(r"://[^/\s:@]*:[^/\s]+@")


def _secrets(ground: Ground) -> Iterator[Found]:
    for where, name, value in _values(ground):
        if _is_secret(name, value):
            yield Found(
                where,
                f"{name} looks like a secret, and everybody whose notebook reads this file can read it.",
                "Use a role, a credential provider or a Kubernetes secret, and change the secret that stood here.",
            )


def _values(ground: Ground) -> Iterator[tuple[str, str, Any]]:
    for section in ground.sections:
        yield from _folded(section.at("session_configs"), section.rules.session_configs)
    for stated in ground.limits:
        for part in ("default", "fixed"):
            yield stated.at(part), stated.rule.name, getattr(stated.limit, part)
    for where, each in ground.spark_defaults:
        yield from _folded(where, {"conf": each})


def _folded(where: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    request = fold(body)
    yield from ((where, name, given.raw) for name, given in request.entries.items())
    yield from ((where, name, value) for name, value in request.extras.items())


def _is_secret(name: str, value: Any) -> bool:
    if not isinstance(value, str) or not value or "${" in value:
        return False
    if _URL_PASSWORD.search(value):
        return True
    if _REFERENCE.search(name) or _HARMLESS.fullmatch(value):
        return False
    return bool(redact_value(name, value, 1) == REDACTED)


CHECKS = (Check("LG843", "fault", _secrets),)
