"""What docs/ says is what the project does."""

from __future__ import annotations

import subprocess
import sys

from scripts.seen import PAGE, ROOT


def test_the_table_of_versions_lists_the_live_tests_that_there_are_each_of_them_passed() -> None:
    code = "from scripts.seen import page; import sys; sys.stdout.write(page(lambda _: True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert PAGE.read_text("utf-8") == done.stdout, (
        "after `pytest -m live`, `python -m scripts.seen` writes docs/versions.md anew"
    )
