"""Commands that hints call safe, run as they are printed: a YARN and a machine that are asked show what is promised."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pyspark
import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.reading import read
from livyguard.sandbox.java import find_java
from scripts.hint_pages import case_of
from tests.live.hadoop_parts import hadoop_jars
from tests.live.people import until
from tests.live.yarn import Queue, Yarn, YarnOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.live, pytest.mark.long]

#: What Hadoop's own scripts start for these words, in a program of Java's each.
PROGRAMS = {
    ("yarn", "node"): "org.apache.hadoop.yarn.client.cli.NodeCLI",
    ("yarn", "logs"): "org.apache.hadoop.yarn.client.cli.LogsCLI",
    ("mapred", "queue"): "org.apache.hadoop.mapred.JobQueueClient",
}
SCRIPT = """#!/bin/sh
case "$1" in
{cases}
*) exit 64 ;;
esac
shift
exec "{java}" -Xmx256m -cp "{path}" "$program" "$@"
"""
MAPRED_SITE = """<?xml version="1.0"?>
<configuration><property><name>mapreduce.framework.name</name><value>yarn</value></property></configuration>
"""
KILLED = (
    "26/11/21 10:00:00 ERROR YarnScheduler: Lost executor 1 on node1: Container marked as failed: {} on host: node1. "
    "Exit status: 137. Diagnostics: Container killed on request. Exit code is 137"
)


@pytest.fixture(scope="module")
def yarn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yarn]:
    folder = tmp_path_factory.mktemp("yarn")
    with Yarn(folder / "yarn", YarnOptions(queues={"default": Queue(90), "narrow": Queue(10)})) as yarn:
        (yarn.conf_dir / "mapred-site.xml").write_text(MAPRED_SITE)
        yield yarn


@pytest.fixture(scope="module")
def at_hand(yarn: Yarn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ``yarn`` and ``mapred``: what such a script starts, without its hundreds of settings."""
    folder = tmp_path_factory.mktemp("bin")
    jars = {"yarn": [hadoop_jars("commands.xml"), hadoop_jars()], "mapred": [Path(pyspark.__file__).parent / "jars"]}
    for name, folders in jars.items():
        path = ":".join(map(str, (yarn.conf_dir, *(f"{each}/*" for each in folders))))
        cases = "\n".join(f"{word}) program={program} ;;" for (one, word), program in PROGRAMS.items() if one == name)
        script = folder / name
        script.write_text(SCRIPT.format(cases=cases, java=find_java().home / "bin" / "java", path=path))
        script.chmod(0o755)
    return folder


def command(text: str | None, code: str, begin: str) -> str:
    """Return the safe command that begins so, of the hint on a text; without one, on the fixture of its code."""
    (hint,) = diagnose(case_of(code) if text is None else read(text))
    assert hint.code == code
    (found,) = [fix for fix in hint.fixes if (fix.command or "").startswith(begin)]
    assert found.applicability == "safe"
    return str(found.command)


def run(line: str, at_hand: Path) -> str:
    """Run a command line as somebody pastes it, and return what it shows."""
    env = {**os.environ, "PATH": f"{at_hand}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", line], env=env, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout


def test_what_yarn_is_asked_in_a_terminal_shows_nodes_queues_and_logs(yarn: Yarn, at_hand: Path) -> None:
    nodes = run(command(None, "LG209", "yarn node"), at_hand)
    queues = run(command(None, "LG205", "mapred queue"), at_hand)
    rights = run(command(None, "LG211", "mapred queue"), at_hand)
    with yarn.occupied("default", 512) as app_id:
        container = app_id.replace("application", "container") + "_01_000001"
        logs = command(KILLED.format(container), "LG217", "yarn logs")
        shown = until(lambda: container in (said := run(logs, at_hand)) and said)  # once its process is there

    assert logs == f"yarn logs -applicationId {app_id}"
    assert "Total Nodes:1" in nodes
    assert "RUNNING" in nodes
    assert ["narrow" in shown for shown in (queues, rights)] == [True, True]
    assert "SUBMIT_APPLICATIONS" in rights
    assert "LogType:" in shown
    assert yarn.living() == []


def test_what_listens_on_this_machine_is_shown(tmp_path: Path) -> None:
    look = command(None, "LG501", "ss ")
    if shutil.which("ss") is None:
        pytest.skip("no ss")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        shown = run(look, tmp_path)

        assert f"127.0.0.1:{listening.getsockname()[1]}" in shown
