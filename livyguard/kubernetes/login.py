"""Reading a kubeconfig may run a program that logs in: with a time limit, and without its words on the screen."""

from __future__ import annotations

import logging
import queue
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from livyguard.hints.redaction import REDACTED, excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["LoginError", "loaded"]

Result = TypeVar("Result")

#: Seconds for the program that logs in.
TIME = 30.0
#: What may be a token, whatever stands before it.
TOKEN = re.compile(r"[\w+/=.\-~]{40,}")
NOT_INSTALLED = re.compile(r"\[Errno 2\][^']*'([^']{1,100})'")


class LoginError(Exception):
    """The log-in command gives none; the text goes on after "The kubeconfig X"."""


def loaded(read: Callable[[], Result]) -> Result:
    """Read a kubeconfig and return what ``read`` returns.

    The client waits for the log-in command without end, logs its failure on the root logger, and goes on as nobody.

    Raises:
        LoginError: the command fails, is not there, or does not answer.
        Exception: whatever ``read`` raises.
    """
    results: queue.Queue[tuple[Result | None, BaseException | None]] = queue.Queue()

    def work() -> None:
        try:
            results.put((read(), None))
        except BaseException as error:  # noqa: BLE001 - raised again below
            results.put((None, error))

    with _overheard() as said:
        threading.Thread(target=work, name="livyguard-kubeconfig", daemon=True).start()
        try:
            result, error = results.get(timeout=TIME)
        except queue.Empty:
            raise LoginError(f"names a log-in command that did not answer within {TIME:g} s") from None
    if error is not None:
        raise error
    if said:
        raise LoginError(_why(said[-1]))
    return result  # type: ignore[return-value]  # None only beside an error, which is raised above


def _why(text: str) -> str:
    if found := NOT_INSTALLED.search(text):
        return f"logs in with {found[1]}, which is not installed here"
    return f"names a log-in command that fails: {excerpt(TOKEN.sub(REDACTED, text)).rstrip('.')}"


class _Ear(logging.Handler):
    """Keeps what the client's reader of kubeconfigs says on the root logger; lets everything else go on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def filter(self, record: logging.LogRecord) -> Any:
        """Take the reader's records off the root logger."""
        if record.module != "kube_config":
            return True
        self.said.append(record.getMessage())
        return False

    def emit(self, record: logging.LogRecord) -> None:
        """Do what Python does for a logger without handlers: only for that does this one stand in."""
        last = logging.lastResort
        if logging.getLogger().handlers == [self] and last is not None and record.levelno >= last.level:
            last.handle(record)


@contextmanager
def _overheard() -> Iterator[list[str]]:
    root, ear = logging.getLogger(), _Ear()
    root.addFilter(ear)
    root.addHandler(ear)  # without any, logging.error() would set up one that stays
    try:
        yield ear.said
    finally:
        root.removeFilter(ear)
        root.removeHandler(ear)
