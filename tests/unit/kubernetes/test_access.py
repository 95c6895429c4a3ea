"""How livyguard gets at Kubernetes: kubeconfigs, the programs they log in with, a pod's service account."""

import json
import logging
import stat
import sys
from pathlib import Path

import pytest
import trustme
from pytest_httpserver import HTTPServer

from livyguard.errors import ClusterError
from livyguard.kubernetes import login
from livyguard.kubernetes.access import Kubeconfig, ServiceAccount, access_from
from livyguard.kubernetes.pods import KubernetesPods
from tests.unit.kubernetes.api_server import TOKEN, ApiServer

EMPTY = {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": []}


@pytest.fixture
def program(tmp_path):
    """Write a program that logs in, and return what a kubeconfig says of it."""

    def write(code):
        file = tmp_path / "log-in"
        file.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{code}\n", encoding="utf-8")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(file), "args": []}}

    return write


def says(status):
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    return f"print(json.dumps({answer!r}))"


def fault(access):
    with pytest.raises(ClusterError) as caught:
        access.connect()
    return str(caught.value)


def test_a_kubeconfig_at_home_is_found_without_being_named(tmp_path):
    file = tmp_path / ".kube" / "config"
    file.parent.mkdir()
    file.touch()

    assert access_from({}) == Kubeconfig(str(file))


def test_the_environment_names_kubeconfigs_and_those_that_are_missing_are_passed_over(tmp_path):
    one, another = tmp_path / "one", tmp_path / "another"
    one.touch()
    another.touch()

    found = access_from({"KUBECONFIG": f"{one}:{tmp_path}/none::~/another"})

    assert found == Kubeconfig(f"{one}:{another}")


def test_where_there_is_none_a_pods_service_account_is_taken(tmp_path):
    (tmp_path / "token").touch()
    environ = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}

    assert access_from(environ, tmp_path) == ServiceAccount(tmp_path, "10.96.0.1", "443")
    assert access_from({}, tmp_path) is None
    assert access_from(environ, tmp_path / "none") is None


def test_the_contexts_namespace_is_asked_for_where_nothing_else_names_one(api, written):
    api.says(EMPTY)
    pods = KubernetesPods(written(api.url, namespace="spark"))

    before = pods.place
    pods.living()

    assert before == "Kubernetes"
    assert pods.place == "Kubernetes, namespace spark"
    assert api.requests[0].path == "/api/v1/namespaces/spark/pods"


def test_without_any_namespace_it_is_default_and_a_named_one_comes_first(api, written):
    api.says(EMPTY)
    KubernetesPods(written(api.url)).living()
    named = KubernetesPods(written(api.url, namespace="jupyter"), "spark")
    named.living()

    assert [request.path.split("/")[4] for request in api.requests] == ["default", "spark"]
    assert named.place == "Kubernetes, namespace spark"


def test_a_program_logs_in_once_for_many_questions(api, written, program, tmp_path):
    api.says(EMPTY)
    given = says({"token": TOKEN, "expirationTimestamp": "2020-01-01T00:00:00Z"})  # it is the server that tells
    user = program(f"open({str(tmp_path / 'runs')!r}, 'a').write('x')\n{given}")
    pods = KubernetesPods(written(api.url, user=user), "spark")

    pods.living()
    pods.living()

    assert (tmp_path / "runs").read_text() == "x"
    assert {request.headers["Authorization"] for request in api.requests} == {f"Bearer {TOKEN}"}


def test_a_kubeconfig_is_never_written_to(api, written, program):
    told = {"credential": {"access_token": TOKEN, "token_expiry": "2040-01-01T00:00:00Z"}}
    command = program(f"print(json.dumps({told!r}))")["exec"]["command"]
    access = written(api.url, user={"auth-provider": {"name": "gcp", "config": {"cmd-path": command}}})
    before = Path(access.files).read_bytes()
    api.says(EMPTY)

    KubernetesPods(access, "spark").living()

    assert Path(access.files).read_bytes() == before
    assert api.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_program_that_is_not_installed_is_named(api, written, capfd, caplog):
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws-iam-canary", "args": []}}
    access = written(api.url, user=user)

    text = fault(access)

    assert text == f"The kubeconfig {access.files} logs in with aws-iam-canary, which is not installed here."
    assert api.requests == []
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_a_program_that_fails_is_quoted_without_its_secrets(api, written, program, capfd):
    code = f"sys.exit('Error: the session has ended, run: aws sso login\\ntoken={TOKEN} {TOKEN}')"

    text = fault(written(api.url, user=program(code)))

    assert "names a log-in command that fails: exec: process returned 1" in text
    assert "run: aws sso login" in text
    assert "canary" not in text
    assert "\n" not in text
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("code", ["print('no JSON')", says({}), says({"clientCertificateData": "x"})])
def test_a_program_that_gives_no_log_in(api, written, program, code):
    assert "names a log-in command that fails: exec: " in fault(written(api.url, user=program(code)))


