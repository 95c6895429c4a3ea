"""One decision on a creation, as a line of the decision log: who asked for what, what was given, by which rule."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Literal

from livyguard.policy.redact import redact, redact_text
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.decision import Decision
    from livyguard.policy.identity import Identity

__all__ = ["DecisionRecord", "Outcome"]

Outcome = Literal["created", "denied", "refused", "failed", "interrupted", "withdrawn"]

_LOGIN = re.compile(r"(://)[^/\s]*@")
_LONGEST_NUMBER = 256


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """What became of one request to create a session.

    Attributes:
        time: seconds since the epoch.
        asked: what the user gave, in Livy's shape.
        endpoint: URL of the Livy.
        outcome: ``created``; ``denied`` by the policy; ``refused`` by Livy; ``failed`` where Livy could not be
            reached or its answer was lost; ``interrupted`` by the user, the session deleted; ``withdrawn`` where it was
            created and gave way, since those before it left no room.
        given: the body that Livy was sent; None where nothing was.
        session_id: Livy's number; None unless it was created.
        kernel: this kernel's id.
        notebook: its file, where Jupyter tells.
    """

    time: float
    who: Identity
    decision: Decision
    asked: Any
    endpoint: str
    outcome: Outcome = "denied"
    given: Mapping[str, Any] | None = None
    session_id: int | None = None
    kernel: str | None = None
    notebook: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return one object without any secret; times are RFC 3339 in UTC."""
        decision = self.decision
        return {
            "time": datetime.fromtimestamp(self.time, timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z",
            "user": self.who.user,
            "trust": self.who.trust,
            "source": redact_text(self.who.source),
            "tenant": decision.tenant,
            "endpoint": _LOGIN.sub(r"\1", self.endpoint),
            "kernel": self.kernel,
            "notebook": self.notebook,
            "verdict": decision.verdict,
            "outcome": self.outcome,
            "session_id": self.session_id,
            "asked": _value(self.asked),
            "given": _value(self.given),
            "changes": [_told(each.to_json()) for each in decision.changes],
            "violations": [_told(each.to_json()) for each in decision.violations],
        }

    def to_line(self) -> str:
        """Return the object on one line of ASCII, its line feed included."""
        return json.dumps(self.to_json(), separators=(",", ":")) + "\n"


def _told(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return a change or a violation: its values are redacted already, the user's own key may hold a secret."""
    return {**{name: _plain(each) for name, each in said.items()}, "property": redact_text(said["property"])}


def _value(value: Any) -> Any:
    """Return any value as JSON without its secrets."""
    return _plain(redact([value])[0])


def _plain(value: Any) -> Any:
    """Return a redacted value as JSON: no number and no object that JSON does not know."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER:
        return shown(value)
    return value if value is None or isinstance(value, (str, int, float)) else f"<{type(value).__name__}>"
