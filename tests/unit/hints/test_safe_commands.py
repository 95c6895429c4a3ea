"""Commands of this machine's own that hints call safe, run as they are printed: they show what they promise."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.reading import read
from scripts.hint_pages import case_of
from tests.unit.doctor.scene import Here, LedgerFacts, check

OVER = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired"


@pytest.fixture
def shell(tmp_path):
    """Run a command as somebody pastes it, at home, with the Python that runs kernels; return what it shows."""

    def run(command, code=0):
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", command],
            env={**os.environ, "HOME": str(tmp_path), "PATH": path, "LC_ALL": "C"},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    return run


def command(hint, begin):
    """Return the safe command of a hint that begins so."""
    (found,) = [fix.command for fix in hint.fixes if (fix.command or "").startswith(begin)]
    assert [fix.applicability for fix in hint.fixes if fix.command == found] == ["safe"]
    return found


def test_what_is_installed_beside_sparkmagic_is_shown(shell):
    (hint,) = diagnose(case_of("LG904"))

    shown = shell(command(hint, "python -m pip list"))

    assert {line.split()[0].lower() for line in shown.splitlines()} >= {"sparkmagic", "pandas", "ipykernel", "ipython"}


def test_the_time_of_this_machine_is_shown(shell):
    (hint,) = diagnose(read(f"TLS with https://livy:8998 fails: {OVER}."))

    assert f"{datetime.now(timezone.utc):%Y}" in shell(command(hint, "date -u"))


def test_whose_a_folder_is_is_shown(shell, tmp_path):
    folder = tmp_path / "state of mine"
    folder.mkdir(mode=0o777)
    (folder / "page.json").touch()
    facts = LedgerFacts(str(folder), foreign=("page.json",))

    shown = shell(command(check("ledger", Here(said_ledger=facts)).hint, "ls -la"))

    assert "page.json" in shown
    assert " .\n" in shown
