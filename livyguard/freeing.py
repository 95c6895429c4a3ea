"""How one session is freed: read again, delete, look whether it is gone from Livy and from its cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from livyguard.errors import AccessRefused, EndpointUnreachable, LivyguardError, SessionNotFound
from livyguard.sessions.application import unique_tags
from livyguard.sessions.choice import judge
from livyguard.sessions.ending import Ending
from livyguard.sessions.outcome import Outcome, clause, not_released
from livyguard.sessions.selection import Release, changed, phase_of

if TYPE_CHECKING:
    from livyguard.applications import Applications
    from livyguard.census import Census
    from livyguard.ports import Ledger, SessionStore
    from livyguard.sessions.choice import ReleaseRequest
    from livyguard.sessions.model import StatementTimes
    from livyguard.sessions.rows import SessionRow
    from livyguard.sessions.selection import Verdict

__all__ = ["Freeing"]


@dataclass(frozen=True, slots=True)
class Freeing:
    """Frees one session; several run at once.

    Attributes:
        unread: endpoints whose cluster was to be asked and could not be.
    """

    census: Census
    ledger: Ledger
    request: ReleaseRequest
    applications: Applications | None
    unread: frozenset[str]

    def foretell(self, row: SessionRow) -> Outcome:
        """Say what would happen, with what it would cost."""
        times = self._statement(row)
        row = replace(row, quiet_seconds=self._least_quiet(row, row, times))
        judged = self._judge(row)
        if not isinstance(judged, Release):
            return not_released(row, judged)
        note = judged.note
        if self.applications is not None and _leaves_something(row) and self.applications.knows(self.census.store(row)):
            note = f"{_it_was(row, 'is')}; what it has in YARN would be ended with it"
        return Outcome(row.id, "would-release", note, row, times)

    def free(self, row: SessionRow) -> Outcome:
        """Read again, delete, check."""
        store = self.census.store(row)
        try:
            now = self.census.row(store.session(row.id), row)
        except SessionNotFound:
            return self._gone(store, row)
        except LivyguardError as error:
            return Outcome(row.id, "failed", str(error), row)
        if changed(row.session, now.session):
            return Outcome(row.id, "skipped", f"session {row.id} is now somebody else's", now)
        times = self._statement(now)
        if now.state == "idle":
            now = replace(now, quiet_seconds=self._least_quiet(row, now, times))
        judged = self._judge(now)
        if not isinstance(judged, Release):
            return replace(not_released(now, judged), result="skipped", reason=f"meanwhile {judged.reason}")
        return self._delete(store, now, judged.note, times)

    def _judge(self, row: SessionRow) -> Verdict:
        return judge(row, self.request, is_cluster_read=row.endpoint not in self.unread)

    def _statement(self, row: SessionRow) -> StatementTimes | None:
        """Return the last statement of a session that can be asked: a starting one would not answer.

        It is asked for anew even where it was when the session was chosen: its owner may have come back meanwhile.
        """
        return self.census.last_statement(row) if row.state in {"idle", "busy"} else None

    def _least_quiet(self, before: SessionRow, now: SessionRow, times: StatementTimes | None) -> int | None:
        """Return the least that is known: others may have used the session without this machine's ledger.

        Livy calls a session idle a moment before it notes the end of the statement.
        """
        if times is not None and times.is_running:
            return 0
        known = [seconds for seconds in (self.census.idle_seconds(times), now.quiet_seconds) if seconds is not None]
        return min(known) if known else before.quiet_seconds

    def _delete(self, store: SessionStore, row: SessionRow, note: str | None, times: StatementTimes | None) -> Outcome:
        try:
            was_there = store.delete(row.id)
        except AccessRefused:
            whose = f"it is {row.owner}'s" if row.owner else "it is somebody else's"
            return Outcome(row.id, "refused", f"Livy refuses: {whose}", row)
        except EndpointUnreachable as error:
            if not error.may_have_arrived:
                return Outcome(row.id, "failed", str(error), row)
            return self._checked(store, Outcome(row.id, "released", note, row, times), f"{error} ")
        except LivyguardError as error:
            return Outcome(row.id, "failed", str(error), row)
        if not was_there:
            return self._gone(store, row)
        return self._checked(store, Outcome(row.id, "released", note, row, times), "Livy says that it is deleted. ")

    def _checked(self, store: SessionStore, outcome: Outcome, said: str) -> Outcome:
        """Believe that it is gone only when Livy no longer shows it, or shows it ended."""
        row = outcome.row
        if row is None or outcome.session_id is None:
            return outcome
        try:
            state = store.session(outcome.session_id).state
        except SessionNotFound:
            state = "dead"
        except LivyguardError as error:
            return replace(outcome, result="failed", reason=f"{said}Whether it is gone is not known: {error}")
        if phase_of(state) != "ended":
            return replace(outcome, result="failed", reason=f"{said}Livy still lists it as {state}.")
        ending = self._end_application(store, row)
        self._strike_out(store, row, ending)
        if _leaves_something(row) and ending.text:
            return replace(outcome, reason=f"{_it_was(row, 'was')}; {clause(ending.text)}", left_over=ending.left)
        if ending.left:
            return replace(outcome, reason=clause(ending.text), left_over=ending.left)
        return outcome

    def _end_application(self, store: SessionStore, row: SessionRow) -> Ending:
        """End what Livy leaves in its cluster, and see of the rest that Livy has ended it."""
        applications, application = self.applications, row.application
        if applications is None:
            return Ending()
        if row.lives_on and application is not None and application.driver_pod is not None:
            text = f"Its pod {application.driver_pod} may live on; `kubectl delete pod` ends it."
            return Ending(text, left=application.id)
        seen = Ending()
        if not _leaves_something(row) and application is not None and applications.knows(store):
            seen = applications.see_gone(store, application)
        if _leaves_something(row) or seen.left is not None:
            return self._end(applications, store, row) or seen
        return seen

    def _end(self, applications: Applications, store: SessionStore, row: SessionRow) -> Ending | None:
        """End the application of a session that is deleted, where that is ours to end; None where it is not."""
        if row.entry is not None:
            return applications.end(store, row.entry, is_just_deleted=True)
        if self.request.is_operator and len(unique_tags(row.session.tags)) == 1:
            return applications.end_for_operator(store, row.session)
        return None

    def _gone(self, store: SessionStore, row: SessionRow) -> Outcome:
        """Say what became of a session that somebody else ended meanwhile, or Livy: it leaves the same behind."""
        ending = Ending()
        if self.applications is not None and _leaves_something(row):
            ending = self.applications.end(store, row.entry)
        self._strike_out(store, row, ending)
        reason = f"it was gone already; {clause(ending.text)}" if ending.text else "it was gone already"
        return Outcome(row.id, "gone", reason, row, left_over=ending.left)

    def _strike_out(self, store: SessionStore, row: SessionRow, ending: Ending) -> None:
        """Forget a session of which nothing is left, as far as anybody can tell; else it can be named once more."""
        if row.entry is None or ending.left is not None:
            return
        is_told = not ending.text or ending.is_over
        if is_told or self.applications is None or not self.applications.knows(store):
            self.ledger.forget(row.entry.endpoint, row.entry.session_id, row.entry.tag)


def _leaves_something(row: SessionRow) -> bool:
    """Tell whether Livy leaves a session's application to the cluster: before it has called back, and after its end."""
    return phase_of(row.state) == "starting" or row.lives_on


def _it_was(row: SessionRow, verb: str) -> str:
    return f"it had ended for Livy ({row.state})" if row.lives_on else f"it {verb} {row.state}"
