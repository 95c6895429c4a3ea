"""What a notebook shows while its session waits, the cells that stand in it ready to paste, and its patience."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil

from tests.live.people import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tests.lab import Kernel
    from tests.live.yarn_stack import Stack

__all__ = ["largest", "shown", "stopped", "waits_in_yarn"]

_LARGEST = re.compile(r"the largest that (?:.+\n){1,3}\s+(%%configure -f)\n\s+(\{.*\})$", re.MULTILINE)


def shown(kernel: Kernel, sent: str, wanted: str) -> str:
    """Return what an output of a cell that runs says, once it holds what is wanted.

    Args:
        kernel: in which it runs.
        sent: the cell's message.
        wanted: some words.
    """
    while True:
        message = kernel.client.get_iopub_msg(timeout=120)
        said = message["content"].get("data", {}).get("text/plain", "")
        if message["parent_header"].get("msg_id") == sent and wanted in said:
            return str(said)


def largest(said: str) -> str:
    """Return the cell that asks for the largest request, as it is printed."""
    match = _LARGEST.search(said)
    assert match is not None, said
    return f"{match[1]}\n{match[2]}"


@contextmanager
def stopped(kernel: Kernel, stack: Stack) -> Iterator[str]:
    """Send a cell that creates a session, and stop its kernel by a signal once Livy has that; yield the message.

    A spark-submit may take all of SparkMagic's patience: a kernel that is stopped does not give up before what the test
    is about has come true. Where the time is over at the end of the block, it gives up then.

    Args:
        kernel: in which it runs, without a session.
        stack: the Livy, to which nobody else comes meanwhile.
    """
    process = psutil.Process(int(kernel.fine("%%local\nimport os\nprint(os.getpid())").stdout))
    before = set(stack.sessions())
    sent = kernel.client.execute("1 + 1", allow_stdin=False)
    until(lambda: set(stack.sessions()) - before)
    process.suspend()
    try:
        yield sent
    finally:
        process.resume()


def waits_in_yarn(kernel: Kernel, stack: Stack, why: str) -> tuple[str, dict[str, Any]]:
    """Run a cell until YARN says why its session waits; return the message and the application.

    Args:
        kernel: in which it runs, without a session.
        stack: Livy and YARN, to which nobody else comes meanwhile.
        why: some words of YARN's.
    """
    with stopped(kernel, stack) as sent:
        app = until(lambda: next((app for app in stack.guarded() if why in app["diagnostics"]), None))
    return sent, app
