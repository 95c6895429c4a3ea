"""Kernels that are measured."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_client.manager import start_new_kernel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient

#: Newer kernels warn at each start that they listen on TCP, on loopback here as well.
QUIET = ["--log-level=ERROR"]


@contextmanager
def pyspark_kernel(folder: Path, env: Mapping[str, str] | None = None) -> Iterator[BlockingKernelClient]:
    """Run SparkMagic's PySpark kernel in a folder, and yield who speaks to it."""
    surroundings = {} if env is None else {"env": dict(env)}
    manager, client = start_new_kernel(
        kernel_name="pysparkkernel", extra_arguments=QUIET, cwd=str(folder), **surroundings
    )
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
