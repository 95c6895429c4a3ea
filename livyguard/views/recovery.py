"""What ``%livy_recover`` did, as text and HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from livyguard.recovery import Recovery

__all__ = ["html", "text"]


def text(recovery: Recovery) -> str:
    """Return what was found, what was forgotten, and what the next cell does."""
    return "\n".join(_lines(recovery))


def html(recovery: Recovery) -> str:
    """Return the same as a list."""
    items = Markup("").join(Markup("<li>{}</li>").format(escape(line)) for line in _lines(recovery))
    return Markup("<ul>{}</ul>").format(items)


def _lines(recovery: Recovery) -> list[str]:
    lines = [one.reason for one in recovery.sessions]
    if recovery.failed_start is not None:
        lines.append("The failed start is forgotten.")
    if not lines:
        return ["There is nothing to recover from: this notebook uses no session yet."]
    if any(one.outcome == "alive" for one in recovery.sessions) and not recovery.is_needed:
        return [*lines, "There is nothing to recover from. To free it: %livy_release --this"]
    if any(one.outcome == "unknown" for one in recovery.sessions):
        return [*lines, "Run %livy_recover again when Livy answers."]
    return [
        *lines,
        "The next Spark cell starts a new session with the same settings; variables of the old one are gone.",
    ]
