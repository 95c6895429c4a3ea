"""What a Livy URL holds: where the server is, who logs in, what goes with every request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from livyguard.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Endpoint"]

#: Hadoop's pseudo authentication takes the user from this query parameter.
PSEUDO_USER = "user.name"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A Livy URL taken apart.

    Attributes:
        url: scheme, host, port and base path (behind Knox there is one), without a trailing slash; it names the
            endpoint everywhere and holds no password.
        query: parameters that go with every request: ``http://h/?user.name=alice``.
        login: user and password out of ``http://alice:pw@h``, or None.
    """

    url: str
    query: tuple[tuple[str, str], ...] = ()
    login: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Endpoint:
        """Take a URL apart. Raises InvalidInput where it is none."""
        try:
            parts = urlsplit(url.strip())
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port, parts = None, None, urlsplit("")
        if parts.scheme not in {"http", "https"} or not host:
            shown = url.rpartition("@")[2]
            message = (
                f"{shown!r} is no Livy URL. It begins with http:// or https://, like http://livy.example.com:8998."
            )
            raise InvalidInput(message)
        place = f"[{host}]" if ":" in host else host
        netloc = place if port is None else f"{place}:{port}"
        login = None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))
        return cls(
            url=urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", "")),
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            login=login,
        )

    @property
    def pseudo_user(self) -> str | None:
        """The user that the URL itself names to Hadoop's pseudo authentication."""
        return dict(self.query).get(PSEUDO_USER) or None

    def at(self, path: str, params: Mapping[str, object] | None = None) -> str:
        """Return the URL of a resource: ``at("/sessions", {"from": 0})``."""
        pairs = [*self.query, *((params or {}).items())]
        return f"{self.url}{path}?{urlencode(pairs)}" if pairs else f"{self.url}{path}"
