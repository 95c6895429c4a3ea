"""Numbers that YARN's JSON may hold by a fault or on purpose: none of them hides a listing."""

import json
import re

import pytest

from livyguard.bootstrap import Parts, open_store
from livyguard.cli.main import run
from livyguard.listing import list_sessions
from livyguard.testing import RecordingDisplay
from livyguard.views.sessions import OrphanTable, SessionTable

NUMBERS = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e308",
    "-1e308",
    "1" + "0" * 400,
    "-1",
    "0",
    "0.1",
    "true",
    "null",
    '"x"',
    "[]",
]
FIELDS = ["allocatedMB", "allocatedVCores", "runningContainers", "clusterUsagePercentage", "startedTime"]


@pytest.fixture(autouse=True)
def _home(own_home, monkeypatch, httpserver):
    url = httpserver.url_for("").rstrip("/")
    monkeypatch.setenv("LIVYGUARD_URL", url.replace("//", "//alice:s3cret@"))
    policy = own_home / "policy.toml"
    policy.write_text(f'[cluster]\nresource_manager = "{url}"\n[defaults.limits]\n"executors.max" = {{ max = 8 }}\n')
    monkeypatch.setenv("LIVYGUARD_POLICY", str(policy))


def strict(text):
    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("field", FIELDS)
def test_no_number_of_yarns_hides_the_listing(httpserver, capsys, field):
    sessions, applications = [], []
    for at, number in enumerate(NUMBERS):
        app = f"application_1700000000000_{at:04}"
        sessions.append({"id": at, "owner": "alice", "state": "idle", "kind": "sql", "appId": app, "conf": {}})
        for which, tags in ((app, ""), (f"{app}9", f"livy-session-{at}-abcdefgh"), (f"{app}8", "")):
            one = {"id": which, "state": "RUNNING", "applicationTags": tags, "user": "alice", field: "@"}
            applications.append(json.dumps(one).replace('"@"', number))
    httpserver.expect_request("/sessions").respond_with_json({"from": 0, "total": len(sessions), "sessions": sessions})
    httpserver.expect_request(re.compile(".*/statements")).respond_with_json({"total_statements": 0, "statements": []})
    body = '{"apps": {"app": [' + ", ".join(applications) + "]}}"
    httpserver.expect_request("/ws/v1/cluster/apps").respond_with_data(body, content_type="application/json")

    by_size = ["sessions", "--sort", "executors_held"]
    for arguments in (["sessions"], by_size, ["sessions", "--orphans"], ["release", "--dry-run"]):
        assert run(arguments) == 0
        told = capsys.readouterr()
        assert "itself failed" not in told.err
        assert run([*arguments, "--json"]) == 0
        strict(capsys.readouterr().out)
    store, _ = open_store()
    parts = Parts(RecordingDisplay())
    listed = list_sessions([store], parts.ledger, parts.clock, clusters=parts.clusters)
    for table in (SessionTable(listed), OrphanTable(listed)):
        json.dumps(table._repr_mimebundle_(), allow_nan=False)
    SessionTable(listed).to_frame()
