"""Slips in a body that Livy answers with 400, told before anything is created or deleted."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from livyguard.policy.decision import Violation
from livyguard.policy.properties import FIELDS
from livyguard.policy.redact import redact_text, redact_value
from livyguard.policy.units import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.request import Entry, SessionRequest

__all__ = ["nested", "slips", "unknown"]

_KNOWN = (*FIELDS, "conf")
_FOLDED = {name.lower(): name for name in _KNOWN}


def slips(request: SessionRequest) -> Iterator[Violation]:
    """Yield every unknown field and every ``conf`` value that is no scalar."""
    for name in sorted(request.unknown):
        yield unknown(name, request)
    for name, given in request.entries.items():
        if given.is_nested:
            yield nested(name, given)


def unknown(name: str, request: SessionRequest) -> Violation:
    """Return what is wrong with a top-level field that neither Livy nor the operator knows."""
    close = get_close_matches(name.lower(), _FOLDED, n=1)
    known = f"one of {', '.join(_KNOWN)}, or a spark.* key"
    asked = redact_value(name, request.extras[name], 1)
    reason = f"Did you mean {_FOLDED[close[0]]}?" if close else "Livy refuses a request with a field it does not know."
    allowed = _FOLDED[close[0]] if close else known
    return Violation(shown_name(name).strip("'\""), asked, allowed, "livy", reason, what="is no field that Livy knows")


def nested(name: str, given: Entry) -> Violation:
    """Return what is wrong with a ``conf`` value that is a list or an object."""
    asked = redact_value(name, given.raw, 1)
    reason = "Livy takes no list and no object as a value in conf."
    return Violation(redact_text(name), asked, "a text, a number, true or false", "livy", reason, what="is misshapen")
