"""Foreign text made fit to be quoted: no secrets, no control characters, a sane length."""

from __future__ import annotations

import re

__all__ = ["LONGEST", "REDACTED", "excerpt", "is_whole", "redact"]

#: Characters of one quoted line.
LONGEST = 300
REDACTED = "*********(redacted)"

# Spark's spark.redaction.regex, with the other spellings of "access key", in the key of a key-value pair. The rest of
# the key is looked ahead for and then taken whole: no less of it is tried, so that a line takes time by its length.
_PAIR = re.compile(
    r"""(?ix)
    (?P<key>(?:secret|password|token|access[._]?key)(?=(?P<rest>[\w.\-]{0,100}))(?P=rest))
    (?P<link>\\?["']?\s{0,9}(?:[=-]>|[=:])\s{0,9} | (?<=-)>\s{0,9} | ["']\s?,\s? | ,(?=\S) | </name>\s{0,9}<value>)
    (?:\\"(?:(?!\\").)*(?:\\")? | "(?:[^"\\]|\\.)*"? | '[^']*'? | [^\s,;&}\])"'<]+)
    """
)
_CREDENTIALS = re.compile(r"(?i)(?P<scheme>\b(?:basic|bearer|negotiate)\s+)[\w+/=.\-~]{6,}")
_URL_PASSWORD = re.compile(r"(?P<user>://[^\s/:@]*):[^\s/@]+@")


def redact(text: str) -> str:
    """Replace the values of secrets: pairs whose key Spark would redact, HTTP credentials, passwords in URLs."""
    text = _PAIR.sub(lambda pair: f"{pair['key']}{pair['link']}{REDACTED}", text)
    text = _CREDENTIALS.sub(lambda found: f"{found['scheme']}{REDACTED}", text)
    return _URL_PASSWORD.sub(lambda found: f"{found['user']}:{REDACTED}@", text)


def excerpt(text: str, around: str = "", longest: int = LONGEST) -> str:
    """Return one printable line of at most ``longest`` characters, redacted before it is cut.

    Args:
        text: what was seen.
        around: a piece of it that stays in sight if the line is cut.
        longest: in characters, the ellipses included.
    """
    shown = " ".join(redact(text).split())
    shown = "".join(char if char.isprintable() else _escaped(char) for char in shown)
    if len(shown) <= longest:
        return shown
    place = max(shown.find(" ".join(around.split())), 0)
    start = 0 if place + len(around) < longest else max(place - longest // 4, 0)
    cut = shown[start : start + longest - 2 if start else longest - 1]
    return f"{'…' if start else ''}{cut}{'…' if start + len(cut) < len(shown) else ''}"


def is_whole(text: str, longest: int = LONGEST) -> bool:
    """Tell whether :func:`excerpt` leaves a text as it is; a command is made of no other."""
    return excerpt(text, longest=longest) == text


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
