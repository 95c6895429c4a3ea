"""A real HDFS for tests: a NameNode on a free port, and a DataNode where one is wanted, in a folder of their own."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import requests

from livyguard.sandbox.java import find_java
from livyguard.sandbox.keeper import Kept
from tests.live.hadoop_parts import JAVA_OPTIONS, PARTS, free_ports, hadoop_jars, write_site
from tests.live.people import until

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Hdfs"]

SERVER = "org.apache.hadoop.hdfs.server"
NAME_NODE, DATA_NODE = f"{SERVER}.namenode.NameNode", f"{SERVER}.datanode.DataNode"
DFSADMIN = "org.apache.hadoop.hdfs.tools.DFSAdmin"
STATE = {"qry": "Hadoop:service=NameNode,name=FSNamesystemState"}


class Hdfs:
    """A NameNode that is up inside the ``with`` block and gone after it; it wants one DataNode to leave safe mode.

    Args:
        folder: for configuration, logs and blocks.

    Attributes:
        url: of its root, without a trailing slash.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._java = find_java().home
        self._jars = [hadoop_jars("hdfs.xml"), hadoop_jars()]
        self._daemons: dict[str, Kept] = {}
        port, self._web_port = free_ports(2)
        self.url = f"hdfs://127.0.0.1:{port}"

    def __enter__(self) -> Hdfs:  # noqa: PYI034 - typing.Self is not in Python 3.10
        """Make an empty file system and start its NameNode."""
        self._write_configuration()
        self._run(NAME_NODE, "-format", "-force", "-nonInteractive")
        self.start_name_node()
        return self

    def __exit__(self, *_error: object) -> None:
        for name in list(self._daemons):
            self._stop(name)

    def start_name_node(self) -> None:
        """Start what knows the files, and wait until it answers; it is in safe mode without a DataNode."""
        self._start(NAME_NODE)
        try:
            until(self._state)
        except BaseException:
            self._stop(NAME_NODE)
            raise

    def restart_name_node(self) -> None:
        """Begin as after maintenance: no DataNode has reported yet."""
        self._stop(DATA_NODE)
        self._stop(NAME_NODE)
        self.start_name_node()

    def start_data_node(self) -> None:
        """Start what holds the blocks, and wait until the NameNode takes changes."""
        self._start(DATA_NODE)
        until(lambda: self._state() == "Operational")

    def make(self, folder: str) -> None:
        """Make a folder, as ``hdfs dfs -mkdir`` does."""
        query = {"op": "MKDIRS", "user.name": getpass.getuser()}
        answer = requests.put(f"http://127.0.0.1:{self._web_port}/webhdfs/v1{folder}", params=query, timeout=30)
        assert answer.ok, answer.text

    def dfsadmin(self, *words: str) -> str:
        """Run ``hdfs dfsadmin`` with these words and return what it prints."""
        return self._run(DFSADMIN, *words)

    def _state(self) -> str:
        """Return ``safeMode`` or ``Operational``; empty as long as it does not answer."""
        daemon = self._daemons[NAME_NODE]
        assert daemon.poll() is None, f"it ended; its log: {daemon.log}"
        try:
            answer = requests.get(f"http://127.0.0.1:{self._web_port}/jmx", params=STATE, timeout=10).json()
        except requests.RequestException:  # it does not listen yet
            return ""
        return str(answer["beans"][0]["FSState"]) if answer["beans"] else ""

    def _start(self, name: str) -> None:
        log = self.folder / "logs" / f"{name.rpartition('.')[2].lower()}.log"
        words, env = self._words(name), self._environment()
        self._daemons[name] = Kept(words, log=log, env=env, cwd=self.folder, grace=3.0).start()

    def _stop(self, name: str) -> None:
        daemon = self._daemons.pop(name, None)
        if daemon is not None:
            daemon.stop()

    def _run(self, name: str, *words: str) -> str:
        ran = subprocess.run(
            self._words(name) + list(words),
            env=self._environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def _words(self, name: str) -> list[str]:
        path = ":".join(map(str, (self.folder / "conf", *(f"{jars}/*" for jars in self._jars))))
        places = (f"-Dhadoop.log.dir={self.folder / 'logs'}", f"-Djava.io.tmpdir={self.folder / 'tmp'}")
        return [str(self._java / "bin" / "java"), *JAVA_OPTIONS, *places, "-cp", path, name]

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "JAVA_HOME": str(self._java), "HADOOP_CONF_DIR": str(self.folder / "conf")}

    def _write_configuration(self) -> None:
        # No pages in them: the jar brings none, and they do not start without.
        pages = ("conf/webapps/hdfs", "conf/webapps/datanode")
        for name in ("conf", "logs", "tmp", *pages):
            (self.folder / name).mkdir(parents=True)
        shutil.copy(PARTS / "log4j.properties", self.folder / "conf")
        core = {"fs.defaultFS": self.url, "hadoop.tmp.dir": self.folder / "tmp"}
        write_site(self.folder / "conf" / "core-site.xml", core)
        write_site(self.folder / "conf" / "hdfs-site.xml", self._hdfs_site())

    def _hdfs_site(self) -> dict[str, Any]:
        name, data = "dfs.namenode", "dfs.datanode"
        return {
            f"{name}.name.dir": (self.folder / "name").as_uri(),
            f"{name}.http-address": f"127.0.0.1:{self._web_port}",
            f"{name}.safemode.min.datanodes": 1,
            f"{name}.safemode.extension": 0,
            f"{name}.resource.du.reserved": 0,
            f"{name}.datanode.registration.ip-hostname-check": "false",
            f"{data}.data.dir": (self.folder / "data").as_uri(),
            **{f"{data}.{part}": "127.0.0.1:0" for part in ("address", "http.address", "ipc.address")},
            "dfs.replication": 1,
            "dfs.permissions.enabled": "false",
        }
