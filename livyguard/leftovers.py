"""How an application is ended whose session is gone: named by the session's number, or by its own id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from livyguard.errors import ClusterError
from livyguard.sessions.outcome import Outcome, clause

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livyguard.applications import Applications
    from livyguard.census import Counted
    from livyguard.ports import Ledger, SessionStore
    from livyguard.sessions.application import Application
    from livyguard.sessions.choice import ReleaseRequest
    from livyguard.sessions.model import LedgerEntry

__all__ = ["LeftOvers"]


@dataclass(frozen=True, slots=True)
class LeftOvers:
    """Ends what YARN still has of sessions that Livy no longer lists.

    Attributes:
        stores: by endpoint.
        logins: who we are at an endpoint, in Livy's own words.
    """

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
            return replace(outcome, reason=f"{outcome.reason}; {clause(ending.text)}", left_over=ending.left)
        return outcome

    def named(self, app_id: str, counted: Counted) -> Outcome:
        """End one application that somebody named by its id.

        Args:
            app_id: as YARN writes it.
            counted: every session and application that was found.
        """
        stays = _stays(app_id, counted)
        if stays is not None:
            return stays
        try:
            store, application = self._find(app_id)
        except ClusterError as error:
            return Outcome(None, "failed", str(error), app_id=app_id)
        if store is None:
            reason = "the policy names no [cluster] resource_manager by which livyguard could end it"
            return Outcome(None, "failed", reason, app_id=app_id)
        if application is None:
            return Outcome(None, "gone", "YARN knows no such application", app_id=app_id)
        if application.is_over:
            return Outcome(None, "gone", f"it had ended; YARN says {application.state}", app_id=app_id)
        return self._end(store, application)

    def _find(self, app_id: str) -> tuple[SessionStore | None, Application | None]:
        """Return an application, and an endpoint in front of its cluster; Raises ClusterError."""
        asked = None
        for store in self.stores.values():
            if self.applications.is_to_be_asked(store):
                asked = store
                application = self.applications.named(store, app_id)
                if application is not None:
                    return store, application
        return asked, None

    def _end(self, store: SessionStore, application: Application) -> Outcome:
        entry = self.applications.noted(application)
        may_not = None if self.request.is_operator else self._why_spared(application, entry)
        if may_not is not None:
            reason = f"{may_not}; an operator may end it"
            return Outcome(None, "refused", reason, app_id=application.id, left_over=application.id)
        if self.request.dry_run:
            reason = f"it is {application.state} and would be ended"
            return Outcome(None, "would-release", reason, app_id=application.id, application=application)
        ending = self.applications.kill(store, application)
        if ending.left is not None:
            return Outcome(None, "failed", clause(ending.text), app_id=application.id, left_over=ending.left)
        if entry is not None:
            self.ledger.forget(entry.endpoint, entry.session_id, entry.tag)
        return Outcome(None, "released", clause(ending.text), app_id=application.id, application=application)

    def _why_spared(self, application: Application, entry: LedgerEntry | None) -> str | None:
        """Return why somebody who is no operator must not end an application; None where they may."""
        if entry is None:
            return "this machine has no record of creating it"
        store = self.stores.get(entry.endpoint)
        if store is None:
            return f"it is of session {entry.session_id} on {entry.endpoint}, which was not asked"
        if not self._is_mine(store, entry):
            return "this machine's record of it was made under another log-in"
        return self.applications.why_spared(store, application, entry)

    def _is_mine(self, store: SessionStore, entry: LedgerEntry) -> bool:
        """Tell whether a record was not made under another login than the one of now, as far as both are known."""
        names = {store.authenticated_user, self.logins.get(entry.endpoint)} - {None}
        return entry.login is None or not names or entry.login in names


def _stays(app_id: str, counted: Counted) -> Outcome | None:
    """Return why an application is left to its session, or may have one; None where it has none."""
    row = next((row for row in counted.rows if row.app_id == app_id), None)
    if row is not None and not row.lives_on:
        reason = f"session {row.id} runs in it, and Livy lists that as {row.state}; the session is what is released"
        return Outcome(None, "refused", reason, app_id=app_id)
    if row is None and counted.faults:
        return Outcome(None, "failed", f"whether a session runs in it is not known: {counted.faults[0]}", app_id=app_id)
    return None
