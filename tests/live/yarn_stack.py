"""A real Livy on a real YARN in cluster mode, and notebooks in front of it."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import psutil
import pyspark
import requests

from livyguard.sandbox.livy.configuration import LivyOptions
from livyguard.sandbox.livy.server import LivyServer
from tests.lab import Lab
from tests.live.people import LONG_STARTS, PATIENT, until
from tests.live.yarn import Queue, Yarn, YarnOptions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["NARROW", "ROOMY", "Containers", "Stack"]

#: MiB of a node with room for several people's sessions.
ROOMY = 16_384
#: A queue in which one application master may live.
NARROW = "narrow"
QUEUES = {"default": Queue(90, 0.9), NARROW: Queue(10, 0.01)}
#: Seconds that an application has to end after its kernel.
AFTERWARDS = 45
APPLICATION = re.compile(r"application_\d+_\d+")
MASTER = "org.apache.spark.deploy.yarn.ApplicationMaster"

POLICY = """
version = 1

[cluster]
manager = "yarn"
resource_manager = "{web}"

[defaults]
limits."executors.max" = {{ max = 2, default = 1, reason = "one node" }}
session_configs = {{ driverMemory = "512m", executorMemory = "512m" }}
"""


class Stack:
    """Livy and YARN inside the ``with`` block, a node of 8 GiB with the queues ``default`` and ``narrow``.

    Args:
        livy_home: an unpacked Livy.
        folder: for everything of theirs; it stays, the logs in it.
        users: Livy tells users apart, and each one's sessions are their own and ``admin``'s.
        memory_mb: what the node offers.
        yarn: how YARN runs, in place of that.
        deploy_mode: where drivers run: ``cluster``, in YARN; ``client``, beside Livy, which then has their logs.
    """

    def __init__(
        self,
        livy_home: Path,
        folder: Path,
        *,
        users: bool = False,
        memory_mb: int = 8192,
        yarn: YarnOptions | None = None,
        deploy_mode: str = "cluster",
    ) -> None:
        self.yarn = Yarn(folder / "yarn", yarn or YarnOptions(memory_mb=memory_mb, queues=QUEUES))
        self._home, self._folder = livy_home, folder
        self._options = LivyOptions(
            master="yarn",
            deploy_mode=deploy_mode,
            users=users,
            access_control=users,
            csrf=users,
            conf={"livy.server.yarn.poll-interval": "1s", **LONG_STARTS},
            spark={
                # Already on the node: nothing to pack and to copy for each session.
                "spark.yarn.jars": f"local:{Path(pyspark.__file__).parent / 'jars'}/*",
                "spark.yarn.stagingDir": f"file://{folder / 'staging'}",
                "spark.yarn.appMasterEnv.SPARK_LOCAL_IP": "127.0.0.1",
                "spark.executorEnv.SPARK_LOCAL_IP": "127.0.0.1",
            },
            environment={"HADOOP_CONF_DIR": str(self.yarn.conf_dir)},
        )
        self._query = {"user.name": "admin"} if users else {}
        self.livy = self.another_livy("livy")
        self._parts = ExitStack()
        #: Machines in front of it; applications and sessions that were there before the first of them.
        self._labs = 0
        self._before: tuple[Collection[str], Collection[int]] = ((), ())

    def __enter__(self) -> Stack:  # noqa: PYI034 - typing.Self is not in Python 3.10
        with self._parts as parts:
            parts.enter_context(self.yarn)
            parts.enter_context(self.livy)
            self._parts = parts.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        """End everything; that no application and no process of it lives on is asserted."""
        applications = self.yarn.living()
        servers = [psutil.Process(pid) for pid in (self.livy.pid, *self.yarn.pids)]
        processes = servers + [child for server in servers for child in server.children(recursive=True)]
        self._parts.close()
        left = [process for process in processes if process.is_running()]
        assert (applications, left) == ([], [])

    def another_livy(self, name: str) -> LivyServer:
        """Return one more Livy in front of the same YARN, not started yet.

        Args:
            name: of its folder.
        """
        return LivyServer(self._options, self._home, self._folder / name)

    @contextmanager
    def lab(self, folder: Path, url: str | None = None) -> Iterator[Lab]:
        """Yield a user's machine in front of this Livy; what kernels leave behind in YARN at their end is a fault.

        It is looked for when the last machine goes: as long as another is there, a session may be that one's.

        Args:
            folder: the user's home.
            url: what stands before Livy, if anything does.
        """
        lab = Lab(folder, url or self.livy.url)
        lab.configure(**PATIENT)
        assert lab.policy is not None
        lab.policy.write_text(POLICY.format(web=self.yarn.web))
        if not self._labs:
            self._before = {app["id"] for app in self.yarn.living()}, set(self.sessions())
        self._labs += 1
        try:
            yield lab
        finally:
            lab.stop()
            self._labs -= 1
            left = [] if self._labs else self._left(*self._before)
        assert not left, left

    def _left(self, others: Collection[str], theirs: Collection[int]) -> list[str]:
        """Return the sessions' applications that do not end, and end them, that no other test meets them.

        Args:
            others: applications that are not asked about.
            theirs: sessions that are left alone.
        """
        end = time.monotonic() + AFTERWARDS
        while left := [
            app["id"] for app in self.yarn.living() if app["applicationType"] == "SPARK" and app["id"] not in others
        ]:
            if time.monotonic() > end:
                break
            time.sleep(0.1)
        for app_id in left:
            self.yarn.kill(app_id)
        for number in set(self.sessions()) - set(theirs):
            self._delete(number)
        return left

    def _delete(self, number: int) -> None:
        url, headers = f"{self.livy.url}/sessions/{number}", {"X-Requested-By": "tests"}
        requests.delete(url, params=self._query, headers=headers, timeout=60)

    def clear(self) -> None:
        """End every session and application, whatever became of the tests that began them."""
        for number in self.sessions():
            self._delete(number)
        self.livy.end_drivers()
        for app in self.yarn.living():
            self.yarn.kill(app["id"])

    def masters(self) -> dict[str, psutil.Process]:
        """Return the JVMs of application masters, in which the drivers run, by application."""
        found = {}
        for pid in self.yarn.pids:
            for process in psutil.Process(pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    name = APPLICATION.search(" ".join(process.cmdline()))
                    if name and process.name() == "java" and MASTER in process.cmdline():
                        found[name[0]] = process
        return found

    def submitting(self) -> bool:
        """Tell whether a spark-submit is on its way to YARN."""
        return bool(psutil.Process(self.livy.pid).children())

    def sessions(self) -> dict[int, dict[str, Any]]:
        """Return what Livy lists, by number."""
        listed = requests.get(f"{self.livy.url}/sessions", params=self._query, timeout=30).json()["sessions"]
        return {session["id"]: session for session in listed}

    def guarded(self) -> list[dict[str, Any]]:
        """Return the living applications of sessions that livyguard created."""
        return [app for app in self.yarn.living() if "livyguard" in app["applicationTags"].split(",")]

    def application(self) -> dict[str, Any]:
        """Wait for the one application that a guarded session has, or waits for, and return it."""
        (app,) = until(self.guarded)
        return dict(app)

    def state(self, app: dict[str, Any]) -> str:
        """Return what the ResourceManager says of an application now."""
        return str(self.yarn.describe(app["id"])["state"])


class Containers:
    """Counts the containers that run, as often as it can, between ``with`` and its end.

    Attributes:
        most: that ran at the same time, the application masters' included.
    """

    def __init__(self, yarn: Yarn) -> None:
        self.most = 0
        self._yarn = yarn
        self._over = Event()
        self._thread = Thread(target=self._count)

    def __enter__(self) -> Containers:  # noqa: PYI034 - typing.Self is not in Python 3.10
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _count(self) -> None:
        while not self._over.wait(0.1):
            self.most = max(self.most, self._yarn.running())
