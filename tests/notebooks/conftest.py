"""The guides, each run once by ``python -m demo``: a real PySpark kernel on a sandbox of its own."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from demo.transcript import plain

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "notebooks" / "guides"


@dataclass(frozen=True)
class Guide:
    """An executed guide.

    Attributes:
        notebook: with its outputs, those of widgets left out.
        status: of the run; 0 where every cell ended as it should.
        printed: what ``python -m demo`` says of it.
        home: the reader's, empty before.
    """

    notebook: nbformat.NotebookNode
    status: int
    printed: str
    home: Path

    def cell(self, part: str) -> nbformat.NotebookNode:
        """Return the one code cell that holds a text."""
        (found,) = [cell for cell in self.notebook.cells if cell.cell_type == "code" and part in cell.source]
        return found

    def text(self, part: str) -> str:
        """Return what a reader sees below the one code cell that holds a text, as text."""
        return "\n".join(filter(None, map(plain, self.cell(part).outputs)))

    def data(self, part: str, mime: str) -> str:
        """Return the one output of a kind (``text/html``, ``image/svg+xml``) of the one cell that holds a text."""
        (found,) = [output.data[mime] for output in self.cell(part).outputs if mime in output.get("data", {})]
        return found


@pytest.fixture(scope="session")
def guide(tmp_path_factory):
    """Return what executes a guide by its name, without ``.ipynb``, at the first time that it is asked for."""

    @functools.cache
    def executed(name: str) -> Guide:
        out, home = tmp_path_factory.mktemp("out"), tmp_path_factory.mktemp("home")
        command = [sys.executable, "-m", "demo", "--notebook", str(GUIDES / f"{name}.ipynb"), "--out", str(out)]
        surroundings = {**os.environ, "HOME": str(home)}
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (out / f"{name}.ipynb").exists(), done.stdout
        return Guide(nbformat.read(out / f"{name}.ipynb", as_version=4), done.returncode, done.stdout, home)

    return executed
