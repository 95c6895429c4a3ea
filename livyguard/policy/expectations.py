"""The ``[[test]]`` blocks of a policy: each judged, and held against what it expects."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from livyguard.policy.body import as_json
from livyguard.policy.evaluate import weigh
from livyguard.policy.fold import fold
from livyguard.policy.holding import footprint
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.keys import is_glob, kind_of, limited_property, matcher
from livyguard.policy.merge import merge
from livyguard.policy.properties import PROPERTIES, VIRTUAL
from livyguard.policy.redact import redact_value
from livyguard.policy.supposed import suppose
from livyguard.policy.tenancy import resolve
from livyguard.policy.units import Unreadable, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from livyguard.policy.decision import Decision, Violation
    from livyguard.policy.kinds import Kind
    from livyguard.policy.model import Policy, Test
    from livyguard.policy.request import Entry
    from livyguard.policy.tenancy import Tenancy

__all__ = ["ANSWERS", "Mismatch", "Outcome", "run"]

#: What a test may expect beside the values of properties.
ANSWERS = ("verdict", "tenant", "violations", "absent", "release", "largest")
_VERDICTS = ("allow", "clamp", "deny")
#: Bits of the longest number that is shown as it is.
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One expectation that is not met.

    Attributes:
        property: what was expected of: ``verdict``, ``executors.max``; ``holding[0]`` where that itself is at fault.
        expected: as the test says it; None for a fault of ``holding``.
        got: as JSON; None where nothing is sent.
        fault: what is wrong with the expectation itself, or None.
    """

    property: str
    expected: Any
    got: Any = None
    fault: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return property, expected, got, fault."""
        return {"property": self.property, "expected": self.expected, "got": self.got, "fault": self.fault}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one test.

    Attributes:
        name: its own, else ``test[0] alice``.
        where: file and place, ``policy.toml: test[0]``.
        mismatches: what is not as expected; none for a test that passes.
        refusals: for one that fails, why the request is refused, in sentences; none where it passes the policy.
    """

    name: str
    where: str
    mismatches: tuple[Mismatch, ...] = ()
    refusals: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Is everything as expected?"""
        return not self.mismatches

    def to_json(self) -> dict[str, Any]:
        """Return name, where, passed, mismatches, refusals."""
        return {
            "name": self.name,
            "where": self.where,
            "passed": self.passed,
            "mismatches": [each.to_json() for each in self.mismatches],
            "refusals": list(self.refusals),
        }


def run(policy: Policy) -> tuple[Outcome, ...]:
    """Judge the tests of the operator's layer by that layer: what a user adds for themselves breaks none of them."""
    own = policy.under(())
    return tuple(_outcome(own, test, place) for place, test in enumerate(policy.test))


def _outcome(policy: Policy, test: Test, place: int) -> Outcome:
    who = Identity(test.user, test.trust, "a test of the policy", frozenset(test.groups))
    now = test.at.timestamp() if test.at is not None else None
    tenancy = resolve(policy, who, test.endpoint, now)
    supposed = suppose(policy, test, tenancy)
    name = test.name or f"test[{place}]{f' {test.user}' if test.user else ''}"
    where = f"{policy.source_of(f'test[{place}]')}: test[{place}]"
    if supposed.faults:
        unclear = (Mismatch(f"holding[{number}]", None, fault=why) for number, why in supposed.faults.items())
        return Outcome(name, where, tuple(unclear))
    decision = judge(policy, who, as_json(test.request), endpoint=test.endpoint, now=now, usage=supposed.usage)
    found = tuple(_mismatches(as_json(test.expect), decision, tenancy))
    return Outcome(name, where, found, tuple(map(_refusal, decision.violations)) if found else ())


def _refusal(each: Violation) -> str:
    return f"{each.property} {each.what}{f': {each.reason}' if each.reason else '.'}"


def _mismatches(expect: Mapping[str, Any], decision: Decision, tenancy: Tenancy) -> Iterator[Mismatch]:
    sent = None if decision.request is None else fold(decision.request).entries
    for key, expected in expect.items():
        if key in {"verdict", "tenant"}:
            yield from _answer(key, expected, getattr(decision, key))
        elif key == "violations":
            yield from _violations(expected, decision)
        elif key == "release":
            yield from _release(expected, decision)
        elif key == "largest":
            yield from _largest(expected, decision, tenancy)
        elif key == "absent":
            yield from _absent(expected, sent or {})
        else:
            yield from _value(key, expected, sent or {})


def _answer(key: str, expected: Any, got: str | None) -> Iterator[Mismatch]:
    if key == "verdict" and expected not in _VERDICTS:
        yield Mismatch(key, _shown(key, expected), got, "a verdict is allow, clamp or deny")
    elif expected != got:
        yield Mismatch(key, _shown(key, expected), got)


