"""The ``[[test]]`` blocks of a policy: each judged, and held against what it expects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from livyguard.policy.fold import fold
from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.keys import is_glob, kind_of, limited_property, matcher
from livyguard.policy.properties import PROPERTIES, VIRTUAL
from livyguard.policy.redact import redact_value
from livyguard.policy.units import Unreadable, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from livyguard.policy.decision import Decision
    from livyguard.policy.kinds import Kind
    from livyguard.policy.model import Policy, Test
    from livyguard.policy.request import Entry

__all__ = ["Mismatch", "Outcome", "run"]

#: What a test may expect beside the values of properties.
_ANSWERS = ("verdict", "tenant", "violations", "absent")
_VERDICTS = ("allow", "clamp", "deny")
#: Bits of the longest number that is shown as it is.
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One expectation that is not met.

    Attributes:
        property: what was expected of: ``verdict``, ``executors.max``.
        expected: as the test says it.
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
    """

    name: str
    where: str
    mismatches: tuple[Mismatch, ...] = ()

    @property
    def passed(self) -> bool:
        """Is everything as expected?"""
        return not self.mismatches

    def to_json(self) -> dict[str, Any]:
        """Return name, where, passed, mismatches."""
        return {
            "name": self.name,
            "where": self.where,
            "passed": self.passed,
            "mismatches": [each.to_json() for each in self.mismatches],
        }


def run(policy: Policy) -> tuple[Outcome, ...]:
    """Judge the tests of the operator's layer by that layer: what a user adds for themselves breaks none of them."""
    own = policy.under(())
    return tuple(_outcome(own, test, place) for place, test in enumerate(policy.test))


def _outcome(policy: Policy, test: Test, place: int) -> Outcome:
    who = Identity(test.user, test.trust, "a test of the policy", frozenset(test.groups))
    now = test.at.timestamp() if test.at is not None else None
    decision = judge(policy, who, _json(test.request), endpoint=test.endpoint, now=now)
    label = f"test[{place}]{f' {test.user}' if test.user else ''}"
    found = tuple(_mismatches(_json(test.expect), decision))
    return Outcome(test.name or label, f"{policy.source_of(f'test[{place}]')}: test[{place}]", found)


def _json(value: Any) -> Any:
    """Return a value of TOML as JSON: dates and times as text."""
    if isinstance(value, dict):
        return {key: _json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_json(each) for each in value]
    return value.isoformat() if isinstance(value, (date, time)) else value


def _mismatches(expect: Mapping[str, Any], decision: Decision) -> Iterator[Mismatch]:
    sent = None if decision.request is None else fold(decision.request).entries
    for key, expected in expect.items():
        if key in {"verdict", "tenant"}:
            yield from _answer(key, expected, getattr(decision, key))
        elif key == "violations":
            yield from _violations(expected, decision)
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
    close = get_close_matches(key, [*_ANSWERS, *PROPERTIES], n=1)
    return f"no property; did you mean {close[0]}" if close else "no property"


def _shown(name: str, value: Any) -> Any:
    """Return a value as it may be shown and written as JSON, secrets redacted."""
    if isinstance(value, int) and value.bit_length() > _LONGEST:
        return shown(value)
    return redact_value(name, value, 1)
