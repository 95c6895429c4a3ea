"""Foreign text made harmless and visible: what a server, a session's name or a log line may hold."""

from __future__ import annotations

import re

__all__ = ["harmless", "is_harmless"]

#: Control characters (ANSI escapes begin with one), marks that turn the direction of writing, what has no width, and
#: what is no character at all.
_HARMFUL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def harmless(text: str) -> str:
    r"""Return one line: control characters and marks of direction are shown as ``\x1b``, ``\u202e``."""
    return _HARMFUL.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def is_harmless(text: str) -> bool:
    """Tell whether nothing in it has to be shown otherwise."""
    return _HARMFUL.search(text) is None
