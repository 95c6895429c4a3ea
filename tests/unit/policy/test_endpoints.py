"""URLs of endpoints, and the globs over them that the policy names."""

from __future__ import annotations

import pytest

from livyguard.policy.endpoints import comparable, web_address
from livyguard.policy.model import parse
from livyguard.policy.tenancy import cluster_of


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://livy:8998", "http://livy:8998"),
        (" HTTP://LIVY:8998/ ", "http://livy:8998"),
        ("http://alice:p@w@Livy-A*", "http://livy-a*"),
        ("https://Knox/gateway/Sandbox/livy/v1/", "https://knox/gateway/Sandbox/livy/v1"),
        ("*Livy*", "*livy*"),
        ("*Livy*/Path@x", "*livy*/Path@x"),
        ("", ""),
    ],
)
def test_scheme_and_host_in_small_letters_the_path_as_it_is(url: str, expected: str) -> None:
    assert comparable(url) == expected
    assert comparable(expected) == expected


@pytest.mark.parametrize("glob", ["http://Livy-A*", "http://livy-a*", "HTTP://LIVY-A1:8998/"])
@pytest.mark.parametrize("url", ["http://livy-a1:8998", "http://LIVY-a1:8998/", " http://bob:pw@livy-a1:8998"])
def test_a_cluster_is_found_however_its_endpoint_is_written(glob: str, url: str) -> None:
    policy = parse(f'[cluster.a]\nendpoints = ["{glob}"]', source="p")

    assert cluster_of(policy, url) is policy.cluster["a"]
    assert cluster_of(policy, "http://livy-b1:8998") is policy.cluster[""]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://rm:8088", "http://rm:8088"),
        (" HTTPS://Rm/gateway/yarn/ ", "https://Rm/gateway/yarn"),
        ("http://shs:18080/?showIncomplete=true#x", "http://shs:18080"),
        ("http://[::1]:8088/", "http://[::1]:8088"),
    ],
)
def test_the_address_of_a_server_is_its_url_without_query_and_last_slash(text: str, address: str) -> None:
    assert web_address(text) == address
    assert web_address(address) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rm:8088",
        "rm",
        "ftp://rm",
        "javascript://rm/x",
        "http://",
        "http://rm:x",
        "http://rm:0",
        "http://[::1",
        "http://a:secret@rm:8088",
        "http://a@rm",
        "http://r m:8088",
        "http://rm:8088 http://rm2:8088",
    ],
)
def test_what_cannot_be_asked_or_holds_a_login_is_no_address(text: str) -> None:
    assert web_address(text) is None
