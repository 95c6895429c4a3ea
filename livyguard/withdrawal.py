"""Use case: take back a session that nobody is going to use, and see that nothing of it is left in the cluster."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from livyguard.errors import AccessRefused, LivyguardError, Refused, SessionNotFound
from livyguard.sessions.ownership import is_another, is_the_one

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from livyguard.applications import Applications
    from livyguard.journal import Journal
    from livyguard.ports import Clock, Created, Display, SessionStore
    from livyguard.sessions.model import LedgerEntry

__all__ = ["InHand", "Withdrawal"]

#: Seconds between the looks for a session whose creation was broken off: Livy may still be at it.
APPEARANCE_LOOKS = (0.0, 0.5, 1.0, 2.0)
#: Seconds between the attempts to delete: half a minute, in which a Livy that is restarted is back.
ATTEMPTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)


@dataclass(frozen=True, slots=True)
class InHand:
    """A session that was asked for and that nobody answers for yet.

    Attributes:
        store: where.
        tag: that it carries, if it exists.
        enter: makes the ledger's entry of it.
        asked: the ledger's entry from before the POST, without a number.
        entry: the ledger's, once Livy has told its number.
    """

    store: SessionStore
    tag: str
    enter: Callable[[Created], LedgerEntry]
    asked: LedgerEntry
    entry: LedgerEntry | None = None


class Withdrawal:
    """Takes sessions back; what cannot be reached now is taken back later, in this process.

    Args:
        journal: this process's page of the ledger.
        applications: ends what a session has in the cluster.
        display: tells what is taken back late, or may be left over.
        clock: the time.
    """

    def __init__(self, journal: Journal, applications: Applications, display: Display, clock: Clock) -> None:
        self._journal = journal
        self._applications = applications
        self._display = display
        self._clock = clock
        self._owed: list[InHand] = []

    def give_back(self, held: InHand, entry: LedgerEntry, *, is_seen: bool) -> str:
        """Delete a session and end its application; return what became of both, in sentences. Never raises.

        Args:
            held: what was asked for.
            entry: the ledger's.
            is_seen: Livy has just listed it; else it is looked for first: a Livy that was restarted may have given its
                number to another.
        """
        fault: LivyguardError | None = None
        for pause in ATTEMPTS:
            self._clock.sleep(pause)
            try:
                if (is_seen and fault is None) or self._find(held.store, entry) is not None:
                    held.store.delete(entry.session_id)
                return _sentences(f"Session {entry.session_id} is deleted.", self._end(held.store, entry)[0])
            except LivyguardError as error:
                fault = error
                if isinstance(error, AccessRefused):
                    break
        self.owe(replace(held, entry=entry))
        number = entry.session_id
        return (
            f"Session {number} could not be deleted and may still hold resources: {fault} "
            f"{self._display.freeing(entry)} frees it; its tag in the cluster is {entry.tag}."
        )

    def owe(self, held: InHand) -> None:
        """Note what may be left over: it is taken back before the next session is created here."""
        self._owed.append(held)

    def withdraw(self, held: InHand) -> None:
        """Delete what a POST may have created and nobody came to know of, and what that has in the cluster by now.

        Best effort: what cannot be known now is owed.
        """
        try:
            with self._owing(held):
                told = self._take_back(held, is_fresh=True)
        except LivyguardError as error:
            self._display.notice(f"A session tagged {held.tag} may be left over. {error}")
        else:
            if told:
                self._display.notice(told)

    def missed(self, held: InHand) -> None:
        """End what a POST may have left in the cluster whose session Livy does not list: it was started anew."""
        with self._owing(held):
            told = self._unlisted(held)
        if told:
            self._display.notice(told)

    def _unlisted(self, held: InHand) -> str:
        """End what a session that Livy does not list has in the cluster; return what is to be told, if anything."""
        text, is_over = self._end(held.store, held.asked, is_just_deleted=False)
        return "" if is_over else _sentences(f"Livy lists no session tagged {held.tag}." if text else "", text)

    @contextmanager
    def _owing(self, held: InHand) -> Iterator[None]:
        """Owe a session until it is taken back: whoever presses Ctrl-C once more is told what is left."""
        self.owe(held)
        try:
            yield
        except KeyboardInterrupt:
            self._display.notice(
                f"A session tagged {held.tag} may be left over. The next that is created here takes it back first."
            )
            raise
        self._owed.remove(held)

    def repay(self, endpoint: str) -> None:
        """Take back what is owed at an endpoint; what cannot be reached stays owed."""
        for held in [each for each in self._owed if each.store.endpoint == endpoint]:
            try:
                told = self._take_back(held, is_fresh=False)
            except LivyguardError:
                continue
            self._owed.remove(held)
            if told:
                self._display.notice(told)

    def vanished(self, store: SessionStore, entry: LedgerEntry) -> str:
        """End the application of a session that Livy no longer lists; return what became of it, in a sentence."""
        return self._end(store, entry)[0]

    def _take_back(self, held: InHand, *, is_fresh: bool) -> str:
        """Delete what is there; return what is to be told, if anything."""
        entry = held.entry
        if entry is None:
            created = self._appeared(held, patiently=is_fresh)
            if created is None:
                return self._unlisted(held)
            entry = held.enter(created)
            self._journal.created(entry, held.store)
            number: int | None = entry.session_id
        else:
            self._journal.created(entry, held.store)  # an interrupt may have come before that
            number = self._find(held.store, entry, is_fresh=is_fresh)
        if number is not None:
            held.store.delete(number)
        text, is_over = self._end(held.store, entry)
        return "" if is_over else _sentences(f"Session {entry.session_id} is deleted.", text)

    def _appeared(self, held: InHand, *, patiently: bool) -> Created | None:
        """Return the session of a POST that was broken off; Livy may still be at it."""
        for pause in APPEARANCE_LOOKS if patiently else APPEARANCE_LOOKS[:1]:
            self._clock.sleep(pause)
            created = held.store.adopt(held.tag)
            if created is not None:
                return created
        return None

    def _end(self, store: SessionStore, entry: LedgerEntry, *, is_just_deleted: bool = True) -> tuple[str, bool]:
        """End the application; the ledger keeps what proves it ours while the cluster does not say that it is over."""
        ending = self._applications.end(store, entry, is_just_deleted=is_just_deleted, was_starting=is_just_deleted)
        if ending.is_over or not (ending.left or self._applications.knows(store)):
            self._journal.withdrawn(entry)
        return ending.text, ending.is_over

    def _find(self, store: SessionStore, entry: LedgerEntry, *, is_fresh: bool = False) -> int | None:
        """Return the number of a session that is still there; None where it is gone.

        Its number alone proves that only while it is fresh: a Livy that was restarted may have given it to another. It
        is read by itself: the listing may be just what cannot be had.

        Raises:
            LivyguardError: that cannot be known.
        """
        try:
            found = store.session(entry.session_id)
        except SessionNotFound:
            return None
        if is_another(found, entry):
            return None
        if is_fresh or is_the_one(found, entry):
            return found.id
        application = self._applications.find(store, entry) if found.app_id is not None else None
        if application is not None and application.id == found.app_id:  # YARN shows the tag that Livy does not
            return found.id
        raise Refused(f"Livy does not tell whether session {entry.session_id} is still the same.")


def _sentences(*parts: str) -> str:
    return " ".join(part for part in parts if part)
