"""``%livy_plan`` typed in a shell: the answer as a value, one sentence a fault, its help, and its options."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import click
import pytest

from livyguard.cli.plan import plan as command
from livyguard.magics.completion import options_of
from livyguard.magics.livyguard import LivyGuard
from tests.unit.capacity.asked import SHARED

GLUE = "--worker-type G.1X"
CELLS = {
    "value": f"%livy_plan --users 3 --executors 5 {GLUE}",
    "json": f"%livy_plan --users 3 --executors 5 {GLUE} --json",
    "kept": f"plan = %livy_plan --users 3,10 --executors 5 {GLUE}",
    "frame": "print(plan.to_frame()['workers'].tolist())",
    "faults": "%livy_plan --users 0 --executors x --worker-type G1X",
    "slip": "%livy_plan --user 3 --exekutors 5",
    "negative": "%livy_plan --users -3 --executors 5 --worker-memory -10g",
    "chart": f"%livy_plan --users 3 --executors 5 {GLUE} --chart plan.svg --json",
    "conf": "%livy_plan --users 3 --executors 5 --worker-memory 8g --conf spark.executor.memoryOverhead=1g --json",
    "quoted": f"%livy_plan --users '3,10' --executors=\"5\" {GLUE} --conf 'spark.app.name=a b' --json",
    "path": f"%livy_plan --users 3 --executors 5 {GLUE} --chart charts\\plan.svg",
    "unclosed": "%livy_plan --people 'my team=3",
    "nothing": "%livy_plan",
    "policy": "%livy_plan --policy policy.toml",
}
SHELL = """
import json, sys
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance(colors="nocolor")
shell.run_cell("%load_ext livyguard")
from livyguard.config import PolicyFiles
from livyguard.magics.extension import loaded
loaded(shell).magics.kernel.policies = PolicyFiles([])  # none of the machine's
seen = {}
for name, cell in json.loads(sys.argv[1]).items():
    with capture_output() as said:
        done = shell.run_cell(cell, silent=False, store_history=False)
    error = done.error_before_exec or done.error_in_exec
    bundle = {} if done.result is None else done.result._repr_mimebundle_()
    stb = getattr(error, "_render_traceback_", lambda: [str(error)])()
    seen[name] = {"out": said.stdout, "err": said.stderr, "bundle": bundle, "error": error and "\\n".join(stb)}
print(json.dumps({"cells": seen, "sparkmagic": "sparkmagic" in sys.modules}), file=sys.__stdout__)
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Type the cells, one after the other, in one shell."""
    folder = tmp_path_factory.mktemp("shell")
    (folder / "policy.toml").write_text(SHARED)
    surroundings = {**os.environ, "HOME": str(folder), "IPYTHONDIR": str(folder), "XDG_STATE_HOME": str(folder)}
    surroundings.pop("LIVYGUARD_POLICY", None)
    done = subprocess.run(
        [sys.executable, "-c", SHELL, json.dumps(CELLS)],
        capture_output=True,
        text=True,
        check=False,
        env=surroundings,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert not found["sparkmagic"]
    assert (folder / "plan.svg").read_text().startswith("<svg ")
    return dict(found["cells"])


def test_the_answer_shows_itself_as_text_table_and_json(seen: dict[str, Any]) -> None:
    bundle = seen["value"]["bundle"]

    assert bundle["text/plain"].startswith("3 people with 5 executors each need 18 workers of type G.1X.")
    assert "<table" in bundle["text/html"]
    assert "<svg" in bundle["text/html"]
    assert bundle["application/vnd.livyguard.plan.v1+json"]["workers"] == 18


def test_json_is_printed_where_it_is_asked_for(seen: dict[str, Any]) -> None:
    assert json.loads(seen["json"]["out"])["workers"] == 18
    assert seen["json"]["bundle"] == {}


def test_the_value_makes_a_frame(seen: dict[str, Any]) -> None:
    assert seen["frame"]["out"] == "[18, 60]\n"


def test_all_faults_are_told_at_once_without_a_traceback(seen: dict[str, Any]) -> None:
    assert seen["faults"]["error"].splitlines() == [
        "--users: it takes 1 or more, not '0'.",
        "--executors: 'x' is no whole number.",
        "--worker-type: 'G1X' is no worker type that livyguard knows; did you mean G.1X?",
    ]


def test_a_slip_in_an_option_is_asked_about(seen: dict[str, Any]) -> None:
    assert "--user: did you mean --users?" in seen["slip"]["error"]
    assert "--exekutors: did you mean --executors?" in seen["slip"]["error"]


def test_a_negative_value_is_told_as_the_command_tells_it(seen: dict[str, Any]) -> None:
    assert seen["negative"]["error"].splitlines() == [
        "--users: it takes 1 or more, not '-3'.",
        "--worker-memory: '-10g' is not a size that Spark reads, such as 512m or 8g.",
    ]


def test_a_chart_is_written_where_it_is_wanted(seen: dict[str, Any]) -> None:
    assert seen["chart"]["err"] == "Chart: plan.svg\n"
    assert json.loads(seen["chart"]["out"])["workers"] == 18


def test_conf_is_read_as_it_is_typed(seen: dict[str, Any]) -> None:
    assert json.loads(seen["conf"]["out"])["executor"]["memory_mib"] == 2_048


def test_quotation_marks_are_a_shells_and_a_backslash_is_one(seen: dict[str, Any]) -> None:
    quoted = json.loads(seen["quoted"]["out"])

    assert [each["workers"] for each in quoted["cells"]] == [18, 60]
    assert "--conf spark.app.name makes no difference" in quoted["notes"][-1]
    assert seen["path"]["out"].startswith("Chart: charts\\plan.svg\n")
    assert seen["unclosed"]["error"] == "%livy_plan: No closing quotation."


def test_asked_for_nothing_without_a_policy_it_says_what_can_be_asked(seen: dict[str, Any]) -> None:
    assert seen["nothing"]["error"].startswith("No policy is installed here, so say what is asked:")


def test_a_policy_is_held_against_its_cluster_and_the_cell_passes(seen: dict[str, Any]) -> None:
    bundle = seen["policy"]["bundle"]

    assert seen["policy"]["error"] is None
    assert bundle["application/vnd.livyguard.fit.v1+json"]["workers_needed"] == 16
    assert "at the worst does not fit into 8 workers" in bundle["text/plain"]


def test_the_magic_and_the_command_take_the_same_options_with_the_same_help() -> None:
    magic: Any = LivyGuard.livy_plan
    said = {action.option_strings[0]: action.help for action in magic.parser._actions}
    asked = {each.opts[0]: each.help for each in command.params if isinstance(each, click.Option)}

    assert said == asked
    assert set(options_of(magic)) == set(asked)


def test_its_help_has_the_options_and_an_example() -> None:
    page = LivyGuard.livy_plan.__doc__ or ""

    assert "%livy_plan --users 3 --executors 5 --worker-type G.1X" in page
    assert "--worker-memory SIZE" in page
