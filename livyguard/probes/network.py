"""The way to a server as requests takes it: the same proxy, the same authorities; one name, one port, one handshake."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from requests.adapters import DEFAULT_CA_BUNDLE_PATH, HTTPAdapter
from requests.utils import select_proxy

from livyguard.doctor.ports import Certificate
from livyguard.errors import EndpointUnreachable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Way"]

_PORTS = {"http": 80, "https": 443}
_PROXY_PORT = 8080


class Way:
    """Implements :class:`livyguard.doctor.ports.NetworkProbe`.

    Args:
        url: of the server.
        proxies: by scheme, as requests takes them; the one for the URL is who is asked.
        verify: False, True, or a file or folder of authorities.
        is_plain: requests' own transport goes this way; nothing can be told of an operator's own.
        seconds: of a connection.
    """

    def __init__(
        self,
        url: str,
        proxies: Mapping[str, str] | None = None,
        verify: bool | str = True,
        *,
        is_plain: bool = True,
        seconds: float = 4.0,
    ) -> None:
        parts = urlsplit(url)
        self._url = url
        self._host, self._port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        self._verify = verify
        self._is_plain = is_plain
        self._seconds = seconds
        self._first, self._first_port = self._host, self._port
        self.via: str | None = None
        proxy = select_proxy(url, dict(proxies or {}))
        self._to_proxy: dict[str, str] = {}
        if proxy:
            through = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
            self._is_plain = is_plain and through.scheme == "http"
            self._to_proxy = {name: str(value) for name, value in HTTPAdapter().proxy_headers(through.geturl()).items()}
            self._first = through.hostname or ""
            self._first_port = through.port or _PORTS.get(through.scheme, _PROXY_PORT)
            self.via = f"{self._first}:{self._first_port}"

    def resolve(self) -> Sequence[str]:
        """Return the addresses of the server, or of the proxy on the way. Raises EndpointUnreachable."""
        try:
            found = socket.getaddrinfo(self._first, self._first_port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            whose = f"The proxy {self.via} on the way to" if self.via else "The host of"
            known = "is not known: its name does not resolve"
            raise EndpointUnreachable(f"{whose} {self._url} {known}.", self._url) from error
        return list(dict.fromkeys(str(place[4][0]) for place in found))

    def connect(self) -> None:
        """Open a connection, and close it. Raises EndpointUnreachable."""
        where = f"The proxy {self.via} on the way to {self._url}" if self.via else self._url
        try:
            socket.create_connection((self._first, self._first_port), self._seconds).close()
        except TimeoutError as error:
            raise EndpointUnreachable(f"No connection to {where} within {self._seconds:.0f} s.", self._url) from error
        except OSError as error:
            if isinstance(error, ConnectionRefusedError):
                said = f"{where} refuses the connection (after less than 1 s). Is Livy running there?"
            else:
                said = f"No connection to {where}: {error.strerror or error}."
            raise EndpointUnreachable(said, self._url) from error

    def handshake(self) -> Certificate | None:
        """Shake hands; None where only an operator's own transport can. Raises EndpointUnreachable."""
        if not self._is_plain:
            return None
        try:
            return self._shake(self._context())
        except ssl.SSLCertVerificationError as error:
            raise self._fails(f"certificate verify failed: {error.verify_message}") from error
        except ssl.SSLError as error:
            raise self._fails(str(error).partition(" (_ssl.c")[0]) from error
        except TimeoutError as error:
            raise self._fails(f"no handshake within {self._seconds:.0f} s") from error
        except OSError as error:
            raise self._fails(str(error.strerror or error)) from error

    def _fails(self, why: str) -> EndpointUnreachable:
        return EndpointUnreachable(f"TLS with {self._url} fails: {why.rstrip('.')}.", self._url)

    def _context(self) -> ssl.SSLContext:
        if self._verify is False:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context
        place = DEFAULT_CA_BUNDLE_PATH if self._verify is True else str(self._verify)
        try:
            return ssl.create_default_context(cafile=place)
        except IsADirectoryError:
            return ssl.create_default_context(capath=place)
        except OSError as error:
            raise self._fails(f"the authorities in {place} cannot be read") from error

    def _shake(self, context: ssl.SSLContext) -> Certificate:
        connection = http.client.HTTPSConnection(self._first, self._first_port, timeout=self._seconds, context=context)
        if self.via:
            connection.set_tunnel(self._host, self._port, self._to_proxy)
        try:
            connection.connect()
            shaken: ssl.SSLSocket = connection.sock
            end = (shaken.getpeercert() or {}).get("notAfter")
            until = ssl.cert_time_to_seconds(end) if isinstance(end, str) else None
            return Certificate(shaken.version() or "TLS", until)
        finally:
            connection.close()
