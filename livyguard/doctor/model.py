"""What the doctor says: one result a check, in the order in which data flows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from livyguard.hints.model import Hint

__all__ = ["FAILURE", "OK", "SKIPPED", "STATUSES", "WARNING", "Check", "Finding", "Report", "Status"]

Status = Literal["ok", "warning", "failure", "skipped"]
OK: Status = "ok"
WARNING: Status = "warning"
FAILURE: Status = "failure"
SKIPPED: Status = "skipped"
#: The worst first, as they are counted in the closing sentence.
STATUSES: tuple[Status, ...] = (FAILURE, WARNING, OK, SKIPPED)


class Finding(NamedTuple):
    """What one check found.

    Attributes:
        text: one clause or sentence: what is so, or why it could not be looked at.
        hint: what to do, where something is not as it should be.
        exit_code: of the command, where it failed: 1, or 3 for an endpoint that cannot be used.
    """

    status: Status
    text: str
    hint: Hint | None = None
    exit_code: int = 1


@dataclass(frozen=True, slots=True)
class Check:
    """One link of the chain.

    Attributes:
        name: for machines: ``tls``.
        label: for people: ``TLS``.
        text: one printable line without secrets.
        endpoint: URL of the Livy that it is about; None for what is of this machine.
        seconds: how long it took.
        exit_code: what it makes the command exit with; 0 unless it failed.
    """

    name: str
    label: str
    status: Status
    text: str
    hint: Hint | None = None
    endpoint: str | None = None
    seconds: float = 0.0
    exit_code: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return check, status, text, endpoint, seconds, and the hint as ``diagnose --json`` prints one."""
        return {
            "check": self.name,
            "status": self.status,
            "text": self.text,
            "endpoint": self.endpoint,
            "seconds": round(self.seconds, 3),
            "hint": None if self.hint is None else self.hint.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All checks, in the order in which data flows; those of one Livy behind those of another."""

    checks: tuple[Check, ...]

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The Livys that were looked at."""
        return tuple(dict.fromkeys(check.endpoint for check in self.checks if check.endpoint is not None))

    @property
    def counts(self) -> dict[Status, int]:
        """How many checks came out how; each status is there."""
        found = Counter(check.status for check in self.checks)
        return {status: found[status] for status in STATUSES}

    @property
    def hints(self) -> tuple[Hint, ...]:
        """What to do, each code once: that of failures first, else in the order of the checks."""
        by_code: dict[str, Hint] = {}
        for check in sorted(self.checks, key=lambda check: check.status != FAILURE):
            if check.hint is not None:
                by_code.setdefault(check.hint.code, check.hint)
        return tuple(by_code.values())

    @property
    def exit_code(self) -> int:
        """0 fine, also with warnings; 3 where a Livy cannot be reached or lets nobody in; 1 for any other failure."""
        return max((check.exit_code for check in self.checks), default=0)

    def to_json(self) -> dict[str, Any]:
        """Return ``checks`` and ``summary``: how many came out how, and the exit code."""
        return {
            "checks": [check.to_json() for check in self.checks],
            "summary": {**self.counts, "exit_code": self.exit_code},
        }
