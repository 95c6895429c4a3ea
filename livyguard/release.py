"""Use case: free sessions. Choose, show, read again, delete, check that it is gone, report."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from livyguard.applications import Ending
from livyguard.census import Census
from livyguard.errors import AccessRefused, EndpointUnreachable, LivyguardError, Refused, SessionNotFound
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.sessions.application import unique_tags
from livyguard.sessions.filters import in_order
from livyguard.sessions.outcome import Outcome, ReleaseReport
from livyguard.sessions.selection import Refuse, Release, Skip, changed, phase_of, verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from livyguard.applications import Applications
    from livyguard.ports import Clock, Ledger, SessionStore
    from livyguard.sessions.model import LedgerEntry, StatementTimes
    from livyguard.sessions.rows import SessionRow
    from livyguard.sessions.selection import Verdict

__all__ = ["ReleaseRequest", "release"]

#: Livy answers a DELETE when the session is stopped, so many are under way at once.
CONCURRENCY = 16
HALF_AN_HOUR = 1_800.0


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """What somebody asks to be freed; with nothing set: my sessions idle for long, never this notebook's.

    Attributes:
        ids: these.
        this: this notebook's.
        idle_for: only those idle for at least so many seconds; None: ``idle_after`` where no session was named.
        user: of this owner.
        all_users: of everybody.
        dry_run: only say what would be done.
        force: also what the table of verdicts keeps behind ``--force``.
        is_operator: the policy lets whoever asks free other people's sessions.
        idle_after: the policy's ``idle.after`` in seconds.
    """

    ids: tuple[int, ...] = ()
    this: bool = False
    idle_for: float | None = None
    user: str | None = None
    all_users: bool = False
    dry_run: bool = False
    force: bool = False
    is_operator: bool = False
    idle_after: float = HALF_AN_HOUR

    @property
    def is_by_id(self) -> bool:
        """Were sessions named?"""
        return bool(self.ids) or self.this

    @property
    def threshold(self) -> float | None:
        """Return how long a session must have been idle; None where that does not matter."""
        return self.idle_for if self.idle_for is not None or self.is_by_id else self.idle_after


def release(
    stores: Sequence[SessionStore],
    ledger: Ledger,
    clock: Clock,
    request: ReleaseRequest,
    *,
    this: Mapping[tuple[str, int], LedgerEntry | None] | None = None,
    shared_accounts: frozenset[str] = SHARED_ACCOUNTS,
    logins: Mapping[str, str] | None = None,
    show: Callable[[Sequence[SessionRow]], None] | None = None,
    applications: Applications | None = None,
) -> ReleaseReport:
    """Free what was asked for, as far as it may be freed.

    Args:
        stores: the endpoints.
        ledger: this machine's record of what it created; what is freed is struck out.
        clock: the time.
        request: what is asked.
        this: ``(endpoint, session id)`` of what this notebook uses, with what it noted at the creation.
        shared_accounts: log-ins that name nobody.
        logins: as in :func:`livyguard.listing.list_sessions`.
        show: told what is about to be freed, before anything is.
        applications: ends what Livy would leave in YARN of a session that has not come up.

    Raises:
        Refused: other people's sessions were asked for by somebody who is no operator.
        EndpointError: no endpoint could be read.
    """
    census = Census(stores, ledger, clock, this=this, shared_accounts=shared_accounts, logins=logins)
    if (request.all_users or request.user not in {None, *census.users()}) and not request.is_operator:
        whom = "everybody" if request.all_users else request.user
        raise Refused(f"Only an operator may free the sessions of {whom}; the policy's `operators` names them.")
    rows, _ = census.rows()
    outcomes, chosen = _choose(census, rows, request)
    if applications is not None:
        left = _LeftOver({store.endpoint: store for store in stores}, ledger, applications, request, logins or {})
        outcomes = [left.of(outcome) if outcome.row is None else outcome for outcome in outcomes]
    if show is not None and chosen:
        show(chosen)
    if request.dry_run:
        outcomes += [_foretold(census, row, request, applications) for row in chosen]
    elif chosen:
        job = _Job(census, ledger, request, applications)
        with ThreadPoolExecutor(max_workers=CONCURRENCY) as pool:
            outcomes += pool.map(job.run, chosen)
    ordered = tuple(sorted(outcomes, key=lambda one: one.session_id))
    return ReleaseReport(ordered, is_dry_run=request.dry_run, asked=_asked(request))


def _choose(
    census: Census, rows: Sequence[SessionRow], request: ReleaseRequest
) -> tuple[list[Outcome], list[SessionRow]]:
    """Part what was asked for into what is decided already and what may be freed."""
    listed = [row.id for row in rows]
    outcomes = [Outcome(number, "gone", "Livy lists no such session") for number in request.ids if number not in listed]
    scope = _scope(rows, request)
    if request.threshold is not None:
        scope = census.with_idle(scope)
    chosen = []
    for row in in_order(scope):
        judged = _judge(row, request)
        if request.ids and listed.count(row.id) > 1:
            judged = Refuse(f"several endpoints list a session {row.id}; --url says which is meant")
        if isinstance(judged, Release):
            chosen.append(row)
        else:
            outcomes.append(_not_released(row, judged))
    return outcomes, chosen


def _scope(rows: Sequence[SessionRow], request: ReleaseRequest) -> list[SessionRow]:
    """Return what was asked for, whatever may become of it."""
    if request.ids:
        return [row for row in rows if row.id in request.ids]
    if request.this:
        return [row for row in rows if row.this_notebook]
    alive = [row for row in rows if phase_of(row.state) != "ended"]
    if request.all_users:
        return alive
    if request.user is not None and request.is_operator:
        return [row for row in alive if row.owner == request.user]
    return [row for row in alive if row.mine is True]


def _asked(request: ReleaseRequest) -> str:
    """Say whose sessions are asked for, as the end of "no live session"."""
    if request.this:
        return "of this notebook"
    if request.all_users:
        return "at all"
    return "that is known to be yours" if request.user is None else f"of {request.user}"


def _judge(row: SessionRow, request: ReleaseRequest) -> Verdict:
    """Return the verdict of the table, then of the idle time."""
    if row.this_notebook and not request.is_by_id:
        return Skip("this notebook uses it; --this frees it")
    judged = verdict(
        row,
        asked_by_id=request.is_by_id,
        force=request.force,
        is_operator=request.is_operator,
        for_others=request.all_users or request.user is not None,
    )
    if isinstance(judged, Release) and request.threshold is not None and row.state == "idle":
        return _long_enough(row.idle_seconds, request.threshold) or judged
    return judged


def _long_enough(idle_seconds: int | None, threshold: float) -> Skip | None:
    if threshold <= 0:
        return None  # whatever is idle is idle long enough
    if idle_seconds is None:
        return Skip("Livy does not tell how long it has been idle")
    if idle_seconds < threshold:
        return Skip(f"it has been idle for {_minutes(idle_seconds)} only, not for {_minutes(threshold)}")
    return None


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds // 60:.0f} min"  # noqa: PLR2004 - seconds in a minute


def _not_released(row: SessionRow, judged: Refuse | Skip) -> Outcome:
    return Outcome(row.id, "refused" if isinstance(judged, Refuse) else "skipped", judged.reason, row)


def _foretold(census: Census, row: SessionRow, request: ReleaseRequest, applications: Applications | None) -> Outcome:
    """Say what would happen, with what it would cost."""
    times = _statements(census, row)
    row = replace(row, idle_seconds=_least_idle(census, row, row, times))
    judged = _judge(row, request)
    if not isinstance(judged, Release):
        return _not_released(row, judged)
    note = judged.note
    if applications is not None and phase_of(row.state) == "starting" and applications.knows(census.store(row)):
        note = f"it is {row.state}; what it has in YARN would be ended with it"
    return Outcome(row.id, "would-release", note, row, times)


def _least_idle(census: Census, before: SessionRow, now: SessionRow, times: StatementTimes | None) -> int | None:
    """Return the least idle time that is known: others may have used the session without this machine's ledger."""
    known = [seconds for seconds in (census.idle_seconds(times), now.idle_seconds) if seconds is not None]
    return min(known) if known else before.idle_seconds


