"""What hints call safe, run as it is printed in the notebook that met the failure: the notebook goes on.

SparkMagic alone repeats a failed start in every cell. So do the notebooks from which errors are pasted: livyguard is
loaded there only then. ``tests/unit/hints/safe_fixes.toml`` names the tests of this module.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from livyguard.hints.diagnose import diagnose
from livyguard.hints.entry import RECOVER
from livyguard.hints.fixes import AGAIN, IF_LOST
from livyguard.hints.reading import read
from livyguard.views.plain_kernel import in_plain_kernel
from scripts.hint_pages import CASES, case_of

from .conftest import PYTHON, Kernel, Lab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.hints.model import Fix, Hint
    from livyguard.sandbox import Sandbox

#: What the notebook was told to ask for, and is to ask for after each failure.
SETTINGS = {"numExecutors": 3}
#: Answers to one session, as often as anybody looks.
ALWAYS = 1_000
ELSEWHERE = """%%local
from sparkmagic.livyclientlib.endpoint import Endpoint
km = get_ipython().find_cell_magic("configure").__self__
there, km.endpoint = km.endpoint, Endpoint("http://127.0.0.1:9", None)
"""
#: How the doctor looks for CSRF protection: Livy has nothing to create there.
CHANGES_NOTHING = {("POST", "/version")}
BACK = "%%local\nkm.endpoint = there"
FIXTURES = {path.stem: json.loads(path.read_text()) for path in sorted(CASES.glob("LG*.json"))}


def the_hint(code: str) -> Hint:
    """Return the hint of a fixture."""
    (hint,) = diagnose(case_of(code))
    return hint


def words(code: str) -> str:
    """Return the text of a fixture, or what its case says of a start."""
    fixture = FIXTURES[code]
    if "text" in fixture:
        return str(fixture["text"])
    return "\n".join([*fixture["case"].get("log", []), *fixture["case"].get("resource_manager", [])])


def with_way_on(*ways: Fix) -> list[str]:
    """Return the codes that are told by words, and offer one of these."""
    codes = [code for code, fixture in FIXTURES.items() if "check" not in fixture and words(code)]
    return [code for code in codes if set(ways) & set(the_hint(code).fixes)]


def safe(fixes: Sequence[Fix]) -> list[str]:
    """Return the cells that are safe, in their order."""
    return [fix.cell for fix in fixes if fix.cell is not None and fix.applicability == "safe"]


class Notebook:
    """One kernel for all tests, and the Livy behind it."""

    def __init__(self, kernel: Kernel, sandbox: Sandbox) -> None:
        self.kernel, self.sandbox = kernel, sandbox

    def sessions(self) -> dict[int, dict[str, Any]]:
        answer = requests.get(f"{self.sandbox.url}/sessions", params={"size": 1000}, timeout=10).json()
        return {session["id"]: session for session in answer["sessions"]}

    def lose_all(self) -> None:
        for number in self.sessions():
            self.sandbox.kill(number)

    def next_number(self) -> int:
        """Return the number that Livy gives next."""
        seeded = self.sandbox.seed("bob:dead")
        self.sandbox.kill(seeded)
        return seeded + 1

    def alone(self) -> None:
        """Leave SparkMagic to itself, without a session."""
        self.kernel.fine("%livy_release --this")
        self.kernel.fine("%unload_ext livyguard")

    def session(self) -> int:
        """Have a session, and return its number."""
        self.kernel.fine("1 + 1")
        return max(self.sessions())

    def shows(self, number: int, **changes: Any) -> None:
        """Let Livy show a session with other fields than it has."""
        shown = json.dumps({**self.sessions()[number], **changes})
        self.sandbox.fail_next("GET", f"/sessions/{number}", status=200, body=shown, times=ALWAYS)

    def goes_on(self, hint: Hint) -> int:
        """Run each safe cell of a hint as it is printed, then a Spark cell; return the number of its session."""
        cells = safe(hint.fixes)
        assert RECOVER.cell in cells
        for cell in cells:
            self.kernel.fine(cell)
        said = self.kernel.fine("3 + 3")
        assert "3 + 3" in said.text  # the sandbox's echo
        assert "fatal error" not in said.text
        newest = self.sessions()[max(self.sessions())]
        assert newest["numExecutors"] == SETTINGS["numExecutors"]
        return int(newest["id"])


@pytest.fixture
def notebook(hasty_kernel: Kernel, sandbox: Sandbox) -> Notebook:
    """Return the notebook, guarded, without a session and with its settings."""
    notebook = Notebook(hasty_kernel, sandbox)
    hasty_kernel.fine("%load_ext livyguard")
    notebook.lose_all()
    hasty_kernel.fine("%livy_recover")
    hasty_kernel.fine(f"%%configure -f\n{json.dumps(SETTINGS)}")
    hasty_kernel.fine("%livy_release --this")
    return notebook


def repeated(notebook: Notebook) -> str:
    """Run two cells, and return what SparkMagic alone repeats in the second."""
    notebook.kernel.run("1 + 1")
    said = notebook.kernel.run("2 + 2")
    assert "The code failed because of a fatal error" in said.stderr
    return said.stderr


def diagnosed(text: str, code: str) -> Hint:
    """Return the hint of a code that a pasted text leads to first."""
    hint = diagnose(read(text))[0]
    assert hint.code == code
    return hint


@pytest.mark.long
@pytest.mark.parametrize("code", with_way_on(AGAIN))
def test_a_start_that_failed_with_these_words_is_forgotten_and_the_next_one_comes_up(
    notebook: Notebook, code: str
) -> None:
    failed_start(notebook, code)


def test_a_start_that_failed_is_forgotten_and_the_next_one_comes_up(notebook: Notebook) -> None:
    failed_start(notebook, "LG205")


def failed_start(notebook: Notebook, code: str) -> None:
    """Let a session end while it starts, its log in the fixture's words, and go on."""
    notebook.alone()
    number = notebook.next_number()
    log = words(code).splitlines()
    shown = {"id": number, "state": "dead", "kind": "pyspark", "appId": None, "appInfo": {}, "log": log[-10:]}
    notebook.sandbox.fail_next("GET", f"/sessions/{number}", status=200, body=json.dumps(shown), times=ALWAYS)
    whole = json.dumps({"id": number, "from": 0, "total": len(log), "log": log})
    notebook.sandbox.fail_next("GET", f"/sessions/{number}/log", status=200, body=whole, times=ALWAYS)

    hint = diagnosed(repeated(notebook), code)

    notebook.kernel.fine("%load_ext livyguard")
    assert notebook.goes_on(hint) > number


