"""What a notebook shows while its session waits, and the cells that stand in it, ready to paste."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.lab import Kernel

__all__ = ["largest", "shown"]

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
