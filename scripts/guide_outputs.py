"""Pages of notebooks with what their cells show: what runs the notebooks, and the Sphinx extension that takes them up.

``python -m scripts.guide_outputs`` runs those of notebooks/ that changed, or livyguard, its example policies or the
demo did, one after the other, each by ``python -m demo``; what a run shows stands in build/guides/NAME.ipynb.

Sphinx shows it below the cells of the repository's notebook, which holds no outputs, as long as the code of the two is
the same. Where nothing was run, or something else, the page has no outputs. Sphinx itself runs nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import nbformat
from markdown_it import MarkdownIt

from demo.world import NEIGHBOURS, NOTEBOOKS, Setting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["changed", "main", "setup", "with_outputs"]

ROOT = NOTEBOOKS.parent
RUNS = Path("build", "guides")
#: What may change what any notebook shows.
SHARED = [ROOT / name for name in ("livyguard", "demo", *NEIGHBOURS)]
#: What a page can show; SparkMagic's widgets and livyguard's own JSON are for programs.
_KINDS = ("text/html", "image/svg+xml", "image/png", "image/jpeg", "text/plain")
_END = r"(?![\w-]|\.\w)"
#: Folders of the machine that ran the notebook, and what stands for them.
_FOLDERS = [
    (re.compile(r"(?:/[\w.+-]+)*/livyguard-demo-\w+"), "~"),
    (re.compile(re.escape(str(ROOT)) + _END), "~/livyguard"),
    *((re.compile(re.escape(str(home)) + _END), "~") for home in [Path.home()] if len(home.parts) > 1),
]


def main(notebooks: Iterable[Path], runs: Path, runner: Sequence[str] = (sys.executable, "-m", "demo")) -> int:
    """Run each notebook that changed since it was run; 0 if every cell of all of them ended as it should."""
    runs.mkdir(parents=True, exist_ok=True)
    failed = []
    for notebook in notebooks:
        if not changed(notebook, runs / notebook.name):
            continue
        print(f"Runs {notebook.name} …", end="", flush=True)  # noqa: T201 - it takes a while
        started = time.monotonic()
        with TemporaryDirectory(dir=runs) as out:
            command = [*runner, "--notebook", str(notebook), "--out", out]
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)  # noqa: S603 - our own module
            if done.returncode:
                failed.append(notebook.name)
                print("\n" + done.stdout.decode("utf-8", "replace"))  # noqa: T201 - says why
                continue
            (Path(out) / notebook.name).replace(runs / notebook.name)
        print(f" {time.monotonic() - started:.0f} s")  # noqa: T201
    if failed:
        print(f"Not as they should: {', '.join(failed)}. `make pages` builds the pages of what was run before.")  # noqa: T201
    return 1 if failed else 0


def changed(notebook: Path, run: Path, shared: Iterable[Path] = SHARED) -> bool:
    """Tell whether a notebook, the policy in force or what all notebooks use is newer than its last run."""
    if not run.exists():
        return True
    at = run.stat().st_mtime
    return any(file.stat().st_mtime > at for file in [notebook, Setting.of(notebook).policy, *_files(shared)])


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for above, _, names in os.walk(folder):
            yield from (Path(above, name) for name in names if not name.endswith(".pyc"))


def with_outputs(text: str, executed: str) -> str:
    """Return a notebook with the outputs of its run; as it is where the run was one of other code."""
    notebook, run = (nbformat.reads(it, as_version=4) for it in (text, executed))  # type: ignore[no-untyped-call] # nbformat has no types here
    cells, ran = ([cell for cell in it.cells if cell.cell_type == "code"] for it in (notebook, run))
    if [cell.source for cell in cells] != [cell.source for cell in ran]:
        return text
    for cell, other in zip(cells, ran, strict=True):
        cell.outputs = [_neutral(_readable(output)) for output in other.outputs]
    return str(nbformat.writes(notebook))  # type: ignore[no-untyped-call]


def _readable(output: dict[str, Any]) -> dict[str, Any]:
    """Return an output in the forms that a page can show; of Markdown its HTML, whose headings are none of the page."""
    if "data" not in output:
        return output
    data = {kind: output["data"][kind] for kind in _KINDS if kind in output["data"]}
    if "text/markdown" in output["data"]:
        data["text/html"] = MarkdownIt("js-default").render(output["data"]["text/markdown"])
    return {**output, "data": data}


def _neutral(value: Any) -> Any:
    """Return the value without folders of the machine in any of its texts."""
    if isinstance(value, dict):
        return nbformat.from_dict({key: _neutral(item) for key, item in value.items()})  # type: ignore[no-untyped-call]
    if isinstance(value, list):
        return [_neutral(item) for item in value]
    if isinstance(value, str):
        for folder, name in _FOLDERS:
            value = folder.sub(name, value)
    return value


def _run_of(env: BuildEnvironment, docname: str) -> Path:
    """Return where the run of a page's notebook is, if there is one."""
    return Path(env.srcdir) / RUNS / f"{Path(docname).name}.ipynb"


def _is_notebook(env: BuildEnvironment, docname: str) -> bool:
    return str(env.doc2path(docname)).endswith(".ipynb")


def _show(app: Sphinx, docname: str, content: list[str]) -> None:
    run = _run_of(app.env, docname)
    if _is_notebook(app.env, docname) and run.exists():
        app.env.note_dependency(str(run))
        content[0] = with_outputs(content[0], run.read_text("utf-8"))


def _newly_run(_app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    """Name the pages that were read before their notebook was run; of others Sphinx sees when a run changes."""
    notebooks = (docname for docname in env.found_docs if _is_notebook(env, docname))
    return [
        docname
        for docname in notebooks
        if (run := _run_of(env, docname)).exists()
        and run not in {Path(env.srcdir, name) for name in env.dependencies.get(docname, ())}
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Give Sphinx the outputs of notebooks that were run."""
    app.connect("source-read", _show)
    app.connect("env-get-outdated", _newly_run)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    try:
        sys.exit(main(sorted([*NOTEBOOKS.glob("*.ipynb"), *NOTEBOOKS.glob("guides/*.ipynb")]), ROOT / RUNS))
    except KeyboardInterrupt:
        sys.exit(130)
