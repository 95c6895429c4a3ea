"""``livyguard sandbox``, run as people run it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
import requests
from click.testing import CliRunner

from livyguard.sandbox.command import sandbox
from livyguard.sandbox.java import JavaNotFound


class Running:
    """The command in a process of its own."""

    def __init__(self, folder, *options):
        ready = folder / "url"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "livyguard.sandbox", "--ready-file", str(ready), *options],
            stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(folder)},
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not (ready.exists() and ready.read_text()):
            assert self.process.poll() is None, "the sandbox has ended"
            assert time.monotonic() < deadline
        self.url = ready.read_text()

    def state(self, session_id):
        return requests.get(f"{self.url}/sessions/{session_id}/state", timeout=10).json()["state"]


@pytest.fixture
def run(tmp_path):
    """Run the command with options; it is ended if the test does not."""
    started = []

    def start(*options):
        started.append(Running(tmp_path, *options))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.communicate(timeout=30)


@pytest.fixture
def spark(run):
    """Run the command with one session that computes on Python workers."""
    running = run("--cores", "1")
    requests.post(f"{running.url}/sessions", json={"kind": "pyspark"}, timeout=10)
    deadline = time.monotonic() + 120
    while running.state(0) != "idle":
        assert time.monotonic() < deadline
    code = "sc.parallelize([0], 1).map(lambda x: __import__('time').sleep(600)).count()"
    requests.post(f"{running.url}/sessions/0/statements", json={"code": code}, timeout=10)
    while not any("pyspark.daemon" in command_line(process) for process in descendants(running)):
        assert time.monotonic() < deadline
    return running


def command_line(process):
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""


def descendants(running):
    return psutil.Process(running.process.pid).children(recursive=True)


def assert_gone(processes, seconds=20):
    """Wait until each has ended; what nobody has reaped yet (a zombie) runs no more."""
    deadline = time.monotonic() + seconds
    while alive := [line for line in map(command_line, processes) if line]:  # a zombie has none
        assert time.monotonic() < deadline, alive


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_on_a_signal_and_leaves_no_process_behind(spark, number):
    processes = descendants(spark)
    assert any("org.apache.spark.deploy.SparkSubmit" in command_line(process) for process in processes)

    spark.process.send_signal(number)
    output, _ = spark.process.communicate(timeout=30)

    assert spark.process.returncode == 0
    assert "The sandbox stops; its sessions end." in output
    assert_gone(processes)


def test_its_sessions_end_by_themselves_when_it_is_killed(spark):
    processes = descendants(spark)

    spark.process.kill()
    spark.process.communicate(timeout=30)

    assert_gone(processes)


def test_the_banner_says_what_it_is_and_how_to_stop_it(run):
    running = run("--engine", "none", "--slots", "2", "--seed-session", "bob:busy:4")
    owner = requests.get(f"{running.url}/sessions", timeout=10).json()["sessions"][0]["owner"]

    running.process.terminate()
    output, _ = running.process.communicate(timeout=30)

    assert owner == "bob"
    assert output.splitlines()[:5] == [
        "livyguard sandbox: Livy's REST API for this machine alone. It is no Apache Livy and no cluster.",
        f"  url     {running.url}",
        "  engine  none: each statement is answered with its own code",
        "  room    2 sessions; the next one waits and dies",
        "  stop    Ctrl-C, which ends its sessions",
    ]


def test_a_taken_port_is_one_clear_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        result = CliRunner().invoke(sandbox, ["--engine", "none", "--port", str(port)])

    assert (result.exit_code, result.output) == (
        1,
        f"Error: Cannot listen on 127.0.0.1:{port}: Address already in use.\n",
    )


def test_a_seed_that_is_none_is_one_clear_line():
    result = CliRunner().invoke(sandbox, ["--engine", "none", "--seed-session", "bob:asleep"])

    assert result.exit_code == 2
    assert "'bob:asleep' is no OWNER" in result.output
    assert "Traceback" not in result.output


def test_a_missing_java_is_one_clear_line(monkeypatch):
    def no_java(_environ):
        raise JavaNotFound("The sandbox needs Java.")

    monkeypatch.setattr("livyguard.sandbox.server.find_java", no_java)

    result = CliRunner().invoke(sandbox, [])

    assert (result.exit_code, result.output) == (1, "Error: The sandbox needs Java.\n")


@pytest.mark.parametrize("missing", ["pyspark", "jupyter_client"])
def test_a_missing_extra_is_one_clear_line(monkeypatch, missing):
    for name in [missing, *(name for name in sys.modules if name.startswith(f"{missing}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "livyguard.sandbox.kernel", raising=False)

    result = CliRunner().invoke(sandbox, [])

    assert result.exit_code == 1
    assert result.output == f"Error: The sandbox needs {missing}: run pip install 'livyguard[sandbox]'.\n"


def test_options_that_mean_nothing_to_the_real_livy_are_all_named():
    result = CliRunner().invoke(sandbox, ["--livy", "0.9.0", "--engine", "none", "--cores", "2", "--port", "1"])

    assert result.exit_code == 2
    assert (
        "The real Livy knows nothing of --engine, --cores: --livy goes with --port and --ready-file." in result.output
    )


def test_a_version_of_livy_that_is_none_is_one_clear_line():
    result = CliRunner().invoke(sandbox, ["--livy", "latest"])

    assert result.exit_code == 2
    assert "'latest' is no version of Livy, as 0.9.0 is one." in result.output


def test_a_livy_that_cannot_be_had_is_one_clear_line(monkeypatch, tmp_path):
    (tmp_path / "apache-livy-0.9.0-incubating_2.12-bin.zip").write_text("no zip")
    monkeypatch.setenv("LIVYGUARD_LIVY_ARCHIVE", str(tmp_path / "apache-livy-0.9.0-incubating_2.12-bin.zip"))
    monkeypatch.delenv("LIVY_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    result = CliRunner().invoke(sandbox, ["--livy"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "cannot be unpacked" in result.output
    assert "Traceback" not in result.output
