"""``python -m demo.lab``: JupyterLab on the sandbox of the demo, for this machine alone; Ctrl-C ends both."""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import subprocess
import sys
from pathlib import Path

from demo.world import NOTEBOOKS, Setting, World, world
from livyguard.sandbox.ports import free_port

_LOOPBACK = "127.0.0.1"


def main() -> int:
    """Serve until Ctrl-C; the notebooks are the world's copies, so that nothing of the project changes."""
    parser = argparse.ArgumentParser(prog="python -m demo.lab", description=__doc__)
    parser.add_argument("--no-browser", action="store_true", help="Open no browser; only print the address.")
    parser.add_argument(
        "--notebook", type=Path, default=NOTEBOOKS / "tour.ipynb", help="One of notebooks/, to open for its own reader."
    )
    options = parser.parse_args()
    try:
        opened = options.notebook.resolve().relative_to(NOTEBOOKS).as_posix()
    except ValueError:
        parser.error(f"{options.notebook} is not below {NOTEBOOKS}")
    with world(Setting.of(options.notebook)) as here:
        return _serve(here, opened, with_browser=not options.no_browser and _has_screen())


def _serve(here: World, opened: str, *, with_browser: bool) -> int:
    port, token = free_port(), secrets.token_hex(24)
    lab = subprocess.Popen(_command(here, port, opened, with_browser), env={**os.environ, "JUPYTER_TOKEN": token})  # noqa: S603 - our own command
    print(
        f"Sandbox:    {here.url}\n"
        f"JupyterLab: http://{_LOOPBACK}:{port}/lab/tree/{opened}?token={token}\n"
        "The notebooks are copies, gone at the end. Ctrl-C ends JupyterLab and the sandbox.",
        flush=True,
    )
    try:
        return lab.wait()
    finally:
        _end(lab)


def _command(here: World, port: int, opened: str, with_browser: bool) -> list[str]:
    return [
        *(sys.executable, "-m", "jupyterlab", f"--ip={_LOOPBACK}", f"--port={port}", "--ServerApp.port_retries=0"),
        *(f"--ServerApp.root_dir={here.notebooks}", f"--LabApp.default_url=/lab/tree/{opened}"),
        *("--LabApp.news_url=", "--ServerApp.log_level=ERROR", "--ServerApp.answer_yes=True"),
        *([] if with_browser else ["--no-browser"]),
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]


def _end(lab: subprocess.Popen[bytes]) -> None:
    """Let Jupyter end its kernels; Ctrl-C in a terminal has reached it already."""
    with contextlib.suppress(ProcessLookupError):
        lab.terminate()
    try:
        lab.wait(20)
    except subprocess.TimeoutExpired:
        lab.kill()
        lab.wait()


def _has_screen() -> bool:
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nJupyterLab and the sandbox have ended; nothing is left running.")
