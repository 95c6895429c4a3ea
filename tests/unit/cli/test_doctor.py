"""``livyguard doctor`` against servers of every kind, in homes of every kind: always a report, never a traceback."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress

import pytest

from livyguard.cli.main import run

RM = "/ws/v1/cluster"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home, and no policy but what a test writes; return how config.json and policy are written."""
    for name in ("LIVYGUARD_POLICY", "LIVYGUARD_URL", "SPARKMAGIC_CONF_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))

    def write(config=None, policy=None):
        if config is not None:
            folder = tmp_path / ".sparkmagic"
            folder.mkdir(exist_ok=True)
            (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
        if policy is not None:
            (tmp_path / "policy.toml").write_text(policy)
            monkeypatch.setenv("LIVYGUARD_POLICY", str(tmp_path / "policy.toml"))

    return write


@pytest.fixture
def doctor(capsys):
    """Run the command; return its exit code and its checks by name."""

    def doctor(*arguments):
        code = run(["doctor", "--json", *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        shown = json.loads(out)
        assert shown["summary"]["exit_code"] == code
        return code, {check["check"]: check for check in shown["checks"]}

    return doctor


@pytest.fixture
def livy(httpserver):
    """A healthy Livy of alice's."""
    mine = {"id": 3, "state": "idle", "owner": "alice", "proxyUser": None, "conf": {}, "log": ["x"]}
    hers = {"id": 4, "state": "idle", "owner": "bob", "proxyUser": None, "conf": {}, "log": []}
    httpserver.expect_request("/sessions", method="GET").respond_with_json(
        {"from": 0, "total": 2, "sessions": [mine, hers]}
    )
    httpserver.expect_request("/version", method="GET").respond_with_json({"version": "0.9.0-incubating"})
    httpserver.expect_request("/version", method="POST").respond_with_data("", 405)
    return httpserver.url_for("").rstrip("/")


def credentials(url):
    return {"kernel_python_credentials": {"username": "alice", "password": "s3cret-pw", "url": url}}


def test_a_healthy_chain_is_told_link_by_link(home, livy, doctor, httpserver):
    queue = {"queueName": "default", "absoluteMaxCapacity": 100.0, "absoluteUsedCapacity": 10.0, "state": "RUNNING"}
    for path, said in (
        ("info", {"clusterInfo": {"hadoopVersion": "3.3.6"}}),
        ("metrics", {"clusterMetrics": {"activeNodes": 2, "totalMB": 20_000, "availableMB": 18_000}}),
        ("scheduler", {"scheduler": {"schedulerInfo": {"queues": {"queue": [queue]}}}}),
    ):
        httpserver.expect_request(f"{RM}/{path}").respond_with_json(said)
    limit = 'defaults.limits."executors.max" = { max = 4, default = 2 }\n'
    home(credentials(livy), f'version = 1\n{limit}[cluster]\nmanager = "yarn"\nresource_manager = "{livy}"\n')

    code, checks = doctor()

    assert code == 0
    told = {name: check["text"] for name, check in checks.items()}
    assert told["identity"] == f"alice, by the login at {livy} (reported); tenant defaults"
    assert told["login"] == "let in as alice"
    assert told["csrf"] == "X-Requested-By is not asked for"
    assert told["sessions"] == "2 sessions listed (1 mine)"
    assert told["access"] == "other people's logs are not shown (1 session of theirs)"
    assert told["yarn"] == f"the ResourceManager {livy} answers, Hadoop 3.3.6, 2 nodes, 17.6 GiB free"
    assert told["queue"] == "root.default: 10% used, 17.6 GiB left"
    assert told["endpoint"].startswith(f"{livy}, named by kernel_python_credentials in ")
    assert "s3cret" not in json.dumps(checks)


def test_it_asks_each_server_a_few_times_and_changes_nothing(home, livy, doctor, httpserver, tmp_path):
    home(credentials(livy))
    before = sorted(tmp_path.rglob("*"))

    doctor()

    asked = [f"{seen.method} {seen.path}" for seen, _ in httpserver.log]
    assert asked == ["GET /sessions", "POST /version", "GET /version"]
    assert sorted(tmp_path.rglob("*")) == before


def test_nothing_is_configured(home, doctor, nobody, monkeypatch):
    monkeypatch.setenv("LIVYGUARD_URL", nobody)

    code, checks = doctor()

    assert code == 3
    assert {name: check["status"] for name, check in checks.items()} == {
        **dict.fromkeys(("kernelspec", "startup", "policy"), "warning"),
        **dict.fromkeys(("config", "endpoint", "identity", "dns", "heartbeat", "ledger"), "ok"),
        "tcp": "failure",
        **dict.fromkeys(("guard", "tls", "login", "csrf", "version", "sessions", "access"), "skipped"),
        **dict.fromkeys(("yarn", "queue", "clocks"), "skipped"),
    }


def test_everything_is_broken(home, doctor, nobody, tmp_path):
    home("{ not json", "version = 1\n[[tenant]]\nusers = 7\n")
    state = tmp_path / ".local"
    state.write_text("a file where a folder should be")

    code, checks = doctor("--url", nobody)

    assert code == 3
    failed = {name: (check["hint"] or {}).get("code") for name, check in checks.items() if check["status"] == "failure"}
    assert failed == {"config": "LG903", "policy": "LG956", "tcp": failed["tcp"]}
    assert checks["ledger"]["hint"]["code"] == "LG969"
    assert checks["heartbeat"]["text"] == "not looked at: config.json fails"
    assert checks["yarn"]["text"] == "not looked at: policy fails"


def test_a_broken_configuration_is_no_usage_error_and_names_no_endpoint(home, doctor):
    home("{ not json")

    code, checks = doctor()

    assert code == 1
    assert (checks["config"]["status"], checks["endpoint"]["status"]) == ("failure", "skipped")
    assert checks["dns"]["text"] == "not looked at: config.json fails"


def test_a_url_that_is_none_is_a_usage_error(home, capsys):
    assert run(["doctor", "--url", "livy:8998"]) == 2
    assert "is no Livy URL" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, "<html><title>Error 401</title></html>", 3),
        (403, "<html><title>User not authorised to use Livy.</title></html>", 3),
        (200, "<html><title>Sign in</title></html>", 3),
        (404, "", 3),
        (500, "{}", 1),
    ],
)
def test_a_door_that_does_not_open(home, doctor, httpserver, status, body, code):
    httpserver.expect_request("/sessions").respond_with_data(body, status)
    home(credentials(httpserver.url_for("").rstrip("/")))

    found, checks = doctor()

    assert (found, checks["login"]["status"]) == (code, "failure")
    assert checks["sessions"]["text"] == "not looked at: log-in fails"
    assert checks["ledger"]["status"] == "ok"


@pytest.fixture
def dripping():
    """A server that sends a byte of its answer every now and then, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip():
        while not over.is_set():
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Slow: ")
                with suppress(OSError):  # whoever asked has gone
                    while not over.wait(0.05):
                        connection.sendall(b"x")

    threading.Thread(target=drip, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    over.set()
    with socket.create_connection(listener.getsockname()):
        listener.close()


@pytest.mark.parametrize("server", ["deaf", "dripping"])
def test_a_server_that_never_answers_is_given_up(home, doctor, server, request, monkeypatch):
    monkeypatch.setattr("livyguard.doctor.examination.SERVER_SECONDS", 1.0)
    url = request.getfixturevalue(server)

    code, checks = doctor("--url", url)

    assert code == 3
    assert checks["tcp"]["status"] == "ok"
    assert checks["login"]["status"] == "failure"
    assert checks["login"]["hint"]["code"] == "LG605"
    assert checks["sessions"]["text"] == "not looked at: log-in fails"


def test_a_cluster_that_is_dead_is_no_fault_of_livys(home, livy, doctor, nobody):
    home(credentials(livy), f'version = 1\n[cluster]\nresource_manager = "{nobody}"\n')

    code, checks = doctor()

    assert code == 1
    assert (checks["login"]["status"], checks["yarn"]["status"]) == ("ok", "failure")
    assert checks["yarn"]["hint"]["code"] == "LG964"


def test_what_a_person_reads_has_commands_and_no_cells(home, livy, capsys):
    home(credentials(livy))

    code = run(["doctor"])

    out = capsys.readouterr().out
    assert code == 0
    assert out.startswith("ok       config.json")
    assert "livyguard explain LG955" in out
    assert out.splitlines()[-1].endswith("skipped.")
