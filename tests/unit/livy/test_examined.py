"""config.json as the doctor tells of it: whole, and without a password."""

from __future__ import annotations

import base64
import json

import pytest

from livyguard.livy.examined import examined


@pytest.fixture
def look(tmp_path):
    def look(content):
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / "config.json").write_text(text)
        return examined({"SPARKMAGIC_CONF_DIR": str(tmp_path), "HOME": str(tmp_path)})

    return look


def test_without_a_file_sparkmagics_defaults_hold(tmp_path):
    found = examined({"HOME": str(tmp_path)})

    assert (found.is_there, found.fault, found.names_none) == (False, None, True)
    assert found.endpoints == (("PySpark", "http://localhost:8998", "no log-in"),)
    assert (found.heartbeat, found.refresh) == (60, 30)


def test_each_section_is_told_with_its_log_in_and_no_password(look):
    url = "https://livy.example.com:8443/gateway"
    found = look(
        {
            "kernel_python_credentials": {"username": "alice", "password": "s3cret", "url": url},
            "kernel_scala_credentials": {"username": "alice", "base64_password": "czNjcmV0", "url": url},
            "kernel_r_credentials": {"auth": "None", "url": "http://bob:s3cret@other:8998"},
            "custom_headers": {"x-requested-by": "me"},
            "livy_server_heartbeat_timeout_seconds": 0,
            "heartbeat_refresh_seconds": 5,
            "ignore_ssl_errors": True,
        }
    )

    assert not found.names_none
    assert found.endpoints == (
        ("PySpark and Spark", url, "Basic_Access as alice"),
        ("SparkR", "http://other:8998", "no log-in"),
    )
    assert (found.says_who_asks, found.verifies, found.heartbeat, found.refresh) == (True, False, 0, 5)
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{,}", "is no JSON"),
        ("[]", "the whole is no JSON object"),
        ({"kernel_python_credentials": 7}, "kernel_python_credentials is no JSON object"),
        ({"kernel_scala_credentials": 7}, "kernel_scala_credentials is no JSON object"),
        ({"kernel_r_credentials": {"url": "livy:8998"}}, "kernel_r_credentials: 'livy:8998' is no Livy URL"),
        ({"kernel_python_credentials": {"url": "livy:8998"}}, "'livy:8998' is no Livy URL"),
        ({"kernel_python_credentials": {"auth": "Basic_Access", "base64_password": "%"}}, "is no base64"),
        ({"kernel_python_credentials": {"auth": "Sso"}}, "name no such class"),
    ],
)
def test_what_sparkmagic_cannot_use_is_told(look, content, said):
    assert said in look(content).fault


def test_a_password_of_a_url_that_is_none_is_not_told(look):
    assert "s3cret" not in look({"kernel_r_credentials": {"url": "alice:s3cret@livy"}}).fault


def test_a_heartbeat_that_is_no_number_is_the_default(look):
    assert look({"heartbeat_refresh_seconds": "soon"}).refresh == 30


def test_base64_is_read(look):
    encoded = base64.b64encode(b"pw").decode()

    assert look({"kernel_python_credentials": {"username": "a", "base64_password": encoded}}).fault is None


def test_three_kernels_at_one_livy_are_named_in_a_row_and_a_file_without_an_address_names_none(look):
    sections = ("kernel_python_credentials", "kernel_scala_credentials", "kernel_r_credentials")

    found = look({section: {"auth": "None"} for section in sections})

    assert found.endpoints == (("PySpark, Spark and SparkR", "http://localhost:8998", "no log-in"),)
    assert (found.is_there, found.names_none) == (True, True)
