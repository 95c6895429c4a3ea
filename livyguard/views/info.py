"""What ``%%info`` shows: the settings that the next session gets, redacted, and my sessions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from markupsafe import Markup

from livyguard.policy.redact import redact
from livyguard.views import decision as decision_view
from livyguard.views import page
from livyguard.views import sessions as sessions_view

if TYPE_CHECKING:
    from livyguard.policy.decision import Decision
    from livyguard.sessions.rows import SessionList

__all__ = ["html", "text"]

SETTINGS = "What the next session of this notebook gets"


def text(decision: Decision, mine: SessionList) -> str:
    """Return settings and sessions as plain text."""
    settings = decision_view.text(decision) if decision.request is None else f"{SETTINGS}\n{_settings(decision)}"
    return f"{settings}\n\n{sessions_view.text(mine)}"


def html(decision: Decision, mine: SessionList) -> Markup:
    """Return settings and sessions as HTML."""
    if decision.request is None:
        settings = Markup("<pre>{}</pre>").format(decision_view.text(decision))
    else:
        settings = Markup("<p>{}</p><pre>{}</pre>").format(SETTINGS, _settings(decision))
    return page.section([settings, sessions_view.html(mine)])


def _settings(decision: Decision) -> str:
    return json.dumps(redact(decision.request or {}), indent=2)
