"""Each fix that is called safe stands in a table with the test that runs it as it is printed.

``safe_fixes.toml`` says of each whether it *mends* (the notebook goes on) or *looks* (it shows something and changes
nothing). What no test can run here, because it asks another's cluster, is not called safe.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.views.plain_kernel import in_plain_kernel
from scripts.hint_pages import CASES, ROOT, case_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.hints.model import Hint

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TABLE: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("safe_fixes.toml").read_text("utf-8"))["fix"]
#: What stands for a value that the hint fills in.
HOLE = "{}"
#: What a label begins with where the fix shows something, and mends nothing.
LOOKS = re.compile(r"(?:See|List|Look|Read|Ask)\b|Perhaps http:// is meant: look ")
#: Words that somebody has to replace before a cell or a command does anything.
PLACEHOLDER = re.compile(r"\b[A-Z][A-Z_]{2,}\b|…|<[^>]*>|\bexample\.(?:com|org)\b")
#: Who asks in a fixture's own text; nobody has to fill that in.
PERSON = "etl@EXAMPLE.COM"
#: SparkMagic's names for the sessions of an IPython kernel.
NAMES = [(), ("one",), ("one", "two")]
PARTS = ("cell", "command", "terminal")
ENDS_A_SESSION = ("%%configure", "%%spark config", "%spark delete", "%livy_release", "livyguard release")


def hints(names: Sequence[str] | None) -> list[Hint]:
    """Return the hints of all fixtures; with names of sessions those of an IPython kernel that has them."""
    cases = [case_of(path.stem) for path in sorted(CASES.glob("LG*.json")) if '"check"' not in path.read_text("utf-8")]
    found = [hint for case in cases if case is not None for hint in diagnose(case)]
    return found if names is None else [in_plain_kernel(hint, names) for hint in found]


def pattern(run: str) -> str:
    return re.escape(run).replace(re.escape(HOLE), ".+")


def written() -> list[tuple[str, str]]:
    """Return what is run and the label of each fix that livyguard's own source calls safe, or perhaps safe."""
    found = []
    for path in sorted((ROOT / "livyguard").rglob("*.py")):
        source = path.read_text("utf-8")
        for node in ast.walk(ast.parse(source)) if "Fix(" in source else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fix":
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                applicability = given.get("applicability")
                if applicability is None or "safe" in ast.unparse(applicability):
                    label = template(given.get("label") or node.args[0], path)
                    found += [(template(given[part], path), label) for part in PARTS if part in given]
    return list(dict.fromkeys(found))


def template(run: ast.expr, path: Path) -> str:
    """Return what an expression runs, with a hole for each value that is not known before."""
    if isinstance(run, ast.Constant):
        return str(run.value)
    if isinstance(run, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in run.values)
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    try:
        return str(eval(ast.unparse(run), vars(module)))  # noqa: S307 - our own source: a constant's name
    except NameError:
        return HOLE


WRITTEN = written()


def matches(run: str, label: str, entry: dict[str, Any]) -> bool:
    """Say whether an entry of the table is about this cell or command with this label."""
    return entry["run"] == run and entry.get("label", label) == label


@pytest.mark.parametrize(("run", "label"), WRITTEN, ids=lambda value: value.strip())
def test_each_safe_fix_has_one_entry_which_knows_whether_it_only_looks(run, label):
    found = [entry for entry in TABLE if matches(run, label, entry)]

    assert len(found) == 1, "name it in safe_fixes.toml, with a test that runs it, or do not call it safe"
    assert bool(LOOKS.match(label)) == (found[0]["does"] == "looks"), "a label says what its fix does"


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: f"{entry['run'].strip()} {entry.get('label', '')}")
def test_each_entry_is_about_a_fix_that_is_offered_and_names_tests_that_exist(entry):
    assert set(entry) <= {"run", "label", "does", "when", "tests", "kernel"}
    assert entry["does"] in {"mends", "looks"}
    assert entry.get("kernel") == "ipython" or any(matches(run, label, entry) for run, label in WRITTEN)
    assert entry["tests"]
    for place in entry["tests"]:
        path, _, name = place.partition("::")
        text = (ROOT / path).read_text("utf-8")
        names = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}
        assert name.startswith("test_")
        assert name in names, f"{place} is not there"
        # It runs what a hint has, by its fixes or by the helper of the live tests; or it says the words itself.
        assert ".fixes" in text or "goes_on(" in text or entry["run"].split(HOLE)[0].strip() in text


@pytest.mark.parametrize("names", [None, *NAMES])
def test_each_safe_fix_of_a_fixture_stands_in_the_table_and_has_nothing_to_fill_in(names):
    for hint in hints(names):
        for fix in hint.fixes:
            run = fix.cell or fix.command or ""
            if fix.applicability == "safe":
                assert any(re.fullmatch(pattern(entry["run"]), run) for entry in TABLE), (hint.code, run)
                assert not PLACEHOLDER.search(run.replace(PERSON, "")), (hint.code, run)
                assert not run.startswith(ENDS_A_SESSION), (hint.code, run)


@pytest.mark.parametrize("names", NAMES)
def test_a_cell_of_an_ipython_kernel_that_names_no_session_says_that_it_is_to_be_filled_in(names):
    for hint in hints(names):
        for fix in hint.fixes:
            assert fix.applicability == "manual" or not re.search(r"-s NAME\b", fix.cell or ""), fix


def test_nothing_that_is_called_safe_has_a_word_to_replace_whatever_the_text():
    assert not [run for run, _ in WRITTEN if PLACEHOLDER.search(run)]


def test_what_asks_a_cluster_that_is_not_here_is_not_called_safe():
    assert not [run for run, _ in WRITTEN if run.startswith(("kubectl", "aws"))]
