"""A Livy of one version, as its own answers were recorded or as its tagged source writes them."""

from __future__ import annotations

import copy
import gzip
import json
import re
import threading
import time
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

__all__ = ["HOUR", "RECORDED", "Recorded", "recording"]

RECORDED = sorted(file.stem for file in Path(__file__).parent.glob("*.json"))
HOUR = 3_600.0


def recording(name: str) -> dict[str, Any]:
    """Return one file beside this one: a session, a statement, the errors, and where the source has them."""
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text("utf-8"))


class Recorded:
    """Answers as one version does.

    Attributes:
        sessions: by id, in the order of creation.
        statements: of each session, the oldest first.
        forbidden: paths that are answered with 403 and an empty body.
        vanished: ids that are still listed and shown, and whose DELETE is 404.
        asked: every request, as ``("GET /sessions/4/statements", {"size": "1"})``.
    """

    def __init__(self, name: str) -> None:
        self.words = recording(name)
        self.sessions: dict[int, dict[str, Any]] = {}
        self.statements: dict[int, list[dict[str, Any]]] = {}
        self.forbidden: set[str] = set()
        self.vanished: set[int] = set()
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._lock = threading.Lock()

    def add(self, number: int, *hours: float, **fields: Any) -> dict[str, Any]:
        """Add a session whose statements ended so many hours ago, the oldest first."""
        session = {**copy.deepcopy(self.words["session"]), "id": number, **fields}
        self.sessions[number] = session
        self.statements[number] = [self._statement(at, ago) for at, ago in enumerate(hours)]
        return session

    def _statement(self, number: int, hours: float) -> dict[str, Any]:
        statement = {**copy.deepcopy(self.words["statement"]), "id": number}
        ended = int((time.time() - hours * HOUR) * 1000)
        return statement | ({"started": ended - 500, "completed": ended} if "completed" in statement else {})

    def looks(self) -> list[tuple[int, dict[str, str]]]:
        """Return whose statements were asked for, and how."""
        found = [(re.fullmatch(r"GET /sessions/(\d+)/statements", what), how) for what, how in self.asked]
        return [(int(match[1]), how) for match, how in found if match]

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        with self._lock:
            self.asked.append((f"{request.method} {request.path}", dict(request.args)))
            if request.path in self.forbidden:
                return self._forbidden()
            match = re.fullmatch(r"/sessions(?:/(\d+)(/statements)?)?", request.path)
            assert match is not None, request.path
            if match[1] is None:
                return self._json(self._page(list(self.sessions.values()), request.args, "sessions"))
            return self._of_one(request, int(match[1]), of_statements=bool(match[2]))

    def _of_one(self, request: Request, number: int, *, of_statements: bool) -> Response:
        if request.method == "DELETE" and number in self.vanished:
            return self._json(self._said("stopped", number), 404)
        if number not in self.sessions:
            return self._json(self._said("gone", number), 404)
        if request.method == "DELETE":
            del self.sessions[number]
            return self._json(self.words["deleted"])
        if not of_statements:
            return self._json(self.sessions[number])
        statements = self.statements[number]
        if self.words["knows_order"] and request.args.get("order", "").lower() == "desc":
            statements = statements[::-1]
        return self._json(self._page(statements, request.args, "statements"))

    def _said(self, what: str, number: int) -> Any:
        return json.loads(json.dumps(self.words[what]).replace("{id}", str(number)))

    @staticmethod
    def _page(items: list[Any], query: Any, name: str) -> dict[str, Any]:
        first = int(query.get("from", 0))
        size = int(query.get("size", 100 if name == "sessions" else len(items)))
        page = {name: items[first : first + size]}
        total = {"from": first, "total": len(items)} if name == "sessions" else {"total_statements": len(items)}
        return {**total, **page}

    @staticmethod
    def _json(body: Any, status: int = 200) -> Response:
        text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        return Response(text, status, content_type="application/json;charset=utf-8")

    def _forbidden(self) -> Response:
        """Answer with nothing; asked for gzip, 0.9 compresses even that, and does not say so."""
        body = gzip.compress(b"") if self.words.get("compresses_nothing") else b""
        return Response(body, 403, content_type="application/json;charset=utf-8")
