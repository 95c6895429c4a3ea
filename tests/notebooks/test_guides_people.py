"""What the guides for people and operators show, where Livy, YARN, Spark and the command line answer for themselves."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from demo.transcript import plain

GUIDES = Path(__file__).parents[2] / "notebooks" / "guides"

NOT_RUN = "**Not run here:**"
CHECKED = "**Checked instead:**"


def line(pattern, text):
    """Find a line."""
    return re.search(pattern, text, re.MULTILINE)


def prose(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_the_first_hour_leads_from_nothing_to_a_policy_that_is_installed_once(guide):
    run = guide("operators-first-hour")

    assert run.text("livyguard plan --users").startswith("3 people with 5 executors each need 18 workers")
    assert "Written: policy.toml" in run.text("livyguard policy init")
    slip = run.text("default = 20, reason")
    assert line(r"LG801 .*executors\.max\.default", slip)
    assert "exit code 1" in slip
    assert line(r"^1 failed, \d+ passed\.\nexit code 1", run.text("livyguard policy test policy.toml\necho"))
    assert line(r"^\d+ passed\.", run.text("/ s/"))
    asked = run.text("livyguard policy check")
    assert line(r"executors\.max +at most 5; 2 unless asked +changed +18 workers shared by 3 people", asked)
    assert line(r"executors\.max +40 +5 +18 workers", asked)
    installed = run.text("livyguard policy install policy.toml --to etc")
    assert line("^Installed: etc/policy.toml$", installed)
    assert line("^Already installed: etc/policy.toml$", installed)
    assert line(r"^worst +3 .* yes$", installed)


def test_a_commands_lines_are_whole_on_the_terminal_too(guide):
    printed = guide("operators-first-hour").printed

    assert line("^Next: livyguard policy test policy.toml, then livyguard policy install policy.toml$", printed)


def test_the_first_hour_enables_the_guard_and_the_doctor_sees_guard_policy_and_livy(guide):
    run = guide("operators-first-hour")

    assert run.text("livyguard enable --user --strict").count("(strict)") == 2
    doctor = run.text("livyguard doctor")
    for link in ("start-up file", "policy", "who asks", "log-in", "Livy"):
        assert line(rf"^ok +{link} ", doctor), doctor
    assert line(r"^ok +policy +\S*/etc/policy\.toml: valid", doctor)
    assert doctor.endswith("exit code 0")
    back = run.text("livyguard disable")
    assert "Disabled: " in back
    assert "Not enabled." in back


def test_the_first_hour_reads_every_script_with_bash_and_shellcheck(guide):
    run = guide("operators-first-hour")

    read = run.text("bash -n")
    named = set(re.findall(r"deploy/(\S+\.sh)", prose(run.notebook)))
    assert named == set(re.findall(r"^bash reads it: (\S+)$", read, re.MULTILINE))
    found = shutil.which("shellcheck", path=run_path())
    assert ("ShellCheck has nothing to say." if found else "no shellcheck on this machine") in read


def run_path():
    """Where the guides' commands are looked for: beside this Python, then as everywhere."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def test_the_cheat_sheet_runs_what_its_table_names(guide):
    run = guide("cheat-sheet")
    table = prose(run.notebook).split("\n\n")[2]
    cells = re.findall(r"`(%{1,2}[a-z_]+)[^`?]*`", table)
    ran = "\n".join(cell.source for cell in run.notebook.cells if cell.cell_type == "code")

    assert len(cells) >= 12
    assert [cell for cell in cells if not line(rf"^{re.escape(cell)}\b", ran)] == []


def test_the_cheat_sheet_shows_what_one_may_have_frees_what_is_idle_and_goes_on(guide):
    run = guide("cheat-sheet")

    assert line(r"executors\.max +at most 8; 5 unless asked", run.text("%livy_policy"))
    assert line(r"executors\.max +40 +8 ", run.text('{"numExecutors": 40, "executorMemory"'))
    assert "3 people" in run.text("%livy_plan")
    assert "|  0|  100|" in run.text("rides = spark")
    kept = run.text("held.to_frame()")
    assert line(r"^ *1 +idle +6$", kept)
    assert run.text("%livy_release --dry-run").startswith("Would release 1 session")
    assert line(r"^ +0 +refused +bob-1 .*it is bob-1's", run.text("%livy_release 0"))
    assert line(r"^ +3 +released +alice ", run.text("%livy_release --this"))
    assert "nothing to recover" in run.text("%livy_recover")
    assert run.text("%livy_explain").startswith("# LG106 ")
    assert line(r"^ok +guard ", run.text("%livy_doctor"))


def test_yarns_listing_cannot_tell_apart_what_livyguard_does(guide):
    run = guide("from-yarn-to-livy")

    lines = run.text("columns.format(each").splitlines()
    told = {tuple(line.split()[2:]) for line in lines[1:]}
    applications = [line.split()[0] for line in lines[1:]]
    (whole,) = [cell for cell in run.notebook.cells if cell.source == "%livy_sessions"]
    shown, left = "\n".join(map(plain, whole.outputs)), run.text("%livy_sessions --sort owner")

    assert len(applications) == 3
    assert told == {("SPARK", "livy", "default", "RUNNING", "10%")}
    assert all(application in shown for application in applications)
    assert line(r"^ +1 +alice +mine +idle +50 minutes ", shown)
    assert line(r"^ +2 +carol +busy ", shown)
    assert "alice" not in left
    assert {"bob-1", "carol"} <= set(left.split())


