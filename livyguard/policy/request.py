"""What a notebook asks of Livy, every spelling folded into one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from livyguard.policy.kinds import conf_text
from livyguard.policy.properties import CONF, PROPERTIES
from livyguard.policy.redact import redact_text
from livyguard.policy.units import Unreadable

__all__ = ["Doubt", "Entry", "SessionRequest", "entry"]

#: The fault of a ``conf`` value that is no scalar.
_NESTED = "Livy takes no list and no object as a value in conf"
#: The order in which fields stand in a body; what Livy does not know comes after them, ``conf`` last.
_FIELD_ORDER = (
    "kind",
    "name",
    "driver.memory",
    "driver.cores",
    "executor.memory",
    "executor.cores",
    "executors.count",
    "queue",
    "proxy_user",
    "jars",
    "py_files",
    "files",
    "archives",
    "heartbeat_timeout",
    "idle_timeout",
    "ttl",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One property as somebody gave it.

    Attributes:
        raw: JSON as it was written.
        value: canonical; without meaning where there is a fault.
        fault: why Spark cannot read it, or None.
        origin: the rule that filled it in; None for what the user gave, empty for the operator's own settings.
    """

    raw: Any = field(repr=False)
    value: Any = field(repr=False)
    fault: str | None = None
    origin: str | None = None

    @property
    def is_asked(self) -> bool:
        """Did the user give it?"""
        return self.origin is None

    @property
    def is_nested(self) -> bool:
        """Is it a list or an object in ``conf``, which Livy refuses?"""
        return self.fault == _NESTED

    @property
    def is_substituted(self) -> bool:
        """Does it hold ``${…}``, which Spark replaces when it starts?"""
        values = self.raw if isinstance(self.raw, (list, tuple)) else [self.raw]
        return any(isinstance(value, str) and "${" in value for value in values)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that may set properties and cannot be read before it runs.

    Attributes:
        name: canonical, of where it stands.
        properties: canonical names of what it may set.
        spelling: where it stands.
        raw: JSON as it was written.
        reason: why it cannot be read.
        origin: as in Entry.
    """

    name: str
    properties: tuple[str, ...]
    spelling: str
    raw: Any = field(repr=False)
    reason: str
    origin: str | None = None


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, repr=False)
class SessionRequest:
    """A request to create a session.

    Attributes:
        entries: by canonical name; ``conf.<key>`` for what is no property of its own.
        extras: top-level fields that Livy does not know, as they came.
        unknown: those of them that the user gave and no source of the operator names.
        cleared: canonical names given as null: without the operator's value.
        clears_conf: ``"conf": null`` was given: without the operator's ``conf``.
        doubts: what cannot be read.
        misshapen: ``conf`` or the body itself where it is no JSON object; None where all is well.
        notices: sentences about spellings that lost against another.
    """

    entries: Mapping[str, Entry] = field(default_factory=_nothing)
    extras: Mapping[str, Any] = field(default_factory=_nothing)
    unknown: frozenset[str] = frozenset()
    cleared: frozenset[str] = frozenset()
    clears_conf: bool = False
    doubts: tuple[Doubt, ...] = ()
    misshapen: Entry | None = None
    notices: tuple[str, ...] = ()

    def __repr__(self) -> str:
        names = sorted(redact_text(name) for name in (*self.entries, *self.extras))
        return f"{type(self).__name__}({', '.join(names)})"

    def to_body(self) -> dict[str, Any]:
        """Return Livy's body: one spelling of everything, ints as ints, strings in ``conf``, no nulls."""
        body: dict[str, Any] = {}
        for name in _FIELD_ORDER:
            if name in self.entries:
                body[PROPERTIES[name].field or name] = _sent(name, self.entries[name])
        body.update(self.extras)
        conf: dict[str, Any] = {}
        for name, given in self.entries.items():
            if name.startswith(CONF):
                conf[name.removeprefix(CONF)] = given.value
            elif PROPERTIES[name].field is None:
                conf[PROPERTIES[name].keys[0]] = _sent(name, given)
        if conf:
            body["conf"] = dict(sorted(conf.items()))
        return body


def _sent(name: str, given: Entry) -> Any:
    each = PROPERTIES[name]
    if given.fault is None:
        return each.sent(given.value)
    return given.raw if each.field else conf_text(given.raw)


def entry(name: str, raw: Any, origin: str | None = None) -> Entry:
    """Read a value of a property, or of a ``conf`` key, which stays the text that it is: ``4.0`` is no count there."""
    if name.startswith(CONF):
        is_nested = isinstance(raw, (list, tuple, Mapping))
        text = conf_text(raw)
        return Entry(text if isinstance(raw, float) else raw, text, _NESTED if is_nested else None, origin)
    try:
        return Entry(raw, PROPERTIES[name].kind.read(raw), origin=origin)
    except Unreadable as error:
        return Entry(raw, None, str(error), origin)
