import json
from dataclasses import replace

import pytest

from livyguard.policy.footprint import Footprint
from livyguard.sessions.model import StatementTimes
from livyguard.sessions.outcome import Outcome, ReleaseReport
from livyguard.sessions.ownership import ownership
from livyguard.sessions.rows import SessionRow
from livyguard.testing import a_session, an_application, an_entry
from livyguard.views.release import MIME, ReleaseView, html, plan, text
from livyguard.views.text import moment


def row(session_id=7, owner="alice", idle=2700, entries=(), **fields):
    session = a_session(session_id, login=owner, **fields)
    return SessionRow(session, ownership(session, "alice", entries), idle)


def report(*outcomes, **fields):
    return ReleaseReport(outcomes, **fields)


def test_a_report_names_what_was_freed_and_lost():
    tags = frozenset({"livyguard-0badcafe"})
    freed = row(
        7,
        None,
        tags=tags,
        ceiling=Footprint(5, 40_960, 11),
        entries=[an_entry(7, "livyguard-0badcafe", created=1_000_000.0, user="alice")],
    )

    words = text(report(Outcome(7, "released", None, freed, StatementTimes(1.0, 1_003_600.0, 12))))

    assert words.splitlines()[0] == "Released 1 session with up to 5 executors, 40.0 GiB, 11 cores."
    line = words.splitlines()[2]
    assert line.split()[:6] == ["7", "released", "alice", "idle", "for", "45"]
    assert f"12 statements (since {moment(1_000_000.0)}, the last {moment(1_003_600.0)})" in line


def test_each_result_is_counted_and_has_its_reason():
    outcomes = [
        Outcome(1, "released", None, row(1, ceiling=Footprint(1))),
        Outcome(2, "refused", "it is bob's", row(2, "bob")),
        Outcome(3, "skipped", "it is busy", row(3, state="busy", idle=None)),
        Outcome(4, "failed", "Livy answered 500.", row(4)),
        Outcome(5, "gone", "Livy lists no such session"),
    ]

    words = text(report(*outcomes))

    assert words.splitlines()[0] == (
        "Released 1 session with up to 1 executor, 1 refused, 1 failed, 1 skipped, 1 already gone."
    )
    for reason in ("it is bob's", "it is busy", "Livy answered 500.", "Livy lists no such session"):
        assert reason in words
        assert reason.replace("'", "&#39;") in str(html(report(*outcomes)))


def test_an_application_that_lives_on_is_counted_and_nothing_of_it_called_free():
    app = "application_1_0001"
    reason = f"it was starting; its application {app} could not be ended"
    left = Outcome(7, "released", reason, row(7, ceiling=Footprint(5, 40_960, 11)), left_over=app)

    words = text(report(left))

    assert words.splitlines()[0] == "Released 1 session, 1 application left in YARN."
    assert "40.0 GiB" not in words
    assert app in words


def test_a_dry_run_says_that_nothing_was_deleted():
    words = text(report(Outcome(1, "would-release", None, row(1)), is_dry_run=True))

    assert words.startswith("Would release 1 session; nothing was deleted.")
    assert "would be released" in words


@pytest.mark.parametrize("given", [report(), report(is_dry_run=True)])
def test_nothing_to_release_is_a_sentence(given):
    assert text(given) == "Nothing to release: there is no live session that is known to be yours."
    assert "<table" not in str(html(given))


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (StatementTimes(None, None, 1), "1 statement"),
        (StatementTimes(5.0, None), f"the last {moment(5.0)}"),
        (StatementTimes(None, None), ""),
        (None, ""),
    ],
)
def test_what_is_not_known_of_the_loss_is_left_out(times, words):
    line = text(report(Outcome(1, "released", None, row(1), times))).splitlines()[2]

    assert line.endswith(words or "45 minutes")


def test_the_plan_is_one_line():
    assert plan([row(1, "alice"), row(2, None, idle=None)]) == (
        "Freeing 2 sessions: 1 (alice, idle for 45 minutes), 2 (owner not known, idle)."
    )
    assert plan([row(1)]).startswith("Freeing 1 session:")


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "\x1b[31m", "\u202egnp", "x" * 10_000])
def test_hostile_words_are_harmless(hostile):
    view = ReleaseView(report(Outcome(1, "refused", f"it is {hostile}'s", row(1, hostile))))

    bundle = view._repr_mimebundle_()

    assert "<script" not in bundle["text/html"]
    assert {"\x1b", "\u202e"}.isdisjoint(bundle["text/html"] + bundle["text/plain"])
    assert len(bundle["text/plain"]) < 1_000
    json.dumps(bundle[MIME])
    assert repr(view) == bundle["text/plain"]


def test_what_was_held_says_more_than_what_could_be():
    application = an_application(state="RUNNING", containers=4, memory_mib=6144, cores=1)
    held = replace(row(7, ceiling=Footprint(5, 40_960, 11)), application=application)
    unknown = row(8, ceiling=Footprint(1, 1024, 1))

    known = text(report(Outcome(7, "released", None, held)))
    both = text(report(Outcome(7, "released", None, held), Outcome(8, "released", None, unknown)))

    assert known.splitlines()[0] == "Released 1 session that held 3 executors, 6.0 GiB, 1 core."
    assert "3 executors, 6.0 GiB, 1 core" in known.splitlines()[2]
    assert both.splitlines()[0] == "Released 2 sessions with up to 6 executors, 41.0 GiB, 12 cores."


@pytest.mark.parametrize(
    ("outcomes", "fields", "said"),
    [
        ([Outcome(None, "released", "it was ended", app_id="application_1_0001")], {}, "Ended 1 application."),
        (
            [Outcome(None, "would-release", "it would be", app_id="application_1_0001")],
            {"is_dry_run": True},
            "Would end 1 application; nothing was deleted.",
        ),
        (
            [Outcome(7, "released"), Outcome(None, "released", app_id="application_1_0001")],
            {},
            "Released 1 session, ended 1 application.",
        ),
        ([Outcome(None, "refused", "it is not", app_id="application_1_0001")], {}, "Released 0 sessions, 1 refused."),
    ],
)
def test_applications_that_were_named_are_no_sessions(outcomes, fields, said):
    words = text(report(*outcomes, **fields))

    assert words.splitlines()[0] == said
    assert "application_1_0001" in words


def test_what_was_not_known_meanwhile_stands_below():
    told = report(Outcome(7, "released", None, row(7)), notes=("No connection to the ResourceManager.",))

    assert text(told).splitlines()[-1] == ("What sessions hold was not known: No connection to the ResourceManager.")
    assert "What sessions hold was not known" in str(html(told))
