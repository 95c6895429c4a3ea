"""What the policy would do to a request, as text, HTML and JSON: the verdict first, also where nothing is changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from livyguard.policy.redact import redact, redact_text
from livyguard.views import decision as decision_view
from livyguard.views import page
from livyguard.views.shown import Shown
from livyguard.views.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.policy.decision import Decision

__all__ = ["MIME", "CheckView", "html", "text", "to_json"]

MIME = "application/vnd.livyguard.decision.v1+json"

SENT = "Livy would be sent"
LONGEST_LINE = 10_000


class CheckView(Shown):
    """A decision on a request that nobody sends; shows itself in a notebook and a terminal.

    Args:
        decision: what the policy says.
        magic: the first line of a cell that would ask for it.
        notices: sentences on what the request says in vain.
    """

    mime = MIME

    def __init__(self, decision: Decision, magic: str = decision_view.CONFIGURE, notices: Sequence[str] = ()) -> None:
        self.decision = decision
        self._magic = magic
        self._notices = notices

    def to_text(self) -> str:
        """Return it as plain text, complete."""
        return text(self.decision, self._magic, self._notices)

    def to_html(self) -> Markup:
        """Return it as HTML, everything foreign in it escaped."""
        return html(self.decision, self._magic, self._notices)

    def to_json(self) -> dict[str, Any]:
        """Return what ``livyguard policy check --json`` prints."""
        return to_json(self.decision)


def to_json(decision: Decision) -> dict[str, Any]:
    """Return the contract's object without any secret."""
    told = decision.to_json()
    told["request"] = redact(told["request"])
    for name in ("changes", "violations"):
        told[name] = [_part(each) for each in told[name]]
    return told


def _part(said: dict[str, Any]) -> dict[str, Any]:
    """Return a change or a violation: its values are redacted already, a secret may be in the user's own key."""
    return {**said, "property": redact_text(said["property"])}


def text(decision: Decision, magic: str = decision_view.CONFIGURE, notices: Sequence[str] = ()) -> str:
    """Return verdict, changes or violations, and the effective request as plain text."""
    lines = [_verdict(decision), decision_view.text(decision, magic=magic), *map(plain, notices)]
    if decision.request is not None:
        lines += [f"{SENT}:", _body(decision)]
    return "\n".join(filter(None, lines))


def html(decision: Decision, magic: str = decision_view.CONFIGURE, notices: Sequence[str] = ()) -> Markup:
    """Return the same as HTML; everything foreign in it is escaped."""
    parts = [Markup("<p><strong>{}</strong></p>").format(_verdict(decision))]
    if decision_view.text(decision):
        parts.append(Markup(decision_view.html(decision, magic=magic)))  # noqa: S704 - escaped by its own view
    parts += [page.note(plain(notice)) for notice in notices]
    if decision.request is not None:
        parts.append(Markup("<p>{}</p><pre><code>{}</code></pre>").format(SENT, _body(decision)))
    return page.section(parts)


def _verdict(decision: Decision) -> str:
    """Return ``clamp: tenant analysts, user alice``."""
    if decision.tenant is None and decision.verdict == "allow":
        return "allow: no policy is installed, so nothing is limited"
    tenant = "" if decision.tenant is None else f"tenant {plain(decision.tenant)}, "
    return f"{decision.verdict}: {tenant}user {plain(decision.user or 'not known')}"


def _body(decision: Decision) -> str:
    document = json.dumps(redact(decision.request), indent=2)
    return "\n".join(plain(line, LONGEST_LINE) for line in document.splitlines())
