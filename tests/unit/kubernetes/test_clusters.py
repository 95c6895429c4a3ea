"""Which Kubernetes the policy puts behind an endpoint, and what it takes to ask it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from livyguard.errors import ClusterError, InvalidPolicy
from livyguard.kubernetes import clusters as module
from livyguard.kubernetes.clusters import KubernetesClusters
from livyguard.policy.model import parse
from livyguard.testing import FakeStore

if TYPE_CHECKING:
    from livyguard.policy.model import Policy

TEXT = """
version = 1
[cluster]
manager = "yarn"
[cluster.pods]
endpoints = ["http://livy-k*"]
manager = "kubernetes"
spark_defaults = { "spark.kubernetes.namespace" = "spark" }
[cluster.own]
endpoints = ["http://livy-own"]
manager = "kubernetes"
"""
PODS, OWN = FakeStore(endpoint="http://livy-k1:8998"), FakeStore(endpoint="http://livy-own")


class World:
    def __init__(self, text: str | None) -> None:
        self.text = text

    def policy(self) -> Policy | None:
        if self.text == "invalid":
            raise InvalidPolicy(["policy.toml: cluster: unknown"])
        return None if self.text is None else parse(self.text, source="policy.toml")


@pytest.fixture
def environ(written):
    return {"KUBECONFIG": written("http://127.0.0.1:1", namespace="default").files}


def test_the_policys_cluster_of_kubernetes_is_asked_in_the_namespace_where_spark_starts_its_pods(environ):
    known = KubernetesClusters(World(TEXT), environ)

    assert known.pods(PODS).place == "Kubernetes, namespace spark"
    assert known.pods(OWN).place == "Kubernetes"
    assert known.pods(FakeStore(endpoint="http://other")) is None


def test_one_cluster_is_logged_in_to_once(environ):
    known = KubernetesClusters(World(TEXT), environ)

    assert known.pods(PODS) is known.pods(FakeStore(endpoint="http://livy-k2"))
    assert known.pods(PODS) is not known.pods(OWN)


def test_without_a_kubeconfig_nobody_is_asked(tmp_path):
    assert KubernetesClusters(World(TEXT), {}, tmp_path).pods(PODS) is None


@pytest.mark.parametrize("text", [None, "invalid", "version = 1"])
def test_without_a_policy_that_says_so_nobody_is_asked(environ, text):
    assert KubernetesClusters(World(text), environ).pods(PODS) is None


def test_where_the_client_is_not_installed_it_says_what_to_install(environ, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _: None)

    with pytest.raises(ClusterError, match=r"not installed: pip install 'livyguard\[kubernetes\]'\.$"):
        KubernetesClusters(World(TEXT), environ).pods(PODS)


def test_nothing_of_the_client_is_imported_before_somebody_asks(environ):
    code = (
        "import sys\n"
        "from livyguard.kubernetes.access import Kubeconfig\n"
        "from livyguard.kubernetes.clusters import KubernetesClusters\n"
        "from livyguard.kubernetes.pods import KubernetesPods\n"
        f"pods = KubernetesPods(Kubeconfig({environ['KUBECONFIG']!r}))\n"
        "heavy = {'kubernetes', 'yaml', 'requests', 'urllib3', 'aiohttp'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "try:\n    pods.living()\nexcept Exception as error:\n    print(error)\n"
        "print('kubernetes' in sys.modules)\n"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.splitlines() == ["[]", "No connection to Kubernetes at http://127.0.0.1:1.", "True"]
    assert told.stderr == ""
