"""Where the endpoints answer differently, and why. What is not named here is the same on all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DIFFERENCES", "Difference"]

SANDBOX, OLDER = "sandbox", "0.8.0"

_FIELDS_OF_A_SESSION = [
    "id", "name", "appId", "owner", "proxyUser", "state", "kind", "appInfo", "log", "ttl", "idleTimeout",
    "driverMemory", "driverCores", "executorMemory", "executorCores", "conf", "archives", "files",
    "heartbeatTimeoutInSecond", "jars", "numExecutors", "pyFiles", "queue",
]  # fmt: skip
_FIELDS_OF_A_REQUEST = [
    "executorCores", "conf", "driverMemory", "name", "driverCores", "idleTimeout", "pyFiles", "archives", "kind",
    "files", "jars", "proxyUser", "numExecutors", "heartbeatTimeoutInSecond", "ttl", "queue", "executorMemory",
]  # fmt: skip


def _without(names: list[str], *missing: str) -> list[str]:
    return [name for name in names if name not in missing]


@dataclass(frozen=True)
class Difference:
    """An answer that is not the same everywhere.

    Attributes:
        why: what makes the difference.
        usual: the answer of Livy 0.9.0, and of every endpoint that ``but`` does not name.
        but: the others' answers, by endpoint.
    """

    why: str
    usual: Any
    but: Mapping[str, Any] = field(default_factory=dict)

    def on(self, endpoint: str) -> Any:
        """Return the answer of an endpoint: "sandbox", "0.9.0" or "0.8.0"."""
        return self.but.get(endpoint, self.usual)


DIFFERENCES = {
    "fields of a session": Difference(
        "idleTimeout came with 0.9.",
        _FIELDS_OF_A_SESSION,
        {OLDER: _without(_FIELDS_OF_A_SESSION, "idleTimeout")},
    ),
    "fields of appInfo": Difference(
        "executorLogUrls came with 0.9.",
        ["driverLogUrl", "sparkUiUrl", "executorLogUrls"],
        {OLDER: ["driverLogUrl", "sparkUiUrl"]},
    ),
    "fields of a request": Difference(
        "idleTimeout came with 0.9.",
        _FIELDS_OF_A_REQUEST,
        {OLDER: _without(_FIELDS_OF_A_REQUEST, "idleTimeout")},
    ),
    "ttl shown again": Difference(
        "0.8.0 mixes up two arguments and shows the proxy user as ttl; livyguard prints no ttl.",
        "4h",
        {OLDER: None},
    ),
    "token of NaN": Difference(
        "The Jackson of 0.9 says JsonReadFeature, the one of 0.8 JsonParser.Feature.",
        "`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS`",
        {OLDER: "JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS"},
    ),
    "idleTimeout that is no time": Difference(
        "0.8 does not know the field at all.",
        {"msg": "Rejected, Reason: Invalid time string: abc"},
        {OLDER: 'Unrecognized field "idleTimeout" '},
    ),
    "version": Difference(
        "Each tells its own; the sandbox speaks 0.9.", "0.9.0-incubating", {OLDER: "0.8.0-incubating"}
    ),
    "status of a session in Scala or R": Difference(
        "The sandbox runs Python and SQL, and says so.",
        201,
        {SANDBOX: 400},
    ),
    "a statement in Scala": Difference(
        "The sandbox has no Scala: it answers as Livy does for a language that is not installed.",
        {"status": "ok", "data": {"text/plain": "res0: Int = 2\n"}},
        {
            SANDBOX: {
                "status": "error",
                "ename": "InterpreterError",
                "evalue": "Fail to start interpreter",
                "traceback": [],
            }
        },
    ),
    "SQL after the death of Python": Difference(
        "Livy's driver is a JVM, which runs on; the sandbox's JVM ends with its Python.",
        ("ok", "idle"),
        {SANDBOX: ("error", "error")},
    ),
    "seconds of the deletion of a busy session": Difference(
        "Livy waits ten seconds for the driver; the sandbox kills it.",
        (9, 30),
        {SANDBOX: (0, 9)},
    ),
}
