"""Pages that show what commands print: as it is printed, and with a warning where a command fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CONF = """
extensions = ["myst_parser", "scripts.shown_commands"]
html_theme = "basic"
"""
PAGES = {
    "index.md": """
# All

```{shown} livyguard explain LG208
:before: What to do
```

```{shown} livyguard plan --users 3 --executors 5 --workers 17 --worker-type G.1X
:exit: 1
```

```{drawn} livyguard plan --users 3 --executors 5 --worker-type G.1X
Of three people.
```
""",
    "wrong.md": """---
orphan: true
---
# None

```{shown} livyguard explain LG000
```

```{shown} livyguard explain LG208
:before: What nobody says
```
""",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the folder of the built pages, and what Sphinx says of them."""
    folder = tmp_path_factory.mktemp("pages")
    for name, text in {"conf.py": CONF, **PAGES}.items():
        (folder / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "--quiet", str(folder), str(folder / "out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "out", done.stderr


def test_a_page_shows_what_a_command_prints_up_to_where_it_says(built):
    page = (built[0] / "index.html").read_text()

    assert "executorMemory" in page
    assert "What it means" in page
    assert "What to do" not in page
    assert "17 workers of type G.1X are not enough" in page


def test_a_chart_stands_in_the_page_in_the_colour_of_its_text(built):
    page = (built[0] / "index.html").read_text()

    assert '<svg role="img"' in page
    assert "currentColor" in page
    assert "Of three people." in page


def test_a_command_that_fails_is_a_warning_at_its_line_and_so_is_a_cut_where_there_is_none(built):
    failed, uncut = [line for line in built[1].splitlines() if "wrong.md" in line]

    assert "wrong.md:6: ERROR: livyguard explain LG000: exit code" in failed
    assert "wrong.md:9: ERROR: livyguard explain LG208: it does not print 'What nobody says'" in uncut
    assert "index.md" not in built[1]
