"""The world that the tour lives in: a sandbox with other people's sessions, and folders that leave the user's alone."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

__all__ = ["NOTEBOOKS", "Setting", "World", "world"]

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
#: What the notebooks point at, seen from the project's folder.
NEIGHBOURS = ("docs/policies", "deploy")
#: Who else is on the cluster: one of them is alice's own, forgotten in another notebook.
SEEDS = ("bob-1:idle:4:2h", "alice:idle:6:50m", "carol:busy:8")
_READY_SECONDS = 60


@dataclass(frozen=True)
class Setting:
    """Who sits in front of a notebook, under which policy, and who else is on the cluster."""

    user: str = "alice"
    policy: Path = NOTEBOOKS / "policy.toml"
    seeds: Sequence[str] = SEEDS

    @classmethod
    def of(cls, notebook: Path) -> Setting:
        """Return what a notebook asks for: the policy beside it that has its name, and its metadata ``livyguard``.

        The metadata may hold ``user`` and ``seeds``, each of them as ``livyguard sandbox --seed-session`` takes it.
        """
        wanted = json.loads(notebook.read_text("utf-8"))["metadata"].get("livyguard", {})
        own = notebook.with_suffix(".toml").resolve()
        return cls(**({"policy": own} if own.exists() else {}) | wanted)


class World:
    """A running sandbox and the environment for kernels beside it.

    Attributes:
        folder: temporary; removed with all that is in it.
        url: the sandbox.
        notebooks: copies of the project's, with what they point at where they look for it.
        environment: what leads Jupyter, SparkMagic and livyguard to ``folder``; set while the world stands.
    """

    def __init__(self, folder: Path, url: str, setting: Setting) -> None:
        self.folder = folder
        self.url = url
        self.setting = setting
        self.notebooks = folder / "notebooks"
        self.environment = {
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_CONFIG_DIR": str(folder / "jupyter-config"),
            "JUPYTER_DATA_DIR": str(folder / "jupyter-data"),
            "JUPYTER_PATH": str(folder / "jupyter"),
            "JUPYTER_RUNTIME_DIR": str(folder / "jupyter-runtime"),
            "LIVYGUARD_POLICY": str(setting.policy),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "SPARKMAGIC_CONF_DIR": str(folder / "sparkmagic"),
            "TMPDIR": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
        }

    def beside(self, notebook: Path) -> Path:
        """Return the folder in which a notebook finds what it points at: that of its copy, if it is the project's."""
        folder = notebook.resolve().parent
        return self.notebooks / folder.relative_to(NOTEBOOKS) if folder.is_relative_to(NOTEBOOKS) else self.notebooks

    def furnish(self) -> None:
        """Write SparkMagic's configuration for the user, the PySpark kernel's spec, and what there is to open."""
        shutil.copytree(NOTEBOOKS, self.notebooks)
        for name in NEIGHBOURS:
            if (NOTEBOOKS.parent / name).exists():
                shutil.copytree(NOTEBOOKS.parent / name, self.folder / name)
        credentials = {"username": self.setting.user, "password": "any", "url": self.url, "auth": "Basic_Access"}
        self._write(
            "sparkmagic/config.json",
            {
                "kernel_python_credentials": credentials,
                "livy_server_heartbeat_timeout_seconds": 0,  # as SparkMagic's own example has it
                "livy_session_startup_timeout_seconds": 120,
            },
        )
        kernel = [sys.executable, "-m", "sparkmagic.kernels.pysparkkernel.pysparkkernel", "-f", "{connection_file}"]
        home = {"HOME": str(self.folder)}  # autovizwidget knows no other place for its configuration
        spec = {"argv": kernel, "display_name": "PySpark", "language": "python", "env": home}
        self._write("jupyter/kernels/pysparkkernel/kernel.json", spec)

    def _write(self, name: str, value: object) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value, indent=2), "utf-8")


@contextlib.contextmanager
def world(setting: Setting = Setting()) -> Iterator[World]:
    """Start everything; at the end nothing of it is left, whatever happened inside."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    folder = Path(tempfile.mkdtemp(prefix="livyguard-demo-"))
    try:
        with _sandbox(folder, setting.seeds) as url:
            here = World(folder, url, setting)
            here.furnish()
            with _environment(here.environment):
                yield here
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """End as on Ctrl-C: everything that was started is ended."""
    raise KeyboardInterrupt


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _sandbox(folder: Path, seeds: Sequence[str]) -> Iterator[str]:
    ready, log = folder / "sandbox-url", folder / "sandbox.log"
    command = [sys.executable, "-m", "livyguard.sandbox", "--ready-file", str(ready)]
    for seed in seeds:
        command += ["--seed-session", seed]
    with log.open("wb") as output:
        # A process group of its own: Ctrl-C reaches this program alone, which then ends the sandbox in order.
        process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "TMPDIR": str(folder)},
            start_new_session=True,
        )
    try:
        yield _wait(process, ready, log)
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], ready: Path, log: Path) -> str:
    deadline = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if ready.exists() and (url := ready.read_text("utf-8").strip()):
            return url
        time.sleep(0.05)
    raise SystemExit(f"The sandbox did not start:\n{log.read_text('utf-8', errors='replace').strip()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the sandbox to end its sessions; after 20 seconds end the whole group. A second Ctrl-C changes nothing."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
