"""What a kernel and this machine's ledger know of a session that is gone, as evidence."""

from __future__ import annotations

from dataclasses import replace

from livyguard.journal import Journal
from livyguard.sparkmagic.sightings import Sighting
from livyguard.sparkmagic.traces import traces
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeStore, a_session, an_entry

NOW = 10_000.0
TAG, OTHER = "livyguard-0badcafe", "livyguard-00000001"


def known(entry=None, sighting=None, listed=None, others=(), state=None, number=7, forgotten=False):
    ledger = FakeLedger(others)
    journal = Journal(ledger, FakeClock())
    if entry is not None:
        journal.created(entry, FakeStore.of())
    if forgotten:
        ledger.forget(entry.endpoint, entry.session_id, entry.tag)
    here = entry if entry is not None and entry.endpoint == ENDPOINT else None
    return traces(here, sighting, listed, journal, at=(ENDPOINT, number, NOW), state=state)


def test_a_session_of_this_kernel_is_known_by_its_entry():
    found = known(replace(an_entry(7, TAG), created=5.0, last_statement=9.0, is_busy=True, app_id="a_1"))

    assert (found["created"], found["last_statement"], found["is_busy"], found["app_id"]) == (5.0, 9.0, True, "a_1")
    assert found["was_known"] is True
    assert found["heartbeat_seconds"] == 60.0
    assert not found["is_struck_out"]
    assert not found["is_renumbered"]
    assert not found["answers_again"]


def test_an_entry_that_left_the_ledger_was_released_here():
    assert known(an_entry(7, TAG), forgotten=True)["is_struck_out"]


def test_a_later_session_with_a_lower_number_is_seen():
    mine = replace(an_entry(7, TAG), created=5.0)

    assert known(mine, others=[replace(an_entry(0, OTHER), created=6.0)])["is_renumbered"]
    assert not known(mine, others=[replace(an_entry(0, OTHER), created=4.0)])["is_renumbered"]
    assert not known(mine, others=[replace(an_entry(-1, OTHER), created=6.0)])["is_renumbered"]
    assert not known(mine, others=[replace(an_entry(0, OTHER), created=6.0, endpoint="http://b")])["is_renumbered"]


def test_a_session_that_is_listed_although_it_was_denied_answers_again_if_it_is_the_one():
    mine = replace(an_entry(7, TAG), app_id="a_1")
    here = replace(a_session(7), app_id="a_1", tags=frozenset({TAG}), tells_tags=True)

    assert known(mine, listed=here)["answers_again"]
    another = known(mine, listed=replace(here, app_id="a_2"))
    assert not another["answers_again"]
    assert (another["is_another"], another["found_app_id"]) == (True, "a_2")
    assert not known(None, listed=here)["answers_again"]


def test_what_nobody_here_has_seen_is_unknown():
    assert known(number=99, others=[an_entry(3, OTHER)])["was_known"] is False
    assert known(number=99, others=[an_entry(3, OTHER)])["noted_ids"] == {3}
    assert known(number=3, others=[an_entry(3, OTHER)])["was_known"] is True
    assert known(number=99, sighting=Sighting("idle", 1.0))["was_known"] is True


def test_a_session_of_another_address_is_found_there():
    assert known(replace(an_entry(7, TAG), endpoint="http://b:8998"))["noted_endpoint"] == "http://b:8998"
    assert known(an_entry(7, TAG))["noted_endpoint"] is None


def test_what_the_looks_told_is_kept_and_sparkmagics_state_is_the_newer():
    sighting = Sighting("idle", 8.0, missed=9.0, heartbeat=0.0, idle_timeout=900.0, ttl=50.0, came_back=NOW - 5)
    sighting = replace(sighting, silent=8.5, silence="502")
    found = known(an_entry(7, TAG), sighting)

    assert (found["last_seen"], found["missed"], found["ttl_seconds"]) == (8.0, 9.0, 50.0)
    assert (found["heartbeat_seconds"], found["session_timeout"]) == (0.0, 900.0)
    assert found["answers_again"]
    assert (found["silent"], found["silence"]) == (8.5, "502")
    assert found["last_state"] == "idle"
    assert known(an_entry(7, TAG), sighting, state="dead")["last_state"] == "dead"
    assert "session_timeout" not in known(an_entry(7, TAG), Sighting())


def test_that_livy_is_just_deleting_the_session_outweighs_the_state_that_was_seen():
    seen = Sighting(state="busy", seen=NOW - 1)

    assert known(an_entry(7, TAG), seen, listed=a_session(7, "shutting_down"), state="idle")["last_state"] == (
        "shutting_down"
    )
    assert known(an_entry(7, TAG), seen, listed=a_session(7, "dead"))["last_state"] == "busy"
