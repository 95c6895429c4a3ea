"""Whose tenant another owner's session counts for."""

from __future__ import annotations

import pytest

from livyguard.policy.layers import stacked
from livyguard.policy.model import parse
from livyguard.policy.tenancy import resolve_member

POLICY = """
shared_accounts = ["teamlab"]
[[tenant]]
name = "Analysts"
users = ["alice"]
groups = ["analytics"]
quota = { executors = 16 }
[[tenant]]
name = "interns"
users = ["int-*"]
quota = { executors = 2 }
[[tenant]]
name = "elsewhere"
groups = ["far"]
cluster = "far"
[[tenant]]
name = "everybody"
users = ["*"]
[[tenant]]
name = "late"
groups = ["late"]
[cluster.far]
endpoints = ["http://far*"]
"""


def tenant_of(owner, *tags, policy=POLICY, endpoint="http://near"):
    return resolve_member(parse(policy, source="p"), owner, frozenset(tags), endpoint).name


@pytest.mark.parametrize(
    ("owner", "name"),
    [("alice", "Analysts"), ("int-7", "interns"), ("bob", "everybody"), ("teamlab", "defaults"), ("root", "defaults")],
)
def test_by_the_name_as_livy_tells_it(owner, name):
    assert tenant_of(owner) == name


def test_by_a_group_where_the_sessions_own_tag_says_so():
    assert tenant_of("bob", "livyguard-tenant-analysts") == "Analysts"
    assert tenant_of("int-7", "livyguard-tenant-analysts") == "Analysts"


def test_a_tag_of_a_tenant_that_takes_no_groups_says_nothing():
    assert tenant_of("bob", "livyguard-tenant-interns") == "everybody"
    assert tenant_of("alice", "livyguard-tenant-interns", "livyguard-tenant-everybody") == "Analysts"


def test_a_tag_of_a_tenant_that_stands_behind_the_one_of_the_name_says_nothing():
    assert tenant_of("bob", "livyguard-tenant-late") == "everybody"


def test_whom_no_tenant_names_belongs_where_the_tag_says():
    without = POLICY.replace('users = ["*"]', "")

    assert tenant_of("bob", policy=without) == "defaults"
    assert tenant_of("bob", "livyguard-tenant-late", policy=without) == "late"


def test_a_tenant_of_another_cluster_is_not_meant():
    assert tenant_of("bob", "livyguard-tenant-elsewhere") == "everybody"
    assert tenant_of("bob", "livyguard-tenant-elsewhere", endpoint="http://far:8998") == "elsewhere"


def test_a_tag_that_names_no_tenant_says_nothing():
    assert tenant_of("bob", "livyguard-tenant-", "livyguard-tenant-nobody", "livyguard-user-alice") == "everybody"


def test_the_quotas_of_the_member_hold_for_them_with_those_of_every_layer():
    second = parse("[defaults.quota]\nexecutors = 9", source="second")

    member = resolve_member(stacked([parse(POLICY, source="first"), second]), "alice", frozenset())

    assert [(each.name, each.most) for each in member.quotas] == [("quota.executors", 9)]
    assert (member.user, member.trust) == ("alice", "reported")


def test_a_shared_account_is_nobody():
    assert resolve_member(parse(POLICY, source="p"), "teamlab", frozenset()).user is None


@pytest.mark.parametrize("owner", ["bob", "bob@EXAMPLE.COM"])
@pytest.mark.parametrize("after", ["", '[[tenant]]\nname = "rest"\nusers = ["*"]'])
def test_a_name_in_a_realm_is_a_member_where_the_policy_has_the_short_one(owner, after):
    policy = f'[[tenant]]\nname = "team"\nusers = ["bob"]\n{after}'

    assert tenant_of(owner, policy=policy) == "team"


def test_a_name_in_a_realm_is_a_member_where_the_policy_has_it_whole():
    policy = '[[tenant]]\nname = "team"\nusers = ["bob@EXAMPLE.COM"]'

    assert [tenant_of(owner, policy=policy) for owner in ("bob@EXAMPLE.COM", "bob@OTHER", "bob")] == [
        "team",
        "defaults",
        "defaults",
    ]


def test_a_shared_account_in_a_realm_names_nobody_by_its_short_name():
    policy = 'shared_accounts = ["lab"]\n[[tenant]]\nname = "team"\nusers = ["lab", "lab@ONE"]'

    assert [tenant_of(owner, policy=policy) for owner in ("lab", "lab@ONE", "lab@TWO")] == [
        "defaults",
        "team",
        "defaults",
    ]
