from __future__ import annotations

import getpass

import pytest

from livyguard.identity.sources import Identities, claimed
from livyguard.policy.identity import Identity
from livyguard.testing import FakeStore


def test_the_environment_claims_the_first_name_that_it_holds() -> None:
    who = claimed({"JUPYTERHUB_USER": " ", "KERNEL_USERNAME": "alice", "USER": "jovyan"})

    assert who == Identity("alice", "claimed", "the environment variable KERNEL_USERNAME")


def test_else_the_operating_system_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "alice")

    assert claimed({}) == Identity("alice", "claimed", "the operating system")


@pytest.mark.parametrize("error", [KeyError("uid"), OSError("no such user")])
def test_a_container_without_users_claims_nobody(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", fail)

    assert claimed({}).user is None


def test_what_livy_says_outranks_the_login_and_the_login_outranks_a_claim() -> None:
    fallback = Identity("carol", "claimed", "a test")
    known, basic, anonymous = FakeStore(authenticated_user="bob"), FakeStore(authenticated_user="bob"), FakeStore()
    identities = Identities(fallback, {known: "alice"}.get)

    told = identities.who(known)

    assert (told.user, told.trust) == ("alice", "reported")
    assert (identities.who(basic).user, identities.who(basic).trust) == ("bob", "reported")
    assert identities.who(anonymous) == fallback


def test_without_anything_else_the_environment_is_read() -> None:
    assert Identities().who(FakeStore.of()).trust == "claimed"
