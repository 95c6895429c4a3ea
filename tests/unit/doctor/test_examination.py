"""The round itself: nothing stops it, nothing lasts, nothing secret is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from livyguard.doctor import examination
from livyguard.doctor.examination import Doctor, Seconds
from livyguard.doctor.model import STATUSES
from livyguard.doctor.patience import Budget, Overdue, within
from livyguard.doctor.ports import Page
from livyguard.doctor.visit import Visit
from livyguard.errors import InvalidInput, SessionDenied
from livyguard.hints.catalog.doctor import ENTRIES
from livyguard.testing import FakeClock, RecordingProgress

from .scene import NOW, URL, Here, Livy, Network, ResourceManager, a_server, examine, hangs

#: Long enough for what answers at once on a machine that is busy.
HURRIED = Seconds(step=0.5, server=1.0)
BROKEN = RuntimeError("password=hunter2 is wrong")


def broken_everywhere():
    here = Here(**dict.fromkeys(Here.__dataclass_fields__, BROKEN))
    return here, a_server(Network(None, BROKEN, BROKEN, BROKEN), Livy(BROKEN), ResourceManager(BROKEN))


def test_checks_that_break_down_leave_the_others_alone_and_tell_no_secret():
    here, server = broken_everywhere()

    report = examine(here, server)

    assert len(report.checks) == 20
    by_name = {found.name: found for found in report.checks}
    assert {found.hint.code for found in report.checks if found.status == "failure"} == {"LG950"}
    assert by_name["endpoint"].status == by_name["identity"].status == "ok"
    assert "hunter2" not in str(report.to_json())


def test_a_cell_failure_inside_a_check_does_not_reach_the_cell():
    report = examine(Here(said_ledger=SessionDenied("no")))

    assert report.checks[-1].hint.code == "LG950"


def test_without_an_endpoint_all_of_this_machine_is_looked_at():
    def servers():
        raise InvalidInput("'x' is no Livy URL.")

    report = Doctor(Here(), servers, FakeClock(NOW)).examine()

    by_name = {found.name: found for found in report.checks}
    assert (by_name["endpoint"].status, by_name["endpoint"].text) == ("failure", "'x' is no Livy URL.")
    assert by_name["dns"].text == by_name["sessions"].text == "not looked at: no Livy is known"
    assert by_name["ledger"].status == "ok"
    assert report.exit_code == 1


def test_nobody_names_an_endpoint():
    report = Doctor(Here(), list, FakeClock(NOW)).examine()

    (found,) = [each for each in report.checks if each.name == "endpoint"]
    assert found.text == "Neither this notebook nor config.json names a Livy."


@pytest.mark.parametrize(
    ("link", "server"),
    [
        ("dns", a_server(Network(said_resolve=hangs))),
        ("tcp", a_server(Network(said_connect=hangs))),
        ("tls", a_server(Network(said_handshake=hangs))),
        ("login", a_server(livy=Livy(said_page=hangs))),
        ("yarn", a_server(manager=ResourceManager(said_info=hangs))),
    ],
)
def test_a_link_that_never_answers_fails_in_time_and_the_round_goes_on(link, server):
    report = examine(None, server, seconds=HURRIED)

    by_name = {found.name: found for found in report.checks}
    assert by_name[link].status == "failure"
    assert "within" in by_name[link].text
    assert by_name["ledger"].status == "ok"
    assert report.exit_code == (1 if link == "yarn" else 3)


def test_a_cluster_that_never_answers_is_named():
    report = examine(manager=ResourceManager(said_info=hangs), seconds=HURRIED)

    (found,) = [each for each in report.checks if each.name == "yarn"]
    assert found.text == "The ResourceManager http://rm:8088 did not answer within 1 s."


def test_a_file_system_that_hangs_is_left_behind():
    report = examine(Here(said_settings=hangs), seconds=Seconds(local=0.5))

    by_name = {found.name: found for found in report.checks}
    assert by_name["config"].hint.code == "LG950"
    assert by_name["heartbeat"].text == "not looked at: config.json fails"
    assert by_name["tcp"].status == "ok"


def test_a_server_has_its_seconds_for_all_its_checks_together():
    slow = Livy(said_version=hangs)

    report = examine(None, a_server(livy=slow), seconds=Seconds(server=0.6))

    by_name = {found.name: found for found in report.checks}
    assert by_name["version"].status == "failure"
    assert (by_name["sessions"].status, by_name["sessions"].text) == (
        "skipped",
        "not looked at: Livy has had its 1 s",
    )
    assert by_name["yarn"].status == "ok"


def test_a_question_that_livy_never_answers_beside_the_listing_stops_nothing():
    report = examine(None, a_server(livy=Livy(said_header=hangs)), seconds=Seconds(step=0.5))

    by_name = {found.name: found for found in report.checks}
    assert (by_name["csrf"].status, by_name["csrf"].text) == (
        "skipped",
        "whether X-Requested-By is wanted was not answered within less than 1 s",
    )
    assert by_name["sessions"].status == "ok"
    assert report.exit_code == 0


def test_this_machine_has_its_seconds_for_all_its_checks_together():
    here = Here(said_settings=hangs, said_kernels=hangs, said_startup_files=hangs)

    report = examine(here, seconds=Seconds(local=0.5))

    by_name = {found.name: found for found in report.checks}
    assert by_name["startup"].status == "failure"
    assert by_name["guard"].text == by_name["ledger"].text == "not looked at: this machine has had its 2 s"
    assert by_name["login"].status == "ok"


def test_what_one_livy_answers_too_late_is_not_taken_for_anothers():
    first = Visit(Here(), NOW).turned_to(a_server())
    second = first.turned_to(a_server(url="https://other.example.com"))

    first.page, first.blocked["tls"] = Page((), 0), "TLS fails"

    assert (second.page, second.blocked) == (None, {})


def test_each_of_several_endpoints_is_looked_at_by_itself():
    other = "https://other.example.com:8998"
    broken = a_server(Network(said_resolve=BROKEN), url=other)

    report = examine(None, broken, a_server())

    ways = {(found.endpoint, found.name): found.status for found in report.checks}
    assert report.endpoints == (other, URL)
    assert (ways[other, "dns"], ways[other, "login"]) == ("failure", "skipped")
    assert (ways[URL, "dns"], ways[URL, "login"], ways[URL, "access"]) == ("ok", "ok", "ok")
    assert sum(found.name == "ledger" for found in report.checks) == 1


def test_it_says_what_it_looks_at():
    progress = RecordingProgress()

    examine(progress=progress)

    assert progress.said[:2] == ["Looking at config.json", "Looking at kernels"]
    assert "Looking at TLS" in progress.said


def test_the_summary_counts_every_status_and_has_the_exit_code():
    summary = examine(Here(said_policy=None)).to_json()["summary"]

    assert summary == {"failure": 0, "warning": 1, "ok": 19, "skipped": 0, "exit_code": 0}
    assert tuple(summary)[:4] == STATUSES


def test_a_check_as_json_has_its_hint_or_null():
    checks = {found["check"]: found for found in examine(Here(said_policy=None)).to_json()["checks"]}

    assert list(checks["policy"]) == ["check", "status", "text", "endpoint", "seconds", "hint"]
    assert checks["policy"]["hint"]["code"] == "LG955"
    assert checks["tls"]["hint"] is None
    assert (checks["policy"]["endpoint"], checks["tls"]["endpoint"]) == (None, URL)


def test_a_hint_that_two_checks_give_is_shown_once():
    here, server = broken_everywhere()

    assert [hint.code for hint in examine(here, server).hints] == ["LG950"]


def test_what_a_call_raises_is_raised_and_what_takes_too_long_is_overdue():
    assert within(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)
    with pytest.raises(Overdue, match="not done within 0 s"):
        within(0.01, hangs)


def test_a_budget_is_spent_by_what_was_taken():
    ticks = iter([0.0, 4.0, 4.0, 11.0])
    budget = Budget(10.0, lambda: next(ticks))

    budget.spend(5.0, lambda: None)
    assert budget.left == 6.0
    budget.spend(5.0, lambda: None)
    assert budget.left == 0.0


def test_every_code_of_the_doctor_is_given_by_a_check():
    sources = "".join(path.read_text("utf-8") for path in Path(examination.__file__).parent.glob("*.py"))

    assert {entry.code for entry in ENTRIES} == {f"LG{number}" for number in range(950, 970)}
    assert [entry.code for entry in ENTRIES if f'"{entry.code}"' not in sources] == []


def test_no_check_offers_a_magic_that_only_sparkmagics_own_kernels_have():
    sources = {path.name: path.read_text("utf-8") for path in Path(examination.__file__).parent.glob("*.py")}

    assert [name for name, source in sources.items() if "%%" in source.replace("%%livy_check", "")] == []
