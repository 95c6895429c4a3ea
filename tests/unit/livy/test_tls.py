"""A certificate that this machine does not accept, from a real server: three causes, each with its own advice."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
import trustme
from pytest_httpserver import HTTPServer

from livyguard.errors import EndpointUnreachable
from livyguard.hints.diagnose import diagnose
from livyguard.hints.evidence import Case
from livyguard.livy.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

YESTERDAY = datetime.now(timezone.utc) - timedelta(days=1)


@pytest.fixture
def server() -> Iterator[Callable[[trustme.LeafCert], str]]:
    """Return what serves an empty listing with a certificate, and gives its URL."""
    running = []

    def serve(certificate: trustme.LeafCert) -> str:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        one = HTTPServer(host="127.0.0.1", port=0, ssl_context=context)
        one.start()
        running.append(one)
        one.expect_request("/sessions").respond_with_json({"from": 0, "total": 0, "sessions": []})
        return one.url_for("").rstrip("/")

    yield serve
    for one in running:
        one.stop()


@pytest.mark.parametrize("fault", ["unknown authority", "expired", "another name"])
def test_each_fault_of_a_certificate_has_its_own_advice(
    server: Callable[[trustme.LeafCert], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    authority = trustme.CA()
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    if fault != "unknown authority":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    name, until = ("livy.example.com" if fault == "another name" else "127.0.0.1"), YESTERDAY
    url = server(authority.issue_cert(name, not_after=until) if fault == "expired" else authority.issue_cert(name))

    with pytest.raises(EndpointUnreachable) as caught:
        Transport(url).request("POST", "/sessions", body={})

    (hint,) = diagnose(Case(str(caught.value)))
    cause = {
        "unknown authority": "does not know the authority",
        "expired": "The time of the server's certificate is over",
        "another name": "for another name than the one in Livy's address",
    }
    assert hint.code == "LG607"
    assert cause[fault] in hint.cause


def test_the_bundle_that_is_advised_mends_it(
    server: Callable[[trustme.LeafCert], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    url = server(authority.issue_cert("127.0.0.1"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))

    assert Transport(url).request("GET", "/sessions").ok