PAGE = "<html><head><title>{}</title></head></html>"
CSRF = "Error 400 Missing Required Header for CSRF protection."


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("LG118", {"status": 400, "body": '{"msg":"Rejected, too many sessions are being created!"}'}),
        ("LG603", {"status": 401, "body": ""}),
        ("LG608", {"status": 403, "body": ""}),
        ("LG609", {"status": 400, "body": PAGE.format(CSRF), "content_type": "text/html"}),
        ("LG611", {"status": 503, "body": PAGE.format("Service Unavailable"), "content_type": "text/html"}),
        ("LG901", {"cut": True}),
        ("LG902", {"status": 500, "body": '"java.lang.NullPointerException"'}),
    ],
)
def test_an_answer_to_the_creation_that_is_repeated_is_forgotten_and_the_next_one_is_heard(
    notebook: Notebook, code: str, fault: dict[str, Any]
) -> None:
    notebook.alone()
    notebook.sandbox.fail_next("POST", "/sessions", **fault, times=2 if fault.get("status", 0) >= 500 else 1)

    hint = diagnosed(repeated(notebook), code)

    notebook.kernel.fine("%load_ext livyguard")
    notebook.goes_on(hint)


def test_a_livy_that_was_away_is_asked_again_once_its_error_is_forgotten(notebook: Notebook) -> None:
    notebook.alone()
    notebook.kernel.fine(ELSEWHERE)
    hint = diagnosed(repeated(notebook), "LG901")
    notebook.kernel.fine(BACK)

    notebook.kernel.fine("%load_ext livyguard")

    notebook.goes_on(hint)


