"""Public fakes for tests of what stands on livyguard's ports: a Livy, a YARN, a ledger, a clock, a display."""

from __future__ import annotations

from livyguard.testing.displays import RecordingDisplay, RecordingProgress, RecordingStart
from livyguard.testing.kubernetes import FakePods
from livyguard.testing.machine import FakeClock, FakeLedger
from livyguard.testing.records import ENDPOINT, a_session, an_application, an_entry
from livyguard.testing.store import FakeStore
from livyguard.testing.yarn import FakeYarn

__all__ = [
    "ENDPOINT",
    "FakeClock",
    "FakeLedger",
    "FakePods",
    "FakeStore",
    "FakeYarn",
    "RecordingDisplay",
    "RecordingProgress",
    "RecordingStart",
    "a_session",
    "an_application",
    "an_entry",
]
