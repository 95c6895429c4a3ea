"""Handlers for SparkMagic's own requests and its last words: what it hides, or asks for in vain, is told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from requests import RequestException
from sparkmagic.livyclientlib.exceptions import HttpClientException

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Sending", "Tell"]

_PARAMETERS = ("url", "accepted_status_codes", "function", "data", "retry_count")
_RECOVER = (
    "\nWith livyguard none of these is needed: mend what the first line names, then `%livy_recover` forgets this error "
    "(LG902)."
)
_RESTART = "\nThis is an error of the kernel's own start (LG903, LG904): mend it, then restart the kernel."


class Tell:
    """What SparkMagic's requests met, in livyguard's words; bootstrap hands in the Livy adapter's.

    Args:
        why: returns what a failure of requests means; takes it, the endpoint, the method, and the seconds it took.
        no_json: returns in words what an answer holds in place of JSON; None of what may be JSON.
    """

    def __init__(
        self, why: Callable[[RequestException, str, str, float], str], no_json: Callable[[Any], str | None]
    ) -> None:
        self.why = why
        self.no_json = no_json


class Sending:
    """Stands in front of ``ReliableHttpClient._send_request_helper`` and of the text of a sticky error."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def send(self, wrapped: Any, http: Any, args: Any, kwargs: Any) -> Any:
        """Send as SparkMagic does. Its error for a request without an answer gets the cause that it drops.

        An answer that is no JSON is an error of its own here, since SparkMagic would call it an internal one of its.
        """
        given = dict(zip(_PARAMETERS, args, strict=False)) | kwargs
        function = given["function"]
        failures: list[str] = []
        endpoint, method = http._endpoint.url, getattr(function, "__name__", "get").upper()  # noqa: SLF001

        def noting(url: str, **options: Any) -> Any:
            failures.clear()
            started = time.monotonic()
            try:
                return function(url, **options)
            except RequestException as error:
                failures.append(self._tell.why(error, endpoint, method, time.monotonic() - started))
                raise

        try:
            answer = wrapped(**{**given, "function": noting})
        except HttpClientException as error:
            error.args = (" ".join([str(error), *failures]),)
            raise
        words = None if method == "DELETE" else self._tell.no_json(answer)
        if words is not None:
            where = f"{endpoint} answers {given['url'].removeprefix(endpoint)} with {words}"
            raise HttpClientException(f"Expecting value: line 1 column 1 (char 0). {where}.")
        return answer

    def fatal_error_suggestion(self, wrapped: Any, _instance: Any, args: Any, kwargs: Any) -> str:
        """Return SparkMagic's advice to a failed start, and the way on that needs no restart.

        The same text stands above an error of the kernel's own start, which refuses every cell, magics of ours too.
        """
        kernel = getattr(get_ipython(), "kernel", None)
        is_kernels_own = getattr(kernel, "_fatal_error", None) is not None
        return f"{wrapped(*args, **kwargs)}{_RESTART if is_kernels_own else _RECOVER}"
