"""LG607: the encrypted connection is not made; why, and what mends that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import http_text as text
from livyguard.hints.catalog.http_parts import AGAIN, LIVYS_PATH
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.model import Fix

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# livyguard's own words (livyguard.livy.faults), then urllib3's for a request of Livy's own paths.
_TLS = re.compile(
    r"TLS with https?://\S+ fails: [^\n]{1,300}"
    rf"|Max retries exceeded with url: {LIVYS_PATH} [^\n]{{0,200}}?SSL[^\n]{{1,300}}"
)
_UNKNOWN_ISSUER = re.compile(r"self[- ]signed certificate|unable to get (?:local )?issuer certificate")
_TIME = re.compile(r"certificate has expired|certificate is not yet valid")
_NAME = re.compile(r"[Hh]ostname mismatch|IP address mismatch|doesn't match")
_NO_TLS = re.compile(r"WRONG_VERSION_NUMBER|wrong version number|record layer failure|EOF occurred", re.IGNORECASE)

_LOOK_AT_IT = Fix(
    "Look at the certificate: whose it is, who signed it, until when.",
    command="openssl s_client -connect HOST:PORT -servername HOST </dev/null | openssl x509 -noout -subject -issuer "
    "-dates -ext subjectAltName",
    applicability="manual",
)
_BUNDLE = Fix(
    "Name the file that holds your authority's certificate, in this kernel (or for good: env in kernel.json).",
    cell="%env REQUESTS_CA_BUNDLE=/path/to/your-authority.pem",
    applicability="manual",
)
_ADDRESS = Fix(
    "Use the name in the address that the certificate is for, then restart the kernel: config.json is read once.",
    command='"kernel_python_credentials": {"url": "https://name-in-the-certificate:8998"}',
    applicability="manual",
)
_PLAIN = Fix(
    "See whether Livy speaks plain HTTP there; if so, the address begins with http://.",
    command="curl -sS http://HOST:PORT/version",
    applicability="manual",
)
_CLOCK = Fix("See whether this machine's clock is right.", command="date -u")

_UNKNOWN_TO_US = (
    "This machine does not know the authority that signed the server's certificate: it signed it itself, or your "
    "organisation's own authority did."
)
_OVER = (
    "The time of the server's certificate is over, or has not begun, by this machine's clock. A new certificate is the "
    "operator's to install."
)
_CAUSES: tuple[tuple[re.Pattern[str], str, tuple[Fix, ...]], ...] = (
    (_UNKNOWN_ISSUER, _UNKNOWN_TO_US, (_BUNDLE, _LOOK_AT_IT)),
    (_TIME, _OVER, (_CLOCK, _LOOK_AT_IT)),
    (_NAME, "The server's certificate is for another name than the one in Livy's address.", (_ADDRESS, _LOOK_AT_IT)),
    (_NO_TLS, "What answers there does not speak TLS: it is plain HTTP, or another port.", (_PLAIN,)),
)
_ELSE = "This machine and the server do not agree on an encrypted connection.", (_LOOK_AT_IT,)


def _tls(case: Case) -> Finding | None:
    match = case.find(_TLS)
    if match is None:
        return None
    cause, fixes = next(((cause, fixes) for sign, cause, fixes in _CAUSES if sign.search(match[0])), _ELSE)
    facts = (case.quote(match, "the connection"),)
    return Finding("The encrypted connection to Livy is not made", cause, facts, (*fixes, AGAIN), rank=75)


ENTRIES = (
    Entry(
        "LG607",
        "tls-failed",
        "the encrypted connection to Livy is not made",
        text.TLS,
        _tls,
        needles=("TLS with http", "Max retries exceeded with url"),
    ),
)
