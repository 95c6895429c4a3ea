"""A refusal as text and HTML: every violation in four parts, the way out of a quota, the nearest request as a cell."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from livyguard.policy.decision import OVER_QUOTA
from livyguard.policy.properties import VIRTUAL
from livyguard.policy.redact import redact_text
from livyguard.views.page import LINE, note
from livyguard.views.ready_cell import ready_cell
from livyguard.views.text import plain

if TYPE_CHECKING:
    from livyguard.policy.decision import Decision, Violation

__all__ = ["Words", "html", "name_of", "text", "value_of"]

REFUSED = "The policy refuses this session; nothing is created and nothing is deleted."
NEAREST = "The nearest request that passes:"
LARGEST = "The largest request that fits now:"
UNTOLD = "nobody can tell how much"
LONGEST_REASON = 1_000

_FLUSH = "padding: 2px 10px 2px 8px; text-align: left; vertical-align: top; border: none"
_CODE = '<pre style="margin: 2px 0"><code>{}</code></pre>'


@dataclass(frozen=True, slots=True)
class Words:
    """What can be typed where a refusal is read.

    Attributes:
        more: how the long form of a code is asked for; the code follows it.
        configure: the first line of a cell that asks for a session's settings; empty on the command line.
        release: how a session is released; its number follows it.
        sessions: how the listing is asked for.
        at: what follows either command so that it asks the same Livy; empty where it does so anyway.
    """

    more: str
    configure: str
    release: str
    sessions: str
    at: str = ""


def text(decision: Decision, words: Words) -> list[str]:
    """Return a refusal as lines of plain text."""
    lines = [_heading(decision)]
    for violation in decision.violations:
        advice, command = _hint(decision, violation, words)
        hint = f"{advice} `{command}`" if command else advice
        heading = f"{violation.code} {name_of(violation.property)} {violation.what}"
        parts = [*_asked(violation), ("hint", hint), ("more", f"{words.more} {violation.code}")]
        lines += ["", heading, *(f"  {label:<9}{content}" for label, content in parts)]
    if decision.nearest is not None:
        cell, left_out = ready_cell(decision.nearest, words.configure)
        lines += ["", *left_out, _offer(decision), *cell.splitlines()]
    return lines


def html(decision: Decision, words: Words) -> list[Markup]:
    """Return a refusal as parts of HTML; everything foreign in it is escaped."""
    parts = [Markup("<p><strong>{}</strong></p>").format(_heading(decision))]
    parts += [_table(decision, violation, words) for violation in decision.violations]
    if decision.nearest is not None:
        cell, left_out = ready_cell(decision.nearest, words.configure)
        parts += [note(sentence) for sentence in left_out]
        parts += [Markup("<p>{}</p><pre><code>{}</code></pre>").format(_offer(decision), cell)]
    return parts


def name_of(name: str) -> str:
    """Return a property as it may be shown; a user may have written a secret into a key."""
    return plain(redact_text(name))


def value_of(value: Any) -> str:
    """Return a value as one harmless line."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return plain(", ".join(value))
    return plain(json.dumps(value, ensure_ascii=False, default=str))


def _heading(decision: Decision) -> str:
    """Say what became of the session; one that was over a quota once it existed has given way."""
    return plain(redact_text(decision.gave_way), LONGEST_REASON) if decision.gave_way else REFUSED


def _offer(decision: Decision) -> str:
    return LARGEST if all(each.code == OVER_QUOTA for each in decision.violations) else NEAREST


def _asked(violation: Violation) -> list[tuple[str, str]]:
    """Return what was asked and what is allowed, the parts that follow the heading."""
    allowed = "nothing else" if violation.allowed is None else value_of(violation.allowed)
    if violation.what in {"is forbidden", "is not listed"}:
        allowed = "none"
    nothing = UNTOLD if violation.code == OVER_QUOTA else "nothing"
    return [
        ("asked", nothing if violation.asked is None else value_of(violation.asked)),
        ("allowed", f"{allowed}   ({plain(violation.rule)})"),
    ]


def _hint(decision: Decision, violation: Violation, words: Words) -> tuple[str, str]:
    """Return the advice, and the command that it leads to, or an empty one."""
    reason = _sentence(plain(violation.reason, LONGEST_REASON)) if violation.reason else ""
    contact = f"Ask {plain(violation.contact)} for more." if violation.contact else ""
    if violation.code != OVER_QUOTA:
        return " ".join(filter(None, (reason, contact))) or _advice(violation), ""
    quotas = [each for each in decision.violations if each.code == OVER_QUOTA]
    if violation is not quotas[0]:
        return reason, ""
    if decision.release:
        numbers = " ".join(map(str, decision.release))
        return f"{reason.removesuffix('.') or 'This makes room'}:", f"{words.release} {numbers}{words.at}"
    if decision.nearest is not None or any(each.asked is None for each in quotas):  # waiting is of no use
        return reason, ""
    is_team = violation.property.startswith("team_")
    what, listing = ("who holds what", words.sessions) if is_team else ("what you hold", f"{words.sessions} --mine")
    return f"{reason} Wait, or release a session whose work is done; see {what}:".lstrip(), listing + words.at


def _advice(violation: Violation) -> str:
    """Return what can be done where the policy gives no reason; what was not asked for cannot be left out."""
    if violation.property in VIRTUAL:
        return "Ask for fewer or smaller executors, or for a smaller driver."
    name = name_of(violation.property)
    return (
        f"Give {name} a value that is allowed."
        if violation.asked is None
        else f"Leave {name} out, or use what is allowed."
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "…")) else f"{text}."


def _table(decision: Decision, violation: Violation, words: Words) -> Markup:
    advice, command = _hint(decision, violation, words)
    hint = Markup("{}" + _CODE).format(advice, command) if command else advice  # noqa: S704 - escaped by format
    parts = [*_asked(violation), ("hint", hint), ("more", f"{words.more} {violation.code}")]
    rows = Markup("").join(
        Markup('<tr style="border-bottom: {}"><th scope="row" style="{}">{}</th><td style="{}">{}</td></tr>').format(
            LINE, _FLUSH, label, _FLUSH, content
        )
        for label, content in parts
    )
    caption = Markup("<strong>{}</strong> {} {}").format(violation.code, name_of(violation.property), violation.what)
    return Markup(
        '<table style="border-collapse: collapse; margin: 4px 0 8px 0; border-left: 3px solid {}">'
        '<caption style="caption-side: top; text-align: left">{}</caption><tbody>{}</tbody></table>'
    ).format("var(--jp-error-color1, #c62828)", caption, rows)
