"""A fault of livyguard's own commands as text: what happened, and below it the hint that explains it, if any does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.redaction import redact
from livyguard.views import hint as view

if TYPE_CHECKING:
    from livyguard.errors import LivyguardError

__all__ = ["text"]


def text(error: LivyguardError, more: str = "%livy_explain", *, in_terminal: bool = False) -> str:
    """Return the message of a fault and the best hint; a message that no hint knows stays as it is, but for secrets.

    Args:
        error: what went wrong; nothing was lost by it, so no fix is to recover.
        more: how the long form is asked for; the code follows it.
        in_terminal: give commands instead of cells, where there are such.
    """
    said = str(error)
    hints = diagnose(Case(error=said, is_cleared=True))
    return "\n\n".join([redact(said), *(view.text(hint, more, in_terminal=in_terminal) for hint in hints[:1])])
