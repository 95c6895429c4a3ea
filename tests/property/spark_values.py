"""How Spark 3.5, Java and Kubernetes read single values: the oracle's own parsers, none of livyguard's.

Held against what Spark's own parsers answered (``spark_parsers.json``).
"""

from __future__ import annotations

import re
import unicodedata

UNITS = {"b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40, "p": 2**50}


class NotReadable(ValueError):
    """Spark throws at this value."""


def trimmed(text: str) -> str:
    """``String.trim`` of Java: what is at most a blank goes, other white space stays."""
    start, end = 0, len(text)
    while start < end and text[start] <= " ":
        start += 1
    while end > start and text[end - 1] <= " ":
        end -= 1
    return text[start:end]


def size(text: str, unit: str) -> int:
    """``JavaUtils.byteStringAs``: whole units; a bare number is in that unit already."""
    text = trimmed(text.lower())
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    suffix = text[len(digits) :]
    if not digits or any(each not in "0123456789" for each in digits) or int(digits) >= 2**63:
        raise NotReadable(text)
    if suffix and suffix != "b" and suffix[0] in UNITS and suffix[1:] in ("", "b"):
        suffix = suffix[0]
    if suffix and suffix not in UNITS:
        raise NotReadable(text)
    units = int(digits) * UNITS[suffix or unit] // UNITS[unit]
    if units >= 2**63:
        raise NotReadable(text)
    return units


def whole(text: str) -> int:
    """``Integer.parseInt`` of a trimmed text, which takes any script's decimal digits below U+10000."""
    text = trimmed(text)
    digits = text[1:] if text[:1] in ("+", "-") else text
    value = 0
    for each in digits:
        if ord(each) > 0xFFFF or unicodedata.category(each) != "Nd":
            raise NotReadable(text)
        value = 10 * value + unicodedata.decimal(each)
    value = -value if text[:1] == "-" else value
    if not digits or not -(2**31) <= value < 2**31:
        raise NotReadable(text)
    return value


def flag(text: str) -> bool:
    """``toBoolean`` of a trimmed text."""
    if (word := trimmed(text).lower()) not in ("true", "false"):
        raise NotReadable(text)
    return word == "true"


def share(text: str) -> float:
    """``Double.parseDouble``, where Spark wants nought or more."""
    word = trimmed(text)
    if re.fullmatch(r"\+?0[xX][0-9a-fA-F.]+[pP][+-]?\d+[dDfF]?", word):
        return float.fromhex(word.rstrip("dDfF"))
    word = word if word in ("Infinity", "+Infinity") else word.rstrip("dDfF")
    if not re.fullmatch(r"\+?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|\+?Infinity", word):
        raise NotReadable(text)
    return float(word)


def quantity(text: str) -> float:
    """Cores as Kubernetes writes them."""
    found = re.fullmatch(r"\+?([0-9]+\.?[0-9]*|\.[0-9]+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|(?:[eE][+-]?[0-9]+))?", text)
    if found is None:
        raise NotReadable(text)
    scales = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
    scales |= {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
    scale = found[2] or ""
    return float(found[1]) * scales.get(scale, float(f"1{scale}") if scale[:1] in ("e", "E") and scale[1:] else 1)


def words(text: str, *, blanks: str, escapes: str) -> list[str]:
    """Split Java options.

    Args:
        text: as they stand in one text.
        blanks: what parts two of them.
        escapes: where a backslash frees the next character: ``"`` in double quotes, ``.`` outside of quotes.
    """
    found: list[str] = []
    word: list[str] | None = None
    quote = ""
    characters = iter(text)
    for each in characters:
        if each == "\\" and ((quote or ".") in escapes):
            word = [*(word or []), next(characters, "")]
        elif quote and each != quote:
            word = [*(word or []), each]
        elif quote:
            quote = ""
        elif each in "\"'":
            quote, word = each, word or []
        elif each in blanks:
            found += [] if word is None else ["".join(word)]
            word = None
        else:
            word = [*(word or []), each]
    return found + ([] if word is None else ["".join(word)])


_JAVA_WHITE = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f " + "".join(
    each
    for each in map(chr, range(0x10000))
    if unicodedata.category(each) in ("Zs", "Zl", "Zp") and each not in "\xa0\u2007\u202f "
)


def every_split(text: str) -> list[list[str]]:
    """``Utils.splitCommandString``, ``CommandBuilderUtils.parseOptionString``, and the JVM's own of its variables."""
    return [
        words(text, blanks=" \t\r\n", escapes='"'),
        words(text, blanks=_JAVA_WHITE, escapes='".'),
        words(text, blanks=" \t\n\x0b\x0c\r", escapes=""),
    ]
