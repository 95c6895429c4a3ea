"""A decision as text and HTML: asked → given, or every violation with the nearest request that passes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from livyguard.policy.properties import VIRTUAL
from livyguard.policy.redact import redact_text, redact_value
from livyguard.views.page import LINE, note, section, table
from livyguard.views.text import columns, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.decision import Change, Decision, Violation

__all__ = ["html", "text"]

_HEADERS = ("property", "asked", "given", "why")
_REFUSED = "The policy refuses this session; nothing is created and nothing is deleted."
_NEAREST = "The nearest request that passes:"
_MAGIC = "%livy_explain"
CONFIGURE = "%%configure -f"


def text(decision: Decision, more: str = _MAGIC, magic: str = CONFIGURE) -> str:
    """Return the decision as plain text; empty for an allow that changes nothing.

    Args:
        decision: what to show.
        more: how the long form of a code is asked for; the code follows it.
        magic: the first line of a cell that asks for a session's settings; ``%%spark config`` in a plain kernel.
    """
    lines: list[str] = []
    if decision.verdict == "deny":
        lines += [_REFUSED]
        for violation in decision.violations:
            lines += ["", *_violation(violation, more)]
        if decision.nearest is not None:
            cell, left_out = _cell(decision.nearest, more, magic)
            lines += ["", *left_out, _NEAREST, *cell.splitlines()]
    elif decision.changes:
        rows = [_row(change) for change in decision.changes]
        lines += [_caption(decision), *(f"  {line}" for line in columns(_HEADERS, rows).splitlines())]
    lines += [plain(redact_text(notice)) for notice in decision.notices]
    return "\n".join(lines)


def html(decision: Decision, more: str = _MAGIC, magic: str = CONFIGURE) -> str:
    """Return the decision as HTML in the notebook's own colours; everything foreign is escaped."""
    parts: list[Markup] = []
    if decision.verdict == "deny":
        parts += [Markup("<p><strong>{}</strong></p>").format(_REFUSED)]
        parts += [_html_violation(violation, more) for violation in decision.violations]
        if decision.nearest is not None:
            cell, left_out = _cell(decision.nearest, more, magic)
            parts += [note(sentence) for sentence in left_out]
            parts += [Markup("<p>{}</p><pre><code>{}</code></pre>").format(_NEAREST, cell)]
    elif decision.changes:
        parts += [table(_caption(decision), _HEADERS, [_row(change) for change in decision.changes])]
    parts += [note(plain(redact_text(notice))) for notice in decision.notices]
    return str(section(parts))


def _caption(decision: Decision) -> str:
    code = decision.changes[0].code
    done = "sets what is asked to what it allows" if decision.verdict == "clamp" else "fills in what was left open"
    tenant = plain(decision.tenant or "")
    return f"{code} The policy {done} (tenant {tenant})"


def _row(change: Change) -> list[str]:
    given = "left out" if change.given is None else _value(change.given)
    why = plain(change.reason or change.rule.removesuffix(f".{change.property}"))
    if change.contact and change.asked is not None:
        why += f" · more: {plain(change.contact)}"
    return [_name(change.property), "" if change.asked is None else _value(change.asked), given, why]


def _parts(violation: Violation, more: str) -> list[tuple[str, str]]:
    """Return the four parts of the message that follow its heading."""
    allowed = "nothing else" if violation.allowed is None else _value(violation.allowed)
    if violation.what in {"is forbidden", "is not listed"}:
        allowed = "none"
    hint = [_sentence(plain(violation.reason, limit=500))] if violation.reason else []
    if violation.contact:
        hint.append(f"Ask {plain(violation.contact)} for more.")
    return [
        ("asked", "nothing" if violation.asked is None else _value(violation.asked)),
        ("allowed", f"{allowed}   ({plain(violation.rule)})"),
        ("hint", " ".join(hint) or _advice(violation)),
        ("more", f"{more} {violation.code}"),
    ]


def _advice(violation: Violation) -> str:
    """Return what can be done where the policy gives no reason; what was not asked for cannot be left out."""
    if violation.property in VIRTUAL:
        return "Ask for fewer or smaller executors, or for a smaller driver."
    name = _name(violation.property)
    return (
        f"Give {name} a value that is allowed."
        if violation.asked is None
        else f"Leave {name} out, or use what is allowed."
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "…")) else f"{text}."


def _violation(violation: Violation, more: str) -> list[str]:
    heading = f"{violation.code} {_name(violation.property)} {violation.what}"
    return [heading, *(f"  {label:<9}{content}" for label, content in _parts(violation, more))]


def _html_violation(violation: Violation, more: str) -> Markup:
    rows = Markup("").join(
        Markup('<tr style="border-bottom: {}"><th scope="row" style="{}">{}</th><td style="{}">{}</td></tr>').format(
            LINE, _FLUSH, label, _FLUSH, content
        )
        for label, content in _parts(violation, more)
    )
    caption = Markup("<strong>{}</strong> {} {}").format(violation.code, _name(violation.property), violation.what)
    return Markup(
        '<table style="border-collapse: collapse; margin: 4px 0 8px 0; border-left: 3px solid {}">'
        '<caption style="caption-side: top; text-align: left">{}</caption><tbody>{}</tbody></table>'
    ).format("var(--jp-error-color1, #c62828)", caption, rows)


_FLUSH = "padding: 2px 10px 2px 8px; text-align: left; vertical-align: top; border: none"


def _name(name: str) -> str:
    """Return a property as it may be shown; a user may have written a secret into a key."""
    return plain(redact_text(name))


def _value(value: Any) -> str:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return plain(", ".join(value))
    return plain(json.dumps(value, ensure_ascii=False, default=str))


def _cell(body: Mapping[str, Any], more: str, magic: str) -> tuple[str, list[str]]:
    """Return a body as a ready cell, or for the command line as a file's content, and what is left out of it."""
    settings, secret = _without_secrets(body)
    left_out = []
    if secret:
        names = plain(redact_text(", ".join(secret)), limit=500)
        left_out = [f"Values that look secret are left out of what follows; add them again: {names}."]
    if more != _MAGIC:
        return json.dumps(settings, indent=2), left_out
    settings.pop("kind", None)  # it comes with the kernel
    return f"{magic}\n{json.dumps(settings, indent=2)}", left_out


def _without_secrets(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    kept: dict[str, Any] = {}
    secret: list[str] = []
    for key, value in body.items():
        if key == "conf" and isinstance(value, dict):
            inner, hidden = _without_secrets(value)
            secret += hidden
            if inner:
                kept[key] = inner
        elif redact_value(key, value, 1) == value and redact_text(key) == key:
            kept[key] = value
        else:
            secret.append(key)
    return kept, secret
