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
    LivyAnswer,
    LivyguardError,
    QuotaUnchecked,
    SessionDenied,
    SessionVanished,
)
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.record import DecisionRecord
from livyguard.policy.tags import CEILING, left_out, tagged
from livyguard.sessions.model import UNTOLD, LedgerEntry
from livyguard.withdrawal import InHand

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from livyguard.admission import Admission
    from livyguard.journal import Journal
    from livyguard.policy.decision import Decision
    from livyguard.policy.record import Outcome
    from livyguard.ports import Clock, Created, DecisionLog, Display, SessionStore
    from livyguard.withdrawal import Withdrawal

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
        admission: Admission,
        withdrawal: Withdrawal,
        journal: Journal,
        display: Display,
        clock: Clock,
        kernel: str,
        decisions: DecisionLog,
        notebook: str | None = None,
    ) -> None:
        self._admission = admission
        self._withdrawal = withdrawal
        self._journal = journal
        self._display = display
        self._clock = clock
        self._kernel = kernel
        self._notebook = notebook
        self._decisions = decisions
        self._unknown_fields: dict[str, set[str]] = {}
        self._shown: Decision | None = None
        self._in_hand: InHand | None = None
        self._has_said_unlimited = False
        self._has_said_fault = False
        self._has_said_unlogged = False

    def judge(
        self,
        store: SessionStore,
        asked: Mapping[str, Any],
        operator: Sequence[Mapping[str, Any]] = (),
        replacing: Collection[int] = (),
    ) -> Decision:
        """Return what the policy says of a request; creates nothing and shows nothing.

        Args:
            store: the endpoint that it would go to.
            asked: what the user gave, in Livy's shape.
            operator: what the operator preset, lowest first, in Livy's shape.
            replacing: numbers of the sessions that it would replace: these count towards no quota.

        Raises:
            SessionDenied: the policy is invalid and none was ever valid, so there is nothing to judge by.
        """
        return self._admission.judge(store, asked, operator, replacing, is_binding=False)[0]

    def preview(
        self,
        store: SessionStore,
        asked: Mapping[str, Any],
        operator: Sequence[Mapping[str, Any]] = (),
        replacing: Collection[int] = (),
    ) -> Decision:
        """Judge a request and show the decision; a later :meth:`create` of the same does not show it again.

        Raises:
            SessionDenied: as ``create`` would.
            EndpointError: it is known beforehand that Livy will not let us in.
            QuotaUnchecked: there is a quota, and what is held cannot be read.
        """
        decision = self._permit(store, asked, operator, replacing).decision
        self._display.decision(decision)
        self._shown = decision
        return decision

    def create(
        self, store: SessionStore, asked: Mapping[str, Any], operator: Sequence[Mapping[str, Any]] = ()
    ) -> Created:
        """Create a session, judged, tagged, with one POST; where there is a quota see after it that it still holds.

        Raises:
            SessionDenied: the policy refuses it, and nothing was sent; or others came first, and it gave way.
            LivyAnswer: Livy refused it.
            AnswerLost: whether there is a session now cannot be known.
            EndpointError: no Livy to talk to, and no session of ours in its listing.
            QuotaUnchecked: there is a quota, and what is held cannot be read: there is no session.
            SessionVanished: Livy created it and no longer lists it.
        """
        record = self._permit(store, asked, operator)
        decision = record.decision
        user = None if decision.user in SHARED_ACCOUNTS else decision.user
        if decision != self._shown:
            self._display.decision(decision)
        self._shown = None
        tag, further = f"livyguard-{secrets.token_hex(4)}", self._admission.tags(store, decision)
        body = self._tagged(store, decision, tag, user, further)
        ceiling = next((each.removeprefix(CEILING) for each in further if each.startswith(CEILING)), None)

        asked_for = LedgerEntry(
            endpoint=store.endpoint,
            session_id=UNTOLD,
            tag=tag,
            kernel=self._kernel,
            created=self._clock.now(),
            user=user,
            notebook=self._notebook,
            ceiling=ceiling,
        )

        def enter(created: Created) -> LedgerEntry:
            told = created.session
            return replace(
                asked_for, session_id=told.id, created=self._clock.now(), app_id=told.app_id, login=told.login
            )

        def log(outcome: Outcome, session_id: int | None = None) -> None:
            given = self._known(store, body, asked)
            self._log(replace(record, outcome=outcome, given=given, session_id=session_id))

        held = self._in_hand = InHand(store, tag, enter, asked_for)
        try:
            if further:  # where Livy tells no owner others count it by this record: before they can list it
                self._journal.expected(asked_for)
            created = self._ask_for(held, body, asked)
            entry = enter(created)
            held = self._in_hand = replace(held, entry=entry)
            self._journal.created(entry, store)
            self._say_ledger_fault()
            refusal = self._settle(held, entry, decision, asked, operator)
        except KeyboardInterrupt:  # whoever asked knows of no session yet, so nobody else would delete it
            self.withdraw()
            log("interrupted")
            raise
        except AnswerLost:
            self._withdrawal.owe(held)
            log("failed")
            raise
        except (LivyAnswer, EndpointError, QuotaUnchecked, SessionVanished) as error:
            log("refused" if isinstance(error, LivyAnswer) else "failed")
            raise
        except BaseException:  # whatever else: nobody would know of the session
            self.withdraw()
            log("failed")
            raise
        log("created" if refusal is None else "withdrawn", created.session.id)
        if refusal is not None:
            self.hand_over()
            raise SessionDenied(self._display.denial(refusal), refusal)
        return created

    def _settle(
        self,
        held: InHand,
        entry: LedgerEntry,
        decision: Decision,
        asked: Mapping[str, Any],
        operator: Sequence[Mapping[str, Any]],
    ) -> Decision | None:
        """Let the session that was just created give way where others came first; return the refusal, None: it stays.

        A session of which nobody knows whether it fits gives way, too.
        """
        number = entry.session_id
        try:
            refusal = self._admission.settle(held.store, entry, decision, asked, operator)
        except SessionVanished as error:
            left = self._withdrawal.vanished(held.store, entry)
            self.hand_over()
            raise SessionVanished(
                " ".join(part for part in (f"No session was created. {error}", left) if part)
            ) from None
        except LivyguardError as error:
            left = self._withdrawal.give_back(held, entry, is_seen=False)
            self.hand_over()
            what = (
                f"Session {number} was created, and whether it fits your quota could not be checked after that: {error}"
            )
            raise QuotaUnchecked(f"{what} {left}", error) from error
        if refusal is None:
            return None
        left = self._withdrawal.give_back(held, entry, is_seen=True)
        return replace(
            refusal,
            gave_way=f"Session {number} was created, and those before it leave no room for it: it gives way. {left}",
        )

    def hand_over(self) -> None:
        """Whoever asked for the last session knows its number now, and answers for it."""
        self._in_hand = None

    def owe(self) -> None:
        """Take back before the next creation what was created last and could not be deleted now."""
        if self._in_hand is not None:
            held, self._in_hand = self._in_hand, None
            self._withdrawal.owe(held)

    def withdraw(self) -> None:
        """Delete what the last POST may have created and nobody came to know of; nothing where it was handed over."""
        if self._in_hand is not None:
            held, self._in_hand = self._in_hand, None
            self._withdrawal.withdraw(held)

    def _tagged(
        self, store: SessionStore, decision: Decision, tag: str, user: str | None, further: Sequence[str]
    ) -> dict[str, Any]:
        """Return what Livy is sent; tell which of the user's own tags YARN could not take beside ours."""
        asked = decision.request or {}
        is_on_kubernetes = self._admission.is_on_kubernetes(store)
        body = tagged(asked, tag, user, on_kubernetes=is_on_kubernetes, further=further)
        if lost := left_out(asked, body):
            self._display.notice(f"YARN takes ten tags at most: {', '.join(lost)} of spark.yarn.tags left out.")
        return body

    def _permit(
        self,
        store: SessionStore,
        asked: Mapping[str, Any],
        operator: Sequence[Mapping[str, Any]],
        replacing: Collection[int] = (),
    ) -> DecisionRecord:
        store.check_login()  # before the policy judges a person whom nobody knows
        self._withdrawal.repay(store.endpoint)
        decision, who = self._admission.judge(store, asked, operator, replacing)
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

    def _ask_for(self, held: InHand, body: Mapping[str, Any], asked: Mapping[str, Any]) -> Created:
        try:
            return self._post(held.store, body, held.tag, asked)
        except (LivyAnswer, EndpointError) as error:  # there is none
            if _may_have_arrived(error):
                self._withdrawal.missed(held)
            else:
                self._journal.not_created(held.store.endpoint, held.tag)
            raise

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

    def _adopt(self, store: SessionStore, tag: str, lost: LivyAnswer | EndpointUnreachable) -> Created:
        has_looked = False
        for pause in ADOPTION_LOOKS:
            self._clock.sleep(pause)
            try:
                created = store.adopt(tag)
            except (LivyAnswer, EndpointError):
                has_looked = False
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


def _may_have_arrived(error: LivyAnswer | EndpointError) -> bool:
    """Tell whether Livy may have begun with a session although it, or something before it, answered so."""
    if isinstance(error, LivyAnswer):
        return error.status >= SERVER_ERROR
    return isinstance(error, EndpointUnreachable) and error.may_have_arrived


def _unrecognized_field(error: LivyAnswer) -> str | None:
    match = re.search(r'Unrecognized field \\?"(\w+)\\?"', error.message)
    return match[1] if error.status == BAD_REQUEST and match else None