def test_a_session_that_livy_does_not_know_is_forgotten_by_a_notebook_that_loads_livyguard_only_then(
    notebook: Notebook,
) -> None:
    number = notebook.session()
    notebook.kernel.fine("%unload_ext livyguard")
    notebook.lose_all()
    lost = notebook.kernel.run("2 + 2")

    hint = diagnosed(lost.stderr, "LG101")

    notebook.kernel.fine("%load_ext livyguard")
    assert notebook.goes_on(hint) != number


@pytest.mark.parametrize("state", ["dead", "error", "killed", "success"])
def test_a_session_that_has_ended_and_is_still_listed_is_forgotten(notebook: Notebook, state: str) -> None:
    number = notebook.session()
    notebook.shows(number, state=state)
    assert "%livy_recover" in notebook.kernel.fails("2 + 2").error

    assert notebook.goes_on(the_hint("LG107")) > number
    assert number not in notebook.sessions()


def test_a_session_that_is_not_active_shows_its_log_and_is_forgotten(notebook: Notebook) -> None:
    number = notebook.session()
    body = json.dumps({"msg": "requirement failed: Session isn't active."})
    notebook.sandbox.fail_next("POST", f"/sessions/{number}/statements", status=400, body=body)
    assert "LG114" in notebook.kernel.fails("2 + 2").error
    whole = json.dumps({"id": number, "from": 0, "total": 1, "log": ["the driver's last line"]})
    notebook.sandbox.fail_next("GET", f"/sessions/{number}/log", status=200, body=whole)
    (log,) = [cell for cell in safe(the_hint("LG114").fixes) if cell.startswith("%%logs")]

    assert "the driver's last line" in notebook.kernel.fine(log).text
    notebook.shows(number, state="dead")
    assert notebook.goes_on(the_hint("LG114")) > number


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("LG115", {"status": 400, "body": "shutting_down"}),
        ("LG116", {"status": 500, "body": '"java.lang.IllegalStateException: RPC channel is closed."', "times": 2}),
        ("LG117", {"status": 400, "body": "recovering"}),
    ],
)
def test_a_session_that_lives_after_a_request_that_failed_is_left_alone(
    notebook: Notebook, code: str, fault: dict[str, Any]
) -> None:
    number = notebook.session()
    notebook.sandbox.fail_next("POST", f"/sessions/{number}/statements", **fault)
    notebook.kernel.run("2 + 2")

    assert notebook.goes_on(the_hint(code)) == number


@pytest.mark.long
@pytest.mark.parametrize("code", with_way_on(IF_LOST))
def test_a_statement_that_failed_with_these_words_leaves_the_session_alone_and_the_next_one_runs(
    notebook: Notebook, code: str
) -> None:
    failed_statement(notebook, code)


def test_a_statement_that_failed_leaves_the_session_alone_and_the_next_one_runs(notebook: Notebook) -> None:
    failed_statement(notebook, "LG303")


def failed_statement(notebook: Notebook, code: str) -> None:
    """Let a statement fail in the fixture's words, its session alive, and go on; then let the session have ended."""
    number = notebook.session()
    output = {"status": "error", "ename": "Error", "evalue": words(code), "traceback": []}
    answer = json.dumps({"id": 1, "state": "available", "output": output})
    notebook.sandbox.fail_next("GET", rf"/sessions/{number}/statements/\d+", status=200, body=answer)

    said = notebook.kernel.run("2 + 2")

    assert code in said.text or diagnosed(said.text, code)
    assert notebook.goes_on(the_hint(code)) == number
    notebook.lose_all()
    assert notebook.goes_on(the_hint(code)) > number


