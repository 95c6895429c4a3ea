"""What ``%load_ext livyguard`` may cost where SparkMagic is not there yet: counted, not timed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "click", "humanize", "markupsafe", "packaging", "pandas", "pydantic", "requests", "rich", "sparkmagic",
    "tomli", "tomllib", "tornado.httpserver", "urllib3",
}  # fmt: skip
#: Modules that loading adds beyond IPython's own: livyguard's eight or so, wrapt, and what wrapt needs of Python.
MOST_MODULES = 120

LOOK = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
import IPython.core.magic_arguments, IPython.core.completer
shell = InteractiveShell.instance()
before = set(sys.modules)
shell.run_line_magic("load_ext", "livyguard")
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.fixture(scope="module")
def added() -> list[str]:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


def test_loading_imports_nothing_heavy(added: list[str]) -> None:
    assert not HEAVY & set(added)


def test_loading_imports_few_modules_and_no_thread(added: list[str]) -> None:
    assert len(added) <= MOST_MODULES, added
    assert len([name for name in added if name.startswith("livyguard")]) <= 12, added
