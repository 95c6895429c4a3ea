"""The way to a Livy: its name, its port, its certificate."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from livyguard.doctor.advice import AGAIN, advice
from livyguard.doctor.model import OK, SKIPPED, WARNING, Finding

if TYPE_CHECKING:
    from livyguard.doctor.visit import Visit

__all__ = ["dns", "tcp", "tls"]

_DAY = 86_400.0
#: Days before its end at which a certificate is worth a word.
SOON = 14


def dns(visit: Visit) -> Finding:
    """Look the host's name up: the proxy's where there is one, since that is who is asked then."""
    network = visit.at.network
    addresses = network.resolve()
    host = urlsplit(visit.at.url).hostname or ""
    through = f"through the proxy {network.via}: " if network.via else ""
    is_address = list(addresses) == [host]
    return Finding(OK, f"{through}{host} is an address" if is_address else f"{through}{host} is {_some(addresses)}")


def _some(addresses: object) -> str:
    names = list(addresses) if isinstance(addresses, (list, tuple)) else [str(addresses)]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 - as many as fit a line
    return ", ".join(names[:3]) + more


def tcp(visit: Visit) -> Finding:
    """Open a connection."""
    started = time.monotonic()
    network = visit.at.network
    network.connect()
    waited = (time.monotonic() - started) * 1_000
    where = network.via or urlsplit(visit.at.url).netloc
    return Finding(OK, f"{where} takes connections ({waited:.0f} ms)")


def tls(visit: Visit) -> Finding:
    """Shake hands, and look at the certificate with the eyes that requests to Livy look at it with."""
    parts = urlsplit(visit.at.url)
    if parts.scheme != "https":
        return Finding(SKIPPED, f"{parts.scheme}:// goes without")
    certificate = visit.at.network.handshake()
    if certificate is None:
        return Finding(SKIPPED, "config.json mounts an adapter of its own for it; the log-in shows whether it works")
    if certificate.until is None:
        cause = "The settings say that nobody looks at the certificate: anybody on the way could be this server."
        return Finding(WARNING, f"{certificate.protocol}; the certificate is not looked at", advice("LG959", cause))
    end = time.strftime("%Y-%m-%d", time.gmtime(certificate.until))
    said = f"{certificate.protocol}; the certificate of {parts.hostname} is valid until {end}"
    left = (certificate.until - visit.now) / _DAY
    if left < SOON:
        cause = f"It is over in {max(left, 0):.0f} days; then every request fails. Whoever runs the server renews it."
        return Finding(WARNING, f"{said}: in {max(left, 0):.0f} days", advice("LG960", cause, AGAIN))
    return Finding(OK, said)
