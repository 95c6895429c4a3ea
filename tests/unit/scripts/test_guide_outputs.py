"""Pages of notebooks: they show the outputs of a run of the same code, none of another's, and are built without one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from scripts.guide_outputs import changed, main, with_outputs

ROOT = Path(__file__).parents[3]
CONF = """
extensions = ["myst_nb", "scripts.guide_outputs"]
nb_execution_mode = "off"
exclude_patterns = ["build"]
root_doc = "fresh"
html_theme = "basic"
"""
CODE = "%livy_plan --users 10"
SHOWN = {
    "text/html": f"<p>sixty in {ROOT}/notebooks, /tmp/x/livyguard-demo-ab_c1/state and {ROOT}er</p>",
    "text/plain": "sixty",
    "application/vnd.livyguard.plan.v1+json": {"workers": 60},
}


def notebook(code=CODE, outputs=()):
    """Return a notebook's text: one cell, with outputs."""
    cells = [new_markdown_cell("# Page\n\nHow many?"), new_code_cell(code, outputs=list(outputs))]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return nbformat.writes(new_notebook(cells=cells, metadata={"language_info": {"name": "python"}, "orphan": True}))


RUN = notebook(outputs=[new_output("execute_result", SHOWN)])


def outputs(text):
    (cell,) = [cell for cell in nbformat.reads(text, as_version=4).cells if cell.cell_type == "code"]
    return cell.outputs


def sphinx(folder):
    """Build the pages; return what Sphinx says of them."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "--fail-on-warning", str(folder), str(folder / "build" / "docs")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return the pages of three notebooks as they were built first, and after two of them were run."""
    folder = tmp_path_factory.mktemp("pages")
    runs = folder / "build" / "guides"
    runs.mkdir(parents=True)
    (folder / "conf.py").write_text(CONF)
    for name in ("fresh", "stale", "unrun"):
        (folder / f"{name}.ipynb").write_text(notebook())
    built = []
    for run in ({}, {"fresh": RUN, "stale": RUN.replace("--users 10", "--users 9")}):
        for name, text in run.items():
            (runs / f"{name}.ipynb").write_text(text)
        said = sphinx(folder)
        built.append({file.stem: file.read_text() for file in (folder / "build" / "docs").glob("*.html")})
    return *built, said


def test_a_page_shows_the_outputs_of_a_run_as_soon_as_there_is_one(pages):
    before, after, _ = pages

    assert "sixty" not in before["fresh"]
    assert "<p>sixty in" in after["fresh"]


def test_a_run_of_other_code_shows_nothing(pages):
    assert "sixty" not in pages[1]["stale"]
    assert "livy_plan" in pages[1]["stale"]


def test_a_notebook_that_nobody_ran_is_a_page_and_is_not_read_again(pages):
    _, after, said = pages

    assert "livy_plan" in after["unrun"]
    assert "0 added, 2 changed, 0 removed" in said


def test_no_folder_of_the_machine_is_shown():
    (shown,) = outputs(with_outputs(notebook(), RUN))

    assert shown.data["text/html"] == f"<p>sixty in ~/livyguard/notebooks, ~/state and {ROOT}er</p>"


def test_only_what_a_page_can_show_is_taken_and_markdown_as_html():
    told = new_output("display_data", {"text/plain": "# LG106", "text/markdown": "# LG106\n\n<script>", "x/y": "z"})
    (plan,), (page,) = (
        outputs(with_outputs(notebook(), RUN)),
        outputs(with_outputs(notebook(), notebook(outputs=[told]))),
    )

    assert set(plan.data) == {"text/html", "text/plain"}
    assert page.data == {"text/plain": "# LG106", "text/html": "<h1>LG106</h1>\n<p>&lt;script&gt;</p>\n"}


def test_the_prose_is_the_notebooks_own():
    (shown,) = outputs(with_outputs(notebook().replace("How many?", "How many, then?"), RUN))

    assert shown.data["text/plain"] == "sixty"
    assert "How many, then?" in with_outputs(notebook().replace("How many?", "How many, then?"), RUN)


@pytest.fixture
def there(tmp_path):
    """Return a notebook with a policy of its own, a folder of sources, and a run that is newer than all of them."""
    files = {"guide.ipynb": notebook(), "guide.toml": "version = 1", "sources/deep/a.py": "", "run.ipynb": RUN}
    for age, (name, text) in enumerate(files.items()):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        os.utime(file, (age, age))
    return tmp_path


@pytest.mark.parametrize("name", ["guide.ipynb", "guide.toml", "sources/deep/a.py"])
def test_a_notebook_is_run_again_after_it_its_policy_or_a_source_changed(there, name):
    assert not changed(there / "guide.ipynb", there / "run.ipynb", [there / "sources"])

    os.utime(there / name, (10, 10))

    assert changed(there / "guide.ipynb", there / "run.ipynb", [there / "sources"])


def test_a_run_is_kept_if_it_went_well_and_else_the_one_before(tmp_path, capsys):
    runner = tmp_path / "runner.py"
    runner.write_text(
        "import sys, pathlib\n"
        "_, _, notebook, _, out = sys.argv\n"
        "name = pathlib.Path(notebook).name\n"
        "pathlib.Path(out, name).write_text('a run')\n"
        "sys.exit('Cell 2 failed and should pass' if name == 'bad.ipynb' else 0)\n"
    )
    notebooks = [tmp_path / "bad.ipynb", tmp_path / "good.ipynb"]
    for file in notebooks:
        file.write_text(notebook())
    runs = tmp_path / "runs"
    runs.mkdir()
    (runs / "bad.ipynb").write_text("the run before")
    os.utime(runs / "bad.ipynb", (1, 1))

    code = main(notebooks, runs, [sys.executable, str(runner)])

    assert code == 1
    assert {file.name: file.read_text() for file in runs.iterdir()} == {
        "bad.ipynb": "the run before",
        "good.ipynb": "a run",
    }
    said = capsys.readouterr().out
    assert "Cell 2 failed and should pass" in said
    assert "Not as they should: bad.ipynb." in said