def test_a_program_that_does_not_answer_is_not_waited_for(api, written, program, monkeypatch, tmp_path):
    monkeypatch.setattr(login, "TIME", 0.5)
    code = f"while not os.path.exists({str(tmp_path / 'over')!r}): time.sleep(0.05)"

    text = fault(written(api.url, user=program(code)))
    (tmp_path / "over").touch()

    assert text.endswith("names a log-in command that did not answer within 0.5 s.")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "`kubectl config view --minify` shows its current context"),
        ("clusters: [\nusers: }", "line 2 is no YAML"),
        ("\0", "it is no YAML"),
        ("[]", "`kubectl config view --minify` shows its current context"),
        ("contexts: []\nclusters: []\nusers: []", "it has no current-context"),
        ("current-context: prod\ncontexts: []\nclusters: []", "it has no prod"),
    ],
    ids=["empty", "no YAML", "binary", "a list", "no context", "an unknown context"],
)
def test_a_broken_kubeconfig_is_told_with_what_is_wrong(tmp_path, content, why):
    file = tmp_path / "broken"
    file.write_text(content, encoding="utf-8")

    assert fault(Kubeconfig(str(file))) == f"The kubeconfig {file} cannot be used: {why}."


def test_a_kubeconfig_whose_log_in_is_incomplete_is_told_without_quoting_it(written):
    access = written("https://localhost", user={"exec": {"env": "canary"}, "token": None, "username": "canary"})

    assert "canary" not in fault(access)


def test_a_kubeconfig_that_cannot_be_read(tmp_path):
    assert "cannot be used" in fault(Kubeconfig(str(tmp_path / "gone")))


def test_a_file_that_a_kubeconfig_names_and_that_is_not_there_is_named(written):
    access = written("https://localhost", cluster={"certificate-authority": "/no/such/ca.pem"})

    assert fault(access).endswith("it names the file /no/such/ca.pem, which is not there.")


def test_a_service_account_asks_in_its_own_namespace_with_its_newest_token(tmp_path):
    import ssl

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.crt")
    (tmp_path / "token").write_text("first", encoding="utf-8")
    (tmp_path / "namespace").write_text("spark\n", encoding="utf-8")
    with HTTPServer(host="localhost", port=0, ssl_context=context) as server:
        api = ApiServer(server)
        api.says(EMPTY)
        api.says({"kind": "Status"}, 401)
        api.says(EMPTY)
        pods = KubernetesPods(ServiceAccount(tmp_path, "localhost", str(server.port)))
        pods.living()
        (tmp_path / "token").write_text("second", encoding="utf-8")
        pods.living()

    assert [request.headers["Authorization"].split()[1] for request in api.requests] == ["first", "first", "second"]
    assert pods.place == "Kubernetes, namespace spark"


def test_a_service_account_without_a_namespace_asks_in_default(tmp_path):
    (tmp_path / "token").write_text("token", encoding="utf-8")
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.crt")

    assert ServiceAccount(tmp_path, "localhost", "1").connect().namespace == "default"


def test_a_service_account_that_cannot_be_read(tmp_path):
    (tmp_path / "token").write_text("canary", encoding="utf-8")

    assert (
        fault(ServiceAccount(tmp_path, "localhost", "1")) == f"The pod's service account in {tmp_path} cannot be read."
    )


def test_what_others_log_meanwhile_goes_on_its_way(capfd, monkeypatch):
    def read():
        logging.getLogger("somebody.else").warning("heard %s", "still")
        logging.getLogger("somebody.else").info("unheard")
        return 7

    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # as in a notebook: pytest has its own

    assert login.loaded(read) == 7
    assert capfd.readouterr().err == "heard still\n"
    assert logging.getLogger().handlers == []


def test_a_connection_shows_nothing_of_its_log_in(written):
    connection = written("https://localhost").connect()

    assert "canary" not in repr(connection)
    assert json.dumps([connection.host, connection.source]) == '["https://localhost", "the kubeconfig\'s context dev"]'
