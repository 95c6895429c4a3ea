"""LG83x: the ``conf`` keys that a policy names."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from livyguard.policy.fold import fold
from livyguard.policy.keys import is_glob, limited_property, specificity
from livyguard.policy.lint.finding import Check, Found
from livyguard.policy.lint.globs import common, covers
from livyguard.policy.lint.places import at
from livyguard.policy.properties import CONF
from livyguard.policy.spark_keys import meant, spark_keys
from livyguard.policy.units import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livyguard.policy.lint.ground import Ground
    from livyguard.policy.rules import Rule

__all__ = ["CHECKS"]

_READ = ("conf.spark.*", "conf.livy.*")


def _ties(ground: Ground) -> Iterator[Found]:
    for each in ground.standpoints:
        for book in each.tenancy.books:
            for one, other in combinations(book.globs, 2):
                if specificity(one.name) != specificity(other.name) or _is_same(one, other):
                    continue
                closer = [rule.name for rule in book.globs if specificity(rule.name) < specificity(one.name)]
                name = common([one.name, other.name], [*closer, *book.rules], keys=True)
                if name is not None:
                    yield Found(
                        ground.where(one),
                        f"{one.name} and {other.name} are equally specific, and both match {name}: which of the two"
                        " holds is left to chance.",
                        "Name one of them more closely, or give both the same.",
                    )


def _is_same(one: Rule, other: Rule) -> bool:
    """Do two rules say the same of whatever they match?"""
    return one == replace(
        other, name=one.name, path=one.path, source=one.source, reason=one.reason, contact=one.contact
    )


def _named(ground: Ground) -> Iterator[tuple[str, str]]:
    """Yield where each ``conf`` key or glob stands, and its canonical name."""
    for stated in ground.limits:
        yield stated.at(), stated.rule.name
    for place, grant in enumerate(ground.policy.grant):
        path = f"grant[{place}]"
        yield from ((at(ground.policy, path, f"limits.{key}"), limited_property(key)) for key in grant.limits)
    for section in ground.sections:
        where = section.at("session_configs")
        yield from ((where, name) for name in fold(section.rules.session_configs).entries)


def _of_conf(ground: Ground) -> Iterator[tuple[str, str]]:
    """Yield where each key or glob of ``conf`` stands, and how Spark calls it."""
    yield from ((where, name.removeprefix(CONF)) for where, name in _named(ground) if name.startswith(CONF))
    yield from ((where, key) for where, each in ground.spark_defaults for key in each)


def _unknown(ground: Ground) -> Iterator[Found]:
    for where, key in _of_conf(ground):
        near = meant(key)
        if near is not None:
            yield Found(where, f"Spark knows no {shown(key)}.", f"Write {near}, if that is meant.")


def _unread(ground: Ground) -> Iterator[Found]:
    for where, key in _of_conf(ground):
        name = f"{CONF}{key}"
        if is_glob(name):
            is_read = any(common([name, each], keys=True) is not None for each in _READ)
        else:
            is_read = key.startswith(("spark.", "livy."))
        if not is_read:
            known = f"spark.{key}" in spark_keys()
            yield Found(
                where,
                f"Neither Spark nor Livy reads {shown(key)}: keys of conf begin with spark. or livy.",
                f"Write spark.{key}." if known else "Write the whole name of the key.",
            )


def _everything(ground: Ground) -> Iterator[Found]:
    for each in ground.standpoints:
        for layer, book in zip(ground.layers, each.tenancy.books, strict=True):
            wide = [rule.name for rule in book.globs]
            if layer is each.section.layer and book.denies_unlisted and wide and covers(wide, _READ[0], keys=True):
                yield Found(
                    each.section.at("unlisted"),
                    f'unlisted = "deny" has no effect on spark.* keys: {" and ".join(wide)} names them all.',
                    "Narrow the glob, or take unlisted out.",
                )


CHECKS = (
    Check("LG831", "fault", _ties),
    Check("LG832", "warning", _unknown),
    Check("LG833", "warning", _unread),
    Check("LG834", "warning", _everything),
)
