from __future__ import annotations

import re

import pytest

from livyguard.policy.footprint import Footprint
from livyguard.policy.tags import ceiling_tag, left_out, tagged, tagged_ceiling, tenant_tag, user_tag

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


def test_what_a_session_can_hold_at_most_is_written_and_read_again() -> None:
    assert ceiling_tag(Footprint(8, 73_728, 17)) == "livyguard-ceiling-8-73728-17"
    assert tagged_ceiling(["livy-session-1-x", "livyguard", "livyguard-ceiling-8-73728-17"]) == Footprint(8, 73_728, 17)


@pytest.mark.parametrize(
    ("ceiling", "tag"),
    [
        (Footprint(8), "livyguard-ceiling-8-x-x"),
        (Footprint(8, 1), "livyguard-ceiling-8-1-x"),
        (Footprint(8, None, 3), "livyguard-ceiling-8-x-3"),
    ],
)
def test_what_is_not_known_of_a_ceiling_is_left_open(ceiling: Footprint, tag: str) -> None:
    assert ceiling_tag(ceiling) == tag
    assert tagged_ceiling([tag]) == ceiling


def test_where_nothing_of_it_is_known_there_is_no_tag() -> None:
    assert ceiling_tag(Footprint()) is None


@pytest.mark.parametrize(
    "tag",
    [
        "livyguard-ceiling-8-73728",
        "livyguard-ceiling-8-73728-17-1",
        "livyguard-ceiling--8-73728-17",
        "livyguard-ceiling-8-7g-17",
        "xlivyguard-ceiling-8-1-1",
        "livyguard-ceiling-8-1-\u0661",
        f"livyguard-ceiling-{'9' * 10}-1-1",
        "",
    ],
)
def test_what_is_no_such_tag_tells_nothing(tag: str) -> None:
    assert tagged_ceiling([tag]) is None


def test_of_several_the_most_of_each_amount_counts() -> None:
    assert tagged_ceiling(["livyguard-ceiling-8-100-3", "livyguard-ceiling-2-900-2"]) == Footprint(8, 900, 3)


def test_a_tenant_becomes_a_tag_that_yarn_keeps_as_it_is() -> None:
    assert tenant_tag("Data-Science_2") == "livyguard-tenant-data-science_2"
    assert tenant_tag("ANALYSTS") == tenant_tag("analysts")
    assert len(tenant_tag("x" * 500)) == 63


def test_the_tags_for_counting_stand_after_the_users() -> None:
    sent = tagged({}, TAG, "alice", further=["livyguard-ceiling-1-2-3", "livyguard-tenant-a"])

    assert sent["conf"]["spark.yarn.tags"] == (
        f"livyguard,{TAG},livyguard-user-alice,livyguard-ceiling-1-2-3,livyguard-tenant-a"
    )


def test_a_user_cannot_write_how_large_a_session_is_or_whose() -> None:
    body = {"conf": {"spark.yarn.tags": "livyguard-ceiling-0-0-0, LIVYGUARD-tenant-other,mine"}}

    assert tagged(body, TAG, None)["conf"]["spark.yarn.tags"] == f"mine,livyguard,{TAG}"


@pytest.mark.parametrize(("own", "kept"), [(3, 3), (4, 4), (5, 4), (9, 4)])
def test_of_many_tags_of_the_user_the_last_give_way_to_those_for_counting_as_yarn_takes_ten(
    own: int, kept: int
) -> None:
    theirs = [f"t{number}" for number in range(own)]
    body = {"conf": {"spark.yarn.tags": ",".join([*theirs, "livyguard-user-bob"])}}

    sent = tagged(body, TAG, "alice", further=["livyguard-tenant-a", "livyguard-ceiling-1-2-3"])

    ours = ["livyguard", TAG, "livyguard-user-alice", "livyguard-tenant-a", "livyguard-ceiling-1-2-3"]
    assert sent["conf"]["spark.yarn.tags"].split(",") == [*theirs[:kept], *ours]
    assert left_out(body, sent) == tuple(theirs[kept:])


def test_where_nobody_counts_it_all_tags_of_the_user_stay() -> None:
    body = {"conf": {"spark.yarn.tags": ",".join(f"t{number}" for number in range(12))}}

    sent = tagged(body, TAG, "alice")

    assert len(sent["conf"]["spark.yarn.tags"].split(",")) == 12 + 3
    assert left_out(body, sent) == ()


def test_more_tags_of_ours_than_yarn_takes_are_cut_at_the_end() -> None:
    sent = tagged(
        {"conf": {"spark.yarn.tags": "mine"}}, TAG, "alice", further=[f"livyguard-tenant-{i}" for i in range(9)]
    )

    tags = sent["conf"]["spark.yarn.tags"].split(",")
    assert (len(tags), tags[0], tags[-1]) == (9, "livyguard", "livyguard-tenant-5")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("数据", "财务"),
        ("data science", "data/science"),
        ("data science", "data-science"),
        ("x" * 80 + "a", "x" * 80 + "b"),
    ],
)
def test_two_tenants_share_no_tag_whatever_a_tag_cannot_hold_of_their_names(one: str, other: str) -> None:
    assert tenant_tag(one) != tenant_tag(other)
    assert len(tenant_tag(one)) <= 63
    assert re.fullmatch(r"livyguard-tenant-[a-z0-9._@-]+", tenant_tag(one))
