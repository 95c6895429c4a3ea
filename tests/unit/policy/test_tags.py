from __future__ import annotations

import pytest

from livyguard.policy.tags import tagged, user_tag

TAG = "livyguard-0a1b2c3d"


def test_a_session_carries_ours_beside_the_users_own_tags() -> None:
    body = {"numExecutors": 2, "conf": {"spark.yarn.tags": "team-a, nightly", "spark.x": "y"}}

    sent = tagged(body, TAG, "alice")

    assert sent["conf"]["spark.yarn.tags"] == f"team-a,nightly,livyguard,{TAG},livyguard-user-alice"
    assert sent["conf"]["spark.x"] == "y"
    assert sent["numExecutors"] == 2
    assert body["conf"]["spark.yarn.tags"] == "team-a, nightly"


@pytest.mark.parametrize("conf", [None, {}, {"spark.yarn.tags": None}])
def test_a_body_without_conf_is_tagged_too(conf: object) -> None:
    assert tagged({"conf": conf}, TAG, None)["conf"]["spark.yarn.tags"] == f"livyguard,{TAG}"


def test_nobody_passes_for_somebody_else_by_a_reserved_tag() -> None:
    body = {"conf": {"spark.yarn.tags": "LivyGuard-user-bob,livyguard-ffffffff,mine"}}

    assert tagged(body, TAG, "alice")["conf"]["spark.yarn.tags"] == f"mine,livyguard,{TAG},livyguard-user-alice"


@pytest.mark.parametrize("conf", [{"spark.master": "k8s://https://api"}, {"spark.kubernetes.namespace": "ml"}])
def test_on_kubernetes_the_driver_is_labelled(conf: dict[str, str]) -> None:
    assert tagged({"conf": conf}, TAG, None)["conf"]["spark.kubernetes.driver.label.livyguard"] == "0a1b2c3d"


def test_where_the_policy_says_kubernetes_the_driver_is_labelled_whatever_the_body_says() -> None:
    label = "spark.kubernetes.driver.label.livyguard"

    assert tagged({}, TAG, None, on_kubernetes=True)["conf"][label] == "0a1b2c3d"
    assert label not in tagged({}, TAG, None)["conf"]


def test_a_user_becomes_a_tag_that_yarn_keeps_as_it_is() -> None:
    assert user_tag("Alice, O'Neil/Ops@EXAMPLE.COM") == "alice-o-neil-ops@example.com"
    assert len(tagged({}, TAG, "x" * 500)["conf"]["spark.yarn.tags"].split(",")[-1]) == 63
