from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from livyguard.cleanup import Cleanup
from livyguard.errors import ReleaseRefused
from livyguard.ports import NotebookSession
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeStore, RecordingDisplay, a_session, an_entry

if TYPE_CHECKING:
    from livyguard.ports import Whose

OURS = an_entry(0, tag="livyguard-0badcafe", login="alice")


class FakeNotebook:
    """A notebook whose cells run in session 0."""

    def __init__(self, store: FakeStore) -> None:
        self.held = [NotebookSession("session_name", 0, store, OURS)]

    def sessions(self) -> list[NotebookSession]:
        return list(self.held)

    def stores(self) -> list[FakeStore]:
        return []

    def failed_start(self) -> str | None:
        return None

    def forget(self, session: NotebookSession) -> None:
        self.held.remove(session)

    def forget_failed_start(self) -> None: ...


class Bench:
    """A cleanup with everything around it."""

    def __init__(self, *sessions):
        self.store = FakeStore.of(*sessions, authenticated_user="alice")
        self.notebook = FakeNotebook(self.store)
        self.display = RecordingDisplay()
        self.cleanup = Cleanup(FakeLedger([OURS]), FakeClock(), self.display, self.notebook, self.whose)

    def whose(self, store: FakeStore) -> Whose:
        return {"this": {(ENDPOINT, 0): OURS}, "shared_accounts": frozenset(), "logins": {}}


def another(number: int):
    """Return a session of bob's, made from his own machine."""
    return a_session(number, login="bob", tags=frozenset({"livyguard-11111111"}), tells_tags=True)


def test_a_cleanup_frees_mine_and_names_whose_are_left():
    bench = Bench(a_session(0, login="alice", tags=frozenset({OURS.tag}), tells_tags=True), another(1), a_session(2))

    bench.cleanup.everything_of_mine(bench.store, force=True)

    assert sorted(bench.store.listed) == [1, 2]
    assert bench.notebook.held == []
    assert bench.display.notices == ["Left alone, since not proven to be yours: 1 of bob, 1 of nobody known."]


def test_a_cleanup_resets_a_notebook_whose_number_is_somebody_elses_by_now():
    bench = Bench(another(0))

    bench.cleanup.everything_of_mine(bench.store, force=True)

    assert sorted(bench.store.listed) == [0]
    assert bench.notebook.held == []
    assert "its number now belongs to another" in bench.display.notices[0]
    assert "LG104" in bench.display.notices[0]


def test_a_foreign_session_is_not_deleted_by_its_number():
    bench = Bench(another(0))

    with pytest.raises(ReleaseRefused, match="it is bob's"):
        bench.cleanup.one(bench.store, 0)

    assert sorted(bench.store.listed) == [0]


def test_a_number_that_is_nobody_knowns_since_livy_was_restarted_is_left():
    bench = Bench(a_session(7, "busy", login="alice"))
    bench.store.after["sessions"] = lambda store: store.listed.update({7: a_session(7)})

    bench.cleanup.everything_of_mine(bench.store, force=True)

    assert sorted(bench.store.listed) == [7]
    [outcome] = bench.display.reports[0].outcomes
    assert (outcome.result, outcome.reason) == ("skipped", "it is not proven to be yours")
