"""What holds for every guide; what each of them shows stands in the tests beside this one."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

GUIDES = sorted((Path(__file__).parents[2] / "notebooks" / "guides").glob("*.ipynb"))

pytestmark = pytest.mark.parametrize("name", [file.stem for file in GUIDES])


def test_every_cell_of_a_guide_ends_as_it_should(guide, name):
    run = guide(name)

    assert run.status == 0, run.printed
    assert "Every cell ended as it should" in run.printed


def test_a_guide_writes_nothing_to_the_readers_home(guide, name):
    assert list(guide(name).home.iterdir()) == []


def test_a_guide_is_a_page_with_one_title_and_opens_in_the_pyspark_kernel(name):
    (file,) = [file for file in GUIDES if file.stem == name]
    notebook = nbformat.read(file, as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    titles = re.findall(r"^# ", re.sub(r"^```.*?^```$", "", prose, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)

    assert notebook.cells[0].source.startswith("# ")
    assert len(titles) == 1
    assert notebook.metadata.kernelspec.name == "pysparkkernel"
