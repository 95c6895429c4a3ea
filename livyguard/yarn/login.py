"""How a ResourceManager is logged in to: not at all, by a name alone, or by Kerberos."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from livyguard.errors import ClusterError
from livyguard.kerberos import Careful, is_negotiable, ticket_of, why_refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

__all__ = ["Kind", "Login"]

Kind = Literal["none", "simple", "kerberos"]
UNAUTHORIZED = 401
#: hadoop-auth's name for its simple authentication.
BY_NAME = "pseudoauth"


def _negotiate() -> Any:
    """Return Kerberos' part of one request; the token goes with it at once, and the server has to prove itself."""
    return importlib.import_module("requests_kerberos").HTTPKerberosAuth(force_preemptive=True)


class Login:
    """One cluster's.

    Args:
        kind: ``none``; ``simple``, Hadoop's, which takes whatever name it is told; ``kerberos``. None is by name, and
            by Kerberos from then on where the ResourceManager asks for it.
        user: the name; None sends none.
        negotiate: makes Kerberos' part of one request.
    """

    def __init__(
        self, kind: Kind | None = None, user: str | None = None, negotiate: Callable[[], Any] = _negotiate
    ) -> None:
        self._kind = kind
        self._user = user
        self._negotiate = negotiate
        self._is_kerberos = kind == "kerberos"

    @property
    def query(self) -> Mapping[str, str]:
        """What goes with the URL of a request: ``user.name``, or nothing."""
        is_told = self._user is not None and self._kind != "none" and not self._is_kerberos
        return {"user.name": str(self._user)} if is_told else {}

    def auth(self, place: str) -> Careful | None:
        """Return what a request is sent with; a new one for each, since a token counts once.

        Args:
            place: what is asked, in words.

        Raises:
            ClusterError: there is no Kerberos here. Without a good ticket the request itself raises it, unsent.
        """
        if not self._is_kerberos:
            return None
        try:
            auth = self._negotiate()
        except ImportError as error:
            raise ClusterError(
                f"Kerberos cannot be had here, and {place} wants it: {error}. Install requests-kerberos."
            ) from error
        return Careful(auth, place, ClusterError)

    def takes_up(self, answer: requests.Response) -> bool:
        """Tell whether the same request is to be sent by Kerberos, which the server asks for; it stays with that."""
        sent = answer.request.headers.get("Authorization", "")
        if self._kind is not None or sent.startswith("Negotiate") or not is_negotiable(answer):
            return False
        self._is_kerberos = True
        return True

    def fault(self, answer: requests.Response) -> str:
        """Return why the server answered 401, the end of a sentence."""
        if self._is_kerberos:
            reason = why_refused(self._negotiate(), _host(answer.url))
            who = ticket_of(self._negotiate()).principal
            return f"it does not accept the log-in of {who}{f'; {reason}' if reason else ''}"
        said = f'the policy says resource_manager_auth = "{self._kind}"'
        if is_negotiable(answer):
            return f"it wants Kerberos, and {said}"
        if BY_NAME in answer.headers.get("WWW-Authenticate", "").lower():
            return f"it wants a name, and {said if self._kind == 'none' else 'nothing reports yours'}"
        return "it wants a log-in that livyguard does not have"

    def obstacle(self, url: str) -> str:
        """Return why nothing could be sent in spite of a ticket, the end of a sentence."""
        return why_refused(self._negotiate(), _host(url)) or "Kerberos gives nothing to log in with"

    def doubt(self) -> str:
        """Return what to look at where the server does not prove itself: a further sentence, or nothing."""
        is_said = self._kind == "kerberos"
        return ' Does it take Kerberos, as the policy\'s resource_manager_auth = "kerberos" says?' if is_said else ""


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