def _statements(census: Census, row: SessionRow) -> StatementTimes | None:
    """Return the last statement of a session that can be asked: a starting one would not answer."""
    return census.last_statement(row) if row.state in {"idle", "busy"} else None


@dataclass(frozen=True, slots=True)
class _Job:
    """Frees one session; several run at once."""

    census: Census
    ledger: Ledger
    request: ReleaseRequest
    applications: Applications | None = None

    def run(self, row: SessionRow) -> Outcome:
        """Read again, delete, check."""
        store = self.census.store(row)
        try:
            now = self.census.row(store.session(row.id))
        except SessionNotFound:
            return self._gone(store, row)
        except LivyguardError as error:
            return Outcome(row.id, "failed", str(error), row)
        if changed(row.session, now.session):
            return Outcome(row.id, "skipped", f"session {row.id} is now somebody else's", now)
        times = _statements(self.census, now)
        if now.state == "idle":
            now = replace(now, idle_seconds=_least_idle(self.census, row, now, times))
        judged = _judge(now, self.request)
        if not isinstance(judged, Release):
            return replace(_not_released(now, judged), result="skipped", reason=f"meanwhile {judged.reason}")
        return self._delete(store, now, judged.note, times)

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
        try:
            state = store.session(outcome.session_id).state
        except SessionNotFound:
            state = "dead"
        except LivyguardError as error:
            return replace(outcome, result="failed", reason=f"{said}Whether it is gone is not known: {error}")
        if phase_of(state) != "ended":
            return replace(outcome, result="failed", reason=f"{said}Livy still lists it as {state}.")
        ending = self._end_application(store, outcome.row)
        self._strike_out(store, outcome.row, ending)
        if not ending.text or outcome.row is None:
            return outcome
        return replace(outcome, reason=f"it was {outcome.row.state}; {_clause(ending)}", left_over=ending.left)

    def _end_application(self, store: SessionStore, row: SessionRow | None) -> Ending:
        """End what Livy leaves in YARN of a session that had not come up."""
        if self.applications is None or row is None or phase_of(row.state) != "starting":
            return Ending()
        if row.entry is not None:
            return self.applications.end(store, row.entry, is_just_deleted=True)
        tags = unique_tags(row.session.tags)
        if self.request.is_operator and self.request.ids and len(tags) == 1:
            return self.applications.end_for_operator(store, tags[0])
        return Ending()

    def _gone(self, store: SessionStore, row: SessionRow) -> Outcome:
        """Say what became of a session that somebody else ended meanwhile, or Livy: it leaves the same in YARN."""
        ending = Ending()
        if self.applications is not None and phase_of(row.state) == "starting":
            ending = self.applications.end(store, row.entry)
        self._strike_out(store, row, ending)
        reason = f"it was gone already; {_clause(ending)}" if ending.text else "it was gone already"
        return Outcome(row.id, "gone", reason, row, left_over=ending.left)

    def _strike_out(self, store: SessionStore, row: SessionRow | None, ending: Ending) -> None:
        """Forget a session of which nothing is left, as far as anybody can tell; else it can be named once more."""
        if row is None or row.entry is None or ending.left is not None:
            return
        is_told = not ending.text or ending.is_over
        if is_told or self.applications is None or not self.applications.knows(store):
            self.ledger.forget(row.entry.endpoint, row.entry.session_id, row.entry.tag)


