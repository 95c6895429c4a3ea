"""The cell that asks for a session with other settings, and what to know before it is run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REPLACES", "configure"]

#: What to know before a cell with ``%%configure -f`` is run.
REPLACES = "It starts a new session and replaces what an earlier %%configure said."


def configure(settings: Mapping[str, Any]) -> str:
    """Return the cell that asks for a session with these settings, in SparkMagic's own shape."""
    return f"%%configure -f\n{json.dumps(settings)}"
