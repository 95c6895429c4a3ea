"""Writes docs/hints: a page for each code of the catalogue, and the table of all of them.

``make docs-hints`` writes them anew; a test holds them to the catalogue and to the fixtures of its hints.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livyguard.hints.catalog import CATALOG
from livyguard.hints.catalog.lint import RETIRED
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.hints.model import page_of
from livyguard.hints.reading import read
from livyguard.views import hint as view

if TYPE_CHECKING:
    from livyguard.hints.entry import Entry

__all__ = ["CASES", "FOLDER", "case_of", "pages"]

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / Path(page_of("LG")).parent
CASES = ROOT / "tests" / "unit" / "hints" / "cases"

FAMILIES = {
    "LG1": "Sessions",
    "LG2": "YARN",
    "LG3": "Spark",
    "LG4": "Kubernetes",
    "LG5": "AWS",
    "LG6": "HTTP and logging in",
    "LG7": "What the policy decides",
    "LG8": "What lint finds in a policy",
    "LG9": "SparkMagic and the doctor",
}

WRITTEN = "<!-- Written by `make docs-hints` from livyguard/hints/catalog; edit that. -->"

INDEX = """\
# What the codes mean

{written}

Each message of livyguard begins with a code. `%livy_explain CODE` in a notebook and `livyguard explain CODE` in a
terminal show its page, and `livyguard diagnose` finds the codes for an error or a log that somebody pasted. A code is
never reused.

A *failure* has to be mended before anything goes on. With a *warning* things go on, not as they should; a *note* is
good to know.

The pages name the magics of SparkMagic's own kernels. In an IPython kernel, where `%spark` starts sessions,
`%livy_explain` says `%%spark config` for `%%configure`, and `%spark add` for a start by the next cell.
{families}
## Retired

Nothing gives these codes any more, and nothing else will.

| code | what it said |
|---|---|
{retired}
```{{toctree}}
:hidden:
:glob:

LG*
```
"""

FAMILY = """
## {title}

| code | name | severity | what it stands for |
|---|---|---|---|
{rows}"""

PAGE = """\
# {code} {name}: {title}

{written}

Severity: {severity}.

{about}
"""

EXAMPLE = """
## What is shown

```text
{shown}
```
"""


def pages() -> dict[str, str]:
    """Return the name and the text of each page."""
    return {"index.md": _index()} | {Path(page_of(entry.code)).name: _page(entry) for entry in CATALOG}


def case_of(code: str) -> Case | None:
    """Return the case that the fixture of a code holds; None where a check gives the code, not a text."""
    path = CASES / f"{code}.json"
    fixture: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    if "text" in fixture:
        return read(fixture["text"])
    if "case" not in fixture:
        return None
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in fixture["case"].items()}
    if "listed_ids" in fields:
        fields["listed_ids"] = frozenset(fields["listed_ids"])
    return Case(**fields)


def _index() -> str:
    families = "".join(
        FAMILY.format(title=title, rows="".join(_row(entry) for entry in CATALOG if entry.code[:3] == family))
        for family, title in FAMILIES.items()
        if any(entry.code[:3] == family for entry in CATALOG)
    )
    retired = "".join(f"| {code} | {said} |\n" for code, said in RETIRED.items())
    return INDEX.format(written=WRITTEN, families=families, retired=retired)


def _row(entry: Entry) -> str:
    return f"| [{entry.code}]({entry.code}.md) | {entry.name} | {entry.severity} | {entry.title} |\n"


def _page(entry: Entry) -> str:
    page = PAGE.format(
        code=entry.code,
        name=entry.name,
        title=entry.title,
        written=WRITTEN,
        severity=entry.severity,
        about=entry.about.strip(),
    )
    case = case_of(entry.code)
    shown = [view.text(hint) for hint in diagnose(case) if hint.code == entry.code] if case is not None else []
    return page + "".join(EXAMPLE.format(shown=text) for text in shown)


def _write() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write()
