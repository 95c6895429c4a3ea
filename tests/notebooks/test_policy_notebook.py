"""The notebook that asks the policy: what its text promises is what its cells say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "policy.ipynb"
EXAMPLE = ROOT / "docs" / "policies" / "emr-two-teams.toml"

#: Runs the code cells in a shell without SparkMagic, under the policy that the notebook names, none of the machine's.
SHELL = """
import json, os, sys
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance(colors="nocolor")
seen = []
for cell in json.load(sys.stdin):
    with capture_output() as said:
        done = shell.run_cell(cell.removeprefix("%%local\\n"), store_history=False)
    if cell == "%load_ext livyguard":
        from livyguard.config import PolicyFiles
        from livyguard.magics.extension import loaded
        loaded(shell).magics.kernel.policies = PolicyFiles([Path(os.environ["LIVYGUARD_POLICY"])])
    error = done.error_before_exec or done.error_in_exec
    seen.append({"text": said.stdout.removeprefix("Out[0]: \\n"), "error": error and repr(error)})
print(json.dumps(seen), file=sys.__stdout__)
"""


def code():
    return [cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Return what each cell says to alice, whom Livy's login vouches for; nothing listens at that Livy."""
    home = tmp_path_factory.mktemp("home")
    surroundings = {
        **os.environ,
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "LIVYGUARD_URL": "http://alice:any@127.0.0.1:9",
        "SPARKMAGIC_CONF_DIR": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_STATE_HOME": str(home),
    }
    done = subprocess.run(
        [sys.executable, "-c", SHELL],
        input=json.dumps(code()),
        capture_output=True,
        text=True,
        check=False,
        cwd=NOTEBOOK.parent,
        env=surroundings,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert [each["error"] for each in seen if each["error"]] == []
    return {cell: each["text"] for cell, each in zip(code(), seen, strict=True)}


def answer(said, part):
    """Return what the one cell that has a text in it says."""
    (cell,) = [cell for cell in said if part in cell]
    return said[cell]


def changed(said, part):
    """Return asked and given of the executors, as the table of changes shows them."""
    found = re.search(r"executors\.max +(\d+) +(\d+) ", answer(said, part))
    return None if found is None else found.groups()


def test_the_person_reads_who_they_are_and_which_file_says_what_they_may_have(said):
    shown = answer(said, "%livy_policy")

    assert re.search(r"User +alice\n", shown)
    assert 'analysts (users: "alice" matches alice)' in shown
    assert str(EXAMPLE) in shown
    assert re.search(r"executors\.max +at most 5; 3 unless asked .*224g for 8 people", shown)


def test_a_greedy_request_is_cut_in_any_spelling(said):
    assert answer(said, '"numExecutors": 40').startswith("clamp: tenant analysts, user alice")
    assert changed(said, '"numExecutors": 40') == ("40", "5")
    assert changed(said, "initialExecutors") == ("40", "5")


def test_larger_executors_are_fewer(said):
    assert changed(said, "8192m") == ("5", "2")


def test_a_refused_request_is_told_with_every_reason_and_without_the_secret(said):
    shown = answer(said, "s3a.secret.key")

    assert shown.startswith("deny: tenant analysts, user alice")
    assert "LG702 proxy_user" in shown
    assert "LG702 conf.spark.hadoop.fs.s3a.secret.key" in shown
    assert "The nearest request that passes" in shown
    assert "abc" not in shown
    assert answer(said, "HADOOP_USER_NAME").startswith("deny: tenant analysts, user alice")


def test_a_request_within_the_limits_is_given_as_asked(said):
    assert answer(said, '"numExecutors": 4, "executorMemory": "4g"').startswith("allow: tenant analysts, user alice")


def test_the_policy_of_the_notebook_lints_clean_and_passes_its_own_tests(said):
    shown = answer(said, '("lint", "test")')

    assert "Lint has nothing to say." in shown
    assert re.search(r"^\d+ passed\.", shown, flags=re.MULTILINE)
    assert "FAILED" not in shown


def test_every_cell_ends_as_it_should_in_the_kernel_of_sparkmagic_and_no_session_is_started(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    command = [sys.executable, "-m", "demo", "--notebook", str(NOTEBOOK), "--out", str(tmp_path / "build")]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every cell ended as it should" in done.stdout
    assert "Starting Spark application" not in done.stdout
    for verdict in ("clamp", "deny", "allow"):
        assert f"{verdict}: tenant analysts, user alice" in done.stdout
    assert "emr-two-teams.toml" in done.stdout
