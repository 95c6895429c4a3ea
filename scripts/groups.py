"""A pytest plugin: what shares a server shares a worker (``-p scripts.groups -n 3 --dist loadscope``).

A file is a group, but for two kinds of tests. xdist's own marks for this (``--dist loadgroup``) are without effect in
pytest 9. Of three workers and more the last is a filler: while the others wait for kernels and JVMs, it runs what only
calculates, from the end of the queue, and lets every kernel and JVM go first.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

#: The conformance suite starts one server of each version for all of its modules.
_ENDPOINT = re.compile(r"tests/contract/.+?\[(sandbox|[0-9.]+)")
#: Each has a cluster of its own, and looks how long things take: not side by side. Together they take the longest.
_CLUSTERS = "tests/live/test_yarn_"
#: What the guides say is tested in several files; each guide runs once.
_GUIDES = "tests/notebooks/test_guides"
#: What calculates and waits for nobody; the driver's and the command's tests below sandbox start JVMs.
_CALCULATES = re.compile(r"tests/(property|unit(?!/(sandbox|scripts)/))/")
#: How much a filler lets others go first: a third of their share of a core that all want.
_NICE = 5


class Groups(LoadScopeScheduling):
    """Deals out the tests group by group, in the order of the files but for the longest; to a filler from their end."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)

    def _reschedule(self, node: WorkerController) -> None:
        if self._fills(node) and self._last_calculation() is None and not node.shutting_down:
            node.shutdown()
        super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self._fills(node):
            last = self._last_calculation()
            if last is None:
                node.shutdown()
                return
            self.workqueue.move_to_end(last, last=False)
        super()._assign_work_unit(node)

    def _fills(self, node: WorkerController) -> bool:
        return is_filler(node.gateway.id, self.numnodes)

    def _last_calculation(self) -> str | None:
        return next((name for name in reversed(self.workqueue) if _CALCULATES.match(name)), None)


def pytest_configure(config: pytest.Config) -> None:
    """Make a filler's process, and what it starts, give way."""
    given = getattr(config, "workerinput", None)
    if given and is_filler(given["workerid"], given["workercount"]):
        os.nice(_NICE)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes the longest, that no worker is left alone with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_CLUSTERS))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """Take the place of xdist's own."""
    return Groups(config, log)


def is_filler(worker: str, count: int) -> bool:
    """Tell whether a worker is the last of at least three.

    >>> [is_filler(f"gw{number}", 3) for number in range(3)]
    [False, False, True]
    >>> is_filler("gw1", 2)
    False
    """
    return count > 2 and worker == f"gw{count - 1}"  # noqa: PLR2004 - one beside it would run the rest alone


def group(nodeid: str) -> str:
    """Return the name of what the test shares with others.

    >>> group("tests/contract/test_server.py::test_unknown[0.9.0-/sessions]")
    'endpoint 0.9.0'
    >>> group("tests/live/test_yarn_startup.py::test_a_full_queue")
    'tests/live/test_yarn_'
    >>> group("tests/notebooks/test_guides_people.py::test_the_cheat_sheet")
    'tests/notebooks/test_guides'
    >>> group("tests/unit/test_guard.py::test_allow[a]")
    'tests/unit/test_guard.py'
    """
    if endpoint := _ENDPOINT.match(nodeid):
        return f"endpoint {endpoint[1]}"
    return next((name for name in (_CLUSTERS, _GUIDES) if nodeid.startswith(name)), nodeid.partition("::")[0])
