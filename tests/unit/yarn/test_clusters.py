"""Which cluster the policy puts behind an endpoint, and whom its ResourceManager is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import responses

from livyguard.errors import ClusterError, InvalidPolicy
from livyguard.policy.identity import Identity
from livyguard.policy.model import parse
from livyguard.testing import FakeStore
from livyguard.yarn.clusters import PolicyClusters
from tests.unit import tickets

if TYPE_CHECKING:
    from pathlib import Path

    from livyguard.policy.identity import Trust
    from livyguard.policy.model import Policy

APPS = "http://rm:8088/ws/v1/cluster/apps"
NAMED = """
version = 1
[cluster]
manager = "yarn"
[cluster.big]
endpoints = ["http://livy-a*"]
resource_manager = "http://rm:8088"
[cluster.pods]
endpoints = ["http://livy-k"]
manager = "kubernetes"
"""


class World:
    """A policy, and somebody who asks."""

    def __init__(self, text: str | None, trust: Trust = "reported") -> None:
        self.text, self.trust = text, trust

    def policy(self) -> Policy | None:
        if self.text == "invalid":
            raise InvalidPolicy(["policy.toml: cluster: unknown"])
        return None if self.text is None else parse(self.text, source="policy.toml")

    def who(self, store: object) -> Identity:
        return Identity("alice", self.trust, "a test")


def clusters(text: str | None, trust: Trust = "reported") -> PolicyClusters:
    world = World(text, trust)
    return PolicyClusters(world, world)


def at(url: str) -> FakeStore:
    return FakeStore(endpoint=url)


def test_the_endpoint_tells_the_cluster() -> None:
    known = clusters(NAMED)

    views = [known.view(at(url)) is not None for url in ("http://livy-a1:8998", "http://livy-k", "http://other")]

    assert views == [True, False, False]
    assert [known.is_yarn(at(url)) for url in ("http://livy-a1:8998", "http://livy-k", "http://other")] == [
        True,
        False,
        True,
    ]


def test_one_cluster_is_opened_once() -> None:
    known = clusters(NAMED)

    assert known.view(at("http://livy-a1:8998")) is known.view(at("http://livy-a2:8998"))
    assert known.holders(at("http://livy-a1:8998")) is known.view(at("http://livy-a2:8998"))


def test_who_holds_a_cluster_is_told_by_its_resource_manager_alone() -> None:
    known = clusters(NAMED)

    assert known.holders(at("http://livy-k")) is None
    holders = known.holders(at("http://livy-a1:8998"))
    assert holders is not None
    assert holders.place == "the ResourceManager http://rm:8088"


def test_what_the_policy_says_of_a_cluster_is_there_for_whoever_needs_it() -> None:
    known = clusters(NAMED)

    pods, other = known.described(at("http://livy-k")), known.described(at("http://other"))

    assert (pods and pods.manager, other and other.manager) == ("kubernetes", "yarn")
    assert clusters("invalid").described(at("http://livy-k")) is None


@pytest.mark.parametrize("text", [None, "invalid", "version = 1"])
def test_without_a_policy_that_says_so_there_is_no_cluster_to_ask(text: str | None) -> None:
    assert clusters(text).view(at("http://livy-a1:8998")) is None
    assert clusters(text).is_yarn(at("http://livy-a1:8998")) is None


@pytest.mark.parametrize(("trust", "sent"), [("reported", {"user.name": "alice"}), ("claimed", {})])
def test_a_reported_user_is_told_and_a_claimed_one_is_not(trust: Trust, sent: dict[str, str]) -> None:
    view = clusters(NAMED, trust).view(at("http://livy-a1:8998"))
    assert view is not None

    with responses.RequestsMock() as network:
        network.get(APPS, json={"apps": {}})
        assert view.tagged("x") == []
        assert network.calls[0].request.params == {"applicationTags": "x", **sent}


@pytest.mark.parametrize(("kind", "sent"), [("simple", {"user.name": "alice"}), ("none", {})])
def test_the_policy_says_how_it_is_asked(kind: str, sent: dict[str, str]) -> None:
    said = f'[cluster]\nresource_manager = "http://rm:8088"\nresource_manager_auth = "{kind}"'
    view = clusters(said).view(at("http://livy"))
    assert view is not None

    with responses.RequestsMock() as network:
        network.get(APPS, status=401, headers={"WWW-Authenticate": "Negotiate"})
        with pytest.raises(
            ClusterError, match=f'it wants Kerberos, and the policy says resource_manager_auth = "{kind}"'
        ):
            view.tagged("x")
        assert network.calls[0].request.params == {"applicationTags": "x", **sent}


def test_by_kerberos_nothing_is_sent_without_a_ticket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets.looked_for_in(tmp_path, monkeypatch)(None)
    view = clusters('[cluster]\nresource_manager = "http://rm:8088"\nresource_manager_auth = "kerberos"').view(
        at("http://livy")
    )
    assert view is not None

    with responses.RequestsMock() as network:
        with pytest.raises(ClusterError, match=r"and the ResourceManager http://rm:8088 wants one\. Run `kinit`"):
            view.living()
        assert list(network.calls) == []


@pytest.mark.parametrize("kind", ["none", "kerberos"])
def test_who_is_asking_is_not_asked_for_where_no_name_is_sent(kind: str) -> None:
    class Silent(World):
        def who(self, store: object) -> Identity:
            raise AssertionError

    world = Silent(f'[cluster]\nresource_manager = "http://rm:8088"\nresource_manager_auth = "{kind}"')

    assert PolicyClusters(world, world).view(at("http://livy")) is not None


def test_a_setting_that_is_no_url_is_told() -> None:
    with pytest.raises(ClusterError, match="'rm:8088' is no URL"):
        clusters('version = 1\n[cluster]\nresource_manager = "rm:8088"').view(at("http://livy"))
