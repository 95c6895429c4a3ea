"""How somebody stands with the policy at one Livy."""

from __future__ import annotations

import pytest

from livyguard.errors import EndpointUnreachable
from livyguard.policy.accounts import SHARED_ACCOUNTS
from livyguard.policy.identity import Identity
from livyguard.policy.model import parse
from livyguard.quotas import Quotas
from livyguard.standing import standing
from livyguard.testing import ENDPOINT, FakeClock, FakeLedger, FakeStore, FakeYarn, a_session, an_application

QUOTA = "[defaults]\nquota = { executors = 16 }"
ALICE = Identity("alice", "reported", "a test")


@pytest.fixture
def stand():
    """Return how alice stands in front of a Livy."""

    def stand(store, policy=QUOTA, yarn=None, **more):
        whose = {"this": {}, "shared_accounts": SHARED_ACCOUNTS, "logins": {}}
        quotas = Quotas(FakeLedger(), FakeClock(), yarn or FakeYarn(is_configured=False), lambda _store: whose)
        rules = policy and parse(policy, source="policy.toml")
        return standing(rules, ALICE, store, quotas, FakeClock(), **more)

    return stand


def alices(number=41, **fields):
    return a_session(number, login="alice", **fields)


def test_what_is_held_is_told_with_the_livy_that_says_so(stand):
    told = stand(FakeStore.of(alices(), a_session(42), authenticated_user="alice"))

    assert [(each.quota, each.sessions, each.assumed) for each in told.usage] == [("quota.executors", 1, 1)]
    assert (told.unowned, told.usage_at, told.usage_fault) == (1, ENDPOINT, None)


def test_what_the_cluster_says_is_told_beside(stand):
    application = an_application(1, "RUNNING", containers=4, memory_mib=9_216, cores=4)
    store = FakeStore.of(alices(app_id=application.id), authenticated_user="alice")

    told = stand(store, yarn=FakeYarn.of(application))

    assert [each.held_now for each in told.usage] == [3]


@pytest.mark.parametrize("policy", [None, "[defaults]\nlimits.ttl = { max = '8h' }"])
def test_livy_is_not_asked_where_no_quota_holds(stand, policy):
    store = FakeStore.of(alices())

    told = stand(store, policy)

    assert store.calls == []
    assert (told.usage, told.usage_at, told.usage_fault) == (None, None, None)


def test_a_livy_that_cannot_be_read_is_told_in_one_line_and_the_rest_stands(stand):
    fault = EndpointUnreachable("Livy does not answer.\n  from  --url", ENDPOINT)

    told = stand(FakeStore.of(alices(), faults={"sessions": [fault]}))

    assert (told.usage, told.unowned) == (None, None)
    assert told.usage_fault == "Livy does not answer. from --url"
    assert told.quota == {"executors": 16}


def test_of_somebody_else_the_log_in_of_whoever_asks_proves_nothing(stand):
    store = FakeStore.of(a_session(41, login="hadoop"), authenticated_user="hadoop")

    assert stand(store, is_me=False).usage[0].sessions == 0
