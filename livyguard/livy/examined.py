"""SparkMagic's config.json for the doctor: where it is, what it says, whether SparkMagic can use it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from livyguard.doctor.ports import Settings
from livyguard.errors import InvalidInput
from livyguard.livy.configured import DEFAULT_URL, config_file, configured
from livyguard.livy.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["examined"]

#: SparkMagic's three sections, and what runs by them.
_SECTIONS = {
    "kernel_python_credentials": "PySpark",
    "kernel_scala_credentials": "Spark",
    "kernel_r_credentials": "SparkR",
}
#: SparkMagic's own defaults, seconds.
_HEARTBEAT, _REFRESH = 60.0, 30.0


def examined(environment: Mapping[str, str]) -> Settings:
    """Return what config.json says, or why SparkMagic cannot use it; no password leaves this function."""
    file = config_file(environment)
    try:
        used = configured(environment)
        content = json.loads(file.read_text(encoding="utf-8").strip() or "{}") if file.exists() else {}
        faults = [fault for section in _SECTIONS if (fault := _fault(content, section)) is not None]
        Endpoint.parse(used.url)
    except InvalidInput as error:
        return Settings(str(file), fault=str(error))
    except ImportError as error:
        return Settings(str(file), fault=f"{file} wants an authentication that is not installed: {error}.")
    if faults:
        return Settings(str(file), fault=f"SparkMagic's configuration {file} is wrong: {'; '.join(faults)}.")
    headers = content.get("custom_headers")
    return Settings(
        str(file),
        is_there=file.exists(),
        endpoints=_endpoints(content),
        names_none=not any(content.get(section, {}).get("url") for section in _SECTIONS),
        verifies=used.verify,
        says_who_asks="x-requested-by" in {str(name).lower() for name in headers or {}},
        heartbeat=_seconds(content, "livy_server_heartbeat_timeout_seconds", _HEARTBEAT),
        refresh=_seconds(content, "heartbeat_refresh_seconds", _REFRESH),
    )


def _fault(content: Mapping[str, Any], section: str) -> str | None:
    """Return why a section cannot be used; one that is missing can."""
    said = content.get(section, {})
    if not isinstance(said, dict):
        return f"{section} is no JSON object"
    try:
        Endpoint.parse(str(said.get("url") or DEFAULT_URL))
    except InvalidInput as error:
        return f"{section}: {str(error).rstrip('.')}"
    return None


def _endpoints(content: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """Return each URL with the kernels that use it and how they log in."""
    found: dict[tuple[str, str], list[str]] = {}
    for section, language in _SECTIONS.items():
        said = content.get(section, {})
        url = Endpoint.parse(str(said.get("url") or DEFAULT_URL)).url
        if said or section == "kernel_python_credentials":
            found.setdefault((url, _login(said)), []).append(language)
    return tuple((_and(languages), url, login) for (url, login), languages in found.items())


def _and(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _login(said: Mapping[str, Any]) -> str:
    has_login = any(said.get(name) for name in ("username", "password", "base64_password"))
    kind = str(said.get("auth") or ("Basic_Access" if has_login else "None"))
    user = f" as {said['username']}" if said.get("username") and kind != "None" else ""
    return "no log-in" if kind == "None" else f"{kind}{user}"


def _seconds(content: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = content.get(name, otherwise)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else otherwise
