"""One notebook through real failures: what it shows, the fix that is called safe, and that it goes on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.lab import Cell, Kernel, Lab

__all__ = ["codes", "configure", "diagnosed", "goes_on", "shown"]

_CODE = re.compile(r"\bLG\d{3}\b")


def codes(text: str) -> list[str]:
    """Return the codes that a text names, each once, in their order."""
    return list(dict.fromkeys(_CODE.findall(text)))


def shown(cell: Cell) -> str:
    """Return why a cell failed, on one line; no Python traceback reached its reader."""
    assert cell.status == "error", cell.text
    assert "Traceback (most recent call last)" not in cell.text
    return " ".join(cell.error.split())


def configure(kernel: Kernel, body: Mapping[str, Any]) -> None:
    """Free the kernel's session, if it has one, and say what the next is to have."""
    kernel.fine("%livy_release --this")
    kernel.fine(f"%%configure -f\n{json.dumps(body)}")


def goes_on(kernel: Kernel, said: str = "") -> None:
    """Run the safe fix where the hint offers it, then a Spark cell: the kernel was not restarted.

    Args:
        kernel: whose session failed.
        said: the hint.
    """
    if "%livy_recover" in said:
        kernel.fine("%livy_recover")
    done = kernel.fine("print(40 + 2)")
    assert "42" in done.stdout, done.text


def diagnosed(lab: Lab, text: str) -> dict[str, dict[str, Any]]:
    """Return what ``livyguard diagnose`` says of a text that somebody pasted, by code."""
    argv = [str(Path(sys.executable).parent / "livyguard"), "diagnose", "-", "--json"]
    done = subprocess.run(
        argv, input=text, env=lab.environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return {hint["code"]: hint for hint in json.loads(done.stdout)}
