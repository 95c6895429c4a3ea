"""Who the environment and the operating system claim is asking."""

from __future__ import annotations

import pwd

import pytest

from livyguard.identity.claims import claimed
from livyguard.policy.identity import Identity


def test_the_environment_claims_the_first_name_that_it_holds() -> None:
    who = claimed({"JUPYTERHUB_USER": " ", "KERNEL_USERNAME": "alice", "USER": "jovyan"})

    assert who == Identity("alice", "claimed", "the environment variable KERNEL_USERNAME")


def test_else_the_operating_system_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livyguard.identity.claims.account", lambda: "alice")

    assert claimed({}) == Identity("alice", "claimed", "the operating system")


@pytest.mark.parametrize("error", [KeyError("uid"), OSError("no such user")])
def test_a_container_without_users_claims_nobody(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(_: int) -> pwd.struct_passwd:
        raise error

    monkeypatch.setattr(pwd, "getpwuid", fail)

    assert claimed({}) == Identity(None, "claimed", "nobody")