def test_every_safe_cell_of_the_catalogue_runs_in_a_notebook_and_leaves_its_session(notebook: Notebook) -> None:
    number = notebook.session()
    codes = [code for code, fixture in FIXTURES.items() if "check" not in fixture]
    cells = {cell for code in codes for cell in safe(the_hint(code).fixes)}
    starting = notebook.sandbox.seed("bob:starting")

    said = {cell: notebook.kernel.fine(cell).text for cell in sorted(cells)}

    assert "alive" in said["%livy_recover"]
    assert "bob" in said["%livy_sessions"]
    assert "bob" not in said["%livy_sessions --mine"]
    assert "bob" in said["%livy_sessions --state starting"]
    assert {number, starting} == set(notebook.sessions())
    notebook.kernel.fine("%livy_doctor")
    assert "analysts" in notebook.kernel.fine("%livy_policy").text


@pytest.mark.long
def test_every_ready_cell_is_translated_into_one_that_an_ipython_kernel_has(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox
) -> None:
    lab = Lab(tmp_path_factory.mktemp("plain"), sandbox)
    lab.configure(livy_server_heartbeat_timeout_seconds=0)
    kernel = lab.start(PYTHON)
    add = f"%spark add -s one -l python -u {sandbox.url} -t Basic_Access -a alice -p pw"
    codes = [code for code, fixture in FIXTURES.items() if "check" not in fixture]
    hints = [in_plain_kernel(the_hint(code), ["one"]) for code in codes]
    cells = {cell for hint in hints for cell in safe(hint.fixes)}
    looked_over = {fix.cell for hint in hints for fix in hint.fixes if fix.cell and fix.applicability == "review"}
    try:
        kernel.fine("%load_ext sparkmagic.magics")
        kernel.fine(add)
        before = Notebook(kernel, sandbox).sessions()

        said = {cell: kernel.fine(cell).text for cell in sorted(cells)}
        after = kernel.fine("%%spark\n3 + 3")
        for cell in sorted(looked_over - {"%livy_release --this"}):
            assert kernel.fine(cell).stderr == "", cell
        Notebook(kernel, sandbox).lose_all()
        kernel.fails("%%spark\n3 + 3")
        kernel.fine("%livy_recover")
        kernel.fine(add)
        again = kernel.fine("%%spark\n3 + 3")
    finally:
        lab.stop()

    assert "alive" in said["%livy_recover"]
    assert "stdout" in said["%spark logs -s one"]
    assert not after.error + after.stderr
    assert before
    assert not again.error + again.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("livyguard sessions", "bob"),
        ("livyguard sessions --mine", "Livy sessions"),
        ("livyguard sessions --state starting", "starting"),
        ("livyguard policy lint", "policy.toml"),
        ("livyguard policy show", "analysts"),
        ("livyguard doctor", "listed"),
        ("livyguard doctor --url {url}", "listed"),
        ("curl -sS {url}/version", '"version"'),
    ],
)
def test_what_does_the_same_in_a_terminal_reads_and_changes_nothing(
    lab: Lab, sandbox: Sandbox, command: str, shown: str
) -> None:
    sandbox.seed("bob:idle:4")
    sandbox.seed("bob:starting")
    before = len(sandbox.requests)
    path = f"{Path(sys.executable).parent}:{lab.environment['PATH']}"

    done = subprocess.run(
        ["bash", "-c", command.format(url=sandbox.url)],
        env={**lab.environment, "PATH": path, "COLUMNS": "200"},
        cwd=lab.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert shown in done.stdout, done.stderr
    assert "Traceback" not in done.stderr
    asked = {(seen.method, seen.path) for seen in list(sandbox.requests)[before:]}
    assert {one for one in asked if one[0] != "GET"} <= CHANGES_NOTHING
