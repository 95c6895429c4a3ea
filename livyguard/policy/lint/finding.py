"""What lint finds, and what a check is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from livyguard.policy.lint.ground import Ground

__all__ = ["SEVERITIES", "Check", "Finding", "Found", "Severity", "some"]

#: ``fault``: the policy does not do what it says, or nobody can start a session; ``policy lint`` exits 1.
#: ``warning``: it does what it says, and that is hardly what is meant. ``note``: good to know.
Severity = Literal["fault", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("fault", "warning", "note")
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that lint has to say of a policy.

    Attributes:
        code: ``LG801``; never reused. Each has a long form (``livyguard explain``).
        severity: ``fault`` (makes ``policy lint`` exit 1), ``warning`` or ``note``; each code has one.
        where: file and dotted path, as the faults of a policy that cannot be read name them:
            ``policy.toml: tenant[0] analysts.limits.executors.max.default``.
        message: what is wrong, one sentence with the numbers; never a secret.
        fix: what to do, one sentence.
    """

    code: str
    severity: Severity
    where: str
    message: str
    fix: str

    def to_json(self) -> dict[str, Any]:
        """Return code, severity, where, message, fix."""
        return asdict(self)


class Found(NamedTuple):
    """What a check finds; the code and the severity are the check's."""

    where: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Check:
    """One rule of lint: looks over the ground for one kind of slip."""

    code: str
    severity: Severity
    find: Callable[[Ground], Iterable[Found]]

    def run(self, ground: Ground) -> list[Finding]:
        """Return what there is to say, in the order of the policy, each once."""
        return [Finding(self.code, self.severity, *found) for found in dict.fromkeys(self.find(ground))]


def some(names: Iterable[str]) -> str:
    """Return the first three of several names for a sentence, each once, and how many more there are."""
    names = list(dict.fromkeys(names))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