def test_what_the_page_shows_of_the_cluster_is_what_the_cells_say(guide):
    run = guide("from-yarn-to-livy")
    said = {normal(row) for cell in run.notebook.cells for output in cell.get("outputs", []) for row in rows(output)}

    shown = [
        row for block in re.findall(r"```text\n(.*?)```", prose(run.notebook), re.DOTALL) for row in block.splitlines()
    ]

    assert len(shown) >= 10
    assert [row for row in shown if normal(row) not in said] == []


def rows(output):
    return plain(output).splitlines()


def normal(row):
    """Leave out what differs from run to run: numbers and the widths of columns."""
    return " ".join(re.sub(r"\d+", "#", row).split())


def test_a_release_takes_no_session_of_somebody_else_and_a_script_sees_that_by_the_exit_code(guide):
    run = guide("from-yarn-to-livy")

    assert line(r"^ +2 +refused +carol +busy +it is carol's", run.text("%livy_release 2 --force"))
    script = run.text("livyguard sessions --idle-for 1h")
    assert line(r"^ +0 +bob-1 +idle +2 hours ", script)
    assert script.endswith("exit code 1")
    nobody = run.text("livyguard release --all-users")
    assert "Only an operator" in nobody
    assert nobody.endswith("exit code 1")


def test_sparks_own_pages_show_what_is_held_and_cached_and_the_policys_cap(guide):
    run = guide("monitoring")

    assert line(r"^driver: 2 cores, 0 tasks now, \d+ done, [\d,]{6,} of ", run.text("executors = ask"))
    assert line(r"^4 of 4 partitions cached: [\d,]{6,} bytes in memory", run.text("cached = ask"))
    settings = run.text("settings = dict(")
    assert set(settings.splitlines()) == {
        "spark.dynamicAllocation.cachedExecutorIdleTimeout 10m",
        "spark.dynamicAllocation.maxExecutors 5",
    }
    assert run.text("still cached") == "still cached: []"


def test_the_history_server_shows_what_has_ended_and_ends_itself(guide):
    run = guide("monitoring")

    shown = run.text("HistoryServer").splitlines()
    assert shown[0] == "a night's work · completed: True"
    assert line(r"^job 0: SUCCEEDED, \d+ tasks", "\n".join(shown))
    assert shown[-1] == "The history server has ended."


def test_an_application_is_linked_where_the_policy_says_the_history_server_is(guide):
    run = guide("monitoring")

    application = re.search(r"application_\d+_0002", run.text("%livy_sessions --mine"))[0]
    link = f"http://127.0.0.1:8157/history/{application}/"
    assert link in run.text("%livy_sessions --mine")
    assert f'href="{link}"' in run.data("%livy_sessions --mine", "text/html")


def test_ssh_reads_the_tunnel_as_it_is_meant(guide):
    shown = guide("monitoring").text("-L 8157:")

    if shutil.which("ssh"):
        assert "user glue" in shown
        assert "localforward 8157 [endpoint.example.com]:18080" in shown
    else:
        assert shown == "There is no ssh on this machine to ask."


@pytest.mark.parametrize("name", ["operators-first-hour", "from-yarn-to-livy", "monitoring"])
def test_what_could_not_be_run_says_so_and_what_was_checked_instead(name):
    text = prose(nbformat.read(GUIDES / f"{name}.ipynb", as_version=4))

    assert text.count(NOT_RUN) == text.count(CHECKED) == 1


@pytest.mark.parametrize("name", ["glue-sagemaker", "from-yarn-to-livy", "monitoring"])
def test_a_guide_that_tells_of_development_endpoints_says_when_their_versions_ended(name):
    text = prose(nbformat.read(GUIDES / f"{name}.ipynb", as_version=4))
    (told, *_) = [part for part in text.split("\n\n") if re.search("versions that .*endpoints support", part)]

    assert "1 April 2026" in told
    assert "https://docs.aws.amazon.com/glue/latest/dg/glue-version-support-policy.html" in told
    assert name != "glue-sagemaker" or text.index(told) < 1000  # ahead of every sum


ROOTS = "sudo $(command -v livyguard) policy install "


def test_every_page_that_installs_a_policy_for_everybody_says_it_so_that_sudo_finds_the_command():
    root = GUIDES.parents[1]
    guides = {file.stem: prose(nbformat.read(file, as_version=4)) for file in GUIDES.glob("*.ipynb")}
    pages = {
        "README": (root / "README.md").read_text("utf-8"),
        "start": (root / "docs" / "start.md").read_text("utf-8"),
    }

    assert {name for name, text in (guides | pages).items() if ROOTS in text} == {
        "README",
        "start",
        "glue-sagemaker",
        "operators-first-hour",
    }
    assert [name for name, text in (guides | pages).items() if "sudo livyguard" in text] == []
    assert not line("^livyguard policy install", pages["start"])


@pytest.mark.parametrize("name", ["glue-sagemaker", "cheat-sheet"])
def test_who_shares_a_notebook_instance_is_told_that_all_its_sessions_count_as_theirs(name):
    text = prose(nbformat.read(GUIDES / f"{name}.ipynb", as_version=4))
    (told,) = [part for part in text.split("\n\n") if "every session that it started counts as yours" in part]

    assert "look with `--dry-run`" in told
    assert "free by number" in told
