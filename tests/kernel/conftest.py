"""A lab on the sandbox: Livy's answers without Spark, and faults on demand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.sandbox import Sandbox
from tests import lab as labs
from tests.lab import PYSPARK, PYTHON, Kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["PYSPARK", "PYTHON", "Kernel", "Lab"]

PATIENCE = 120


class Lab(labs.Lab):
    """A user's machine in front of a sandbox."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        super().__init__(folder, sandbox.url)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(engine="none") as server:
        yield server


@pytest.fixture
def lab(tmp_path: Path, sandbox: Sandbox) -> Iterator[Lab]:
    lab = Lab(tmp_path, sandbox)
    yield lab
    lab.stop()


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Any]:
    """Wait for a condition, in small steps, and return its value."""

    def wait(condition: Callable[[], Any]) -> Any:
        end = time.monotonic() + PATIENCE
        while not (value := condition()):
            assert time.monotonic() < end, "it never came true"
            time.sleep(0.05)
        return value

    return wait
