"""LG84x: what becomes of a session for which nobody asks anything, and of the policy's own ``session_configs``."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from livyguard.policy.fold import fold
from livyguard.policy.kinds import SECONDS
from livyguard.policy.lint.finding import Check, Found, some
from livyguard.policy.merge import merge
from livyguard.policy.properties import CONF, FIELDS
from livyguard.policy.redact import redact_value
from livyguard.policy.rules import PLACEHOLDER
from livyguard.policy.tenancy import PRESETS
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.lint.ground import Ground, Standpoint

__all__ = ["CHECKS", "NO_ROOM"]

#: What a violation says of a session that is too small for one executor, and of a value that the user has to give.
NO_ROOM = "leaves no room for an executor"
_REQUIRED = "is required"
#: Livy's own ``livy.server.session.timeout``, seconds.
_LIVY_TIMEOUT = 3600
_FIELDS = {name.lower(): name for name in (*FIELDS, "conf")}


def _denied(ground: Ground) -> Iterator[Found]:
    for each in ground.standpoints:
        found = [one for one in each.start.violations if one.what not in {NO_ROOM, _REQUIRED}]
        if found:
            told = "; ".join(dict.fromkeys(f"{one.property} {one.what} ({one.rule})" for one in found))
            yield Found(
                each.section.at(),
                f"A session for which nobody asks anything is denied to {each.whom}: {told}.",
                "Let the defaults and session_configs pass the limits.",
            )


def _required(ground: Ground) -> Iterator[Found]:
    for each in ground.standpoints:
        names = [one.property for one in each.start.violations if one.what == _REQUIRED]
        if names:
            yield Found(
                each.section.at(),
                f"No session starts for {each.whom} until %%configure gives {', '.join(dict.fromkeys(names))}.",
                "Give a default as well, if the user's own word is not needed.",
            )


def _changed(ground: Ground) -> Iterator[Found]:
    told: dict[tuple[str, str], list[str]] = {}
    for each in ground.standpoints:
        request = each.start.request
        sent = {} if request is None else fold(request).entries
        for name, given in merge(each.tenancy.presets).entries.items() if request is not None else ():
            now = sent.get(name)
            if PLACEHOLDER not in str(given.raw) and (now is None or now.value != given.value):
                became = "left out" if now is None else f"made {redact_value(name, now.raw, 1)}"
                words = f"{name} = {redact_value(name, given.raw, 1)} is {became} by the policy's own limits"
                where = ground.stating(given, name).at("session_configs")
                told.setdefault((where, words), []).append(each.whom)
    for (where, words), whom in told.items():
        yield Found(where, f"{words}, for {some(whom)}.", "Preset a value that the limits let pass.")


def _unlisted(ground: Ground) -> Iterator[Found]:
    for each in ground.standpoints:
        for layer, book in zip(ground.layers, each.tenancy.books, strict=True):
            if book.denies_unlisted is None or layer is not each.section.layer:
                continue
            presets = merge(book.presets).entries
            names = [name for name in presets if name.startswith(CONF) and not book.names(name)]
            if names:
                yield Found(
                    each.section.at("session_configs"),
                    f'With unlisted = "deny" nobody may give another value than the preset of {some(sorted(names))}.',
                    "Give it a limit, if users may choose.",
                )


def _extras(ground: Ground) -> Iterator[Found]:
    for section in ground.sections:
        for name in fold(section.rules.session_configs, PRESETS).extras:
            near = next(iter(get_close_matches(name.lower(), _FIELDS, n=1)), None)
            yield Found(
                section.at("session_configs"),
                f"{shown(name)} is no field of Livy's that livyguard knows; a Livy that does not know it refuses every"
                " session.",
                "Take it out, or put it into conf." if near is None else f"Write {_FIELDS[near]}.",
            )


def _idle(ground: Ground) -> Iterator[Found]:
    for each in ground.standpoints:
        seconds, by = _longest(each)
        if each.tenancy.idle_after >= seconds:
            own, defaults = each.section, next(one for one in ground.sections if one.layer is each.section.layer)
            stating = next((one for one in (own, defaults) if one.rules.idle is not None), own)
            yield Found(
                stating.at("idle.after"),
                f"idle.after is {SECONDS.write(each.tenancy.idle_after)}, and a session that lies idle for"
                f" {SECONDS.write(seconds)} is deleted by Livy ({by}): it never counts as left alone.",
                "Give idle.after less than that.",
            )


def _longest(each: Standpoint) -> tuple[int, str]:
    """Return the seconds after which Livy itself deletes an idle session, at most, and what says so."""
    rule = each.tenancy.rule_for("idle_timeout")
    fixed, most, default = (None, None, None) if rule is None else (rule.fixed, rule.max, rule.default)
    path = "" if rule is None else f"idle_timeout, by {rule.path}"
    preset = merge(each.tenancy.presets).entries.get("idle_timeout")
    given = None if preset is None or preset.fault is not None else preset.value
    said = ((fixed, path), (most, path), (given, "idleTimeout in session_configs"), (default, path))
    found = ((int(time) // 1000, by) for time, by in said if time is not None and time > 0)
    return next(found, (_LIVY_TIMEOUT, "its default of livy.server.session.timeout"))


CHECKS = (
    Check("LG841", "fault", _denied),
    Check("LG842", "warning", _changed),
    Check("LG844", "note", _unlisted),
    Check("LG845", "warning", _idle),
    Check("LG846", "note", _required),
    Check("LG847", "warning", _extras),
)
