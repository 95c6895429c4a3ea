"""The body of POST /sessions: read, and refused where Livy refuses it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from livyguard.sandbox.answers import BAD_REQUEST, Rejection, rejected
from livyguard.sandbox.jackson import BodyReader, JavaClass, read_object

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["CreateRequest", "canonical_kind"]

_FIELDS = (  # in the order in which Livy lists them when it meets another one
    "executorCores", "conf", "driverMemory", "name", "driverCores", "idleTimeout", "pyFiles", "archives", "kind",
    "files", "jars", "proxyUser", "numExecutors", "heartbeatTimeoutInSecond", "ttl", "queue", "executorMemory",
)  # fmt: skip
_JAVA = JavaClass(
    "org.apache.livy.server.interactive.CreateInteractiveRequest", _FIELDS, variable="createRequest", reads="ttl"
)
_KINDS = {"python": "pyspark", "scala": "spark", "r": "sparkr"}
_BLACKLIST = ("spark.submit.deployMode", "spark.submit.proxyUser.allowCustomClasspathInClusterMode")
_TIME = re.compile(r"(-?[0-9]+)([a-z]+)?")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_CANCEL_TIMEOUT, _CANCEL_SECONDS = "livy.rsc.job-cancel.timeout", 30.0


def canonical_kind(kind: str) -> str | None:
    """Spell a kind as Livy does, or None if it knows no such kind."""
    kind = _KINDS.get(kind, kind)
    return kind if kind in {"spark", "pyspark", "sparkr", "sql", "shared"} else None


def _kind(values: dict[str, object]) -> str:
    given = values.get("kind")
    chain = f'(through reference chain: {_JAVA.name}["kind"])'
    if given is None:
        return "shared"
    if not isinstance(given, str):
        raise Rejection(BAD_REQUEST, f"requirement failed: Kind should be a string. {chain}")
    kind = canonical_kind(given)
    if kind is None:
        raise Rejection(BAD_REQUEST, f"Invalid kind: {given} {chain}")
    return kind


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """What a client asks of a new session, as Livy shows it again (0 and empty for what was not given)."""

    kind: str = "shared"
    name: str | None = None
    ttl: str | None = None
    idle_timeout: str | None = None
    driver_memory: str | None = None
    driver_cores: int = 0
    executor_memory: str | None = None
    executor_cores: int = 0
    num_executors: int = 0
    queue: str | None = None
    heartbeat_timeout: int = 0
    conf: dict[str, str] = field(default_factory=dict)
    jars: tuple[str, ...] = ()
    py_files: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()

    @classmethod
    def parse(cls, body: str) -> CreateRequest:
        """Read the body of POST /sessions.

        Raises:
            Rejection: 400 or 500, in Jackson's words.
        """
        values = read_object(body, _JAVA)
        read = BodyReader(values, _JAVA)
        return cls(
            kind=_kind(values),
            name=read.text("name"),
            ttl=read.text("ttl"),
            idle_timeout=read.text("idleTimeout"),
            driver_memory=read.text("driverMemory"),
            executor_memory=read.text("executorMemory"),
            queue=read.text("queue"),
            heartbeat_timeout=read.plain_int("heartbeatTimeoutInSecond"),
            conf=read.text_map("conf"),
            jars=tuple(read.texts("jars")),
            py_files=tuple(read.texts("pyFiles")),
            files=tuple(read.texts("files")),
            archives=tuple(read.texts("archives")),
            driver_cores=read.boxed_int("driverCores"),
            executor_cores=read.boxed_int("executorCores"),
            num_executors=read.boxed_int("numExecutors"),
        )

    @property
    def cancel_seconds(self) -> float:
        """How long Livy waits for the end of a statement that is cancelled."""
        match = _TIME.fullmatch(self.conf.get(_CANCEL_TIMEOUT, "").strip().lower())
        return int(match.group(1)) * _SECONDS.get(match.group(2) or "ms", 0.0) if match else _CANCEL_SECONDS

    def check(self, session_id: int, taken_names: Collection[str], kinds: Collection[str]) -> None:
        """Refuse what can be read but not created.

        Args:
            session_id: the id that the session would have; Livy names it.
            taken_names: the names of the sessions that are listed.
            kinds: what the sandbox's engine runs.

        Raises:
            Rejection: 400 with the reason.
        """
        for time in (self.ttl, self.idle_timeout):
            _check_time(time)
        if self.kind not in kinds:
            raise rejected(f"the livyguard sandbox runs {', '.join(kinds)} sessions, not {self.kind}.")
        for path in (*self.jars, *self.py_files, *self.files, *self.archives):
            _check_path(path)
        blocked = [key for key in _BLACKLIST if key in self.conf]
        if blocked:
            raise rejected(f"Blacklisted configuration values in session config: {', '.join(blocked)}")
        if self.name is None:
            return
        if not self.name or self.name.isdigit():
            raise rejected(f"Invalid session name: {self.name}")
        if self.name in taken_names:
            raise rejected(f"Duplicate session name: Some({self.name}) for session {session_id}")


def _check_time(text: str | None) -> None:
    if text is None:
        return
    match = _TIME.fullmatch(text.strip().lower())
    if match is None:
        raise rejected(f"Invalid time string: {text}")
    suffix = match.group(2)
    if suffix is not None and suffix not in _SECONDS:
        raise rejected(f'Invalid suffix: "{suffix}"')


def _check_path(path: str) -> None:
    scheme = urlsplit(path).scheme
    if not scheme and not path.startswith("/"):
        raise rejected(f"requirement failed: Path '{path}' is not absolute.")
    if scheme in {"", "file"}:
        raise rejected(f"requirement failed: Local path {path} cannot be added to user sessions.")
