"""SparkMagic's login for an endpoint with hadoop-auth's simple type, which knows a user by ``?user.name=`` alone.

config.json names it in the place of basic authentication, whose user name it takes::

    "authenticators": {"Basic_Access": "livyguard.sparkmagic.hadoop_simple.HadoopSimple"}

Source: org.apache.hadoop.security.authentication.server.PseudoAuthenticationHandler, Hadoop 3.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkmagic.auth.basic import Basic

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["HadoopSimple"]


class HadoopSimple(Basic):  # type: ignore[misc]  # SparkMagic has no types
    """Tells the user's name with each request, and nothing that proves it; the password goes nowhere."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the name to a request's URL."""
        request.prepare_url(request.url, {"user.name": self.username})
        return request
