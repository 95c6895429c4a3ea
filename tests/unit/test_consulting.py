"""What the doctor is built of: the queue of a session without settings, whose a session is, which cluster."""

from __future__ import annotations

import json

import pytest
import responses

from livyguard.bootstrap import Parts, connect
from livyguard.config import PolicyFiles
from livyguard.consulting import consult
from livyguard.testing import FakeStore, RecordingDisplay

LIVY = "http://livy.example.com:8998"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SPARKMAGIC_CONF_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def server(home, policy=None):
    """Return what the doctor is handed of one Livy."""
    parts = Parts(RecordingDisplay(), environment={"HOME": str(home)})
    file = home / "policy.toml"
    if policy is not None:
        file.write_text(f"version = 1\n{policy}")
    parts.policies = PolicyFiles([file], lambda _: None)
    doctor = consult(parts, lambda: [(connect(LIVY.replace("//", "//alice:pw@")), "a test")])
    return next(iter(doctor.servers()))


def test_the_queue_is_the_policys_else_that_of_the_configuration_else_nobody_says_one(home):
    assert server(home).queue() is None
    (home / "config.json").write_text(json.dumps({"session_configs": {"conf": {"spark.yarn.queue": "root.conf"}}}))
    assert server(home).queue() == "root.conf"
    assert server(home, 'defaults.limits."queue" = { fixed = "root.team" }').queue() == "root.team"
    assert server(home, "tenant = 7").queue() == "root.conf"


@pytest.mark.parametrize("policy", [None, '[cluster]\nmanager = "yarn"'])
def test_without_a_resource_manager_nothing_is_asked_of_the_cluster(home, policy):
    assert server(home, policy).manager() is None


@responses.activate
def test_a_resource_manager_is_asked_by_its_own_way(home):
    responses.get("http://rm:8088/ws/v1/cluster/info", json={"clusterInfo": {"hadoopVersion": "3.3.6"}})
    responses.get("http://rm:8088/ws/v1/cluster/metrics", json={"clusterMetrics": {"activeNodes": 1}})

    manager = server(home, '[cluster]\nresource_manager = "http://rm:8088"').manager()

    assert manager.info().version == "3.3.6"


def test_a_store_that_is_no_livys_is_told_and_the_rest_is_looked_at(home):
    parts = Parts(RecordingDisplay(), environment={})
    parts.policies = PolicyFiles([home / "policy.toml"], lambda _: None)

    report = consult(parts, lambda: [(FakeStore(endpoint=LIVY), "a test")]).examine()

    by_name = {found.name: found for found in report.checks}
    assert by_name["endpoint"].text == f"{LIVY} is asked in a way that cannot be looked at."
    assert by_name["ledger"].status == "ok"
