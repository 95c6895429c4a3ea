"""A hint: what happened, how we know, and what to run next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

__all__ = ["Applicability", "Evidence", "Fix", "Hint", "Severity", "page_of"]

Applicability = Literal["safe", "review", "manual"]
#: ``failure`` (nothing goes on until it is mended), ``warning`` (it goes on, not as it should) or ``note``.
Severity = Literal["failure", "warning", "note"]


def page_of(code: str) -> str:
    """Return where the long form of a code stands in the documentation."""
    return f"docs/hints/{code}.md"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that a hint rests on.

    Attributes:
        text: the line as it was seen, redacted.
        source: where: ``"Livy's answer"``, ``"session log"``, ``"this machine's ledger"``.
        is_current: it says how things stand now, by which somebody decides what to do: shown at once. The rest proves
            the cause, and is folded where there is a way to fold it.
    """

    text: str
    source: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing to do next: a cell to run in the notebook, or a command to run in a terminal.

    Attributes:
        terminal: what does in a terminal the same as ``cell`` in a notebook; None where nothing does.
        applicability: ``safe``: run as it is it hurts nobody, and it mends, moves on, or only looks (its label then
            begins so: See, Look, Read, List, Ask); a test runs each as it is printed. ``review`` it first: it changes
            something, or asks a cluster that nobody here can know. ``manual``: there is something to fill in.
    """

    label: str
    cell: str | None = None
    command: str | None = None
    applicability: Applicability = "safe"
    terminal: str | None = None

    def in_terminal(self) -> Fix:
        """Return the same as a command where there is one for it; else the fix as it is."""
        return self if self.terminal is None else replace(self, cell=None, command=self.terminal, terminal=None)

    def to_json(self) -> dict[str, Any]:
        """Return label, cell or command, applicability."""
        run = {"cell": self.cell} if self.cell is not None else {"command": self.command}
        return {"label": self.label, **run, "applicability": self.applicability}


@dataclass(frozen=True, slots=True)
class Hint:
    """A coded explanation of a failure.

    Attributes:
        code: ``LG101``; never reused.
        name: kebab-case, ``session-not-found``.
        title: one line: what happened.
        cause: a sentence or two: why, as far as the evidence carries.
        rank: 0 to 100; the better explained come first.
        severity: how much of a matter it is; each code has one.
        is_survived: the session lives through it: an executor is gone, and the driver is not.
    """

    code: str
    name: str
    title: str
    cause: str
    evidence: tuple[Evidence, ...] = ()
    fixes: tuple[Fix, ...] = ()
    rank: int = 50
    severity: Severity = "failure"
    is_survived: bool = False

    @property
    def family(self) -> str:
        """The codes of one kind: ``LG1`` for sessions."""
        return self.code[:3]

    @property
    def page(self) -> str:
        """Where its long form stands in the documentation."""
        return page_of(self.code)

    def to_json(self) -> dict[str, Any]:
        """Return the object that ``livyguard diagnose --json`` prints."""
        return {
            "code": self.code,
            "name": self.name,
            "title": self.title,
            "cause": self.cause,
            "evidence": [f"{fact.source}: {fact.text}" for fact in self.evidence],
            "fixes": [fix.to_json() for fix in self.fixes],
            "severity": self.severity,
            "page": self.page,
        }
