"""URLs of endpoints, and the globs over them that the policy names."""

from __future__ import annotations

import pytest

from livyguard.policy.endpoints import comparable
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
