"""The keys of limits: which property one names, what kind its values have, which of two is more specific."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from livyguard.policy import kinds
from livyguard.policy.properties import ALIASES, CONF, DOORS, FIELDS, PROPERTIES, VIRTUAL
from livyguard.policy.units import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.policy.kinds import Kind

__all__ = ["is_glob", "kind_of", "limited_property", "matcher", "specificity"]

_TIMES: Mapping[str, Kind] = {
    "spark.executor.heartbeatInterval": kinds.MILLISECONDS,
    "spark.network.timeout": kinds.SECONDS,
    "spark.sql.broadcastTimeout": kinds.SECONDS,
    "spark.locality.wait": kinds.MILLISECONDS,
    "spark.scheduler.maxRegisteredResourcesWaitingTime": kinds.MILLISECONDS,
    "livy.rsc.job-cancel.timeout": kinds.MILLISECONDS,
    "livy.rsc.server.idle-timeout": kinds.MILLISECONDS,
}
_SIZES: Mapping[str, Kind] = {
    "spark.kryoserializer.buffer": kinds.KIBIBYTES,
    "spark.kryoserializer.buffer.max": kinds.MEBIBYTES,
    "spark.reducer.maxSizeInFlight": kinds.MEBIBYTES,
    "spark.rpc.message.maxSize": kinds.MEBIBYTES,
    "spark.shuffle.file.buffer": kinds.KIBIBYTES,
}
_LOOKS_LIKE_TIME = re.compile(r"(?i)(timeout|interval|duration|period|wait|delay|time|age|ttl)s?$")
_LOOKS_LIKE_LIST = re.compile(
    r"(?i)(packages|jars?|files|archives|repositories|excludes|extensions|listeners|plugins|tags|filesystems|namenodes)$"
)


def limited_property(key: str) -> str:
    """Return the canonical name that the key of a limit stands for.

    Raises:
        ValueError: it names no property; the text says what may have been meant.
    """
    if key in PROPERTIES or key in VIRTUAL:
        return key
    if key.startswith(CONF) and len(key) > len(CONF):
        return ALIASES.get(key.removeprefix(CONF), key)
    meant = FIELDS.get(key) or ALIASES.get(key)
    if meant is None and key.startswith(("spark.", "livy.")):
        meant = f"{CONF}{key}"
    names = [*PROPERTIES, *VIRTUAL, f"{CONF}spark.ui.port"]
    example = next((name for name in names if name.startswith(f"{key}.")), None)
    if meant is None and example is not None:
        raise ValueError(f'no property; the whole name stands in quotes, limits."{example}" = …')
    if meant is None:
        meant = next(iter(get_close_matches(key, [*PROPERTIES, *VIRTUAL], n=1)), None)
    raise ValueError("no property" if meant is None else f"no property; did you mean {meant}")


def is_glob(name: str) -> bool:
    """Tell whether the key of a limit names many ``conf`` keys."""
    return name.startswith(CONF) and ("*" in name or "?" in name)


@lru_cache(maxsize=4096)
def matcher(glob: str) -> re.Pattern[str]:
    """Return the expression of a glob: ``*`` spans dots, ``?`` is one character, the rest stands for itself."""
    pieces = (
        ".*" if piece == "*" else "." if piece == "?" else re.escape(piece) for piece in re.split(r"([*?])", glob)
    )
    return re.compile("".join(pieces), re.DOTALL)


def specificity(name: str) -> tuple[int, int]:
    """Return a sort key: the most specific first, by literal characters, then by fewer wildcards."""
    literal = len(name.replace("*", "").replace("?", ""))
    return (-literal, len(name) - literal)


def kind_of(name: str, limit: Mapping[str, Any]) -> Kind | None:
    """Return the kind of a limited property's values; of a ``conf`` key's, as the limit's own values suggest."""
    if name in PROPERTIES:
        return PROPERTIES[name].kind
    if name in VIRTUAL:
        return VIRTUAL[name]
    key = name.removeprefix(CONF)
    if key in DOORS:
        return DOORS[key].kind
    bounds = [limit[each] for each in ("min", "max") if each in limit]
    if bounds:
        return _ordered_kind(key, bounds)
    values = [limit[each] for each in ("default", "fixed") if each in limit]
    for each in ("allow", "block"):
        values += limit[each] if isinstance(limit.get(each), list) else []
    if values and all(isinstance(value, bool) for value in values):
        return kinds.FLAG
    return kinds.ITEMS if _LOOKS_LIKE_LIST.search(key.rstrip("*?.")) else kinds.TEXT


def _ordered_kind(key: str, bounds: list[Any]) -> Kind:
    known = _TIMES.get(key) or _SIZES.get(key)
    if known is not None:
        return known
    candidates = [kinds.NUMBER, kinds.BYTES, kinds.SECONDS]
    if _LOOKS_LIKE_TIME.search(key):
        candidates = [kinds.SECONDS] if any(isinstance(bound, str) for bound in bounds) else [kinds.NUMBER]
    return next((kind for kind in candidates if all(_reads(kind, bound) for bound in bounds)), kinds.NUMBER)


def _reads(kind: Kind, value: Any) -> bool:
    try:
        kind.read(value)
    except Unreadable:
        return False
    return True
