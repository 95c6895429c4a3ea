"""Whose patience ended a start, and the setting that moves it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case

if TYPE_CHECKING:
    from livyguard.hints.model import Hint

AM_LIMIT = (
    "Application is added to the scheduler and is not yet activated. Queue's AM resource limit exceeded.  Details : AM "
    "Partition = <DEFAULT_PARTITION>; AM Resource Request = <memory:1024, vCores:1>; "
)
ACTIVATED = "Application is Activated, waiting for resources to be assigned for AM."
LIVYS = "java.util.concurrent.TimeoutException: Timed out waiting for context to start."
SPARKMAGICS = "Session 7 did not start up in 60 seconds."
CLOCKS = ("livy_session_startup_timeout_seconds", "livy.rsc.server.connect.timeout")


def hint(case: Case) -> Hint:
    (found,) = diagnose(case)
    return found


def cells(found: Hint) -> str:
    return "\n".join(fix.cell or "" for fix in found.fixes)


@pytest.mark.parametrize(("said", "code"), [(AM_LIMIT, "LG202"), (ACTIVATED, "LG204"), ("", "LG201")])
def test_sparkmagics_clock_and_livys_are_both_named_with_what_moves_them(said: str, code: str) -> None:
    found = hint(Case(error=SPARKMAGICS, log=(said,), startup_seconds=60.0))

    assert found.code == code
    for clock in CLOCKS:
        assert clock in found.cause
        assert clock in cells(found)


def test_the_clock_that_bit_comes_first_with_its_seconds() -> None:
    sparkmagics = hint(Case(error=SPARKMAGICS.replace("60", "45"), log=(AM_LIMIT,)))
    livys = hint(Case(error="Session 7 unexpectedly reached final status 'dead'.", log=(LIVYS, AM_LIMIT)))

    assert "ended the start is SparkMagic's (45 s," in sparkmagics.cause
    assert "ended the start is Livy's own (90 s," in livys.cause
    assert "livy_session_startup_timeout_seconds" in livys.cause
    assert cells(livys).endswith('{"conf": {"livy.rsc.server.connect.timeout": "300s"}}')


def test_on_the_command_line_sparkmagics_clock_is_not_what_ended_it() -> None:
    found = hint(Case(error=SPARKMAGICS.replace("60", "180"), log=(AM_LIMIT,), gave_up="livyguard"))

    assert "ended the start is livyguard's, 180 s" in found.cause
    assert "livy.rsc.server.connect.timeout" in found.cause
    assert "sparkmagic" not in cells(found)
    assert [fact.source for fact in found.evidence if "did not start up" in fact.text] == ["livyguard"]


def test_where_no_clock_ran_out_none_is_named() -> None:
    refused = hint(Case(error="Session 7 ended in state dead.", log=("submitted by user a to unknown queue: q",)))
    waiting = hint(Case(resource_manager=(AM_LIMIT,), waited=0.0, session_id=7))

    assert not any(clock in f"{refused.cause} {waiting.cause}" for clock in CLOCKS)


def test_what_a_healthy_start_says_for_a_moment_is_a_reason_once_it_lasts() -> None:
    waiting = Case(resource_manager=(f"application_1_0001 ACCEPTED in queue q: {ACTIVATED}",), waited=0.0, session_id=7)

    assert diagnose(waiting) == []
    assert hint(replace(waiting, waited=3.0)).title == "Session 7 waits: no node has room for its driver"
