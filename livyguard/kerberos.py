"""Kerberos as a client meets it: whether there is a ticket, and nothing sent with one that has run out.

A KDC and a server allow for clocks that differ by five minutes, the client's library does not: for so long after its
end a ticket still gets a request carried out, whose answer the client then throws away. A session would be created, or
deleted, and the user be told that it failed. So the ticket is looked at before it is used.
"""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from requests.auth import AuthBase

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

__all__ = [
    "Careful",
    "Ticket",
    "careful",
    "is_kerberos",
    "is_negotiable",
    "lifetime",
    "ticket_of",
    "unproven",
    "why_refused",
]

UNAUTHORIZED = 401
NEGOTIATE = "negotiate"
#: The library's own sentence at the end of what gssapi makes of it: "Major (…): …, Minor (…): Server not found in …".
_MINOR = re.compile(r"Minor \(\d+\): (.+)", re.DOTALL)
_CACHE = re.compile(r"\(default cache: ([^)]+)\)")


class Ticket(NamedTuple):
    """What an authentication would log in with.

    Attributes:
        principal: ``alice@EXAMPLE.COM``; None where there is no good ticket.
        fault: why there is none, the beginning of a sentence; None where there is one, and where nobody can tell.
    """

    principal: str | None = None
    fault: str | None = None


class Careful(AuthBase):
    """Logs in as a Kerberos authentication does, unless it has no good ticket: then nothing is sent with it.

    The server's 401 comes first, so a log-in that the server remembers by its cookie needs no ticket.

    Args:
        auth: an ``HTTPKerberosAuth``, SparkMagic's own among them.
        place: what is logged in to, for the message: the URL of a Livy, ``the ResourceManager http://rm:8088``.
        error: makes of a message what is raised.
    """

    def __init__(self, auth: Any, place: str, error: Callable[[str], Exception]) -> None:
        self.auth = auth
        self._place = place
        self._error = error

    @property
    def fault(self) -> str | None:
        """What is missing and what to run; None where nothing is known to be."""
        fault = ticket_of(self.auth).fault
        if fault is None:
            return None
        principal = getattr(self.auth, "principal", None)
        kinit = f"kinit {principal}" if principal else "kinit"
        return f"{fault}, and {self._place} wants one. Run `{kinit}` where this runs, then try again."

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Let the authentication do its part, behind our own look at the answer."""
        if getattr(self.auth, "force_preemptive", False):
            self._check()
        request.register_hook("response", self._on_answer)  # type: ignore[no-untyped-call]
        prepared: requests.PreparedRequest = self.auth(request)
        return prepared

    def _on_answer(self, response: requests.Response, **_options: object) -> requests.Response:
        if is_negotiable(response):
            self._check()
        return response

    def _check(self) -> None:
        fault = self.fault
        if fault is not None:
            raise self._error(fault)


def careful(auth: Any, place: str, error: Callable[[str], Exception]) -> Any:
    """Return a Kerberos authentication made :class:`Careful`, any other as it is."""
    return Careful(auth, place, error) if is_kerberos(auth) else auth


def is_kerberos(auth: Any) -> bool:
    """Tell requests-kerberos' authentication, and what is derived of it, from any other."""
    return any(cls.__name__ == "HTTPKerberosAuth" for cls in type(auth).__mro__)


def is_negotiable(answer: requests.Response) -> bool:
    """Tell whether a server wants a log-in, and takes one by Kerberos."""
    return answer.status_code == UNAUTHORIZED and NEGOTIATE in answer.headers.get("WWW-Authenticate", "").lower()


def unproven(place: str, method: str) -> str:
    """Say that an answer came from who knows whom: the request may be carried out, and the answer tells nothing."""
    return (
        f"{place} answered the {method} and did not prove to be the server that it says it is (Kerberos' mutual"
        " authentication), so the answer is not used."
    )


def ticket_of(auth: Any) -> Ticket:
    """Look for the ticket of a Kerberos authentication; asks neither KDC nor server, as long as there is one."""
    principal, gssapi = getattr(auth, "principal", None), _gssapi()
    # With a password it gets its own, each time; Windows has another library for it.
    if getattr(auth, "password", None) or gssapi is None:
        return Ticket(principal)
    whose = f" of {principal}" if principal else ""
    try:
        name = gssapi.Name(principal, gssapi.NameType.user) if principal else None
        held = gssapi.Credentials(usage="initiate", name=name, mechs=[gssapi.MechType.kerberos])
        return Ticket(str(held.name))
    except gssapi.exceptions.ExpiredCredentialsError:
        return Ticket(fault=f"The Kerberos ticket{whose} has expired")
    except gssapi.exceptions.GSSError as error:
        cache = _CACHE.search(str(error))
        return Ticket(fault=f"There is no Kerberos ticket{whose}{f' in {cache[1]}' if cache else ''}")


def lifetime(auth: Any) -> float | None:
    """Return how many seconds the ticket still lasts that an authentication logs in with; None where there is none."""
    inner, gssapi = getattr(auth, "auth", auth), _gssapi()
    if gssapi is None or not is_kerberos(inner) or getattr(inner, "password", None):
        return None
    try:
        principal = getattr(inner, "principal", None)
        name = gssapi.Name(principal, gssapi.NameType.user) if principal else None
        held = gssapi.Credentials(usage="initiate", name=name, mechs=[gssapi.MechType.kerberos])
        return None if held.lifetime is None else float(held.lifetime)
    except gssapi.exceptions.GSSError:
        return None


def why_refused(auth: Any, host: str) -> str | None:
    """Return why a server answered 401 although there is a ticket; None where that is the server's own business.

    Asks the KDC for a ticket of the service once more: requests-kerberos keeps to itself what it said.

    Args:
        auth: what was refused.
        host: name of the server, as in the URL.
    """
    gssapi = _gssapi()
    if gssapi is None or not is_kerberos(auth) or getattr(auth, "password", None):
        return None
    service = f"{getattr(auth, 'service', None) or 'HTTP'}@{getattr(auth, 'hostname_override', None) or host}"
    try:
        name = gssapi.Name(service, gssapi.NameType.hostbased_service)
        gssapi.SecurityContext(name=name, usage="initiate", mech=gssapi.MechType.kerberos).step()
    except gssapi.exceptions.GSSError as error:
        said = _MINOR.search(str(error))
        return f"no Kerberos ticket for {service} can be had: {said[1].strip() if said else error}"
    return None


def _gssapi() -> Any:
    try:
        return importlib.import_module("gssapi")
    except ImportError:
        return None
