"""HTTP to one Livy: time-outs always, retries where they cannot do harm, redirects with the same authentication."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import InvalidHeader, ReadTimeoutError
from urllib3.util.retry import Retry

from livyguard.errors import AuthenticationFailed, EndpointUnreachable, InvalidInput
from livyguard.foreign import harmless
from livyguard.kerberos import Careful, careful
from livyguard.livy.endpoint import Endpoint
from livyguard.livy.faults import fault, is_broken_body
from livyguard.livy.who import remembered, user_of
from livyguard.patience import PASSING_FAULTS, asks_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from requests.auth import AuthBase
    from urllib3 import BaseHTTPResponse
    from urllib3.connectionpool import ConnectionPool

__all__ = ["Timeouts", "Transport"]

#: What may be sent again without doing harm.
REPEATABLE = frozenset({"GET", "DELETE"})
TRIES_AFTER_THE_FIRST = 3
TRIES_AFTER_A_HALF = 2
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0

#: A standby server of a high-availability pair sends its clients on with 307.
SAME_METHOD = frozenset({307, 308})
MOVED = frozenset({301, 302, 303}) | SAME_METHOD
MOST_REDIRECTS = 5

#: As many as a bulk release or the look-ups of one listing work with at once.
CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect; for the answer to a GET, a POST, a DELETE (Livy answers it when the session is stopped)."""

    connect: float = 5.0
    read: float = 15.0
    create: float = 60.0
    delete: float = 60.0

    def of(self, method: str) -> tuple[float, float]:
        """Return what requests takes: connect and read time-out."""
        return self.connect, {"POST": self.create, "DELETE": self.delete}.get(method, self.read)


class PatientRetry(Retry):
    """Retries GET and DELETE a few times.

    Unlike urllib3's own it never sends a POST again (not even one whose connection was refused), never waits out a
    read time-out twice, and does not sleep for as long as a ``Retry-After`` likes. Whoever watches asks again anyway:
    then nothing is sent again.
    """

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> PatientRetry:
        is_final = error is not None and (method not in REPEATABLE or isinstance(error, ReadTimeoutError))
        is_final = is_final or asks_once()
        left = self.new(total=0) if is_final else self
        return super(PatientRetry, left).increment(method, url, response, error, _pool, _stacktrace)

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        try:
            seconds = super().get_retry_after(response)
        except InvalidHeader:  # neither seconds nor a date
            return None
        return None if seconds is None else min(seconds, LONGEST_PAUSE)


def patient_adapter() -> HTTPAdapter:
    """Return requests' adapter with livyguard's retries."""
    retries = PatientRetry(
        total=TRIES_AFTER_THE_FIRST,
        allowed_methods=REPEATABLE,
        status_forcelist=PASSING_FAULTS,
        backoff_factor=FIRST_PAUSE,
        respect_retry_after_header=True,
        raise_on_status=False,
    )
    return HTTPAdapter(max_retries=retries, pool_maxsize=CONNECTIONS)


