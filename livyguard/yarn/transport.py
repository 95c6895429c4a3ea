"""HTTP to the ResourceManagers of one cluster: time-outs always, GET retried, a kill sent once to the active one."""

from __future__ import annotations

import time
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError
from urllib3.util.retry import Retry

from livyguard.errors import ClusterError
from livyguard.kerberos import unproven
from livyguard.patience import PASSING_FAULTS, asks_once
from livyguard.policy.endpoints import web_address
from livyguard.yarn.login import Login

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Transport"]

#: Seconds to connect, and for an answer. A cell waits for it.
TIMEOUTS = (3.0, 10.0)
#: What a GET is sent again for: not for too many requests, which more of them do not mend.
SENT_AGAIN = PASSING_FAULTS - {429}
#: Seconds after which a GET that met one is sent again, by and by; anew, since a token of Kerberos counts once.
PAUSES = (0.2, 0.4)
MOVED = frozenset({301, 302, 303, 307, 308})
#: Those that keep the method: a standby ResourceManager sends on with 307.
SAME_METHOD = frozenset({307, 308})
MOST_REDIRECTS = 3

#: For GET only: a connection that fails is tried twice, a read time-out is waited for once.
RETRIES = Retry(total=1, connect=1, read=0, status=0, respect_retry_after_header=False, raise_on_status=False)


def _session(retries: Retry | int) -> requests.Session:
    """Return what sends; it keeps no cookies: who is remembered by one is asked for no ticket, and gets no proof."""
    session = requests.Session()
    session.headers["Accept"] = "application/json"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retries))
    return session


class Transport:
    """One cluster's ResourceManagers; of several, whichever is active answers.

    Args:
        urls: ``http://rm:8088``, several separated by commas.
        login: how they are logged in to; None sends no name, and Kerberos where they want it.

    Raises:
        ClusterError: one of them is no URL.
    """

    def __init__(self, urls: str, login: Login | None = None) -> None:
        self.places = [_base(url) for url in urls.split(",") if url.strip()]
        if not self.places:
            raise ClusterError("The policy's [cluster] resource_manager is empty; it is a URL, like http://rm:8088.")
        self.login = login or Login()
        self._reading, self._writing = _session(RETRIES), _session(0)

    def request(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Any = None
    ) -> requests.Response:
        """Send one request and return the answer of the ResourceManager that is active.

        Raises:
            ClusterError: none answers, or none is active; there is no good ticket for one that wants Kerberos.
        """
        faults: list[_NoAnswerError] = []
        for place in list(self.places):
            try:
                answer = self._follow(method, place, path, params, body)
                if self.login.takes_up(answer):
                    answer = self._follow(method, place, path, params, body)
            except _NoAnswerError as error:
                if method != "GET" and error.may_have_arrived:
                    raise ClusterError(str(error), is_passing=error.is_passing) from error
                faults.append(error)
                continue
            self._prefer(place)
            return answer
        raise ClusterError(" ".join(map(str, faults)), is_passing=all(fault.is_passing for fault in faults))

    def _follow(
        self, method: str, place: str, path: str, params: Mapping[str, str] | None, body: Any
    ) -> requests.Response:
        """Send, and follow the redirect of a standby one with the same method."""
        url = f"{place}{path}{self._query(params)}"
        for _ in range(MOST_REDIRECTS):
            answer = self._patiently(method, place, url, body)
            if answer.status_code in MOVED and "Location" in answer.headers:
                target = urljoin(url, answer.headers["Location"])
                may_follow = method == "GET" or answer.status_code in SAME_METHOD
                if not may_follow or urlsplit(target).scheme not in {"https", urlsplit(url).scheme}:
                    raise _NoAnswerError(f"{place} sends on to {_origin(target)}, where a {method} is not followed.")
                url = target
                continue
            if "Refresh" in answer.headers:
                text = f"{place} is a standby ResourceManager and knows of no active one."
                raise _NoAnswerError(text, is_passing=True)
            return answer
        raise _NoAnswerError(f"{place} redirects in circles.")

    def _patiently(self, method: str, place: str, url: str, body: Any) -> requests.Response:
        for pause in () if asks_once() else PAUSES:
            answer = self._send(method, place, url, body)
            if method != "GET" or answer.status_code not in SENT_AGAIN:
                return answer
            time.sleep(pause)
        return self._send(method, place, url, body)

    def _send(self, method: str, place: str, url: str, body: Any) -> requests.Response:
        http = self._reading if method == "GET" else self._writing
        auth = self.login.auth(f"the ResourceManager {place}")
        try:
            return http.request(method, url, json=body, auth=auth, timeout=TIMEOUTS, allow_redirects=False)
        except requests.ConnectTimeout as error:
            raise _NoAnswerError(f"No connection to the ResourceManager {place}.", is_passing=True) from error
        except requests.Timeout as error:
            text = f"The ResourceManager {place} did not answer a {method} in time."
            raise _NoAnswerError(text, may_have_arrived=True, is_passing=True) from error
        except requests.exceptions.SSLError as error:
            raise _NoAnswerError(f"TLS with the ResourceManager {place} fails.") from error
        except requests.ConnectionError as error:
            text = f"No connection to the ResourceManager {place}."
            raise _NoAnswerError(text, may_have_arrived=not _is_refused(error), is_passing=True) from error
        except requests.RequestException as error:
            raise self._other(error, method, place, url) from error

    def _other(self, error: requests.RequestException, method: str, place: str, url: str) -> _NoAnswerError:
        """Return what went wrong beside the connection: Kerberos, which requests-kerberos tells by two classes."""
        kind, manager = type(error).__name__, f"The ResourceManager {place}"
        if kind == "KerberosExchangeError":
            return _NoAnswerError(f"{manager} is not asked: {self.login.obstacle(url)}.")
        if kind == "MutualAuthenticationError":
            return _NoAnswerError(f"{unproven(manager, method)}{self.login.doubt()}", may_have_arrived=True)
        text = f"The answer of the ResourceManager {place} cannot be read ({kind})."
        return _NoAnswerError(text, may_have_arrived=True, is_passing=kind == "ChunkedEncodingError")

    def _query(self, params: Mapping[str, str] | None) -> str:
        pairs = {**(params or {}), **self.login.query}
        return f"?{urlencode(pairs)}" if pairs else ""

    def _prefer(self, place: str) -> None:
        """Ask the one that answered first the next time; a plain swap of lists, since several threads ask at once."""
        self.places = [place, *(other for other in self.places if other != place)]


class _NoAnswerError(Exception):
    """One ResourceManager gave no usable answer; another of the pair may."""

    def __init__(self, text: str, *, may_have_arrived: bool = False, is_passing: bool = False) -> None:
        super().__init__(text)
        self.may_have_arrived = may_have_arrived
        self.is_passing = is_passing


def _is_refused(error: requests.ConnectionError) -> bool:
    """Tell a connection that never came to be from one that was cut."""
    reason = getattr(next(iter(error.args), None), "reason", None)
    return isinstance(reason, NewConnectionError)


def _base(url: str) -> str:
    """Return a ResourceManager's URL without path of its REST interface and trailing slash. Raises ClusterError."""
    address = web_address(url)
    if address is None:
        shown = url.strip().rpartition("@")[2]
        raise ClusterError(
            f"The policy's [cluster] resource_manager {shown!r} is no URL that can be asked; it looks like "
            "http://rm.example.com:8088, several separated by commas."
        )
    return address.removesuffix("/cluster").removesuffix("/ws/v1")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
