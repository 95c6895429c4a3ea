"""The Livy that SparkMagic's own configuration names, read without SparkMagic: for the command line."""

from __future__ import annotations

import base64
import binascii
import importlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from livyguard.errors import InvalidInput
from livyguard.livy.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Configured", "config_file", "configured", "configured_at", "session_presets"]

#: SparkMagic's own default.
DEFAULT_URL = "http://localhost:8998"
NO_AUTHENTICATION = "None"
BASIC = "Basic_Access"
KERBEROS = "Kerberos"
#: Their classes; a site may name others for them in `authenticators`.
BASIC_CLASS = "sparkmagic.auth.basic.Basic"
KERBEROS_CLASS = "sparkmagic.auth.kerberos.Kerberos"
SPARKMAGICS_OWN = {BASIC_CLASS, KERBEROS_CLASS}
#: The settings that preset sessions, the lowest first.
PRESETS = ("session_configs_defaults", "session_configs")


@dataclass(frozen=True, slots=True)
class Configured:
    """How to reach a Livy.

    Attributes:
        auth: whatever requests takes.
        verify: False where the configuration says ``ignore_ssl_errors``.
        source: what said so, in words.
    """

    url: str
    source: str
    auth: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify: bool = True


def config_file(environment: Mapping[str, str]) -> Path:
    """Return where SparkMagic's config.json is: ``$SPARKMAGIC_CONF_DIR/$SPARKMAGIC_CONF_FILE``."""
    home = Path(environment.get("HOME") or Path.home())
    folder = environment.get("SPARKMAGIC_CONF_DIR")
    base = Path(folder.replace("~", str(home), 1) if folder.startswith("~") else folder) if folder else None
    return (base or home / ".sparkmagic") / (environment.get("SPARKMAGIC_CONF_FILE") or "config.json")


def configured(environment: Mapping[str, str]) -> Configured:
    """Return the endpoint of SparkMagic's ``kernel_python_credentials``; its default where there is no config.json.

    Raises:
        InvalidInput: the file cannot be read, or does not hold what SparkMagic reads from it.
    """
    file = config_file(environment)
    try:
        text = file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return Configured(DEFAULT_URL, f"SparkMagic's default, since there is no {file}")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"SparkMagic's configuration {file} cannot be read: {_why(error)}.") from error
    try:
        content = json.loads(text or "{}")  # SparkMagic itself makes an empty file where there is none
    except ValueError as error:
        raise InvalidInput(f"SparkMagic's configuration {file} is no JSON: {_why(error)}.") from error
    settings = content if isinstance(content, dict) else {}
    credentials = settings.get("kernel_python_credentials", {})
    if not isinstance(content, dict) or not isinstance(credentials, dict):
        what = "kernel_python_credentials" if isinstance(content, dict) else "the whole"
        raise InvalidInput(f"SparkMagic's configuration {file} is wrong: {what} is no JSON object.")
    headers = settings.get("custom_headers")
    return Configured(
        url=str(credentials.get("url") or DEFAULT_URL),
        source=f"kernel_python_credentials in {file}"
        if credentials.get("url")
        else f"SparkMagic's default, since {file} names no other",
        auth=_auth(credentials, settings, file),
        headers={str(key): str(value) for key, value in headers.items()} if isinstance(headers, dict) else {},
        verify=not settings.get("ignore_ssl_errors", False),
    )


def configured_at(url: str, environment: Mapping[str, str]) -> Configured | None:
    """Return how to reach a URL that somebody named: as the configuration says, if it is of the same Livy.

    None for another Livy, for a URL with a log-in of its own, and where the configuration cannot be understood.
    """
    try:
        named, known = Endpoint.parse(url), configured(environment)
        is_same = named.url == Endpoint.parse(known.url).url and named.login is None and not named.query
    except InvalidInput:
        return None
    return known if is_same else None


def session_presets(environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what config.json presets for every session, lowest first, in Livy's shape.

    These are ``session_configs_defaults`` and ``session_configs``. What is missing or broken presets nothing.
    """
    try:
        settings = json.loads(config_file(environment).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    named = [settings.get(name) for name in PRESETS] if isinstance(settings, dict) else []
    return [preset for preset in named if isinstance(preset, dict) and preset]


def _auth(credentials: Mapping[str, Any], settings: Mapping[str, Any], file: Path) -> Any:
    """Return what the credentials log in with; SparkMagic's own three ways, and its plug-ins."""
    user, password = str(credentials.get("username") or ""), _password(credentials, file)
    kind = credentials.get("auth") or (BASIC if user or password else NO_AUTHENTICATION)
    if kind == NO_AUTHENTICATION:
        return None
    if _class_of(str(kind), settings) not in SPARKMAGICS_OWN:
        return _plug_in(str(kind), settings, {**credentials, "user": user, "password": password}, file)
    if kind == BASIC:
        return (user, password)
    kerberos = importlib.import_module("requests_kerberos")
    options = settings.get("kerberos_auth_configuration")
    return kerberos.HTTPKerberosAuth(**(options if isinstance(options, dict) else {}))


def _class_of(kind: str, settings: Mapping[str, Any]) -> str | None:
    """Return the class that config.json names for a kind of login, SparkMagic's own where it names none."""
    known = settings.get("authenticators")
    named = known.get(kind) if isinstance(known, dict) else None
    return named if isinstance(named, str) else {BASIC: BASIC_CLASS, KERBEROS: KERBEROS_CLASS}.get(kind)


def _plug_in(kind: str, settings: Mapping[str, Any], attributes: Mapping[str, Any], file: Path) -> Any:
    """Return an authenticator of the site's own, as SparkMagic makes it."""
    path = _class_of(kind, settings)
    if path is None:
        raise InvalidInput(f"{file} wants the authentication {kind!r}, and its `authenticators` name no such class.")
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)(SimpleNamespace(**attributes))
    except Exception as error:  # a plug-in may fail in any way
        raise InvalidInput(f"The authenticator {path}, which {file} names, cannot be made: {error}.") from error


def _password(credentials: Mapping[str, Any], file: Path) -> str:
    encoded = credentials.get("base64_password")
    if not encoded:
        return str(credentials.get("password") or "")
    try:
        return base64.b64decode(str(encoded), validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(f"base64_password in {file} is no base64 of a text.") from error


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (line {error.lineno}, column {error.colno})"
    return getattr(error, "strerror", None) or "it is not UTF-8"
