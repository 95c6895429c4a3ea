"""An API server that answers what was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_httpserver import HTTPServer

RECORDED = Path(__file__).with_name("recorded")
TOKEN = "eyJhbGciOiJSUzI1NiJ9.canary.0123456789abcdef0123456789abcdef"


class ApiServer:
    """Gives one answer after another to whatever lists pods, the last one for ever; notes what it was asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.requests: list[Request] = []
        self._answers: list[Callable[[Request], Response]] = []
        self._others: dict[str, tuple[Any, int]] = {}
        for other in ("events", "resourcequotas"):
            server.expect_request(f"/api/v1/namespaces/spark/{other}").respond_with_handler(self._answer_other)
        server.expect_request("/api/v1/namespaces/spark/pods").respond_with_handler(self._answer)
        server.expect_request("/api/v1/namespaces/default/pods").respond_with_handler(self._answer)

    def says(self, content: Any, status: int = 200, **headers: str) -> None:
        """Answer with JSON, or with bytes as they are."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self._answers.append(lambda _: Response(body, status, {"Content-Type": "application/json", **headers}))

    def tells(self, other: str, content: Any, status: int = 200) -> None:
        """Answer whatever lists ``events`` or ``resourcequotas``; an empty list until then."""
        self._others[other] = content, status

    def plays(self, *names: str, status: int = 200) -> None:
        """Answer what was recorded."""
        for name in names:
            self.says(self.recorded(name), status)

    def does(self, answer: Callable[[Request], Response]) -> None:
        """Answer as a function says."""
        self._answers.append(answer)

    @staticmethod
    def recorded(name: str) -> Any:
        """Return what was recorded."""
        return json.loads((RECORDED / f"{name}.json").read_text("utf-8"))

    @property
    def asked(self) -> list[dict[str, str]]:
        """The query of each request."""
        return [request.args.to_dict() for request in self.requests]

    def _answer_other(self, request: Request) -> Response:
        self.requests.append(request)
        other = request.path.rpartition("/")[2]
        empty = {"kind": {"events": "EventList"}.get(other, "ResourceQuotaList"), "items": []}
        content, status = self._others.get(other, (empty, 200))
        return Response(json.dumps(content), status, {"Content-Type": "application/json"})

    def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        return (self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])(request)
