"""A decision as text and HTML: asked → given, or every violation with the nearest request that passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.policy.redact import redact_text
from livyguard.views import refusal
from livyguard.views.page import note, section, table
from livyguard.views.refusal import Words, name_of, value_of
from livyguard.views.text import columns, plain

if TYPE_CHECKING:
    from markupsafe import Markup

    from livyguard.policy.decision import Change, Decision

__all__ = ["html", "text"]

_HEADERS = ("property", "asked", "given", "why")
_MAGIC = "%livy_explain"
CONFIGURE = "%%configure -f"
LONGEST_NOTICE = 1_000


def text(decision: Decision, more: str = _MAGIC, magic: str = CONFIGURE, url: str | None = None) -> str:
    """Return the decision as plain text; empty for an allow that changes nothing.

    Args:
        decision: what to show.
        more: how the long form of a code is asked for; the code follows it.
        magic: the first line of a cell that asks for a session's settings; ``%%spark config`` in a plain kernel.
        url: the Livy, where commands that are shown have to name it; None for the one that they ask anyway.
    """
    lines: list[str] = []
    if decision.verdict == "deny":
        lines += refusal.text(decision, _words(more, magic, url))
    elif decision.changes:
        rows = [_row(change) for change in decision.changes]
        lines += [_caption(decision), *(f"  {line}" for line in columns(_HEADERS, rows).splitlines())]
    lines += [plain(redact_text(notice), LONGEST_NOTICE) for notice in decision.notices]
    return "\n".join(lines)


def html(decision: Decision, more: str = _MAGIC, magic: str = CONFIGURE) -> str:
    """Return the decision as HTML in the notebook's own colours; everything foreign is escaped."""
    parts: list[Markup] = []
    if decision.verdict == "deny":
        parts += refusal.html(decision, _words(more, magic, None))
    elif decision.changes:
        parts += [table(_caption(decision), _HEADERS, [_row(change) for change in decision.changes])]
    parts += [note(plain(redact_text(notice), LONGEST_NOTICE)) for notice in decision.notices]
    return str(section(parts))


def _words(more: str, magic: str, url: str | None) -> Words:
    """Return what can be typed in a notebook, or at a prompt, where ``more`` is not the magic."""
    at = f" --url {plain(url)}" if url else ""
    if more == _MAGIC:
        return Words(more, magic, release="%livy_release", sessions="%livy_sessions", at=at)
    return Words(more, "", release="livyguard release", sessions="livyguard sessions", at=at)


def _caption(decision: Decision) -> str:
    code = decision.changes[0].code
    done = "sets what is asked to what it allows" if decision.verdict == "clamp" else "fills in what was left open"
    tenant = plain(decision.tenant or "")
    return f"{code} The policy {done} (tenant {tenant})"


def _row(change: Change) -> list[str]:
    given = "left out" if change.given is None else value_of(change.given)
    why = plain(change.reason or change.rule.removesuffix(f".{change.property}"))
    if change.contact and change.asked is not None:
        why += f" · more: {plain(change.contact)}"
    return [name_of(change.property), "" if change.asked is None else value_of(change.asked), given, why]
