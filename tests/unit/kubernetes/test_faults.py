"""What stands between livyguard and Kubernetes is said in one sentence, with nothing of a log-in in it."""

import logging
import re
import socket
import threading
import warnings

import pytest
import trustme
from pytest_httpserver import HTTPServer
from werkzeug import Response

from livyguard.errors import ClusterError
from livyguard.kubernetes import api
from livyguard.kubernetes.pods import KubernetesPods
from livyguard.patience import asking_once
from tests.unit.kubernetes.api_server import TOKEN, ApiServer

EMPTY = {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": []}
SECRETS = re.compile(r"canary|Bearer|Traceback|PRIVATE KEY")


def fault(access, namespace="spark"):
    """Return the sentence, checked for what must not stand in it."""
    with pytest.raises(ClusterError) as caught:
        KubernetesPods(access, namespace).living()
    text = str(caught.value)
    assert SECRETS.search(text) is None
    assert "\n" not in text
    assert text.endswith(".")
    return text


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    """Whatever goes wrong, the person sees the sentence alone."""
    handlers = list(logging.getLogger().handlers)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield
    assert [str(one.message) for one in warned if "ResourceWarning" not in str(one.category)] == []
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger().handlers == handlers


@pytest.fixture
def hasty(monkeypatch):
    """Do not wait for an answer as long as for a real one."""
    monkeypatch.setattr(api, "TIMEOUTS", (0.3, 0.3))


@pytest.fixture
def cut():
    """A URL whose answers end in the middle of the head."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        is_over = threading.Event()

        def answer():
            listener.settimeout(0.1)
            while not is_over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 2")

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        is_over.set()
        thread.join()


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def secure(authority):
    """An API server that speaks TLS, with a certificate of an authority of its own."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with HTTPServer(host="localhost", port=0, ssl_context=context) as server:
        yield ApiServer(server)


def test_a_refused_connection(written, nobody):
    assert fault(written(nobody)) == f"No connection to Kubernetes at {nobody}."


def test_a_proxy_that_is_not_there(written, nobody):
    text = fault(written("http://kubernetes.example.com", cluster={"proxy-url": nobody}))

    assert text == "No connection to Kubernetes at http://kubernetes.example.com."


def test_a_host_without_an_address(written):
    text = fault(written("http://kubernetes.invalid:6443"))

    assert text == "No connection to Kubernetes at http://kubernetes.invalid:6443."


@pytest.mark.usefixtures("hasty")
def test_no_answer_in_time(written, deaf):
    assert fault(written(deaf)) == f"Kubernetes at {deaf} did not answer in time."


def test_an_answer_that_is_cut(written, cut):
    assert fault(written(cut)) == f"The connection to Kubernetes at {cut} was cut before its answer was complete."


def test_half_of_a_list(api, written):
    api.says(b'{"kind": "PodList", "items": [{"metadata": {"na')

    assert fault(written(api.url)) == f"{api.url} does not answer as Kubernetes does, or its answer was cut off."


@pytest.mark.parametrize(
    "content",
    [b"<html>Sign in</html>", b"[" * 100_000, [], {"kind": "Table"}, {"kind": "PodList", "items": {"a": 1}}],
    ids=["a page", "lists without end", "a list", "another kind", "no list"],
)
def test_an_answer_that_is_no_list_of_pods(api, written, content):
    api.says(content)

    assert "does not answer as Kubernetes does" in fault(written(api.url))


@pytest.mark.parametrize("status", [301, 302, 404])
def test_a_page_for_people_and_a_way_to_another_server_are_no_kubernetes(api, written, nobody, status):
    api.says(b"<html>", status, Location=f"{nobody}/login")

    assert "does not answer as Kubernetes does" in fault(written(api.url))
    assert len(api.asked) == 1


def test_a_log_in_that_is_not_accepted(api, written):
    api.plays("unauthorized", status=401)

    text = fault(written(api.url))

    assert text == f"Kubernetes at {api.url} does not accept the log-in of the kubeconfig's context dev (401)."
    assert api.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_log_in_that_has_run_out_is_renewed(api, written):
    access = written(api.url, user={"token": "first"})
    asked = KubernetesPods(access, "spark")
    api.says(EMPTY)
    api.plays("unauthorized", status=401)
    api.says(EMPTY)

    asked.living()
    written(api.url, user={"token": "second"})
    asked.living()

    assert [request.headers["Authorization"] for request in api.requests] == [
        "Bearer first",
        "Bearer first",
        "Bearer second",
    ]


def test_a_missing_right_is_named_with_whom_it_takes(api, written):
    api.plays("forbidden", status=403)

    assert fault(written(api.url)) == (
        f"Kubernetes at {api.url} does not let system:serviceaccount:jupyter:default list the pods in the namespace "
        "spark (403): that takes a Role there with the verb list on pods."
    )


def test_a_missing_right_without_a_name(api, written):
    api.says({"kind": "Status", "message": ""}, 403)

    assert "does not let the log-in of the kubeconfig's context dev list the pods" in fault(written(api.url))


def test_a_server_that_is_busy_is_asked_three_times(api, written):
    api.plays("busy", status=429)

    assert fault(written(api.url)) == f"Kubernetes at {api.url} cannot list pods now (429)."
    assert len(api.asked) == 3


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_whoever_watches_asks_a_server_that_is_busy_once(api, written, status):
    api.says(api.recorded("busy"), status, **{"Retry-After": "5"})
    asked = KubernetesPods(written(api.url), "spark")

    with asking_once(), pytest.raises(ClusterError, match=f"cannot list pods now \\({status}\\)") as fault:
        asked.living()

    assert fault.value.is_passing
    assert len(api.asked) == asked.requests == 1


def test_whoever_watches_waits_a_second_before_a_new_log_in_and_before_the_next_page(api, written, monkeypatch):
    pauses = []
    monkeypatch.setattr("livyguard.kubernetes.api.time.sleep", lambda seconds: pauses.append((seconds, len(api.asked))))
    asked = KubernetesPods(written(api.url), "spark")
    api.says({**EMPTY, "metadata": {"continue": "more"}})
    api.plays("unauthorized", status=401)
    api.says(EMPTY)

    with asking_once():
        assert asked.living() == []

    assert pauses == [(1.0, 1), (1.0, 2)]
    assert len(api.asked) == asked.requests == 3


def test_a_server_that_is_back_after_a_moment(api, written):
    api.says(b"", 503)
    api.says(EMPTY)

    assert KubernetesPods(written(api.url), "spark").living() == []


def test_a_balancer_whose_server_is_down(api, written):
    api.says(b"<html>Bad Gateway", 502)

    assert fault(written(api.url)) == f"Kubernetes at {api.url} cannot list pods now (502)."


def test_a_server_error_that_is_no_status_of_kubernetes(api, written):
    api.says(["down"], 500)

    assert fault(written(api.url)) == f"Kubernetes at {api.url} cannot list pods now (500)."


def test_a_refusal_that_is_lists_without_end(api, written):
    api.says(b"[" * 100_000, 500)

    assert fault(written(api.url)) == f"Kubernetes at {api.url} cannot list pods now (500)."


def test_any_other_refusal_is_quoted(api, written):
    api.plays("bad-request", status=400)

    assert "refuses to list pods (400): field label not supported: status.phase" in fault(written(api.url))


def test_tls_by_the_kubeconfigs_authority(secure, authority, written, tmp_path):
    secure.says(EMPTY)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    access = written(secure.url, cluster={"certificate-authority": str(tmp_path / "ca.pem")})

    assert KubernetesPods(access, "spark").living() == []


def test_a_certificate_that_the_authority_does_not_vouch_for(secure, written):
    text = fault(written(secure.url))

    why = "its certificate is not one that the log-in's authority vouches for"
    assert text == f"TLS with Kubernetes at {secure.url} fails: {why}."


def test_a_server_that_speaks_no_tls(api, written):
    https = api.url.replace("http:", "https:")

    assert fault(written(https)) == f"TLS with Kubernetes at {https} fails: it speaks plain HTTP."


def test_a_client_certificate_of_another_key(secure, authority, written, tmp_path):
    one, another = (authority.issue_cert(f"{name}@example.com") for name in ("alice", "bob"))
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    one.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    another.private_key_pem.write_to_path(tmp_path / "key.pem")
    user = {"client-certificate": str(tmp_path / "cert.pem"), "client-key": str(tmp_path / "key.pem")}

    text = fault(written(secure.url, user=user, cluster={"certificate-authority": str(tmp_path / "ca.pem")}))

    assert text == f"TLS with Kubernetes at {secure.url} fails: the certificates of the log-in do not fit."


def test_a_kubeconfig_that_asks_for_no_check_of_certificates_is_followed_without_a_word(secure, written):
    secure.says(EMPTY)

    access = written(secure.url, cluster={"insecure-skip-tls-verify": True})

    assert KubernetesPods(access, "spark").living() == []


def test_a_token_that_cannot_stand_in_a_header(api, written):
    text = fault(written(api.url, user={"token": "canary\r\nHost: elsewhere"}))

    assert text == f"The log-in of the kubeconfig's context dev cannot be sent to Kubernetes at {api.url}."


def test_a_name_and_password_in_the_servers_url_are_not_shown(api, written):
    api.plays("unauthorized", status=401)

    text = fault(written(api.url.replace("http://", "http://me:canary@")))

    assert api.url in text


def test_an_answer_is_followed_to_no_other_server(api, written):
    api.does(lambda request: Response("", 307, {"Location": f"{api.url}{request.full_path}"}))

    assert "does not answer as Kubernetes does" in fault(written(api.url))
    assert len(api.asked) == 1
