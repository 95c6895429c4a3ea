"""A ResourceManager over HTTP for tests without YARN: whatever tag it is asked for has one application that waits.

What lives is listed to whoever asks for no tag, as 3.3.6 does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from werkzeug import Response

if TYPE_CHECKING:
    from pytest_httpserver import HTTPServer
    from werkzeug import Request

__all__ = ["AM_LIMIT", "ResourceManager"]

APPS = "/ws/v1/cluster/apps"
AM_LIMIT = (
    "Application is added to the scheduler and is not yet activated. Queue's AM resource limit exceeded.  Details : "
    "AM Resource Request = <memory:1024, vCores:1>; Queue Resource Limit for AM = <memory:3072, vCores:1>; "
    "Queue AM Resource Usage = <memory:3072, vCores:3>; "
)


class ResourceManager:
    """Stands on pytest-httpserver.

    Attributes:
        url: for the policy's ``resource_manager``.
        states: of the applications by their tags.
        containers: how many each of them holds, of 1024 MB and one core; none unless a test says so.
    """

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.states: dict[str, str] = {}
        self.containers: dict[str, int] = {}
        server.expect_request(APPS).respond_with_handler(self._listing)
        for number in range(1, 5):
            path = f"{APPS}/{_id(number)}"
            server.expect_request(path, method="GET").respond_with_handler(self._one)
            server.expect_request(f"{path}/state", method="PUT").respond_with_handler(self._kill)

    def application(self, tag: str) -> str:
        """Return the id of the application with a tag."""
        return _id(list(self.states).index(tag) + 1)

    def _listing(self, request: Request) -> Response:
        if "applicationTags" in request.args:
            tags = [request.args["applicationTags"]]
            self.states.setdefault(tags[0], "ACCEPTED")
        else:
            wanted = request.args["states"].split(",")
            tags = [tag for tag, state in self.states.items() if state in wanted]
        return _as_json({"apps": {"app": [self._described(tag) for tag in tags]} if tags else None})

    def _one(self, request: Request) -> Response:
        return _as_json({"app": self._described(self._tag(request))})

    def _kill(self, request: Request) -> Response:
        self.states[self._tag(request)] = json.loads(request.data)["state"]
        return _as_json({"state": "ACCEPTED"}, 202)

    def _tag(self, request: Request) -> str:
        app = request.path.removeprefix(f"{APPS}/").removesuffix("/state")
        return next(tag for tag in self.states if self.application(tag) == app)

    def _described(self, tag: str) -> dict[str, Any]:
        said = AM_LIMIT if self.states[tag] == "ACCEPTED" else "killed by user"
        about = {"id": self.application(tag), "state": self.states[tag], "applicationTags": f"livyguard,{tag}"}
        held = self.containers.get(tag, 0) if self.states[tag] == "RUNNING" else 0
        holds = {"allocatedMB": 1024 * held, "allocatedVCores": held, "runningContainers": held}
        holds["clusterUsagePercentage"] = 12.5 * held
        told = {"user": "livy", "name": f"livy-session-{tag}", "applicationType": "SPARK", "startedTime": 1795260701300}
        return {**about, **told, **holds, "queue": "root.users", "diagnostics": said}


def _id(number: int) -> str:
    return f"application_1795260701213_{number:04}"


def _as_json(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")
