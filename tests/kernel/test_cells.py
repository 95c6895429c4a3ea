"""The cells that ran in a lost session, offered to be run again as they were typed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import requests

from livyguard.sandbox import Sandbox

from .conftest import PYTHON, Lab

if TYPE_CHECKING:
    from pathlib import Path

OFFERED = re.compile(r"^── (\d+) ──\n(.*?)(?=\n\n── |\Z)", re.MULTILINE | re.DOTALL)


def newest(sandbox: Sandbox) -> int:
    answer = requests.get(f"{sandbox.url}/sessions", params={"size": 1000}, timeout=10)
    return max(session["id"] for session in answer.json()["sessions"])


def test_the_cells_of_a_lost_session_are_offered_as_they_were_typed(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine("first = 20")
    kernel.fine("%%local\nnothing_of_the_session = 1")
    kernel.fine("%%spark -o first\nsecond = first + 1")
    lab.sandbox.kill(newest(lab.sandbox))

    said = kernel.fails("third = second")
    shown = kernel.fine("%livy_recover --cells")

    assert "2 cells had run in it: `%livy_recover --cells` shows them" in said.error
    assert [code for _, code in OFFERED.findall(shown.plain[-1])] == [
        "first = 20",
        "%%spark -o first\nsecond = first + 1",
    ]


@pytest.mark.long
def test_after_a_loss_the_cells_that_ran_bring_the_variables_back(tmp_path: Path) -> None:
    with Sandbox(engine="pyspark", cores=1) as sandbox:
        lab = Lab(tmp_path, sandbox)
        kernel = lab.start()
        try:
            kernel.fine("first = 20")
            kernel.fine("%%local\nnothing_of_the_session = 1")
            kernel.run("1 / 0")
            kernel.fine("%%spark\nsecond = first + 1")
            sandbox.kill(newest(sandbox))
            said = kernel.fails("third = second")
            shown = kernel.fine("%livy_recover --cells")
            cells = [code for _, code in OFFERED.findall(shown.plain[-1])]
            for code in cells:
                kernel.fine(code)
            back = kernel.fine("print(second + first)")
            again = kernel.fine("%livy_recover --cells")
        finally:
            lab.stop()

    assert "2 cells had run in it: `%livy_recover --cells` shows them" in said.error
    assert cells == ["first = 20", "%%spark\nsecond = first + 1"]
    assert "Left out: 1 that failed" in shown.text
    assert "41" in back.text
    assert "is alive" in again.text
    assert [code for _, code in OFFERED.findall(again.plain[-1])] == cells
    assert json.dumps(shown.html[-1]).count("<pre>") == len(cells)


def test_where_no_session_was_lost_that_is_said(lab: Lab) -> None:
    said = lab.start(PYTHON).fine("%livy_recover --cells")

    assert "No session in which a cell ran was lost" in said.text
