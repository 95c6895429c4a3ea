"""Folding a body: which spelling names which property, and which of two wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from livyguard.policy import kinds
from livyguard.policy.launches import launched_otherwise
from livyguard.policy.options import Lifted, heap_of, lift
from livyguard.policy.properties import FIELDS, PROPERTIES, canonical
from livyguard.policy.redact import redact_text
from livyguard.policy.request import Doubt, Entry, SessionRequest, entry
from livyguard.policy.units import Unreadable, shown_name, stripped

__all__ = ["fold"]

_LIVY_IN_SPARK = "spark.__livy__."
_HADOOP = "spark.hadoop."


@dataclass(frozen=True, slots=True)
class _Spelling:
    """One way in which a body names a property.

    Attributes:
        rank: the lower wins: Livy's field, ``conf``, a ``spark.*`` key at the top level, Java options.
        label: as the person wrote it.
    """

    rank: tuple[int, int, str]
    label: str
    raw: Any


def fold(body: Any, origin: str | None = None) -> SessionRequest:
    """Fold a Livy body, however it is spelled, into one record. Total on any JSON value.

    Args:
        body: Livy's POST /sessions, or SparkMagic's ``session_configs``.
        origin: who gave it, as in :class:`Entry`; None is the user.
    """
    if not isinstance(body, Mapping):
        return SessionRequest(misshapen=Entry(body, body, "a request is a JSON object", origin))
    return _Folder(origin).fold(body)


class _Folder:
    """Collects the spellings of one body."""

    def __init__(self, origin: str | None) -> None:
        self._origin = origin
        self._spellings: dict[str, list[_Spelling]] = {}
        self._extras: dict[str, Any] = {}
        self._doubts: list[Doubt] = []
        self._notices: list[str] = []
        self._misshapen: Entry | None = None
        self._clears_conf = False

    def fold(self, body: Mapping[Any, Any]) -> SessionRequest:
        for key in sorted(map(str, body)):
            self._top(key, stripped(key), body.get(key))
        entries: dict[str, Entry] = {}
        cleared: set[str] = set()
        for name in sorted(self._spellings):
            given = self._winner(name, self._spellings[name])
            if given is None:
                cleared.add(name)
            else:
                entries[name] = given
        return SessionRequest(
            entries=entries,
            extras=self._extras,
            unknown=frozenset(self._extras if self._origin is None else ()),
            cleared=frozenset(cleared),
            clears_conf=self._clears_conf,
            doubts=tuple(self._doubts),
            misshapen=self._misshapen,
            notices=tuple(self._notices),
        )

    def _top(self, key: str, name: str, raw: Any) -> None:
        if name == "conf":
            self._conf(raw)
        elif name in FIELDS:
            self._spell(FIELDS[name], 0, key, name, raw)
        elif name.startswith(("spark.", "livy.")):
            self._key(name, raw, rank=2, label=key)
        elif raw is not None:
            self._extras[name] = raw
            if self._origin is not None:
                self._notices.append(f"{shown_name(name)} is no field that livyguard knows; it goes to Livy as it is.")

    def _conf(self, raw: Any) -> None:
        if raw is None:
            self._clears_conf = True
        elif isinstance(raw, Mapping):
            for key in sorted(map(str, raw)):
                self._key(stripped(key), raw.get(key), rank=1, label=f"conf {key}")
        else:
            self._misshapen = Entry(raw, raw, "conf is a JSON object of names and strings", self._origin)

    def _key(self, key: str, raw: Any, *, rank: int, label: str) -> None:
        """Note a ``conf`` key, Hadoop's and Livy's own prefixes read as those read them."""
        if key.startswith(f"{_LIVY_IN_SPARK}livy."):
            key = key.removeprefix(_LIVY_IN_SPARK)
        elif key.startswith(_HADOOP):
            key = _HADOOP + stripped(key.removeprefix(_HADOOP))
        if (found := launched_otherwise(key, raw)) is not None:
            self._doubts.append(Doubt(canonical(key), found[0], label, raw, found[1], self._origin))
        heap = heap_of(key)
        if heap is not None and isinstance(raw, str):
            raw = self._lift(key, heap, raw, label)
        if raw != "" or heap is None:
            self._spell(canonical(key), rank, label, key, raw)

    def _lift(self, key: str, heap: str, raw: str, label: str) -> str:
        """Take out of Java options what is a property of its own, and return the rest."""
        lifted = lift(raw) if not label.startswith("-D") else Lifted(raw, doubt="they are options within options")
        if lifted.doubt is not None:
            self._doubts.append(Doubt(canonical(key), (heap, "executors.max"), label, raw, lifted.doubt, self._origin))
        if lifted.heap is not None:
            self._spell(heap, 3, f"the heap in {label}", key, lifted.heap)
        for name, value in lifted.properties:
            self._key(name, value, rank=3, label=f"-D{name} in {label}")
        return lifted.rest

    def _spell(self, name: str, rank: int, label: str, key: str, raw: Any) -> None:
        each = PROPERTIES.get(name)
        age = each.keys.index(key) if each is not None and key in each.keys else 0
        exact = label in {key, f"conf {key}"}
        spelling = _Spelling((rank, 2 * age + (not exact), label), label, raw)
        self._spellings.setdefault(name, []).append(spelling)

    def _winner(self, name: str, spellings: list[_Spelling]) -> Entry | None:
        given = sorted((each for each in spellings if each.raw is not None), key=lambda each: each.rank)
        if not given:
            return None
        each = PROPERTIES.get(name)
        if each is not None and each.kind.is_list:
            return self._union(name, given)
        winner, *losers = given
        won = redact_text(winner.label)
        self._notices += [f"{redact_text(lost.label)} is left out: {won} says it too, and wins." for lost in losers]
        return entry(name, winner.raw, self._origin)

    def _union(self, name: str, given: list[_Spelling]) -> Entry:
        """Put the lists of all spellings together, as Livy does."""
        items: list[str] = []
        raws: list[Any] = []
        for each in given:
            kind = kinds.ITEMS if each.rank[0] == 0 else kinds.WORDS
            try:
                items.extend(kind.read(each.raw))
            except Unreadable as error:
                return Entry(each.raw, None, str(error), self._origin)
            raws.append(each.raw)
        raw = raws[0] if len(raws) == 1 else list(items)
        return replace(entry(name, list(items), self._origin), raw=raw)
