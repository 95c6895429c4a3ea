"""Hints in a kernel without ``%%configure``: each ready cell is one that this kernel has."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell
from sparkmagic.magics.remotesparkmagics import RemoteSparkMagics

from livyguard.hints.catalog import CATALOG
from livyguard.hints.diagnose import diagnose, explain
from livyguard.hints.entry import RECOVER
from livyguard.hints.model import Fix, Hint
from livyguard.hints.settings import REPLACES
from livyguard.views.notebook import NotebookDisplay
from livyguard.views.plain_kernel import in_plain_kernel, page_in_plain_kernel
from scripts.hint_pages import CASES, case_of

SAYS = "It replaces what an earlier %%spark config said. Then"


def a_hint(*fixes: Fix) -> Hint:
    return Hint("LG303", "x", "A title", "Ask with `%%configure -f`.", fixes=fixes)


@pytest.mark.parametrize(
    ("names", "cell", "label", "here"),
    [
        (
            ["one"],
            '%%configure -f\n{"ttl": "24h"}',
            f"Ask for more. {REPLACES}",
            ('%%spark config\n{"ttl": "24h"}', f"{SAYS} `%spark delete -s one` and `%spark add` start a session with"),
        ),
        ([], "%%configure -f\n{}", REPLACES, ("%%spark config\n{}", f"{SAYS} `%spark add` starts a session with it.")),
        (["one", "two"], "%%configure -f\n{}", REPLACES, ("%%spark config\n{}", "`%spark delete -s NAME` and")),
        (["one"], "%%logs\n ", "Read it.", ("%spark logs -s one", "Read it.")),
        ([], "%%logs\n ", "Read it.", ("%spark logs -s NAME", "Read it.")),
        (["one"], "%%local\nimport os\nos.stat('.')", "Look.", ("import os\nos.stat('.')", "Look.")),
        (["one"], "df.show()", "Look.", ("%%spark -s one\ndf.show()", "Look.")),
        ([], "df.show()", "Look.", ("%%spark\ndf.show()", "Look.")),
        (["one"], "%livy_sessions", "Look.", ("%livy_sessions", "Look.")),
        (["one"], None, "Replace %%configure.", (None, "Replace %%spark config.")),
        (
            ["one"],
            RECOVER.cell,
            RECOVER.label,
            ("%livy_recover", "are kept. Then run `%spark add` and the cell again."),
        ),
    ],
)
def test_a_cell_of_the_wrapper_kernels_becomes_one_of_this_kernels(
    names: list[str], cell: str | None, label: str, here: tuple[str | None, str]
) -> None:
    (fix,) = in_plain_kernel(a_hint(Fix(label, cell=cell)), names).fixes

    assert fix.cell == here[0]
    assert here[1] in fix.label


def test_what_holds_a_name_to_fill_in_is_not_called_safe() -> None:
    hint = a_hint(Fix("Read it.", cell="%%logs\n "))

    assert in_plain_kernel(hint, ["one"]).fixes[0].applicability == "safe"
    assert in_plain_kernel(hint, ["one", "two"]).fixes[0].applicability == "manual"


def test_a_kernel_with_configure_shows_the_hint_as_it_is_and_any_other_in_its_own_magics() -> None:
    hint = a_hint(Fix("Ask for more.", cell="%%configure -f\n{}"))

    wrapper = NotebookDisplay().failure("It failed.", [hint])
    plain = NotebookDisplay(lambda: "%%spark config", names=lambda: ["one"]).failure("It failed.", [hint])

    assert "%%configure -f\n" in wrapper
    assert "%%configure" not in plain
    assert "%%spark config\n" in plain


@pytest.mark.parametrize(
    ("page", "here"),
    [
        ("run `%livy_recover` and the\ncell again", "run `%livy_recover`, `%spark add` and the cell again"),
        ("`%livy_recover`, then the cells that", "`%livy_recover`, `%spark add` and the cells that"),
        (
            "settings stay, and the next\nSpark cell starts a new one",
            "settings stay, and `%spark add` starts a new one",
        ),
        ("local variables (`%%local`) stay", "local variables stay"),
        ("`%%logs` and `%%sql`", "`%spark logs -s NAME` and `%%spark -c sql`"),
        ("fields of `%%configure`", "fields of `%%spark config`"),
        ("`%%cleanup -f` of SparkMagic's", "`%%cleanup -f` of SparkMagic's"),
    ],
)
def test_a_page_speaks_of_the_magics_of_this_kernel_over_the_ends_of_lines_too(page: str, here: str) -> None:
    assert page_in_plain_kernel(page) == here


@pytest.mark.parametrize("code", [entry.code for entry in CATALOG if entry.code != "LG953"])  # what --strict refuses
def test_no_page_speaks_of_a_spark_cell_which_this_kernel_has_not(code: str) -> None:
    page = page_in_plain_kernel(explain(code) or "")

    assert page.startswith(f"# {code}")
    assert "Spark cell" not in " ".join(page.split())


def test_a_page_that_asks_for_settings_says_how_a_session_of_this_kernel_gets_them() -> None:
    page = page_in_plain_kernel("## What to do\n\nAsk with `%%configure -f`.\n")

    assert page.startswith("## What to do\n\nAsk with `%%spark config`.\n\n## In this kernel\n\n")
    assert "`%spark add`" in page
    assert "`%spark delete -s NAME`" in page


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    shell = InteractiveShell()
    shell.register_magics(RemoteSparkMagics)
    return shell


@pytest.mark.parametrize("code", sorted(path.stem for path in CASES.glob("*.json") if case_of(path.stem) is not None))
def test_every_ready_cell_of_the_catalogue_starts_with_a_magic_that_a_plain_kernel_has(
    shell: InteractiveShell, code: str
) -> None:
    hints = [in_plain_kernel(hint, ["one"]) for hint in diagnose(case_of(code))]

    cells = [fix.cell.split()[0] for hint in hints for fix in hint.fixes if fix.cell is not None]

    for magic in (first for first in cells if first.startswith("%") and not first.startswith("%livy_")):
        find = shell.find_cell_magic if magic.startswith("%%") else shell.find_line_magic
        assert find(magic.strip("%")) is not None, magic
