"""The ResourceManager that tests without YARN stand on answers as the real one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.yarn.client import ResourceManager
from livyguard.yarn.transport import Transport
from tests import resource_manager

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer


def test_an_application_waits_runs_holds_and_is_killed(httpserver: HTTPServer) -> None:
    yarn = resource_manager.ResourceManager(httpserver)
    rm = ResourceManager(Transport(yarn.url))

    assert rm.living() == []
    (waiting,) = rm.tagged("livyguard-0badcafe")
    assert [(one.id, one.state, one.memory_mib) for one in rm.living()] == [(waiting.id, "ACCEPTED", 0)]

    yarn.states["livyguard-0badcafe"], yarn.containers["livyguard-0badcafe"] = "RUNNING", 3
    (running,) = rm.living()
    assert (running.memory_mib, running.cores, running.executors, running.share) == (3072, 3, 2, 37.5)

    rm.kill(running.id)
    assert rm.living() == []
