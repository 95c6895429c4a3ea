"""What docs/ says is what the project does."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys

import jinja2
import nbformat
import pytest
from sphinx.util.matching import get_matching_files

from scripts.hint_pages import FAMILIES, FOLDER, pages
from scripts.seen import PAGE, ROOT


def test_the_table_of_versions_lists_the_live_tests_that_there_are_each_of_them_passed() -> None:
    code = "from scripts.seen import page; import sys; sys.stdout.write(page(lambda _: True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert PAGE.read_text("utf-8") == done.stdout, (
        "after `pytest -m live`, `python -m scripts.seen` writes docs/versions.md anew"
    )


def test_each_notebook_code_and_text_of_the_project_is_a_page_and_nothing_else_is() -> None:
    conf = runpy.run_path(str(ROOT / "docs" / "conf.py"))
    taken = get_matching_files(ROOT, conf["include_patterns"], conf["exclude_patterns"])
    found = {name.rpartition(".")[0] for name in taken if name.endswith((".md", ".ipynb"))}
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "notebooks").rglob("*.ipynb")]
    wanted = {file.relative_to(ROOT).with_suffix("").as_posix() for file in files if ".ipynb_" not in str(file)}

    assert found == wanted
    assert {f"notebooks/guides/{name}" for name in ("cheat-sheet", "emr-on-eks", "operators-first-hour")} <= found


def test_each_example_policy_stands_on_the_page_of_policies() -> None:
    page = (ROOT / "docs" / "policies.md").read_text("utf-8")
    shown = re.findall(r"^```\{literalinclude\} policies/(.*)$", page, re.MULTILINE)

    assert sorted(shown) == sorted(path.name for path in (ROOT / "docs" / "policies").iterdir())


def test_the_page_of_the_planner_shows_each_manager_and_a_chart() -> None:
    page = (ROOT / "docs" / "planner.md").read_text("utf-8")

    assert re.findall(r"^```\{drawn\} livyguard plan ", page, re.MULTILINE)
    assert set(re.findall(r"^## (AWS Glue|YARN|Kubernetes|Standalone)$", page, re.MULTILINE)) == {
        *("AWS Glue", "YARN", "Kubernetes", "Standalone"),
    }


def test_each_code_has_its_page_and_no_page_is_without_a_code() -> None:
    written = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*")}
    wanted = pages()

    assert sorted(written) == sorted(wanted), "`make docs-hints` (python -m scripts.hint_pages) writes docs/hints anew"
    stale = [name for name, text in wanted.items() if written[name] != text]
    assert stale == [], "`make docs-hints` (python -m scripts.hint_pages) writes docs/hints anew"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_is_markdown_of_which_sphinx_takes_no_line_for_its_own(name: str) -> None:
    prose = re.sub(r"^(`{3,})[^`\n]*\n.*?^\1$", "", pages()[name], flags=re.MULTILINE | re.DOTALL)

    assert prose.count("```") == 0
    assert not re.search(r"^(?:%|\+\+\+|\([\w-]+\)=|:{3,})", prose, re.MULTILINE)
    assert re.findall(r"^# ", prose, re.MULTILINE) == ["# "]
    assert {link for link in re.findall(r"\]\(([^)]+)\)", prose) if "://" not in link} <= set(pages())


@pytest.mark.parametrize("name", ["docs/hints/index", "docs/hints/LG101"])
def test_the_list_of_families_leads_to_their_tables(name: str) -> None:
    template = jinja2.Template((ROOT / "docs" / "_templates" / "families.html").read_text("utf-8"))
    html = template.render(
        families=FAMILIES,
        pagename=name,
        pathto=lambda other: "#" if other == name else "index.html",  # as Sphinx has it
    )
    titles = re.findall(r"^## (.*)$", pages()["index.md"], re.MULTILINE)
    here = "" if name == "docs/hints/index" else "index.html"

    links = re.findall('href="(.*?)"', html)
    assert links == [f"{here}#{title.lower().replace(' ', '-')}" for title in FAMILIES.values()]
    assert set(FAMILIES.values()) <= set(titles)


def test_the_guides_begin_with_the_operators_first_hour_and_the_cheat_sheet() -> None:
    page = (ROOT / "docs" / "guides.md").read_text("utf-8")
    listed = re.findall(r"^\.\./notebooks/guides/(.*)$", page, re.MULTILINE)

    assert listed == ["operators-first-hour", "cheat-sheet", "*"]


def test_on_paper_there_is_the_page_alone_and_of_the_cheat_sheet_its_table_and_rules() -> None:
    sheet = (ROOT / "docs" / "_static" / "livyguard.css").read_text("utf-8")
    printed = sheet.partition("@media print {")[2]
    hidden = {
        part.strip()
        for selectors in re.findall(r"([^{}]*)\{\s*display: none[^}]*\}", re.sub(r"/\*.*?\*/", "", printed))
        for part in selectors.split(",")
    }
    notebook = nbformat.read(ROOT / "notebooks" / "guides" / "cheat-sheet.ipynb", as_version=4)

    assert {".bd-header", ".bd-header-article", ".bd-sidebar", ".bd-footer", ".prev-next-footer"} <= hidden
    assert {f'section[id^="cheat-sheet"] > .cell{rest}' for rest in ("", " ~ *")} <= hidden
    title, _, shown = notebook.cells[0].source.partition("\n")
    assert title.lower().startswith("# cheat sheet")
    assert "| `%livy_sessions` |" in shown
    assert notebook.cells[1].cell_type == "code"  # what is hidden begins here
    assert len(shown.splitlines()) < 40
