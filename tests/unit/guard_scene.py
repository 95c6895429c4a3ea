"""A guard with everything around it, on fakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.admission import Admission
from livyguard.applications import Applications
from livyguard.errors import InvalidPolicy, LivyAnswer
from livyguard.guard import Guard
from livyguard.journal import Journal
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.identity import Identity
from livyguard.policy.model import parse
from livyguard.quotas import Quotas
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeStore, FakeYarn, RecordingDisplay
from livyguard.withdrawal import Withdrawal

if TYPE_CHECKING:
    from livyguard.policy.model import Policy
    from livyguard.policy.record import DecisionRecord
    from livyguard.ports import Whose

POLICY = """
version = 1
[defaults]
session_configs = { idleTimeout = "30m" }
limits."executors.max" = { max = 8, default = 5 }
limits."queue" = { fixed = "root.users", on_violation = "deny" }
"""


class Policies:
    def __init__(self, text: str | None) -> None:
        self.text = text

    def policy(self) -> Policy | None:
        if self.text == "invalid":
            raise InvalidPolicy(["policy.toml: defaults.limits: unknown"])
        return None if self.text is None else parse(self.text, source="policy.toml")


class Alice:
    user = "alice"

    def who(self, store: object) -> Identity:
        return Identity(self.user, "reported", "a test")


class Scene:
    """A guard with everything around it."""

    def __init__(self, policy: str | None = POLICY, **store: Any) -> None:
        self.store = FakeStore.of(authenticated_user="alice", **store)
        self.ledger, self.display, self.clock = FakeLedger(), RecordingDisplay(), FakeClock()
        self.identities = Alice()
        self.yarn = FakeYarn()
        self.policies = Policies(policy)
        journal = Journal(self.ledger, self.clock)
        quotas = Quotas(self.ledger, self.clock, self.yarn, self.whose)
        applications = Applications(self.yarn, self.ledger, self.clock)
        self.guard = Guard(
            admission=Admission(self.policies, self.identities, quotas, self.clock),
            withdrawal=Withdrawal(journal, applications, self.display, self.clock),
            journal=journal,
            display=self.display,
            clock=self.clock,
            kernel="kernel-1",
            notebook="work/report.ipynb",
            decisions=self,
        )
        self.log: list[dict[str, Any]] = []
        self.log_fault: str | None = None

    def whose(self, _store: object) -> Whose:
        """Return what tells whose sessions are, beside the ledger: no notebook uses any."""
        return {"this": {}, "shared_accounts": SHARED_ACCOUNTS, "logins": {}}

    def record(self, record: DecisionRecord) -> str | None:
        """Keep a decision; the scene is its own DecisionLog."""
        self.log.append(record.to_json())
        return self.log_fault

    @property
    def sent(self) -> list[dict[str, Any]]:
        return self.store.asked("create")


def answered(status: int, message: str = "") -> LivyAnswer:
    return LivyAnswer(status, message, url=f"{ENDPOINT}/sessions")
