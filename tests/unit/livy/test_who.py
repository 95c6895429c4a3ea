import sys
from types import SimpleNamespace

import pytest
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from requests_kerberos import HTTPKerberosAuth

from livyguard.livy.who import user_of


class SiteAuthenticator:
    """What a site plugs into SparkMagic: it says nothing about who it is."""

    username = "whatever"


@pytest.mark.parametrize(
    ("auth", "user"),
    [
        (None, None),
        (("alice", "x"), "alice"),
        (("", ""), None),
        (HTTPBasicAuth("alice", "x"), "alice"),
        (HTTPBasicAuth(b"alice", b"x"), "alice"),
        (HTTPBasicAuth("", ""), None),
        (HTTPDigestAuth("alice", "x"), "alice"),
        (SiteAuthenticator(), None),
        (HTTPKerberosAuth(principal="alice@EXAMPLE.COM"), "alice"),
        (HTTPKerberosAuth(principal="etl/host.example.com@EXAMPLE.COM"), "etl"),
    ],
)
def test_the_authentication_names_its_user(auth, user):
    assert user_of(auth) == user


def test_kerberos_names_the_principal_of_the_ticket(monkeypatch):
    ticket = SimpleNamespace(name="bob@EXAMPLE.COM")
    monkeypatch.setitem(sys.modules, "gssapi", SimpleNamespace(Credentials=lambda usage: ticket))

    assert user_of(HTTPKerberosAuth()) == "bob"


def test_without_a_ticket_kerberos_names_nobody(monkeypatch, tmp_path):
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/none")

    assert user_of(HTTPKerberosAuth()) is None
