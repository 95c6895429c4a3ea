"""Kernels that are forked off a process which has imported what each of them imports first.

Pandas, IPython and the Jupyter server are more than half of what a kernel's start costs, under coverage's trace three
quarters. A forked one runs the same module in the environment that it is given, in a session of its own, and its
SparkMagic and livyguard are imported anew: they read their configuration as they are. The tests against real servers
and those of the notebooks begin theirs as Jupyter does.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FORKED", "ForkedProvisioner"]

#: What a kernel's specification says in its metadata to be forked.
FORKED = {"kernel_provisioner": {"provisioner_name": "forked"}}
#: What kernels import before they read anything, for SparkMagic as for IPython; nothing of it knows whose home it is.
IMPORTED = (
    *("ipykernel.ipkernel", "ipykernel.kernelapp", "ipywidgets", "jupyter_server.serverapp", "pandas"),
    *("requests_kerberos", "tornado.web"),
)
#: As in the kernels, where it is read on import; and a thread of numpy's would not live through a fork.
SETTINGS = {"PYTHONWARNINGS": "ignore", "JUPYTER_PLATFORM_DIRS": "1", "OPENBLAS_NUM_THREADS": "1"}
NURSE = [sys.executable, str(Path(__file__).with_name("nurse.py")), *IMPORTED]


class Forked:
    """A forked kernel, with what the provisioner asks of a ``Popen``; its exit status is its nurse's to know."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._process = psutil.Process(pid)

    def poll(self) -> int | None:
        return None if self._process.is_running() else 0

    def wait(self) -> int:
        self._process.wait()
        return 0

    def send_signal(self, number: int) -> None:
        with suppress(psutil.NoSuchProcess):
            self._process.send_signal(number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nurse:
    """The process that kernels are forked off; one for each that runs tests, and gone with it."""

    def __init__(self) -> None:
        traced = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")  # begins in the kernels
        self._process = subprocess.Popen(
            NURSE,
            env={**{name: value for name, value in os.environ.items() if name not in traced}, **SETTINGS},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        atexit.register(self._end)

    def fork(self, argv: Sequence[str], env: dict[str, str], cwd: str) -> Forked:
        """Begin ``python -m MODULE ...``, given from the module on."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"argv": argv, "env": env, "cwd": cwd}).encode() + b"\n")
        self._process.stdin.flush()
        return Forked(int(self._process.stdout.readline()))

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class ForkedProvisioner(LocalProvisioner):
    """Begins a kernel in a nurse; all else is as with Jupyter's own."""

    _nurse: Nurse | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        _python, _m, *argv = cmd
        ForkedProvisioner._nurse = ForkedProvisioner._nurse or Nurse()
        self.process = ForkedProvisioner._nurse.fork(argv, kwargs["env"], kwargs["cwd"])
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info


KernelProvisionerFactory.instance().provisioners["forked"] = EntryPoint(
    "forked", f"{__name__}:ForkedProvisioner", "jupyter_client.kernel_provisioners"
)
