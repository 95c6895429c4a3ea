"""Real kernels in a user's own home: a test says what a person types and reads what that person would see."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["POLICY", "PYSPARK", "PYTHON", "Cell", "Kernel", "Lab"]

PYSPARK = [sys.executable, "-m", "sparkmagic.kernels.pysparkkernel.pysparkkernel", "-f", "{connection_file}"]
PYTHON = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
PATIENCE = 120

POLICY = """
version = 1

[cluster]
manager = "yarn"
workers = 10

[defaults]
on_violation = "clamp"
limits."executors.max" = { max = 4, default = 2, reason = "10 workers shared by 12 people" }

[[tenant]]
name = "analysts"
users = ["alice"]
session_configs = { driverMemory = "1g" }

[tenant.limits]
"executors.max" = { max = 8, default = 5, reason = "10 workers for 12 people", contact = "data-platform@example.com" }
"conf.spark.hadoop.fs.s3a.*.key" = { forbidden = true, on_violation = "deny", reason = "use the role" }
"""


@dataclass
class Cell:
    """What one cell gave back."""

    status: str
    stdout: str = ""
    stderr: str = ""
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def text(self) -> str:
        """Everything that a terminal would show."""
        return "\n".join([self.stdout, self.stderr, *self.plain, self.error])


class Kernel:
    """One kernel and the person in front of it."""

    def __init__(self, manager: KernelManager) -> None:
        self.manager = manager
        self.client = manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def run(self, code: str) -> Cell:
        """Run a cell and wait for its end."""
        return self.finish(self.client.execute(code, allow_stdin=False))

    def press(self, button: str) -> Cell:
        """Press a widget's button as a frontend does, and wait until that is done; a Python expression names it."""
        found = self.fine(f"print(({button}).comm.comm_id)")
        click = {"comm_id": found.stdout.strip(), "data": {"method": "custom", "content": {"event": "click"}}}
        message = self.client.session.msg("comm_msg", click)
        self.client.shell_channel.send(message)
        return self._shown(message["header"]["msg_id"])

    def finish(self, sent: str) -> Cell:
        """Wait for the end of a cell that was sent."""
        cell = self._shown(sent)
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == sent:
                cell.status = reply["content"]["status"]
                return cell

    def _shown(self, sent: str) -> Cell:
        """Return what is shown of a message that was sent, up to the end of its handling."""
        cell = Cell("?")
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != sent:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                setattr(cell, content["name"], getattr(cell, content["name"]) + content["text"])
            elif kind in {"display_data", "execute_result", "update_display_data"}:
                cell.plain.append(str(content["data"].get("text/plain", "")))
                cell.html.append(str(content["data"].get("text/html", "")))
            elif kind == "error":
                cell.error = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(content["traceback"]))
            elif kind == "status" and content["execution_state"] == "idle":
                return cell

    def fine(self, code: str) -> Cell:
        """Run a cell that must pass."""
        cell = self.run(code)
        assert cell.status == "ok", cell.text
        return cell

    def fails(self, code: str) -> Cell:
        """Run a cell that must fail as livyguard's do: status error, a text, no Python traceback."""
        cell = self.run(code)
        assert cell.status == "error", cell.text
        assert "Traceback (most recent call last)" not in cell.text
        assert "site-packages" not in cell.error
        return cell

    def complete(self, code: str) -> list[str]:
        """Return the completions at the end of the code."""
        reply = self.client.complete(code, len(code), reply=True, timeout=PATIENCE)
        return list(reply["content"]["matches"])

    def stop(self) -> None:
        """End it as Jupyter does, however long it takes: killed, it leaves its session behind."""
        self.client.stop_channels()
        self.manager.shutdown_wait_time = PATIENCE
        self.manager.shutdown_kernel(now=False)


class Lab:
    """A user's machine: home, configuration and policy, all in a temporary folder.

    Args:
        folder: that folder.
        url: the Livy endpoint of the user's SparkMagic.
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.kernels: list[Kernel] = []
        self._numbers = count(1)
        self.policy: Path | None = folder / "policy.toml"
        self.policy.write_text(POLICY)
        self.configure()

    def configure(self, *, user: str | None = "alice", **settings: Any) -> None:
        """Write SparkMagic's config.json; the login is basic authentication."""
        login = {"username": user or "", "password": "pw" if user else "", "auth": "Basic_Access" if user else "None"}
        config = {
            "kernel_python_credentials": {**login, "url": self.url},
            "logging_config": {"version": 1, "handlers": {}, "loggers": {}},
            "heartbeat_refresh_seconds": 5,
            **settings,
        }
        (self.folder / "config.json").write_text(json.dumps(config))

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "HOME": str(self.folder),
            "IPYTHONDIR": str(self.folder / "ipython"),
            "JUPYTER_PLATFORM_DIRS": "1",
            "LIVYGUARD_POLICY": str(self.policy or ""),
            "SPARKMAGIC_CONF_DIR": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "PYTHONWARNINGS": "ignore",
        }

    def specification(self, argv: list[str]) -> KernelSpec:
        """Return how a kernel is begun: as Jupyter does."""
        return KernelSpec(argv=argv, display_name="kernel", language="python")

    def sockets(self) -> dict[str, str]:
        """Return where a kernel listens, for its manager: a port found free may be another's when the kernel is up."""
        return {"transport": "ipc", "ip": f"{self._sockets.name}/{next(self._numbers)}"}

    @cached_property
    def _sockets(self) -> TemporaryDirectory[str]:
        return TemporaryDirectory(prefix="lab-")  # a socket's path has to be short, and a test's own folder is not

    def start(self, argv: list[str] = PYSPARK, *, load: bool = True) -> Kernel:
        """Start a kernel, guarded unless told otherwise."""
        manager = KernelManager(**self.sockets())
        manager._kernel_spec = self.specification(argv)
        manager.start_kernel(env=self.environment, cwd=str(self.folder))
        kernel = Kernel(manager)
        self.kernels.append(kernel)
        if load:
            kernel.fine("%load_ext livyguard")
        return kernel

    def stop(self) -> None:
        for kernel in self.kernels:
            kernel.stop()
        self._sockets.cleanup()