@dataclass(frozen=True, slots=True)
class _LeftOver:
    """Ends what YARN still has of a session that was named and that Livy no longer lists."""

    stores: Mapping[str, SessionStore]
    ledger: Ledger
    applications: Applications
    request: ReleaseRequest
    logins: Mapping[str, str]

    def of(self, outcome: Outcome) -> Outcome:
        """Return an outcome with what became of the application, where this machine remembers one."""
        for entry in self.ledger.entries():
            store = self.stores.get(entry.endpoint)
            if store is None or entry.session_id != outcome.session_id or not self._is_mine(store, entry):
                continue
            living = self.applications.find(store, entry)
            if living is None:
                continue
            if living.state == "RUNNING" and not self.request.force:
                reason = (
                    f"{outcome.reason}, but its application {living.id} runs in YARN, perhaps for another Livy by now; "
                    "--force frees it nevertheless, and what runs in it is lost"
                )
                return replace(outcome, result="refused", reason=reason, left_over=living.id)
            if self.request.dry_run:
                reason = f"{outcome.reason}; its application {living.id} ({living.state}) would be ended"
                return replace(outcome, result="would-release", reason=reason)
            ending = self.applications.end(store, entry)
            if ending.is_over:
                self.ledger.forget(entry.endpoint, entry.session_id, entry.tag)
            return replace(outcome, reason=f"{outcome.reason}; {_clause(ending)}", left_over=ending.left)
        return outcome

    def _is_mine(self, store: SessionStore, entry: LedgerEntry) -> bool:
        """Tell whether a record was not made under another login than the one of now, as far as both are known."""
        names = {store.authenticated_user, self.logins.get(entry.endpoint)} - {None}
        return entry.login is None or not names or entry.login in names


def _clause(ending: Ending) -> str:
    """Return what became of an application as the end of a sentence."""
    text = ending.text.rstrip(".")
    return text if text.startswith("YARN") else f"{text[:1].lower()}{text[1:]}"
