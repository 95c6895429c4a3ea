import pytest
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from requests.cookies import cookiejar_from_dict
from requests_kerberos import HTTPKerberosAuth

from livyguard.livy.who import remembered, user_of
from tests.unit import tickets


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


def test_kerberos_names_the_principal_of_the_ticket(monkeypatch, tmp_path):
    monkeypatch.setenv("KRB5CCNAME", tickets.write(tmp_path / "tickets", "bob", seconds=3600))

    assert user_of(HTTPKerberosAuth()) == "bob"


def test_a_ticket_that_has_run_out_names_nobody(monkeypatch, tmp_path):
    monkeypatch.setenv("KRB5CCNAME", tickets.write(tmp_path / "tickets", "bob", seconds=-1))

    assert user_of(HTTPKerberosAuth()) is None


def test_without_a_ticket_kerberos_names_nobody(monkeypatch, tmp_path):
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/none")

    assert user_of(HTTPKerberosAuth()) is None


@pytest.mark.parametrize(
    ("cookie", "user"),
    [
        ('"u=alice&p=alice@EXAMPLE.COM&t=kerberos&e=1700000001000&s=1f2+/3="', "alice"),
        ("u=alice&p=alice@EXAMPLE.COM&t=kerberos&e=1700000000000&s=1f2", None),
        ('""', None),
        ("u=alice", None),
        ("u=alice&e=soon", None),
    ],
)
def test_hadoops_cookie_names_whom_the_server_remembers_until_it_ends(cookie, user):
    cookies = cookiejar_from_dict({"JSESSIONID": "u=mallory", "hadoop.auth": cookie})

    assert remembered(cookies, now=lambda: 1_700_000_000.0) == user
