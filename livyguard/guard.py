"""Use case: create a session as the policy lets it, once, and remember that it is ours."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livyguard.errors import (
    AnswerLost,
    EndpointError,
    EndpointUnreachable,
    InvalidPolicy,
    LivyAnswer,
    LivyguardError,
    SessionDenied,
)
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.judge import judge
from livyguard.policy.record import DecisionRecord
from livyguard.policy.tags import tagged
from livyguard.policy.tenancy import cluster_of
from livyguard.sessions.model import LedgerEntry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from livyguard.applications import Applications
    from livyguard.journal import Journal
    from livyguard.policy.decision import Decision
    from livyguard.policy.identity import Identity
    from livyguard.policy.record import Outcome
    from livyguard.ports import Clock, Created, DecisionLog, Display, IdentitySource, PolicySource, SessionStore

__all__ = ["Guard"]

#: How long after a lost answer the listing is searched for our tag, seconds between the looks.
ADOPTION_LOOKS = (0.0, 0.5, 1.0, 2.0, 4.0)
#: Fields that a policy may fill in and an older Livy does not know (``idleTimeout`` before 0.9, ``ttl`` before 0.8).
YOUNG_FIELDS = frozenset({"idleTimeout", "ttl"})
SERVER_ERROR = 500
BAD_REQUEST = 400


class Guard:
    """Judges every creation in one kernel and performs what may be performed."""

    def __init__(
        self,
        *,
        policies: PolicySource,
        identities: IdentitySource,
        journal: Journal,
        applications: Applications,
        display: Display,
        clock: Clock,
        kernel: str,
        decisions: DecisionLog,
        notebook: str | None = None,
    ) -> None:
        self._policies = policies
        self._identities = identities
        self._journal = journal
        self._applications = applications
        self._display = display
        self._clock = clock
        self._kernel = kernel
        self._notebook = notebook
        self._decisions = decisions
        self._unknown_fields: dict[str, set[str]] = {}
        self._shown: Decision | None = None
        self._in_hand: tuple[SessionStore, str, str | None] | None = None
        self._has_said_unlimited = False
        self._has_said_fault = False
        self._has_said_unlogged = False

    def judge(
        self, store: SessionStore, asked: Mapping[str, Any], operator: Sequence[Mapping[str, Any]] = ()
    ) -> Decision:
        """Return what the policy says of a request; creates nothing and shows nothing.

        Args:
            store: the endpoint that it would go to.
            asked: what the user gave, in Livy's shape.
            operator: what the operator preset, lowest first, in Livy's shape.

        Raises:
            SessionDenied: the policy is invalid and none was ever valid, so there is nothing to judge by.
        """
        return self._judge(store, asked, operator)[0]

    def _judge(
        self, store: SessionStore, asked: Mapping[str, Any], operator: Sequence[Mapping[str, Any]]
    ) -> tuple[Decision, Identity]:
        try:
            policy = self._policies.policy()
        except InvalidPolicy as error:
            text = f"{error}\nNo session is created until it is mended; %livy_sessions and %livy_release work."
            raise SessionDenied(text) from error
        who = self._identities.who(store)
        return judge(policy, who, asked, operator=operator, endpoint=store.endpoint, now=self._clock.now()), who

    def preview(
        self, store: SessionStore, asked: Mapping[str, Any], operator: Sequence[Mapping[str, Any]] = ()
    ) -> Decision:
        """Judge a request and show the decision; a later :meth:`create` of the same does not show it again.

        Raises:
            SessionDenied: as ``create`` would.
            EndpointError: it is known beforehand that Livy will not let us in.
        """
        decision = self._permit(store, asked, operator).decision
        self._display.decision(decision)
        self._shown = decision
        return decision

    def create(
        self, store: SessionStore, asked: Mapping[str, Any], operator: Sequence[Mapping[str, Any]] = ()
    ) -> Created:
        """Create a session, judged, tagged, with one POST.

        Raises:
            SessionDenied: the policy refuses it; nothing was sent.
            LivyAnswer: Livy refused it.
            AnswerLost: whether there is a session now cannot be known.
            EndpointError: no Livy to talk to, and no session of ours in its listing.
        """
        record = self._permit(store, asked, operator)
        decision = record.decision
        user = None if decision.user in SHARED_ACCOUNTS else decision.user
        if decision != self._shown:
            self._display.decision(decision)
        self._shown = None
        tag = f"livyguard-{secrets.token_hex(4)}"
        body = tagged(decision.request or {}, tag, user, on_kubernetes=self._is_on_kubernetes(store))
        self._in_hand = store, tag, user

        def log(outcome: Outcome, session_id: int | None = None) -> None:
            given = self._known(store, body, asked)
            self._log(replace(record, outcome=outcome, given=given, session_id=session_id))

        try:
            created = self._post(store, body, tag, asked)
            self._journal.created(self._entry(created, tag, user), store)
            self._say_ledger_fault()
            log("created", created.session.id)
        except KeyboardInterrupt:  # whoever asked knows of no session yet, so nobody else would delete it
            self.withdraw()
            log("interrupted")
            raise
        except (LivyAnswer, EndpointError, AnswerLost) as error:
            log("refused" if isinstance(error, LivyAnswer) else "failed")
            raise
        return created

    def hand_over(self) -> None:
        """Whoever asked for the last session knows its number now, and answers for it."""
        self._in_hand = None

    def _entry(self, created: Created, tag: str, user: str | None) -> LedgerEntry:
        return LedgerEntry(
            endpoint=created.session.endpoint,
            session_id=created.session.id,
            tag=tag,
            kernel=self._kernel,
            created=self._clock.now(),
            app_id=created.session.app_id,
            login=created.session.login,
            user=user,
            notebook=self._notebook,
        )

    def _permit(
        self, store: SessionStore, asked: Mapping[str, Any], operator: Sequence[Mapping[str, Any]]
    ) -> DecisionRecord:
        store.check_login()  # before the policy judges a person whom nobody knows
        decision, who = self._judge(store, asked, operator)
        record = DecisionRecord(
            time=self._clock.now(),
            who=who,
            decision=decision,
            asked=asked,
            endpoint=store.endpoint,
            kernel=self._kernel,
            notebook=self._notebook,
        )
        if decision.verdict == "deny":
            self._log(record)
            raise SessionDenied(self._display.denial(decision), decision)
        if decision.tenant is None and not self._has_said_unlimited:
            self._has_said_unlimited = True
            self._display.notice("No policy is installed: livyguard limits nothing here.")
        return record

    def _is_on_kubernetes(self, store: SessionStore) -> bool:
        policy = self._policies.policy()
        cluster = None if policy is None else cluster_of(policy, store.endpoint)
        return cluster is not None and cluster.manager == "kubernetes"

    def _log(self, record: DecisionRecord) -> None:
        """Write a decision that had an effect where the policy wants it; what cannot be written stops nothing."""
        fault = self._decisions.record(record)
        if fault is not None and not self._has_said_unlogged:
            self._has_said_unlogged = True
            self._display.notice(f"{fault}. Sessions are created all the same.")

    def _say_ledger_fault(self) -> None:
        fault = self._journal.fault
        if fault is not None and not self._has_said_fault:
            self._has_said_fault = True
            self._display.notice(
                f"{fault}. Where Livy tells no owner, nothing proves to another notebook that this session is yours."
            )

    def _known(self, store: SessionStore, body: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return a body without the fields that this Livy is known not to know; what the user asked for stays."""
        unknown = self._unknown_fields.setdefault(store.endpoint, set())
        return {key: value for key, value in body.items() if key not in unknown or key in asked}

    def _post(self, store: SessionStore, body: Mapping[str, Any], tag: str, asked: Mapping[str, Any]) -> Created:
        body = self._known(store, body, asked)
        try:
            return store.create(body)
        except LivyAnswer as error:
            if error.status >= SERVER_ERROR:
                return self._adopt(store, tag, error)
            field = _unrecognized_field(error)
            if field not in body or field in asked or field not in YOUNG_FIELDS:
                raise
            self._unknown_fields[store.endpoint].add(field)
            return self._post(store, body, tag, asked)
        except EndpointUnreachable as error:
            if not error.may_have_arrived:
                raise
            return self._adopt(store, tag, error)

    def withdraw(self) -> None:
        """Delete what the last POST may have created and nobody came to know of, and what that has in YARN by now.

        Best effort; nothing where it was handed over.
        """
        if self._in_hand is None:
            return
        store, tag, user = self._in_hand
        try:
            created = store.adopt(tag)
            if created is None:
                return
            entry = self._entry(created, tag, user)
            self._journal.created(entry, store)
            store.delete(created.session.id)
            ending = self._applications.end(store, entry, is_just_deleted=True)
            if not ending.left:
                self._journal.withdrawn(entry)
            if not ending.is_over:
                told = f"Session {entry.session_id} is deleted."
                self._display.notice(" ".join(part for part in (told, ending.text) if part))
        except LivyguardError as error:
            self._display.notice(f"A session tagged {tag} may be left over. {error}")
        finally:
            self._in_hand = None

    def _adopt(self, store: SessionStore, tag: str, lost: LivyAnswer | EndpointUnreachable) -> Created:
        has_looked = False
        for pause in ADOPTION_LOOKS:
            self._clock.sleep(pause)
            try:
                created = store.adopt(tag)
            except (LivyAnswer, EndpointError):
                continue
            has_looked = True
            if created is not None:
                self._display.notice(
                    f"Livy's answer was lost ({lost}); the session it had created, {created.session.id}, is used."
                )
                return created
        if has_looked:
            raise lost
        raise AnswerLost(lost, tag) from lost


def _unrecognized_field(error: LivyAnswer) -> str | None:
    match = re.search(r'Unrecognized field \\?"(\w+)\\?"', error.message)
    return match[1] if error.status == BAD_REQUEST and match else None
