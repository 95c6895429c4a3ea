"""What docs/ says is what the project does."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from scripts.hint_pages import FOLDER, pages
from scripts.seen import PAGE, ROOT


def test_the_table_of_versions_lists_the_live_tests_that_there_are_each_of_them_passed() -> None:
    code = "from scripts.seen import page; import sys; sys.stdout.write(page(lambda _: True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert PAGE.read_text("utf-8") == done.stdout, (
        "after `pytest -m live`, `python -m scripts.seen` writes docs/versions.md anew"
    )


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
