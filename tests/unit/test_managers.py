"""Which cluster is behind an endpoint, whatever manages it."""

import pytest

from livyguard.errors import InvalidPolicy
from livyguard.managers import PolicyManagers
from livyguard.policy.model import parse
from livyguard.testing import FakeStore, FakeYarn


class Policies:
    def __init__(self, cluster):
        self._cluster = cluster

    def policy(self):
        if self._cluster is None:
            return None
        if isinstance(self._cluster, Exception):
            raise self._cluster
        about = "".join(f'{key} = "{value}"\n' for key, value in self._cluster.items())
        return parse(f"version = 1\n[cluster]\n{about}", source="policy.toml")


class Kubernetes:
    made = 0

    def __init__(self):
        Kubernetes.made += 1

    def pods(self, _store):
        return "pods"


def managers(cluster, yarn=None):
    return PolicyManagers(Policies(cluster), yarn or FakeYarn(is_configured=False), Kubernetes)


def test_where_the_policy_names_a_resource_manager_it_tells_who_holds_the_cluster():
    yarn = FakeYarn()

    assert managers({"manager": "yarn"}, yarn).holders(FakeStore()) is yarn
    assert managers({"manager": "yarn"}, yarn).view(FakeStore()) is yarn
    assert managers({"manager": "yarn"}, yarn).is_yarn(FakeStore()) is True


def test_on_kubernetes_the_pods_do_and_what_knows_them_is_made_once():
    both, before = managers({"manager": "kubernetes"}), Kubernetes.made

    assert [both.holders(FakeStore()), both.holders(FakeStore())] == ["pods", "pods"]
    assert both.view(FakeStore()) is None
    assert Kubernetes.made == before + 1


@pytest.mark.parametrize("cluster", [None, InvalidPolicy(["wrong"]), {"manager": "glue"}, {}])
def test_elsewhere_nobody_does(cluster):
    before = Kubernetes.made

    assert managers(cluster).holders(FakeStore()) is None
    assert Kubernetes.made == before


def test_what_the_policy_says_of_a_cluster_is_told():
    assert managers({"manager": "glue"}).described(FakeStore()).manager == "glue"
    assert managers(None).described(FakeStore()) is None
