"""Quotas in real kernels: refused before anything is lost, a way out that works, and a notebook that goes on."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
import requests

from .conftest import PYSPARK, PYTHON

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from livyguard.sandbox import Sandbox

    from .conftest import Kernel

from .conftest import Lab

QUOTA = """
version = 1
[cluster]
dynamic_allocation = true
[[tenant]]
name = "analysts"
users = ["alice", "bob"]
quota = { sessions = 2, executors = 10 }
team_quota = { executors = 16 }
[tenant.limits]
"executors.max" = { max = 8, default = 4 }
"""


ONE_SESSION = QUOTA.replace("sessions = 2", "sessions = 1")
ADD = "%spark add -s {name} -l python -u {url} -t Basic_Access -a alice -p pw"


@pytest.fixture
def lab(tmp_path: Path, sandbox: Sandbox) -> Iterator[Lab]:
    lab = Lab(tmp_path, sandbox)
    assert lab.policy is not None
    lab.policy.write_text(QUOTA)
    yield lab
    lab.url = sandbox.url
    lab.stop()
    for number in ids(lab):
        requests.delete(f"{lab.url}/sessions/{number}", timeout=10, auth=("alice", "pw"))


def ids(lab: Lab) -> list[int]:
    answer = requests.get(f"{lab.url}/sessions", params={"size": 1000}, timeout=10)
    return [session["id"] for session in answer.json()["sessions"]]


def configured(kernel: Kernel, executors: int) -> str:
    return "%%configure -f\n" + json.dumps({"numExecutors": executors})


def plain(lab: Lab) -> Kernel:
    """Start an IPython kernel with SparkMagic's magics, where one session is all that alice may have."""
    assert lab.policy is not None
    lab.policy.write_text(ONE_SESSION)
    kernel = lab.start(PYTHON)
    kernel.fine("%load_ext sparkmagic.magics")
    return kernel


def test_the_way_out_that_a_refusal_names_makes_room_for_what_was_refused(lab: Lab) -> None:
    first, second = lab.start(), lab.start()
    first.fine(configured(first, 8))
    first.fine("1 + 1")
    (held,) = ids(lab)

    refused = second.fails("2 + 2")
    assert "LG703 quota.executors would be exceeded" in refused.text
    way_out = rf"You hold 8 of 10 executors; session {held}, idle \d+ s, holds 8: `%livy_release {held}`"
    assert re.search(way_out, refused.text)
    assert ids(lab) == [held]

    second.fine(f"%livy_release {held}")
    assert "2 + 2" in second.fine("2 + 2").text
    assert len(ids(lab)) == 1


def test_the_largest_request_that_fits_now_can_be_run_as_it_is_shown(lab: Lab) -> None:
    first, second = lab.start(), lab.start()
    first.fine(configured(first, 8))
    first.fine("1 + 1")

    refused = second.fails("2 + 2")
    cell = refused.text.partition("The largest request that fits now:\n")[2]
    ready = cell[: cell.index("\n}") + 2]
    assert ready.startswith("%%configure -f\n")

    second.fine(ready)
    assert "2 + 2" in second.fine("2 + 2").text
    assert len(ids(lab)) == 2


def test_a_configure_is_not_held_against_the_session_that_it_replaces(lab: Lab) -> None:
    kernel = lab.start()
    kernel.fine(configured(kernel, 8))
    kernel.fine("1 + 1")
    (before,) = ids(lab)

    kernel.fine(configured(kernel, 7))

    (after,) = ids(lab)
    assert after > before
    assert json.loads(kernel.fine('%%livy_check --json\n{"numExecutors": 8}').stdout)["verdict"] == "allow"


def test_a_refused_configure_leaves_the_session_and_its_variables(lab: Lab) -> None:
    other, kernel = lab.start(), lab.start()
    other.fine(configured(other, 6))
    other.fine("1 + 1")
    kernel.fine(configured(kernel, 4))
    kernel.fine("x = 41")
    before = ids(lab)

    refused = kernel.fails(configured(kernel, 8))

    assert "You hold 6 of 10 executors" in refused.text
    assert ids(lab) == before
    assert "x + 1" in kernel.fine("x + 1").text
    assert ids(lab) == before


@pytest.mark.parametrize("argv", [PYSPARK, PYTHON])
def test_what_i_hold_of_my_quota_is_shown(lab: Lab, argv: list[str]) -> None:
    first = lab.start()
    first.fine(configured(first, 8))
    first.fine("1 + 1")
    kernel = lab.start(argv)

    told = json.loads(kernel.fine("%livy_policy --json").stdout)
    shown = kernel.fine("%livy_policy")

    assert [(each["quota"], each["held"], each["most"]) for each in told["usage"]] == [
        ("quota.sessions", 1, 2),
        ("quota.executors", 8, 10),
        ("team_quota.executors", 8, 16),
    ]
    assert "8 of 10" in shown.plain[0]


def test_where_the_sessions_cannot_be_listed_nothing_is_sent_and_the_cell_says_which_check_failed(lab: Lab) -> None:
    kernel = lab.start()
    lab.url = "http://127.0.0.1:9"
    lab.configure()
    lonely = lab.start()

    failed = lonely.fails("1 + 1")

    assert "could not be checked before the request, so nothing was sent" in failed.text
    assert "1 + 1" in kernel.fine("1 + 1").text


def test_the_next_sessions_settings_can_be_set_before_this_notebooks_own_is_deleted(lab: Lab) -> None:
    kernel = plain(lab)
    kernel.fine(ADD.format(name="one", url=lab.url))
    before = ids(lab)

    kernel.fine('%%spark config\n{"numExecutors": 3}')

    refused = kernel.fails(ADD.format(name="two", url=lab.url))
    assert "LG703 quota.sessions is used up" in refused.text
    assert ids(lab) == before
    kernel.fine("%spark delete -s one")
    kernel.fine(ADD.format(name="two", url=lab.url))
    (session,) = requests.get(f"{lab.url}/sessions", timeout=10).json()["sessions"]
    assert session["id"] not in before
    assert session["numExecutors"] == 3


def test_what_another_notebook_holds_counts_when_the_next_sessions_settings_are_set(lab: Lab) -> None:
    kernel, other = plain(lab), lab.start()
    other.fine("1 + 1")

    assert "LG703 quota.sessions is used up" in kernel.fails('%%spark config\n{"numExecutors": 3}').text


@pytest.mark.parametrize("argv", [PYSPARK, PYTHON])
def test_what_creates_nothing_passes_although_the_quota_is_used_up(lab: Lab, argv: list[str]) -> None:
    other = plain(lab)
    other.fine(ADD.format(name="one", url=lab.url))
    before = ids(lab)
    kernel = lab.start(argv)
    if argv is PYTHON:
        kernel.fine("%load_ext sparkmagic.magics")

    checked = kernel.fine('%%livy_check\n{"numExecutors": 3}')
    told = json.loads(kernel.fine('%%livy_check --json\n{"numExecutors": 3}').stdout)
    shown = kernel.fine("%%info" if argv is PYSPARK else "%spark info")

    assert checked.plain[0].startswith("deny: tenant analysts, user alice")
    assert "LG703 quota.sessions is used up" in checked.plain[0]
    assert [each["property"] for each in told["violations"]] == ["quota.sessions"]
    assert ("LG703 quota.sessions is used up" in shown.text) is (argv is PYSPARK)
    assert ids(lab) == before
