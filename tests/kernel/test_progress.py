"""The line that says how far a command is, in real kernels: what the executed notebook keeps of it.

nbclient runs the notebook, as it does for papermill: what stands here in the end is what papermill stores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from tests.lab import PYSPARK, PYTHON, Lab

if TYPE_CHECKING:
    from pathlib import Path

#: A command that says how far it is a hundred times in each second of a clock of its own.
COMMAND = """
from contextlib import closing
from livyguard.views.notebook import NotebookDisplay
seconds = 0.0
with closing(NotebookDisplay(now=lambda: seconds).progress()) as line:
    for number in range(1, {times} + 1):
        seconds += 0.01
        line.show(f"Releasing sessions: {{number}} of <b>many</b>")
    line.show("Releasing sessions: all of <b>many</b>")
"""


@pytest.mark.parametrize(("argv", "first_line"), [(PYTHON, ""), (PYSPARK, "%%local")], ids=["python3", "pyspark"])
def test_a_stored_notebook_keeps_one_output_the_last_state(tmp_path: Path, argv: list[str], first_line: str) -> None:
    lab = Lab(tmp_path, "http://127.0.0.1:9")
    cells = [nbformat.v4.new_code_cell(first_line + COMMAND.format(times=times)) for times in (120, 30)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    manager = AsyncKernelManager(**lab.sockets())
    manager._kernel_spec = KernelSpec(argv=argv, display_name="kernel", language="python")

    NotebookClient(notebook, km=manager, timeout=120).execute(cwd=str(tmp_path), env=lab.environment)
    lab.stop()

    long, short = notebook.cells
    (output,) = long.outputs
    assert output.output_type == "display_data"
    assert output.data["text/plain"] == "Releasing sessions: all of <b>many</b>, 1 s"
    assert output.data["text/html"] == "<div>Releasing sessions: all of &lt;b&gt;many&lt;/b&gt;, 1 s</div>"
    assert short.outputs == []