class Transport:
    """One Livy's URL with its authentication.

    Args:
        url: may hold a base path, a query that goes with every request, and ``user:password@`` (basic
            authentication, unless ``auth`` is given).
        auth: whatever requests takes; SparkMagic's authenticators are such.
        headers: custom headers; they win over livyguard's own.
        verify: as in requests: False, True, or the path of a CA bundle.
        adapters: ``(prefix, adapter)`` pairs to mount on the requests session.
        timeouts: seconds for each kind of request.

    Raises:
        InvalidInput: the URL is none.
    """

    def __init__(
        self,
        url: str,
        auth: AuthBase | tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        verify: bool | str = True,
        adapters: Iterable[tuple[str, HTTPAdapter]] = (),
        timeouts: Timeouts | None = None,
    ) -> None:
        self._place = Endpoint.parse(url)
        self.auth = auth if auth is not None else self._place.login
        self._login = careful(self.auth, self.endpoint, lambda text: AuthenticationFailed(text, self.endpoint))
        self._verify = verify
        self._timeouts = timeouts or Timeouts()
        self._http = requests.Session()
        self._http.headers.update({"Accept": "application/json", "Content-Type": "application/json"})
        self._http.headers.update({"X-Requested-By": "livyguard", **(headers or {})})
        for prefix, adapter in [("http://", patient_adapter()), ("https://", patient_adapter()), *adapters]:
            self._http.mount(prefix, adapter)

    @property
    def endpoint(self) -> str:
        """The URL that names this Livy: no user, no password, no query, no trailing slash."""
        return self._place.url

    @property
    def user(self) -> str | None:
        """As whom Livy knows us: by its cookie, the authentication, or ``?user.name=``; None where nothing says so."""
        return remembered(self._http.cookies) or user_of(self.auth) or self._place.pseudo_user

    @property
    def login_fault(self) -> str | None:
        """What is missing to log in with, where Livy wants a log-in and does not remember us; None: nothing known."""
        is_unknown = isinstance(self._login, Careful) and remembered(self._http.cookies) is None
        return self._login.fault if is_unknown else None

    def hurried(self, timeouts: Timeouts, without: str | None = None) -> Transport:
        """Return the same way to the same Livy, log-in and connections shared, with other time-outs.

        Args:
            timeouts: seconds for each kind of request.
            without: a header that is left out.
        """
        other = copy.copy(self)
        other._timeouts = timeouts  # noqa: SLF001 - a copy of its own
        if without is not None:
            other._http = copy.copy(self._http)  # noqa: SLF001
            other._http.headers = CaseInsensitiveDict(self._http.headers)  # noqa: SLF001
            other._http.headers.pop(without, None)  # noqa: SLF001
        return other

    @property
    def verify(self) -> bool | str:
        """How certificates are looked at, the environment's authorities (``REQUESTS_CA_BUNDLE``) included."""
        verify: bool | str = self._in_this_environment()["verify"]
        return verify

    @property
    def proxies(self) -> Mapping[str, str]:
        """The proxies that the environment names for this Livy."""
        proxies: Mapping[str, str] = self._in_this_environment()["proxies"]
        return proxies

    @property
    def is_plain(self) -> bool:
        """Whether requests' own transport goes there, none that an operator's configuration mounted."""
        return type(self._http.get_adapter(self.endpoint)) is HTTPAdapter

    def _in_this_environment(self) -> Mapping[str, Any]:
        return self._http.merge_environment_settings(self.endpoint, {}, None, self._verify, None)

    def request(
        self, method: str, path: str, *, params: Mapping[str, object] | None = None, body: object = None
    ) -> requests.Response:
        """Send one request and return whatever Livy answers.

        Args:
            method: ``GET``, ``POST`` or ``DELETE``.
            path: below the endpoint, ``/sessions/7``.
            params: query parameters beside the endpoint's own.
            body: what is sent as JSON; None for no body.

        Raises:
            EndpointUnreachable: no answer.
            AuthenticationFailed: the authentication itself broke down (a log-in without a ticket).
        """
        url, auth = self._place.at(path, params), self._login
        for _ in range(MOST_REDIRECTS):
            answer = self._send(method, url, auth, body)
            target = self._next(method, url, answer)
            if target is None:
                return answer
            if answer.status_code not in SAME_METHOD and urlsplit(target).hostname != urlsplit(url).hostname:
                auth = None
            url = target
        raise EndpointUnreachable(f"{self.endpoint} redirects in circles ({MOST_REDIRECTS} times).", self.endpoint)

    def _send(self, method: str, url: str, auth: AuthBase | tuple[str, str] | None, body: object) -> requests.Response:
        started = time.monotonic()
        try:
            return self._exchange(method, url, auth, body)
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise InvalidInput(f"{self.endpoint} is no URL that can be asked.") from error
        except requests.RequestException as error:
            waited, elsewhere = time.monotonic() - started, self._elsewhere(url)
            raise fault(error, self.endpoint, method, waited, redirected_to=elsewhere) from error
        except ValueError as error:  # requests reads the target of a redirect even where it does not follow it
            raise EndpointUnreachable(f"{self.endpoint} redirects to what is no URL.", self.endpoint) from error

    def _exchange(
        self, method: str, url: str, auth: AuthBase | tuple[str, str] | None, body: object
    ) -> requests.Response:
        """Send; a GET whose answer breaks off is sent again, which urllib3 does only before the answer has begun."""
        pause = FIRST_PAUSE
        for _ in range(TRIES_AFTER_A_HALF if method == "GET" else 0):
            try:
                return self._once(method, url, auth, body)
            except requests.RequestException as error:
                if not is_broken_body(error):
                    raise
            time.sleep(pause)
            pause *= 2
        return self._once(method, url, auth, body)

    def _once(self, method: str, url: str, auth: AuthBase | tuple[str, str] | None, body: object) -> requests.Response:
        return self._http.request(
            method,
            url,
            auth=auth,
            json=body,
            verify=self._verify,
            timeout=self._timeouts.of(method),
            allow_redirects=False,
        )

    def _elsewhere(self, url: str) -> str | None:
        """Return scheme, host and port of a URL that is not the endpoint's own; None for its own."""
        asked, own = _origin(url), _origin(self.endpoint)
        return None if asked == own else asked

    def _next(self, method: str, url: str, answer: requests.Response) -> str | None:
        """Return where a redirect leads; None for any other answer, and for one that is not followed.

        A GET follows every redirect, other methods only 307 and 308; nothing follows from https to http.
        """
        location = answer.headers.get("Location")
        if not location or answer.status_code not in (MOVED if method == "GET" else SAME_METHOD):
            return None
        target = urljoin(url, location)
        schemes = urlsplit(url).scheme, urlsplit(target).scheme
        return target if schemes in {("http", "http"), ("http", "https"), ("https", "https")} else None


def _origin(url: str) -> str:
    """Return ``http://host:8998`` of a URL, without user and password."""
    parts = urlsplit(url)
    return harmless(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
