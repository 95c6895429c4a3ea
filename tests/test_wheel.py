"""What a wheel holds: the start-up file too, and an `enable` that works from it alone."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return next(folder.glob("*.whl"))


def test_nothing_in_it_has_the_name_of_something_else(wheel: Path) -> None:
    names = [Path(name) for name in zipfile.ZipFile(wheel).namelist()]

    assert {Path("livyguard/py.typed"), Path("livyguard/policy/spark_keys.txt")} <= set(names)
    assert not {name.with_suffix("") for name in names if name.suffix == ".py"} & {name.parent for name in names}


def test_enable_works_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    site, home = tmp_path / "site", tmp_path / "ipython"
    zipfile.ZipFile(wheel).extractall(site)
    run = [sys.executable, "-c", "import sys; from livyguard.cli.main import main; main(sys.argv[1:])"]
    environment = {**os.environ, "PYTHONPATH": str(site), "IPYTHONDIR": str(home), "PYTHONSAFEPATH": "1"}

    done = subprocess.run(
        [*run, "enable", "--user"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    written = home / "profile_default" / "startup" / "50-livyguard.py"
    assert written.read_text() == (ROOT / "jupyter-config" / "ipython" / "50-livyguard.py").read_text()
