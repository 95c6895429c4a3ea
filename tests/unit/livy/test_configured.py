import base64
import json

import pytest
import requests
from requests.auth import AuthBase
from requests_kerberos import OPTIONAL, HTTPKerberosAuth

from livyguard.errors import InvalidInput
from livyguard.livy.configured import configured, configured_at, session_presets


class SiteAuthenticator(AuthBase):
    def __init__(self, attributes):
        self.user = attributes.user


@pytest.fixture
def write(tmp_path):
    def write(content):
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / "config.json").write_text(text)
        return {"SPARKMAGIC_CONF_DIR": str(tmp_path), "HOME": "/nowhere"}

    return write


def credentials(**fields):
    return {"kernel_python_credentials": {"url": "http://livy:8998", **fields}}


def test_basic_authentication_is_read_with_its_encoded_password(write):
    password = base64.b64encode(b"p:w").decode()

    found = configured(write(credentials(username="alice", base64_password=password, auth="Basic_Access")))

    assert (found.url, found.auth) == ("http://livy:8998", ("alice", "p:w"))
    assert "p:w" not in repr(found)


def test_a_user_without_a_kind_of_authentication_is_basic(write):
    assert configured(write(credentials(username="alice", password="x"))).auth == ("alice", "x")


def test_none_is_none_even_with_a_user(write):
    assert configured(write(credentials(username="alice", password="x", auth="None"))).auth is None


def test_kerberos_takes_its_settings(write):
    settings = credentials(auth="Kerberos") | {"kerberos_auth_configuration": {"mutual_authentication": OPTIONAL}}

    auth = configured(write(settings)).auth

    assert isinstance(auth, HTTPKerberosAuth)
    assert auth.mutual_authentication == OPTIONAL


def test_a_sites_own_authenticator_is_made_as_sparkmagic_makes_it(write):
    settings = credentials(auth="Site", username="alice") | {
        "authenticators": {"Site": f"{__name__}.SiteAuthenticator"}
    }
    import sys

    sys.modules.setdefault(__name__, sys.modules[SiteAuthenticator.__module__])

    assert configured(write(settings)).auth.user == "alice"


def test_a_sites_own_class_for_a_login_of_sparkmagics_takes_its_place(write):
    settings = credentials(username="alice", password="x") | {
        "authenticators": {"Basic_Access": "livyguard.sparkmagic.hadoop_simple.HadoopSimple"}
    }

    auth = configured(write(settings)).auth

    asked = auth(requests.Request("GET", "http://livy:8998/sessions?size=5").prepare())
    assert asked.url == "http://livy:8998/sessions?size=5&user.name=alice"
    assert "Authorization" not in asked.headers


@pytest.mark.parametrize(
    ("known", "message"),
    [({}, "name no such class"), ({"Site": "no.such.Class"}, "cannot be made"), ({"Site": "Plain"}, "cannot be made")],
)
def test_an_authenticator_that_cannot_be_had_is_told(write, known, message):
    with pytest.raises(InvalidInput, match=message):
        configured(write(credentials(auth="Site") | {"authenticators": known}))


def test_headers_and_ssl_settings_are_taken_over(write):
    found = configured(write(credentials() | {"custom_headers": {"X-Site": 7}, "ignore_ssl_errors": True}))

    assert (found.headers, found.verify) == ({"X-Site": "7"}, False)


@pytest.mark.parametrize("content", ["", "{}", {"kernel_python_credentials": {}}])
def test_a_configuration_without_an_endpoint_has_sparkmagics_own(write, content):
    found = configured(write(content))

    assert found.url == "http://localhost:8998"
    assert found.source.startswith("SparkMagic's default, since ")


def test_no_configuration_has_sparkmagics_own_and_says_so(tmp_path):
    found = configured({"HOME": str(tmp_path)})

    assert found.url == "http://localhost:8998"
    assert found.source == f"SparkMagic's default, since there is no {tmp_path}/.sparkmagic/config.json"


def test_the_file_may_have_another_name_and_the_folder_a_tilde(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "livy.json").write_text(json.dumps(credentials(url="http://other")))

    found = configured({"HOME": str(tmp_path), "SPARKMAGIC_CONF_DIR": "~/conf", "SPARKMAGIC_CONF_FILE": "livy.json"})

    assert found.url == "http://other"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{\n  "a": }', r"is no JSON: Expecting value \(line 2, column 8\)"),
        ("[]", "the whole is no JSON object"),
        ({"kernel_python_credentials": []}, "kernel_python_credentials is no JSON object"),
        (credentials(base64_password="***"), "is no base64"),
    ],
)
def test_a_broken_configuration_is_told_with_its_place(write, content, message):
    with pytest.raises(InvalidInput, match=message):
        configured(write(content))


def test_a_configuration_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "config.json").mkdir()

    with pytest.raises(InvalidInput, match="cannot be read: Is a directory"):
        configured({"SPARKMAGIC_CONF_DIR": str(tmp_path)})


def test_a_configuration_in_another_encoding_is_told(tmp_path):
    (tmp_path / "config.json").write_bytes(b'{"a": "\xe9"}')

    with pytest.raises(InvalidInput, match="it is not UTF-8"):
        configured({"SPARKMAGIC_CONF_DIR": str(tmp_path)})


def test_the_presets_of_sessions_are_read_lowest_first(write):
    settings = {"session_configs": {"executorMemory": "2g"}, "session_configs_defaults": {"driverMemory": "1g"}}

    assert session_presets(write(settings)) == [{"driverMemory": "1g"}, {"executorMemory": "2g"}]


@pytest.mark.parametrize("content", ["{", "[]", "null", {}, {"session_configs": []}, {"session_configs_defaults": "x"}])
def test_presets_that_are_missing_or_broken_are_nobodys(write, content):
    assert session_presets(write(content)) == []


def test_without_a_configuration_nothing_is_preset(tmp_path):
    assert session_presets({"HOME": str(tmp_path)}) == []


@pytest.mark.parametrize("url", ["http://livy:8998", "http://livy:8998/", "HTTP://livy:8998"])
def test_a_url_of_the_configured_livy_is_logged_in_to_as_configured(write, url):
    found = configured_at(url, write(credentials(username="alice", password="x")))

    assert found is not None
    assert found.auth == ("alice", "x")


@pytest.mark.parametrize(
    "url", ["http://other:8998", "http://livy", "http://bob:y@livy:8998", "http://livy:8998/?user.name=bob", "livy"]
)
def test_another_livy_or_another_log_in_never_gets_the_configured_one(write, url):
    assert configured_at(url, write(credentials(username="alice", password="x"))) is None


def test_a_broken_configuration_does_not_stand_in_the_way_of_a_url(write):
    assert configured_at("http://livy:8998", write("{")) is None
