"""What globs have in common, decided and not guessed: does one cover another, is there a name that two match."""

from __future__ import annotations

import re
import sys
from collections import deque
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from livyguard.policy.keys import matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["common", "covers", "is_plain"]

#: Beyond so many steps a question stays open, and nothing is claimed.
_STEPS = 3_000
#: What is put in place of a wildcard to find a name quickly.
_SAMPLES = ("", "x", "0x")
_Tokens = tuple[tuple[str, str], ...]  # kind ("one", "any", "many", "set") and text
_States = frozenset[int]


class _Answer(NamedTuple):
    word: str | None
    is_certain: bool


def is_plain(glob: str) -> bool:
    """Tell whether a glob is a plain name."""
    return not any(sign in glob for sign in "*?[")


def covers(globs: Sequence[str], glob: str, *, keys: bool = False) -> bool:
    """Tell whether it is certain that every name which ``glob`` matches is matched by one of ``globs``.

    Args:
        globs: in whatever order.
        glob: may be a plain name.
        keys: they are keys of limits, in which ``[`` stands for itself.
    """
    answer = _search([glob], globs, keys=keys)
    return answer.is_certain and answer.word is None


def common(globs: Sequence[str], beside: Iterable[str] = (), *, keys: bool = False) -> str | None:
    """Return a name that all of ``globs`` match and none of ``beside``; None where none is found.

    Args:
        globs: at least one.
        beside: globs whose names do not count.
        keys: they are keys of limits, in which ``[`` stands for itself.
    """
    return _search(globs, list(beside), keys=keys).word


def _search(all_of: Sequence[str], none_of: Sequence[str], *, keys: bool) -> _Answer:
    expression = matcher if keys else _expression
    wanted, unwanted = [list(map(expression, each)) for each in (all_of, none_of)]
    for sample in _SAMPLES:
        name = all_of[0].replace("*", sample).replace("?", sample or "x")
        if all(each.fullmatch(name) for each in wanted) and not any(each.fullmatch(name) for each in unwanted):
            return _Answer(name, is_certain=True)
    if not any(sign in all_of[0] for sign in ("*?" if keys else "*?[")):
        return _Answer(None, is_certain=True)
    tokens = _keys if keys else _tokens
    return _walk([tokens(each) for each in all_of], [tokens(each) for each in none_of])


@lru_cache(maxsize=16_384)
def _expression(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob))


@lru_cache(maxsize=16_384)
def _tokens(glob: str) -> _Tokens:
    return tuple(_read(glob, r"\[!?\]?[^\]]*\]|[\s\S]"))


@lru_cache(maxsize=16_384)
def _keys(glob: str) -> _Tokens:
    return tuple(_read(glob, r"[\s\S]"))


def _read(glob: str, grammar: str) -> Iterator[tuple[str, str]]:
    for piece in re.findall(grammar, glob):
        yield ("set" if len(piece) > 1 else {"*": "many", "?": "any"}.get(piece, "one")), piece


def _walk(all_of: Sequence[_Tokens], none_of: Sequence[_Tokens]) -> _Answer:
    """Walk through all names at once, shortest first: the states of every glob side by side."""
    patterns, count = (*all_of, *none_of), len(all_of)
    alphabet = _alphabet(patterns)
    start = tuple(_closed(each, {0}) for each in patterns)
    seen, queue = {start}, deque([("", start)])
    while queue:
        word, states = queue.popleft()
        ended = [len(each) in state for each, state in zip(patterns, states, strict=True)]
        if all(ended[:count]) and not any(ended[count:]):
            return _Answer(word, is_certain=True)
        for sign in alphabet:
            after = tuple(_step(each, state, sign) for each, state in zip(patterns, states, strict=True))
            if after not in seen and all(after[:count]):
                if len(seen) >= _STEPS:
                    return _Answer(None, is_certain=False)
                seen.add(after)
                queue.append((word + sign, after))
    return _Answer(None, is_certain=True)


def _step(tokens: _Tokens, states: _States, sign: str) -> _States:
    after = set()
    for state in states:
        kind, text = tokens[state] if state < len(tokens) else ("end", "")
        if kind == "many":
            after.add(state)
        elif kind == "any" or (kind == "one" and text == sign) or (kind == "set" and _expression(text).match(sign)):
            after.add(state + 1)
    return _closed(tokens, after)


def _closed(tokens: _Tokens, states: Iterable[int]) -> _States:
    """Return the states with those that a ``*`` may be passed over to."""
    closed = set()
    for state in states:
        place = state
        closed.add(place)
        while place < len(tokens) and tokens[place][0] == "many":
            place += 1
            closed.add(place)
    return frozenset(closed)


def _alphabet(patterns: Sequence[_Tokens]) -> list[str]:
    """Return one character of each class that the globs tell apart, an ordinary letter first."""
    named = {sign for tokens in patterns for kind, text in tokens if kind in {"one", "set"} for sign in text}
    if any(kind == "set" for tokens in patterns for kind, _ in tokens):  # ranges: what lies between two characters too
        named |= {chr(min(ord(sign) + 1, sys.maxunicode)) for sign in named} | {"\0"}
    return [next(sign for sign in _ordinary() if sign not in named), *sorted(named, reverse=True)]


def _ordinary() -> Iterator[str]:
    yield from "xyzabcdefghijklmnopqrstuvw0123456789"
    yield from map(chr, range(0x100, sys.maxunicode))
