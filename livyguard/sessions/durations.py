"""Durations as people type them: ``30m``, ``2h``, ``45s``, ``1d``."""

from __future__ import annotations

import re

from livyguard.errors import InvalidInput

__all__ = ["parse_duration"]

#: Spark's own suffixes from a second on.
SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}


def parse_duration(text: str) -> float:
    """Return seconds. Raises InvalidInput for anything but a whole number and a unit."""
    match = re.fullmatch(r"\s*(\d{1,9})\s*([a-z]*)\s*", text, re.IGNORECASE)
    unit = match[2].lower() if match else ""
    if match and unit in SECONDS:
        return float(int(match[1]) * SECONDS[unit])
    fault = f"{text!r} has no unit" if match and not unit else f"{text!r} is no duration"
    raise InvalidInput(f"{fault}. A duration is a whole number and one of s, m, h, d: 45s, 30m, 2h, 1d.")
