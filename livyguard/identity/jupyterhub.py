"""Who JupyterHub says is asking: its API, asked with the token that it gave to this notebook server."""

from __future__ import annotations

import json
import math
import time
from typing import TYPE_CHECKING, Any

from livyguard.policy.identity import Witness

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Hub"]

SOURCE = "JupyterHub"
#: Seconds to connect, and for an answer. A cell waits for it.
TIMEOUTS = (3.0, 5.0)
#: Seconds after which a Hub that did not answer is asked again.
PAUSE = 60.0
FINE = 200
REFUSED = frozenset({401, 403})
#: Where a CA is named for programs at large; the Hub's own variable comes first.
AUTHORITIES = ("JUPYTERHUB_SSL_CLIENT_CA", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


class Hub:
    """One JupyterHub, asked once: ``GET $JUPYTERHUB_API_URL/user``, "who is it that this token is for".

    The Hub answers that for every token, whatever its scopes: ``{"kind": "user", "name": "alice", "groups": ["ml"],
    …}`` for a server's; for a service's ``kind`` is ``service``, and it names nobody. The name has to be the one in
    ``JUPYTERHUB_USER``, where that is set: else the token is another server's. An answer without groups gives none.

    The token goes to the Hub and nowhere else: no proxy, no ``.netrc``, no redirect. It is in no message and in no
    ``repr``.

    Args:
        environment: read now, and never again.
        now: seconds of a clock that only goes forward.
    """

    def __init__(self, environment: Mapping[str, str], now: Callable[[], float] = time.monotonic) -> None:
        def told(name: str) -> str:
            return environment.get(name, "").strip()

        self._url = told("JUPYTERHUB_API_URL").rstrip("/")
        self._token = told("JUPYTERHUB_API_TOKEN")
        self._user = told("JUPYTERHUB_USER")
        pair = told("JUPYTERHUB_SSL_CERTFILE"), told("JUPYTERHUB_SSL_KEYFILE")
        self._certificate = pair if all(pair) else None
        self._verify: str | bool = next(filter(None, map(told, AUTHORITIES)), True)
        self._now = now
        self._told: Witness | None = None
        self._ask_again = math.inf

    def witness(self) -> Witness | None:
        """Return what the Hub says, ``reported``; None where the environment names no Hub.

        A Hub that does not answer, or not as one, is asked again when somebody wants to know after :data:`PAUSE`.
        """
        if not self._url:
            return None
        if self._told is None or self._now() >= self._ask_again:
            self._told, is_final = self._ask()
            self._ask_again = math.inf if is_final else self._now() + PAUSE
        return self._told

    def _ask(self) -> tuple[Witness, bool]:
        """Return what the Hub says now, and whether it will stay with that."""
        if not self._token:
            return _nobody("JUPYTERHUB_API_URL names a Hub, and there is no JUPYTERHUB_API_TOKEN to ask it with."), True
        try:
            status, body = self._get()
        except (OSError, ValueError) as error:  # of requests', all are one or the other; some would quote the token
            return _nobody(f"JupyterHub does not answer at JUPYTERHUB_API_URL ({type(error).__name__})."), False
        if status in REFUSED:
            return _nobody(f"JupyterHub refuses this server's token (HTTP {status})."), False
        if status != FINE:
            return _nobody(f"JupyterHub answers HTTP {status}, and not who this is."), False
        try:
            model = json.loads(body)
        except (ValueError, RecursionError):
            model = None
        if not isinstance(model, dict) or not isinstance(model.get("name"), str) or not model["name"].strip():
            return _nobody("What answers at JUPYTERHUB_API_URL does not say who this is."), False
        return self._judged(model), True

    def _get(self) -> tuple[int, bytes]:
        import requests  # noqa: PLC0415 - heavy, and %load_ext asks nobody

        with requests.Session() as http:
            http.trust_env = False
            answer = http.get(
                f"{self._url}/user",
                headers={"Authorization": f"token {self._token}", "Accept": "application/json"},
                cert=self._certificate,
                verify=self._verify,
                timeout=TIMEOUTS,
                allow_redirects=False,
            )
            return answer.status_code, answer.content

    def _judged(self, model: dict[str, Any]) -> Witness:
        """Return what a well-formed answer is worth."""
        name = model["name"]
        if model.get("kind") != "user":
            return _nobody("The JupyterHub token in this environment is a service's and names nobody.")
        if self._user and name != self._user:
            text = f"The JupyterHub token in this environment is {name}'s, and JUPYTERHUB_USER says {self._user}."
            return _nobody(f"{text} It is not this server's, so it names nobody.")
        groups = model.get("groups")
        if not isinstance(groups, list):
            return Witness(SOURCE, "reported", name, note=f"JupyterHub tells this token no groups of {name}.")
        return Witness(SOURCE, "reported", name, frozenset(each for each in groups if isinstance(each, str) and each))


def _nobody(note: str) -> Witness:
    return Witness(SOURCE, "reported", note=note)
