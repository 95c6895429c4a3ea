"""Who gave which setting: SparkMagic's merged properties taken apart into the operator's and the user's."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparkmagic.utils import configuration as conf

from livyguard.policy.redact import redact_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "asked_and_operator",
    "asked_by",
    "operator_settings",
    "remember_preset",
    "sent_heartbeat",
    "user_settings",
    "without_effect",
]

KIND = "kind"
HEARTBEAT = "heartbeatTimeoutInSecond"


class _Preset:
    """config.json's ``session_configs`` as they were before anybody overrode them in this kernel."""

    value: Mapping[str, Any] | None = None


def remember_preset() -> None:
    """Keep config.json's ``session_configs``; called when the guard is put in, before a cell can override them."""
    if _Preset.value is None:
        _Preset.value = copy.deepcopy(_file_settings())


def _file_settings() -> Mapping[str, Any]:
    """Read ``session_configs`` from config.json itself; what a user overrode in this kernel is not in there."""
    try:
        settings = json.loads(Path(conf.path).expanduser().read_text(encoding="utf-8"))
        value = settings.get("session_configs", {})
    except (OSError, ValueError, AttributeError):  # missing or broken: SparkMagic says so itself when it reads it
        return {}
    return value if isinstance(value, dict) else {}


def user_settings() -> dict[str, Any]:
    """Return what the user gave in this kernel (``%%configure``, ``%%spark config``, widget, ``conf.override``).

    Nothing where SparkMagic's settings are still config.json's own, or were overridden with no object.
    """
    remember_preset()
    settings = conf.session_configs()
    if settings == _Preset.value or not isinstance(settings, dict):
        return {}
    return {key: value for key, value in copy.deepcopy(settings).items() if key not in {KIND, HEARTBEAT}}


def operator_settings(heartbeat: int | None = None) -> list[Mapping[str, Any]]:
    """Return the operator's presets, lowest first: ``session_configs_defaults``, config.json's ``session_configs``.

    Args:
        heartbeat: seconds that SparkMagic sends as ``heartbeatTimeoutInSecond``; None leaves it out.
    """
    remember_preset()
    presets: list[Any] = [_defaults(), _Preset.value, {} if heartbeat is None else {HEARTBEAT: heartbeat}]
    return [copy.deepcopy(preset) for preset in presets if isinstance(preset, dict) and preset]


def asked_and_operator(properties: Mapping[str, Any]) -> tuple[dict[str, Any], Sequence[Mapping[str, Any]]]:
    """Take apart what reaches ``post_session``: the user's own settings, and the operator's below them.

    A payload that SparkMagic merged from its settings is told by being exactly that merge. Anything else was made
    by hand (``LivySession(client, properties).start()``) and is the user's as a whole. ``kind`` comes with the route
    and the heartbeat with SparkMagic's configuration, whatever a body says of them.
    """
    remember_preset()
    route = {key: properties[key] for key in (KIND,) if key in properties}
    heartbeat = properties.get(HEARTBEAT)
    operator = operator_settings(heartbeat if isinstance(heartbeat, int) else None)
    given = {key: value for key, value in properties.items() if key not in {KIND, HEARTBEAT}}
    if given != _merged(conf.session_configs()):
        return {**given, **route}, operator
    return {**user_settings(), **route}, operator


def asked_by(body: Mapping[str, Any], kind: str | None) -> tuple[dict[str, Any], Sequence[Mapping[str, Any]]]:
    """Return what a ``%%configure`` of a body would make of it: the user's settings, and the operator's below them.

    Args:
        body: as the user wrote it.
        kind: what this kernel's sessions are; None where each ``%spark add`` says.
    """
    asked = {key: value for key, value in body.items() if key not in {KIND, HEARTBEAT}}
    return asked if kind is None else {**asked, KIND: kind}, operator_settings(sent_heartbeat())


def without_effect(body: Mapping[str, Any], kind: str | None) -> list[str]:
    """Say what a body says in vain: ``kind`` comes with the kernel, the heartbeat with SparkMagic's configuration."""
    said = []
    if kind is not None and body.get(KIND, kind) != kind:
        said.append(f"kind {redact_value(KIND, body[KIND])!r} has no effect: this kernel's sessions are {kind}.")
    sent = sent_heartbeat()
    if body.get(HEARTBEAT, sent) != sent:
        said.append(
            f"{HEARTBEAT} {redact_value(HEARTBEAT, body[HEARTBEAT])!r} has no effect: "
            f"SparkMagic sends its own, {sent or 'none'} (livy_server_heartbeat_timeout_seconds in its config.json)."
        )
    return said


def sent_heartbeat() -> int | None:
    """Return the seconds that SparkMagic sends as ``heartbeatTimeoutInSecond``; None where it sends none."""
    seconds: int = conf.livy_server_heartbeat_timeout_seconds()
    return seconds if seconds > 0 else None


def _defaults() -> dict[str, Any]:
    """Return ``session_configs_defaults``; SparkMagic has them from 0.21 on."""
    value: Any = getattr(conf, "session_configs_defaults", dict)()
    return value if isinstance(value, dict) else {}


def _merged(settings: Any) -> Any:
    if not isinstance(settings, dict):
        return None
    defaults = copy.deepcopy(_defaults())
    merge = getattr(conf, "_recursive_merge", None)
    merged = {**defaults, **settings} if merge is None else merge(defaults, copy.deepcopy(settings))
    return {key: value for key, value in merged.items() if key not in {KIND, HEARTBEAT}}
