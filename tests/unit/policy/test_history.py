"""Where the history server shows an application."""

from __future__ import annotations

import pytest

from livyguard.policy.history import history_url
from livyguard.policy.model import parse

APP = "application_1795260562512_0003"
PAGE = f"http://shs:18080/history/{APP}/"


def page(said: str, app_id: str | None = APP) -> str | None:
    """Return the page of an application on a cluster of which the policy says something."""
    return history_url(parse(f"[cluster]\n{said}", source="p").cluster[""], app_id)


@pytest.mark.parametrize(
    "said",
    [
        'history_server = "http://shs:18080"',
        'history_server = "http://shs:18080/"',
        'spark_defaults = { "spark.yarn.historyServer.address" = "shs:18080" }',
        'spark_defaults = { "spark.yarn.historyServer.address" = " http://shs:18080 " }',
        'history_server = "http://shs:18080"\nspark_defaults = { "spark.yarn.historyServer.address" = "other:1" }',
    ],
)
def test_the_page_is_the_applications_own_on_the_server_that_the_policy_names(said: str) -> None:
    assert page(said) == PAGE


@pytest.mark.parametrize(
    "said",
    [
        "workers = 3",
        'history_server = "shs:18080"',
        'history_server = "javascript://alert(1)/"',
        'history_server = ""\nspark_defaults = { "spark.yarn.historyServer.address" = "shs:18080" }',
        'spark_defaults = { "spark.yarn.historyServer.address" = "${hadoopconf-yarn.resourcemanager.hostname}:18080" }',
        'spark_defaults = { "spark.yarn.historyServer.address" = 18080 }',
        'spark_defaults = { "spark.yarn.historyServer.address" = "" }',
        'spark_defaults = { "spark.yarn.historyServer.address" = "alice:secret@shs:18080" }',
    ],
)
def test_without_the_address_of_a_server_there_is_no_page(said: str) -> None:
    assert page(said) is None


@pytest.mark.parametrize("app_id", [None, ""])
def test_what_has_no_application_yet_has_no_page(app_id: str | None) -> None:
    assert page('history_server = "http://shs:18080"', app_id) is None


def test_where_the_policy_says_nothing_of_the_cluster_there_is_no_page() -> None:
    assert history_url(None, APP) is None


def test_a_hostile_application_id_stays_inside_the_page() -> None:
    assert page('history_server = "http://shs"', "../x?y#<z>") == "http://shs/history/..%2Fx%3Fy%23%3Cz%3E/"


def test_a_cluster_of_its_own_name_may_have_its_own() -> None:
    policy = parse(
        '[cluster]\nhistory_server = "http://shs:18080"\n[cluster.b]\nhistory_server = "https://b"', source="p"
    )

    assert history_url(policy.cluster["b"], APP) == f"https://b/history/{APP}/"
    assert history_url(policy.cluster[""], APP) == PAGE
