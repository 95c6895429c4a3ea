"""Livy's door: who is let in, whether it wants to know who asks, and which Livy it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.doctor.advice import advice, known
from livyguard.doctor.model import OK, SKIPPED, WARNING, Finding
from livyguard.hints.model import Fix

if TYPE_CHECKING:
    from livyguard.doctor.visit import Visit

__all__ = ["csrf", "login", "version"]

#: Seconds before a ticket's end at which it is worth a word: a lunch, and a long cell.
TICKET_SOON = 3_600.0
_MISSING_HEADER = "Missing Required Header for CSRF protection."
_VERSION = re.compile(r"(\d+)\.(\d+)")
#: What a version brings, by a key of a listed session; vendors carry later features back.
_FEATURES = (
    ("name", "names"),
    ("conf", "sizes and settings"),
    ("ttl", "ttl"),
    ("idleTimeout", "idleTimeout for each session"),
)
_TELLS_TIMES = (0, 7)


def login(visit: Visit) -> Finding:
    """Ask for the listing, as every command does first: log-in, base path and answer in one."""
    livy = visit.at.livy
    visit.page = livy.page()
    user = livy.login()
    left = livy.ticket_seconds()
    said = f"{'let in' if user is None else f'let in as {user}'}{'' if user else ' without a log-in'}"
    if left is None:
        return Finding(OK, said)
    minutes = f"{max(left, 0) / 60:.0f} minutes"
    if left < TICKET_SOON:
        renew = Fix("Get a new one, in a terminal of the machine that this runs on.", command="kinit")
        cause = "Sessions live on; cells fail when it is over, until there is a new one."
        return Finding(WARNING, f"{said}; the Kerberos ticket is over in {minutes}", advice("LG961", cause, renew))
    return Finding(OK, f"{said}; the Kerberos ticket lasts for {left / 3_600:.1f} hours")


def csrf(visit: Visit) -> Finding:
    """Find out whether Livy wants ``X-Requested-By``, and whether what SparkMagic sends carries it."""
    wanted = visit.at.livy.wants_header()
    if wanted is None:
        return Finding(SKIPPED, "the answer does not tell whether it is wanted; livyguard sends X-Requested-By anyway")
    if not wanted:
        return Finding(OK, "X-Requested-By is not asked for")
    if visit.settings is None or visit.settings.says_who_asks:
        return Finding(OK, "X-Requested-By is wanted, and sent")
    if visit.here.guard() is not None:
        return Finding(OK, "X-Requested-By is wanted; livyguard adds it to what this notebook sends")
    text = "X-Requested-By is wanted, and config.json has none: only guarded notebooks send it"
    return Finding(WARNING, text, known(_MISSING_HEADER, visit.at.url))


def version(visit: Visit) -> Finding:
    """Tell which Livy it is and what it can do, by its own word and by what its listing shows."""
    told = visit.at.livy.version()
    keys = frozenset() if visit.page is None else visit.page.keys
    seen = [words for key, words in _FEATURES if key in keys]
    can = f"; the listing shows {', '.join(seen)}" if seen else ""
    if told.version is None:
        return Finding(OK, f"it does not tell its version{can}")
    match = _VERSION.match(told.version)
    number = (int(match[1]), int(match[2])) if match else None
    build = f"{told.version}{_vendor(told.version)}"
    if number is not None and number < _TELLS_TIMES and "conf" not in keys:
        cause = "It tells no times of statements: since when a session lies idle is known of those created here alone."
        return Finding(WARNING, f"{build}{can}", advice("LG962", cause))
    brought = can or _brought(number)
    return Finding(OK, f"{build}{brought}")


def _vendor(told: str) -> str:
    """Say of a version that is none of Apache's own: ``0.7.1-incubating`` and ``0.10.0-SNAPSHOT`` are."""
    return "" if re.fullmatch(r"\d+\.\d+\.\d+(-incubating)?(-SNAPSHOT)?", told) else " (a vendor's build)"


def _brought(number: tuple[int, int] | None) -> str:
    if number is None:
        return ""
    if number >= (0, 9):
        return "; it has idleTimeout and ttl for each session"
    if number >= (0, 8):
        return "; it has ttl for each session (an idle time-out there), no idleTimeout"
    return "; it shows no sizes of sessions, and has neither ttl nor idleTimeout"
