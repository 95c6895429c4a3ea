"""The hint of a check: one of the doctor's own codes, or what the catalogue knows of a text."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.model import Evidence, Fix, Hint
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["AGAIN", "advice", "edit", "known", "no_livy"]

AGAIN = Fix("Look again, once it is mended.", cell="%livy_doctor", terminal="livyguard doctor")

_ENTRIES = {entry.code: entry for entry in CATALOG}
_PORTS = {"http": 80, "https": 443}
#: What OpenSSL says of an answer that is no TLS.
_NO_TLS = re.compile(r"WRONG_VERSION_NUMBER|wrong version number|record layer failure", re.IGNORECASE)


def advice(code: str, cause: str, *fixes: Fix, seen: Iterable[tuple[str, str]] = ()) -> Hint:
    """Return the hint of a code that the doctor gives by what it has looked at.

    Args:
        code: ``LG967``, one of its own or of another family.
        cause: why, a sentence or two.
        fixes: what to do, the best first.
        seen: ``(line, source)`` of what it rests on.
    """
    entry = _ENTRIES[code]
    return Hint(
        code=code,
        name=entry.name,
        title=f"{entry.title[:1].upper()}{entry.title[1:]}",
        cause=excerpt(cause, longest=1_000),
        evidence=tuple(Evidence(excerpt(line), source) for line, source in seen),
        fixes=fixes,
        severity=entry.severity,
    )


def known(text: str, endpoint: str | None = None) -> Hint | None:
    """Return what the catalogue says of a failure's text, for this very server; None where it does not know it."""
    hint = next(iter(diagnose(Case(error=text, endpoint=endpoint, is_cleared=True))), None)
    if hint is None or endpoint is None:
        return hint
    hint = replace(hint, fixes=tuple(_filled_in(fix, endpoint) for fix in hint.fixes))
    if endpoint.startswith("https:") and _NO_TLS.search(text):
        plain = endpoint.replace("https:", "http:", 1)
        look = Fix(
            f"Perhaps http:// is meant: look whether {plain} is a Livy.",
            command=f"livyguard doctor --url {shlex.quote(plain)}",
        )
        return replace(hint, fixes=(look, *hint.fixes))
    return hint


def _filled_in(fix: Fix, endpoint: str) -> Fix:
    """Return the fix with the host and port that it leaves open."""
    parts = urlsplit(endpoint)
    if fix.command is None or "HOST" not in fix.command or not parts.hostname:
        return fix
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    there = f"{host}:{parts.port or _PORTS.get(parts.scheme, 80)}"
    command = re.sub(
        r"\bHOST\b", lambda _: parts.hostname or "", re.sub(r"\bHOST:PORT\b", lambda _: there, fix.command)
    )
    is_harmless = re.fullmatch(r"[\w.:\[\]-]+", there) is not None
    return replace(fix, command=command, applicability="review") if is_harmless else fix


def no_livy(url: str) -> Hint:
    """Return what to do where something else than Livy answers, or Livy below another path."""
    cause = (
        "Something answers there and has no /sessions: another program, or Livy below a base path, as gateways "
        "(Knox) have it. The address, its path or the way there is not right."
    )
    look = Fix("See what answers there; Livy tells its version.", command=f"curl -sS {shlex.quote(f'{url}/version')}")
    path = Fix(
        "Give the address with its base path in config.json, then restart the kernel: it is read once.",
        command='"kernel_python_credentials": {"url": "https://livy.example.com:8443/gateway/default/livy/v1"}',
        applicability="manual",
    )
    return advice("LG610", cause, look, path)


def edit(label: str, file: str) -> Fix:
    """Return the fix that is made in a file by hand."""
    return Fix(label, command=f"${{EDITOR:-vi}} {shlex.quote(file)}", applicability="manual")
