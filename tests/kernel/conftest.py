"""A lab on the sandbox: Livy's answers without Spark, and faults on demand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.sandbox import Sandbox
from tests import lab as labs
from tests.lab import PYSPARK, PYTHON, Kernel
from tests.nursery import FORKED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jupyter_client.kernelspec import KernelSpec

__all__ = ["PYSPARK", "PYTHON", "Kernel", "Lab"]

PATIENCE = 120


class Lab(labs.Lab):
    """A user's machine in front of a sandbox.

    Attributes:
        forks: its kernels are forked off a process that has imported what they begin with.
    """

    forks = True

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        super().__init__(folder, sandbox.url)

    def specification(self, argv: list[str]) -> KernelSpec:
        specification = super().specification(argv)
        if self.forks:
            specification.metadata = FORKED
        return specification


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(engine="none") as server:
        yield server


@pytest.fixture
def lab(tmp_path: Path, sandbox: Sandbox) -> Iterator[Lab]:
    lab = Lab(tmp_path, sandbox)
    yield lab
    lab.stop()


@pytest.fixture(scope="module")
def hasty_kernel(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[Kernel]:
    """A kernel that lives through a module; its SparkMagic asks for nothing between two cells, and nothing again."""
    lab = Lab(tmp_path_factory.mktemp("hasty"), sandbox)
    lab.configure(livy_server_heartbeat_timeout_seconds=0, configurable_retry_policy_max_retries=0)
    yield lab.start()
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
