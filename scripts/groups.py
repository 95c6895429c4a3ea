"""A pytest plugin: what shares a server shares a worker (``-p scripts.groups -n 2 --dist loadscope``).

A file is a group, but for two kinds of tests. xdist's own marks for this (``--dist loadgroup``) are without effect in
pytest 9.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer

#: The conformance suite starts one server of each version for all of its modules.
_ENDPOINT = re.compile(r"tests/contract/.+?\[(sandbox|[0-9.]+)")
#: Each has a cluster of its own, and looks how long things take: not side by side.
_CLUSTERS = "tests/live/test_yarn_"


class Groups(LoadScopeScheduling):
    """Deals out the tests group by group, in the order of the files."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """Take the place of xdist's own."""
    return Groups(config, log)


def group(nodeid: str) -> str:
    """Return the name of what the test shares with others.

    >>> group("tests/contract/test_server.py::test_unknown[0.9.0-/sessions]")
    'endpoint 0.9.0'
    >>> group("tests/live/test_yarn_startup.py::test_a_full_queue")
    'tests/live/test_yarn_'
    >>> group("tests/unit/test_guard.py::test_allow[a]")
    'tests/unit/test_guard.py'
    """
    if endpoint := _ENDPOINT.match(nodeid):
        return f"endpoint {endpoint[1]}"
    return _CLUSTERS if nodeid.startswith(_CLUSTERS) else nodeid.partition("::")[0]
