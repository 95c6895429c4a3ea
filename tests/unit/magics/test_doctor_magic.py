"""``%livy_doctor`` typed in a shell of its own, without SparkMagic: a report whatever is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

SHELL = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
shell = InteractiveShell.instance(colors="nocolor")
shell.run_cell("%load_ext livyguard")
seen = []
for cell in json.loads(sys.argv[1]):
    with capture_output() as said:
        done = shell.run_cell(cell, store_history=False)
    error = done.error_before_exec or done.error_in_exec
    bundle = {} if done.result is None else done.result._repr_mimebundle_()
    stb = getattr(error, "_render_traceback_", lambda: [str(error)])()
    shown = "".join(output.data["text/plain"] for output in said.outputs)
    seen.append({"out": said.stdout + shown, "bundle": bundle, "error": error and "\\n".join(stb)})
print(json.dumps(seen), file=sys.__stdout__)
"""


@pytest.fixture
def type_in(tmp_path):
    """Type cells in an empty home."""

    def type_in(*cells, **environment):
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("LIVYGUARD", "XDG", "SPARKM"))
        }
        home = {"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path / "ipython"), "JUPYTER_PATH": str(tmp_path / "none")}
        done = subprocess.run(
            [sys.executable, "-c", SHELL, json.dumps(cells)],
            capture_output=True,
            text=True,
            check=True,
            env={**kept, **home, **environment},
        )
        return json.loads(done.stdout.splitlines()[-1])

    return type_in


def test_it_reports_on_whatever_is_broken_and_the_cell_passes(type_in, tmp_path, nobody):
    folder = tmp_path / ".sparkmagic"
    folder.mkdir()
    (folder / "config.json").write_text("{ not json")

    shown, asked, wrong = type_in("%livy_doctor", f"%livy_doctor --json --url {nobody}", "%livy_doctor --url livy:1")

    text = shown["bundle"]["text/plain"]
    assert shown["error"] is None
    assert text.startswith("failure  config.json")
    assert "ok       guard          loaded; SparkMagic is not yet, and is guarded the moment it is" in text
    assert "skipped  TCP            not looked at: config.json fails" in text
    assert set(shown["bundle"]) == {"text/plain", "text/html", "application/vnd.livyguard.doctor.v1+json"}
    checks = {check["check"]: check for check in json.loads(asked["out"])["checks"]}
    assert (checks["endpoint"]["text"], checks["tcp"]["status"]) == (f"{nobody}, named by --url", "failure")
    assert "is no Livy URL" in wrong["error"]
    assert "Traceback" not in wrong["error"]


def test_without_a_config_json_it_says_whose_default_is_asked(type_in, tmp_path):
    (shown,) = type_in("%livy_doctor --json")

    checks = {check["check"]: check for check in json.loads(shown["out"])["checks"]}
    file = tmp_path / ".sparkmagic" / "config.json"
    assert checks["endpoint"]["text"] == (
        f"http://localhost:8998, named by SparkMagic's default, since there is no {file}"
    )


def test_the_long_form_speaks_of_the_magics_that_this_kernel_has(type_in):
    wrapped, here = type_in(
        "from livyguard.hints.diagnose import explain; print(explain('LG202'))", "%livy_explain LG202"
    )

    assert "`%%configure -f` with `{" in wrapped["out"]
    assert "%%configure" not in here["out"]
    assert "`%%spark config` with `{" in here["out"]
    assert "`%livy_recover`, `%spark add` and the cell again" in here["out"]
    assert here["out"].rstrip().endswith("`%spark delete -s NAME` ends it.")