def _violations(expected: Any, decision: Decision) -> Iterator[Mismatch]:
    names = _texts(expected)
    got = sorted({each.property for each in decision.violations})
    if names is None:
        yield Mismatch("violations", _shown("", expected), got, "violations is a list of properties")
    elif sorted({_canonical(name) or name for name in names}) != got:
        yield Mismatch("violations", expected, got)


def _release(expected: Any, decision: Decision) -> Iterator[Mismatch]:
    got = list(decision.release)
    if not isinstance(expected, list) or not all(map(_is_number, expected)):
        yield Mismatch("release", _shown("", expected), got, "release is a list of places in holding, from 0")
    elif sorted(expected) != sorted(got):
        yield Mismatch("release", _shown("", expected), got)


def _largest(expected: Any, decision: Decision, tenancy: Tenancy) -> Iterator[Mismatch]:
    """Hold the executors of the nearest request that passes against the expected number."""
    fault = None
    if not _is_number(expected):
        fault = "largest is a number of executors"
    elif decision.verdict != "deny":
        fault = "the request itself passes, so no nearest one is looked for"
    most = 0
    if decision.nearest is not None:
        final = weigh(merge([*tenancy.presets, fold(decision.nearest)]), tenancy).entries
        most = footprint(final, tenancy).executors or 0
    if fault is not None or expected != most:
        yield Mismatch("largest", _shown("", expected), most, fault)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _absent(expected: Any, sent: Mapping[str, Entry]) -> Iterator[Mismatch]:
    names = _texts(expected)
    if names is None:
        yield Mismatch("absent", _shown("", expected), fault="absent is a list of properties")
    for each in names or ():
        name = _canonical(each)
        if name is None:
            yield Mismatch("absent", each, fault=_unknown(each))
        else:
            there = [key for key in sent if key == name or (is_glob(name) and matcher(name).fullmatch(key))]
            yield from (Mismatch("absent", each, _shown(key, sent[key].raw)) for key in there)


def _value(key: str, expected: Any, sent: Mapping[str, Entry]) -> Iterator[Mismatch]:
    """Hold a value that Livy would be sent against the expected one, both as Spark reads them."""
    name = _canonical(key)
    fault = _unknown(key, expected) if name is None else None
    if name in VIRTUAL:
        fault = f"{name} is computed from the others, and not sent"
    elif name is not None and is_glob(name):
        fault = "one key is wanted here, without * and ?"
    given = sent.get(name or "")
    got = None if given is None else _shown(key, given.raw)
    if name is None or fault is not None:
        yield Mismatch(key, _shown(key, expected), None, fault)
        return
    readings = [_reading(kind, expected) for kind in _kinds(name, expected)]
    if all(isinstance(each, Unreadable) for each in readings):
        yield Mismatch(key, _shown(key, expected), got, str(readings[0]))
    elif given is None or not any(
        reading == _reading(kind, given.raw) for kind, reading in zip(_kinds(name, expected), readings, strict=True)
    ):
        yield Mismatch(key, _shown(key, expected), got)


def _kinds(name: str, expected: Any) -> list[Kind]:
    """Return the kinds that a value may be read as: a ``conf`` key's may be a text, a number, a size or a time."""
    if name in PROPERTIES:
        return [PROPERTIES[name].kind]
    kinds = (kind_of(name, {word: expected}) for word in ("fixed", "min"))
    return [kind for kind in kinds if kind is not None]


def _reading(kind: Kind, value: Any) -> Any:
    try:
        return kind.read(value)
    except Unreadable as error:
        return error


def _texts(value: Any) -> list[str] | None:
    return value if isinstance(value, list) and all(isinstance(each, str) for each in value) else None


def _canonical(key: str) -> str | None:
    try:
        return limited_property(key)
    except ValueError:
        return None


def _unknown(key: str, expected: Any = None) -> str:
    """Return what is wrong with a name that is none of a property, and what may have been meant."""
    if isinstance(expected, dict) and expected:
        return f'no property; the whole name stands in quotes, "{key}.{next(iter(expected))}" = …'
    close = get_close_matches(key, [*ANSWERS, *PROPERTIES], n=1)
    return f"no property; did you mean {close[0]}" if close else "no property"


def _shown(name: str, value: Any) -> Any:
    """Return a value as it may be shown and written as JSON, secrets redacted."""
    return _writable(redact_value(name, value, 1))


def _writable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _writable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_writable(each) for each in value]
    return shown(value) if isinstance(value, int) and value.bit_length() > _LONGEST else value
