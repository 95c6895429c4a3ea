"""What a kernel's own looks tell of its sessions, by Livy's version."""

from __future__ import annotations

import pytest

from livyguard.sparkmagic.sightings import Sightings

HERE = ("http://livy:8998", 7)


def seen(answer, now=100.0):
    sightings = Sightings()
    sightings.answered(*HERE, now, answer)
    return sightings.of(*HERE)


def test_livy_0_9_tells_heartbeat_idle_time_out_and_ttl():
    answer = {"state": "idle", "heartbeatTimeoutInSecond": 60, "idleTimeout": "15m", "ttl": "8h"}
    sighting = seen(answer)

    assert (sighting.state, sighting.seen) == ("idle", 100.0)
    assert (sighting.heartbeat, sighting.idle_timeout, sighting.ttl) == (60.0, 900.0, 28_800.0)


def test_in_livy_0_8_ttl_is_the_time_to_lie_idle():
    sighting = seen({"state": "idle", "heartbeatTimeoutInSecond": 0, "ttl": "600s"})

    assert (sighting.heartbeat, sighting.idle_timeout, sighting.ttl) == (0.0, 600.0, None)


@pytest.mark.parametrize("ttl", ["alice", None, 5, ""])
def test_a_ttl_that_is_no_time_is_none(ttl):
    assert seen({"state": "idle", "ttl": ttl}).idle_timeout is None


def test_an_older_livy_tells_none_of_them_and_a_broken_answer_changes_nothing():
    sightings = Sightings()
    sightings.answered(*HERE, 1.0, {"state": "busy", "heartbeatTimeoutInSecond": 60})
    sightings.answered(*HERE, 2.0, {"state": None, "heartbeatTimeoutInSecond": "60"})

    assert (sightings.of(*HERE).state, sightings.of(*HERE).heartbeat) == ("busy", 60.0)


def test_a_number_without_a_unit_is_in_milliseconds_as_in_livy():
    assert seen({"idleTimeout": "90000"}).idle_timeout == 90.0


def test_the_first_miss_counts_until_it_answers_again():
    sightings = Sightings()
    sightings.answered(*HERE, 1.0, {"state": "idle"})
    sightings.missed(*HERE, 5.0)
    sightings.missed(*HERE, 9.0)
    missed = sightings.of(*HERE)
    sightings.answered(*HERE, 11.0)
    back = sightings.of(*HERE)

    assert (missed.missed, missed.seen, missed.comes_and_goes(9.0)) == (5.0, 1.0, False)
    assert (back.missed, back.seen, back.state) == (None, 11.0, "idle")
    assert back.comes_and_goes(12.0)
    assert not back.comes_and_goes(5_000.0)


def test_a_statement_that_ends_shows_that_the_address_keeps_to_the_session():
    sightings = Sightings()
    sightings.worked(*HERE)
    assert sightings.of(*HERE) is None
    sightings.answered(*HERE, 1.0, {"state": "idle"})
    sightings.missed(*HERE, 5.0)
    sightings.answered(*HERE, 6.0)
    assert sightings.of(*HERE).comes_and_goes(7.0)

    sightings.worked(*HERE)

    assert not sightings.of(*HERE).comes_and_goes(7.0)


def test_an_outage_counts_from_the_last_sight_to_the_miss():
    sightings = Sightings()
    sightings.silent(*HERE, 1.0, "502")
    assert sightings.of(*HERE) is None
    sightings.answered(*HERE, 2.0, {"state": "idle"})

    sightings.silent(*HERE, 3.0, "502")
    assert (sightings.of(*HERE).silent, sightings.of(*HERE).silence) == (3.0, "502")
    sightings.answered(*HERE, 4.0)
    assert sightings.of(*HERE).silent is None

    sightings.silent(*HERE, 5.0, "refused the connection")
    sightings.missed(*HERE, 6.0)
    sightings.silent(*HERE, 7.0, "502")
    assert (sightings.of(*HERE).silent, sightings.of(*HERE).silence) == (5.0, "refused the connection")


def test_what_nobody_ever_saw_cannot_be_missed():
    sightings = Sightings()
    sightings.missed(*HERE, 5.0)

    assert sightings.of(*HERE) is None
