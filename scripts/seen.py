"""Writes docs/versions.md: what the live tests see on which version of Livy, YARN and Kerberos.

``python -m scripts.seen`` writes the page from what the last runs left in build/live.json; a test holds it to the tests
that there are, each of them passed.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.differences import DIFFERENCES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PAGE", "page"]

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "versions.md"
RESULTS = ROOT / "build" / "live.json"
POM = ROOT / "tests" / "live" / "hadoop" / "pom.xml"

PLACES = ("0.9.0", "0.8.0", "0.9.0, YARN", "0.8.0, YARN", "0.9.0, Kerberos", "YARN, Kerberos")
LOCAL, OLDER, YARN, OLDER_YARN, KERBEROS, YARN_KERBEROS = PLACES

#: Proper names and possessives, which a test's name has in lower case and without an apostrophe.
NAMES = {
    name.lower(): name
    for name in (
        "Ctrl-C",
        "HEAD",
        "GET",
        "JSON",
        "KDC",
        "Kerberos",
        "Livy",
        "Python",
        "Scala",
        "Spark",
        "SparkMagic",
        "SQL",
        "YARN",
    )
} | {
    "ctrl c": "Ctrl-C",
    "livys": "Livy's",
    "sparks": "Spark's",
    "sparkmagics": "SparkMagic's",
    "sqlcontext": "sqlContext",
    "elses": "else's",
    "everybodys": "everybody's",
    "guides": "guide's",
    "hadoops": "Hadoop's",
    "in its users name": "in its user's name",
    "javas": "Java's",
}

TITLE = """\
# What was seen on which version

<!-- Written by `python -m scripts.seen` from the live tests; edit those. -->

Each line is a test (`pytest -m live`) that passed on the real thing, on loopback. `make test` runs them all but
those with the word *long*, which `make test-long` adds.

- **{LOCAL}** and **{OLDER}**: Apache Livy on local Spark {spark}. Users (hadoop-auth's simple type), ACLs and CSRF
  protection are on where a test is about them.
- **{YARN}** and **{OLDER_YARN}**: Livy in cluster mode on a ResourceManager and a NodeManager of Hadoop {hadoop}.
- **{KERBEROS}**: Livy behind SPNEGO, with an MIT KDC.
- **{YARN_KERBEROS}**: the ResourceManager behind SPNEGO, without a Livy.

Kernels are SparkMagic's own, of the version that is installed; `make test-long` also takes 0.20.5 and 0.22.0. The
sandbox (`livyguard sandbox`) passes each test of the sections that end in *and the sandbox*.
"""

DIFFERENCES_TITLE = """
## Where answers differ

What is not in this table is the same on Livy 0.9.0, on 0.8.0 and on the sandbox, as far as the tests above look.

| | differs | why |
|---|---|---|
"""


class _Collector:
    """Keeps the live tests that pytest collects."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = [item for item in session.items if item.get_closest_marker("live")]


def page(passed: Callable[[str], bool]) -> str:
    """Return the text of the page.

    Args:
        passed: tells of a test's node id whether it did.
    """
    collector = _Collector()
    with contextlib.redirect_stdout(io.StringIO()):
        folders = [str(ROOT / "tests" / name) for name in ("live", "contract")]
        code = pytest.main(["--collect-only", "-q", "-m", "live", "-p", "no:cacheprovider", *folders], [collector])
    if code != pytest.ExitCode.OK:
        raise SystemExit(f"The live tests cannot be collected: {code}.")
    sections: dict[str, dict[str, dict[str, str]]] = {}
    for item in collector.items:
        rows = sections.setdefault(_heading(item), {})
        row = rows.setdefault(_sentence(item.originalname), {})
        if not passed(item.nodeid):
            row[_place(item)] = "✗"
        elif row.get(_place(item)) not in {"✓", "✗"}:
            row[_place(item)] = "✓ long" if item.get_closest_marker("long") else "✓"
    return _title() + "".join(_section(heading, rows) for heading, rows in sections.items()) + _differences()


def _title() -> str:
    (spark,) = re.findall(r"pyspark>=([\d.]+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    (hadoop,) = set(re.findall(r"<hadoop\.version>([\d.]+)<", POM.read_text("utf-8")))
    return TITLE.format(
        LOCAL=LOCAL,
        OLDER=OLDER,
        YARN=YARN,
        OLDER_YARN=OLDER_YARN,
        KERBEROS=KERBEROS,
        YARN_KERBEROS=YARN_KERBEROS,
        spark=spark,
        hadoop=hadoop,
    )


def _differences() -> str:
    return DIFFERENCES_TITLE + "".join(
        f"| {name} | {', '.join(difference.but)} | {difference.why} |\n" for name, difference in DIFFERENCES.items()
    )


def _place(item: Any) -> str:
    name = item.path.stem
    if name == "test_yarn_kerberos":
        return YARN_KERBEROS
    if name.startswith(("test_yarn", "test_failures_yarn", "test_failures_spark")):
        return OLDER_YARN if OLDER in item.name else YARN
    if name.startswith("test_kerberos"):
        return KERBEROS
    return OLDER if OLDER in item.name else LOCAL


def _heading(item: Any) -> str:
    """Return what the module's docstring says, up to its first full stop or colon."""
    text = " ".join((item.module.__doc__ or item.path.stem).split())
    first = re.split(r"(?<=[^.])[.:](?:\s|$)", text)[0]
    return first.replace("``", "`") + (", and the sandbox" if item.path.parent.name == "contract" else "")


def _sentence(name: str) -> str:
    words = re.sub(
        rf"\b({'|'.join(sorted(NAMES, key=len, reverse=True))})\b",
        lambda found: NAMES[found[0]],
        name.removeprefix("test_").replace("_", " "),
    )
    return words[0].upper() + words[1:]


def _section(heading: str, rows: dict[str, dict[str, str]]) -> str:
    places = [place for place in PLACES if any(place in seen for seen in rows.values())]
    head = f"\n## {heading}\n\n| | {' | '.join(places)} |\n|---|{':-:|' * len(places)}\n"
    return head + "".join(
        f"| {sentence} | {' | '.join(seen.get(place, '') for place in places)} |\n" for sentence, seen in rows.items()
    )


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    results = json.loads(RESULTS.read_text("utf-8"))
    PAGE.write_text(page(lambda nodeid: results.get(nodeid) == "passed"), encoding="utf-8")
