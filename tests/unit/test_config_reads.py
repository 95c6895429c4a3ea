"""How often the files of a policy are opened: by counting what Python opens, not by time.

An audit hook counts, which stays for good and slows down all that comes after it: so it lives in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = '[defaults.limits]\n"executors.max" = {{ max = {} }}\n'
COUNTED = """
import json, pathlib, sys
from livyguard.config import PolicyFiles

place, opened = pathlib.Path(sys.argv[1]), []

def note(event, args):
    if event == "open" and str(args[0]).startswith(str(place)):
        opened.append(str(args[0]).removeprefix(f"{place}/"))

sys.addaudithook(note)
files = PolicyFiles([place])
"""


def counted(place: Path, code: str) -> Any:
    """Run code that has ``files``, ``opened`` and ``place``, and return what it prints."""
    argv = [sys.executable, "-c", COUNTED + code, str(place)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "policy.d").mkdir()
    (tmp_path / "policy.toml").write_text(LIMIT.format(8), "utf-8")
    (tmp_path / "policy.d" / "10-team.toml").write_text("[[tenant]]\nname = 'a'\nusers = ['alice']\n", "utf-8")
    return tmp_path


def test_a_policy_that_does_not_change_is_opened_once_however_often_it_is_asked_for(place: Path) -> None:
    code = "asked = [files.policy() for _ in range(100)]\nprint(json.dumps([opened, len(set(map(id, asked)))]))"

    assert counted(place, code) == [["policy.toml", "policy.d/10-team.toml"], 1]


def test_a_policy_that_cannot_be_used_is_not_opened_for_every_cell_either(place: Path) -> None:
    code = """
files.policy()
(place / "policy.toml").write_text("[defaults.limits", "utf-8")
opened.clear()
for _ in range(100):
    files.policy()
print(json.dumps(opened))
"""

    assert counted(place, code) == ["policy.toml", "policy.d/10-team.toml"]


def test_a_changed_file_is_opened_again_and_counts(place: Path) -> None:
    code = f"""
files.policy()
(place / "policy.toml").write_text({LIMIT.format(12)!r}, "utf-8")
opened.clear()
policy = files.policy()
print(json.dumps([opened, policy.defaults.limits["executors.max"].max]))
"""

    assert counted(place, code) == [["policy.toml", "policy.d/10-team.toml"], 12]


def test_the_benchmark_judges_under_a_thousand_tenants_of_twenty_limits_and_opens_nothing_again(place: Path) -> None:
    report = counted(place, "from benchmarks import policy\nprint(json.dumps('\\n'.join(policy.rows(20))))")

    assert "1,000 tenants x 20 limits" in report
    assert "goal: p99 1 ms" in report
    assert "files opened                    0 " in report
