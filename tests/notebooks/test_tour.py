"""The tour, run by the same runner as `make demo`: real kernel, real PySpark, every cell ending as it should."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import nbformat
import psutil
import pytest

from demo.world import SEEDS, Setting

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))

NEVER_ENDS = "import time\nprint('sleeping')\ntime.sleep(600)"


def start(module, *args):
    """Start a program of the demo where Ctrl-C would reach it."""
    command = [sys.executable, "-m", module, *map(str, args)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def read_until(process, pattern):
    """Return what was printed up to the line that matches."""
    seen = []
    for line in process.stdout:
        seen.append(line)
        if re.search(pattern, line):
            return "".join(seen)
    raise AssertionError("".join(seen))


def descendants(process):
    return psutil.Process(process.pid).children(recursive=True)


def write_notebook(file, *cells, tags=()):
    source = nbformat.read(ROOT / "notebooks" / "tour.ipynb", as_version=4)
    code = [nbformat.v4.new_code_cell(cell, metadata={"tags": list(tags)}) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=code, metadata=source.metadata), file)
    return file


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    out, home = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        process = start("demo", "--out", out)
    printed = process.communicate()[0]
    return process.returncode, printed, out, home


def test_every_cell_of_the_tour_ends_as_it_should(tour):
    status, printed, *_ = tour

    assert status == 0, printed
    assert "Every cell ended as it should" in printed


def test_the_tour_shows_what_was_asked_and_what_is_given(tour):
    _, printed, *_ = tour

    greedy = printed.split('{"numExecutors": 40}')[1].split("## ")[0]
    assert re.search(r"\b40\b.*\b8\b", greedy)
    assert "10 workers for 12 people" in greedy


def test_the_tour_frees_the_idle_session_of_alice_and_nobody_elses(tour):
    _, printed, *_ = tour

    before, after = re.findall(r"In \[\d+\]: %livy_sessions\n(.*?)(?=\n\n#|\nIn \[)", printed, flags=re.DOTALL)
    for owner in ("bob-1", "carol"):
        assert owner in before
        assert owner in after
    assert before.count("alice") > after.count("alice") > 0


def test_the_lost_session_is_explained_and_the_notebook_goes_on(tour):
    _, printed, *_ = tour

    lost = printed.split("rides.count()\n")[1]
    assert "LG106" in lost.split("%livy_recover")[0]
    assert "a new session, the same kernel: 42" in lost


def test_a_refused_request_leaves_the_session_and_its_variables_alone(tour):
    _, printed, *_ = tour

    refused = printed.split('{"proxyUser": "bob-1"')[1]
    assert "LG702" in refused
    assert "proxy_user" in refused
    assert "conf.spark.hadoop.fs.s3a.secret.key" in refused
    assert "still here: 42" in refused


def test_the_picture_in_the_readme_is_what_the_tour_prints(tour):
    _, printed, *_ = tour
    (picture,) = re.findall(r"```text\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    # As a whole, since sentences may break elsewhere; or line by line, since rows of tables are left out.
    whole, lines = normal(printed), {normal(line) for line in printed.splitlines()}

    others = [cell for cell in re.split(r"\n(?=In \[)", picture) if normal(cell) not in whole]

    assert [line for cell in others for line in cell.splitlines() if normal(line) not in lines] == []


def normal(text):
    """Leave out what differs from run to run: numbers, how long a moment is, the widths of columns and lines."""
    brief = re.sub(r"\b\d+ seconds\b", "a moment", text)
    return " ".join(re.sub(r"\d+", "#", brief).split())


def test_the_page_and_the_executed_notebook_are_written(tour):
    _, _, out, _ = tour

    assert "a new session, the same kernel: 42" in (out / "tour.html").read_text()
    assert any(cell.get("outputs") for cell in nbformat.read(out / "tour.ipynb", as_version=4).cells)


def test_nothing_is_written_to_the_persons_home(tour):
    *_, home = tour

    assert list(home.iterdir()) == []


def test_a_cell_that_fails_and_should_pass_fails_the_demo(tmp_path):
    notebook = write_notebook(tmp_path / "fails.ipynb", "%%local\n1 / 0", "%%local\nprint('never')")

    process = start("demo", "--notebook", notebook, "--out", tmp_path)
    printed = process.communicate()[0]

    assert process.returncode == 1
    assert "Cell 1 failed and should pass" in printed
    assert "never" not in printed.split("print('never')")[-1]


def test_a_cell_that_passes_and_should_fail_fails_the_demo(tmp_path):
    notebook = write_notebook(tmp_path / "passes.ipynb", "%%local\n1 + 1", tags=["raises-exception"])

    process = start("demo", "--notebook", notebook, "--out", tmp_path)
    printed = process.communicate()[0]

    assert process.returncode == 1
    assert "Cell 1 passed and should fail" in printed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process_and_no_file(tmp_path, number, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    notebook = write_notebook(tmp_path / "sleeps.ipynb", f"%%local\n{NEVER_ENDS}")

    process = start("demo", "--notebook", notebook, "--out", tmp_path / "out")
    read_until(process, "^sleeping")
    running = descendants(process)
    process.send_signal(number)
    printed = process.communicate()[0]

    assert process.returncode == 130
    assert "nothing is left running" in printed
    assert running
    assert [child for child in running if child.is_running()] == []
    assert list(tmp_path.glob("livyguard-demo-*")) == []


def test_jupyterlab_serves_the_notebooks_on_loopback_and_ends_with_its_sandbox(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    process = start("demo.lab", "--no-browser", "--notebook", "notebooks/guides/cheat-sheet.ipynb")
    told = read_until(process, "Ctrl-C")
    address = re.search(r"(http://127\.0\.0\.1:\d+)/lab/tree/guides/cheat-sheet\.ipynb\?token=(\w+)", told)
    base, token = address.groups()
    kernels = fetch(process, f"{base}/api/kernelspecs?token={token}")
    tour = fetch(process, f"{base}/api/contents/tour.ipynb?content=0&token={token}")
    guide = fetch(process, f"{base}/api/contents/guides/cheat-sheet.ipynb?content=0&token={token}")
    running = descendants(process)
    process.send_signal(signal.SIGINT)
    process.communicate()

    assert "sparkmagic.kernels.pysparkkernel" in kernels
    assert '"tour.ipynb"' in tour
    assert '"cheat-sheet.ipynb"' in guide
    assert process.returncode == 0
    assert running
    assert [child for child in running if child.is_running()] == []
    assert list(tmp_path.glob("livyguard-demo-*")) == []


def fetch(process, url):
    """Ask until the server listens, as long as it lives."""
    while (answer := fetch_once(url)) is None:
        assert process.poll() is None, process.stdout.read()
    return answer


def fetch_once(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionError):
            return None
        raise


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.name)
def test_notebooks_are_kept_without_outputs(file):
    cells = nbformat.read(file, as_version=4).cells

    assert [cell.get("outputs") for cell in cells if cell.get("outputs")] == []
    assert [cell.get("execution_count") for cell in cells if cell.get("execution_count")] == []


def test_a_notebook_may_name_its_reader_the_others_and_by_a_file_beside_it_its_policy(tmp_path):
    plain = write_notebook(tmp_path / "plain.ipynb", "1")
    own = write_notebook(tmp_path / "own.ipynb", "1")
    notebook = nbformat.read(own, as_version=4)
    notebook.metadata["livyguard"] = {"user": "dora", "seeds": ["bob-1:idle:4:2h"]}
    nbformat.write(notebook, own)
    own.with_suffix(".toml").write_text("version = 1\n")

    assert Setting.of(plain) == Setting("alice", ROOT / "notebooks" / "policy.toml", SEEDS)
    assert Setting.of(own) == Setting("dora", tmp_path / "own.toml", ["bob-1:idle:4:2h"])
