"""`livyguard sandbox --livy`, run as people run it: a real Livy, a login for SparkMagic, and nothing left behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest
import requests

from livyguard.sandbox.livy.configuration import LivyOptions
from livyguard.sandbox.livy.server import LivyServer
from tests.live.people import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.live


class Running:
    """The command in a process of its own, up and answering."""

    def __init__(self, folder: Path) -> None:
        ready = folder / "url"
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "TMPDIR": str(folder)}
        in_background = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]  # as a script starts it with &
        argv = [*in_background, sys.executable, "-m", "livyguard.sandbox", "--livy", "--ready-file", str(ready)]
        self.process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
        )
        end = time.monotonic() + 120
        while not (ready.exists() and ready.read_text()):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end
            time.sleep(0.1)
        self.url = ready.read_text()

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, number: signal.Signals) -> str:
        self.process.send_signal(number)
        return self.process.communicate(timeout=60)[0]


@pytest.fixture
def running(tmp_path: Path, livy_home: Callable[[str], Path]) -> Iterator[Running]:
    livy_home("0.9.0")
    running = Running(tmp_path)
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGTERM)


def assert_gone(family: list[psutil.Process]) -> None:
    assert psutil.wait_procs(family, timeout=30)[1] == []


def words_of(process: psutil.Process) -> list[str]:
    """Return its command line; [""] for one that has ended in the meantime."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.cmdline() or [""]
    return [""]


def test_its_banner_logs_a_person_in_and_ctrl_c_ends_everything(running: Running, tmp_path: Path) -> None:
    (conf,) = tmp_path.glob("livyguard-livy-*/sparkmagic")
    environment = {
        **os.environ,
        "SPARKMAGIC_CONF_DIR": str(conf),
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    body = tmp_path / "body.json"
    body.write_text('{"kind": "pyspark", "driverMemory": "512m"}')
    livyguard = [sys.executable, "-m", "livyguard.cli.main"]

    started = subprocess.run(
        [*livyguard, "sessions", "--start", str(body)], env=environment, check=False, capture_output=True, text=True
    )
    listed = subprocess.run(
        [*livyguard, "sessions", "--json"], env=environment, check=False, capture_output=True, text=True
    )

    assert started.returncode == 0, started.stderr
    (session,) = json.loads(listed.stdout)
    assert (session["id"], session["owner"], session["mine"], session["state"]) == (0, "alice", True, "idle")
    assert requests.get(f"{running.url}/sessions", timeout=10).status_code == 401
    delete = f"{running.url}/sessions/0?user.name=bob"
    assert requests.delete(delete, timeout=10).status_code == 400  # no X-Requested-By
    assert requests.delete(delete, headers={"X-Requested-By": "bob"}, timeout=10).status_code == 403

    family = running.family()
    jvms = [words for words in map(words_of, family) if "java" in words[0]]
    assert any("org.apache.livy.rsc.driver.RSCDriverBootstrapper" in words for words in jvms)
    (folder,) = tmp_path.glob("livyguard-livy-*")
    assert [words for words in jvms if f"-Djava.io.tmpdir={folder / 'tmp'}" not in words] == []
    said = running.end(signal.SIGINT)

    assert_gone(family)
    assert running.process.returncode == 0
    assert said.splitlines()[0] == "Apache Livy 0.9.0 starts ..."
    assert f"  url      {running.url}" in said
    assert f"  log in   export SPARKMAGIC_CONF_DIR={conf}\n" in said
    assert "is alice;\n" in said
    assert said.splitlines()[-1] == "Livy is stopped; its sessions have ended."
    assert list(tmp_path.glob("livyguard-livy-*")) == []


def test_it_says_when_livy_ends_by_itself(running: Running) -> None:
    family = running.family()
    livy = next(process for process in family if "org.apache.livy.server.LivyServer" in process.cmdline())

    livy.kill()
    said = running.process.communicate(timeout=30)[0]

    assert running.process.returncode == 1
    assert "Error: Livy has ended by itself:\n" in said
    assert "WebServer: Starting server on" in said
    assert_gone(family)


def test_it_ends_with_everything_when_it_is_killed(running: Running) -> None:
    requests.post(
        f"{running.url}/sessions?user.name=bob", json={"kind": "pyspark"}, headers={"X-Requested-By": "x"}, timeout=30
    )
    family = running.family()

    running.process.kill()
    running.process.communicate(timeout=30)

    assert_gone(family)


@pytest.mark.parametrize(
    ("wants_header", "said"),
    [(True, "X-Requested-By is wanted, and config.json has none"), (False, "X-Requested-By is not asked for")],
)
def test_the_doctor_finds_out_whether_csrf_protection_is_on_and_creates_nothing(
    tmp_path: Path, livy_home: Callable[[str], Path], *, wants_header: bool, said: str
) -> None:
    options = LivyOptions(users=True, access_control=True, csrf=wants_header)
    with LivyServer(options, livy_home("0.9.0"), tmp_path / "livy") as server:
        found = {check["check"]: check for check in Desk(tmp_path / "alice", server.url).say("doctor")["checks"]}
        listed = requests.get(f"{server.url}/sessions?user.name=alice", timeout=30).json()

    assert found["csrf"]["text"].startswith(said)
    assert (found["login"]["status"], found["version"]["status"]) == ("ok", "ok")
    assert found["version"]["text"].startswith("0.9.0-incubating")
    assert (listed["total"], listed["sessions"]) == (0, [])
