"""One entry of the catalogue: a code, how to recognise what it explains, and its long form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from livyguard.hints.clocks import with_clocks
from livyguard.hints.model import Fix, Hint

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.hints.evidence import Case
    from livyguard.hints.model import Evidence, Severity

__all__ = ["FREE", "LOOK", "MINE", "RECOVER", "Entry", "Finding"]

#: The way on from any lost session: nothing else is touched.
RECOVER = Fix("Forget the lost session; your settings are kept. Then run the cell again.", cell="%livy_recover")
LOOK = Fix("See who holds the cluster.", cell="%livy_sessions", terminal="livyguard sessions")
MINE = Fix("See which of your sessions live on.", cell="%livy_sessions --mine", terminal="livyguard sessions --mine")
FREE = Fix(
    "Free your own idle sessions; what they hold in memory is lost. With --dry-run it only shows them.",
    cell="%livy_release",
    terminal="livyguard release",
    applicability="review",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What an entry found in one case; the fields are those of the hint."""

    title: str
    cause: str
    evidence: tuple[Evidence, ...] = ()
    fixes: tuple[Fix, ...] = ()
    rank: int = 50
    is_survived: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One hint of the catalogue.

    Attributes:
        code: ``LG101``; never reused.
        name: kebab-case.
        title: what the code stands for, for lists and the long form.
        about: the long form, Markdown: what it means, why it happens, what to do.
        find: looks for it in a case; None for a code that only explains.
        yields_to: families of codes (``LG1``, ``LG2``) or single codes (``LG301``) any of which explains more: given
            only where none of them does.
        needles: words of which at least one stands in every text that shows this failure; nothing is searched for in
            a text without them. Empty where it is told by more than text.
        severity: how much of a matter it is.
    """

    code: str
    name: str
    title: str
    about: str
    find: Callable[[Case], Finding | None] | None = None
    yields_to: tuple[str, ...] = ()
    needles: tuple[str, ...] = ()
    severity: Severity = "failure"

    def match(self, case: Case) -> Hint | None:
        """Return the hint for a case that shows this failure."""
        if self.find is None or (self.needles and not any(needle in case.text for needle in self.needles)):
            return None
        finding = self.find(case)
        if finding is None:
            return None
        hint = Hint(
            code=self.code,
            name=self.name,
            title=finding.title,
            cause=finding.cause,
            evidence=_each_once(finding.evidence),
            fixes=tuple(fix for fix in finding.fixes if not (case.is_cleared and fix.cell == RECOVER.cell)),
            rank=finding.rank,
            severity=self.severity,
            is_survived=finding.is_survived,
        )
        return with_clocks(hint, case)


def _each_once(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Drop a line that stands there already: one pasted line may prove two things."""
    return tuple({fact.text: fact for fact in reversed(evidence)}.values())[::-1]
