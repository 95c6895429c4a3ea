"""Whose rules hold: tenants, defaults, clusters, identity."""

from __future__ import annotations

import pytest

from livyguard.policy.identity import Identity
from livyguard.policy.model import Cluster, parse
from livyguard.policy.tenancy import has_dynamic_allocation, is_operator, resolve

TENANTS = """
shared_accounts = ["teamlab"]
operators = { users = ["ops-*"], groups = ["platform"] }
[defaults]
idle = { after = "45m" }
[[tenant]]
name = "analysts"
users = ["alice", "bob-*"]
groups = ["analytics"]
idle = { after = "10m" }
limits."executors.max" = { max = 8 }
[[tenant]]
name = "everybody"
users = ["*"]
limits."executors.max" = { max = 3 }
"""


def tenant(text, user, *groups, endpoint=None):
    who = Identity(user, "reported", "a test", frozenset(groups))
    return resolve(parse(text, source="policy.toml"), who, endpoint)


@pytest.mark.parametrize(
    ("user", "groups", "name"),
    [
        ("alice", (), "analysts"),
        ("bob-1", (), "analysts"),
        ("bob", (), "everybody"),
        ("zoe", ("analytics",), "analysts"),
        ("Alice", (), "everybody"),
        (None, (), "defaults"),
        (None, ("analytics",), "analysts"),
        ("jovyan", (), "defaults"),
        ("teamlab", (), "defaults"),
        ("livy", ("analytics",), "analysts"),
    ],
)
def test_the_first_tenant_that_matches_counts(user, groups, name):
    assert tenant(TENANTS, user, *groups).name == name


def test_a_shared_account_is_nobody(decide):
    assert decide(TENANTS, {}, user="jovyan").user is None


def test_the_idle_time_is_the_tenants_else_the_defaults():
    assert tenant(TENANTS, "alice").idle_after == 600
    assert tenant(TENANTS, "zoe").idle_after == 2700
    assert tenant("", "zoe").idle_after == 1800


@pytest.mark.parametrize(
    ("user", "groups", "trust", "may"),
    [
        ("ops-1", (), "reported", True),
        ("zoe", ("platform",), "reported", True),
        ("ops-1", (), "claimed", False),
        ("zoe", (), "reported", False),
        ("root", (), "reported", False),
    ],
)
def test_operators_are_named_and_known_for_sure(user, groups, trust, may):
    policy = parse(TENANTS, source="policy.toml")

    assert is_operator(policy, Identity(user, trust, "a test", frozenset(groups))) is may


def test_without_that_table_nobody_is_operator():
    assert not is_operator(parse("", source="policy.toml"), Identity("root-like", "reported", "a test"))


def test_whom_no_tenant_names_gets_the_tightest_limit_of_all(decide):
    decision = decide(TENANTS, {"numExecutors": 40}, user=None)

    assert decision.tenant == "defaults"
    assert decision.request["numExecutors"] == 3
    assert decision.changes[0].rule == "everybody.limits.executors.max"


def test_a_fixed_number_counts_among_the_tightest(decide):
    text = '[[tenant]]\nname = "a"\nlimits."executors.max" = { fixed = 2 }\n[[tenant]]\nname = "b"'

    assert decide(text, {"numExecutors": 40}).request["numExecutors"] == 2


def test_the_tightest_is_looked_for_where_the_session_goes(decide):
    text = """
        [cluster.a]
        endpoints = ["a"]
        [cluster.b]
        endpoints = ["b"]
        [[tenant]]
        name = "elsewhere"
        cluster = "b"
        limits."executors.max" = { max = 1 }
        [[tenant]]
        name = "open"
        limits."executors.max" = { default = 1 }
        [[tenant]]
        name = "here"
        limits."executors.max" = { max = 6 }
    """

    assert decide(text, {"numExecutors": 40}, endpoint="a").request["numExecutors"] == 6


def test_the_defaults_own_limit_comes_before_the_tightest(decide):
    text = f'{TENANTS}\n[defaults.limits]\n"executors.max" = {{ max = 30 }}'.replace(
        "[defaults]\nidle", "[defaults]\nidle"
    )

    assert decide(text, {"numExecutors": 40}, user=None).request["numExecutors"] == 30


def test_where_no_tenant_limits_executors_nothing_does(decide):
    assert decide('[[tenant]]\nname = "a"', {"numExecutors": 40}).request == {"numExecutors": 40}


DEFAULTS = """
[defaults]
on_violation = "deny"
limits."executors.max" = { max = 4, reason = "all" }
limits."driver.memory" = { max = "2g", on_violation = "clamp" }
[[tenant]]
name = "team"
users = ["alice"]
limits."executors.max" = { max = 8 }
[[tenant]]
name = "kids"
users = ["kid"]
inherits = "team"
limits."driver.memory" = { max = "1g" }
"""


def test_a_tenant_starts_from_the_defaults_and_its_own_limit_of_a_key_replaces(decide):
    decision = decide(DEFAULTS, {"numExecutors": 8, "driverMemory": "8g"})

    assert decision.request["numExecutors"] == 8
    assert decision.request["driverMemory"] == "2g"
    assert [change.rule for change in decision.changes if change.asked] == ["defaults.limits.driver.memory"]


def test_a_tenant_inherits_from_another(decide):
    decision = decide(DEFAULTS, {"numExecutors": 8, "driverMemory": "2g"}, user="kid")

    assert [violation.rule for violation in decision.violations] == ["kids.limits.driver.memory"]
    assert decide(DEFAULTS, {"numExecutors": 8}, user="kid").request["numExecutors"] == 8


CLUSTERS = """
[cluster.a]
endpoints = ["http://livy-a*"]
dynamic_allocation = true
[cluster.b]
endpoints = ["http://livy-b/"]
[[tenant]]
name = "on-a"
users = ["*"]
cluster = "a"
limits."executors.max" = { max = 8 }
[[tenant]]
name = "anywhere"
users = ["*"]
[tenant.limits]
"executors.max" = { max = 4 }
"queue" = { fixed = "b", cluster = "b" }
"""


def test_the_endpoint_picks_the_cluster(decide):
    on_a = decide(CLUSTERS, {}, endpoint="http://livy-a:8998/")
    on_b = decide(CLUSTERS, {}, endpoint="http://livy-b")
    elsewhere = decide(CLUSTERS, {}, endpoint="http://other:8998")

    assert (on_a.tenant, on_a.request) == ("on-a", {"conf": {"spark.dynamicAllocation.maxExecutors": "8"}})
    assert (on_b.tenant, on_b.request["queue"]) == ("anywhere", "b")
    assert elsewhere.tenant == "anywhere"
    assert "queue" not in elsewhere.request
    assert decide(CLUSTERS, {}).tenant == "anywhere"


def test_a_single_named_cluster_is_meant_where_no_endpoint_is_told(decide):
    text = (
        '[cluster.only]\nendpoints = ["x"]\ndynamic_allocation = true\n[defaults]\nlimits."executors.max" = { max = 4 }'
    )

    assert decide(text, {}).request == {"conf": {"spark.dynamicAllocation.maxExecutors": "4"}}


def test_a_named_cluster_starts_from_the_unnamed_one():
    text = "[cluster]\ndynamic_allocation = true\n[cluster.a]\nendpoints = ['http://a']\nmanager = 'kubernetes'"

    found = tenant(text, "alice", endpoint="http://a")

    assert (found.is_dynamic, found.manager) == (True, "kubernetes")
    assert tenant(text, "alice", endpoint="http://b").manager is None


NAMED = """
[[tenant]]
name = "team"
users = ["*"]
session_configs = { name = "{user}-notebook", pyFiles = ["/home/{user}/a.py"] }
[tenant.limits]
"proxy_user" = { fixed = "{user}" }
"""


def test_the_users_name_is_put_in(decide):
    assert decide(NAMED, {"proxyUser": "bob"}).request == {
        "name": "alice-notebook",
        "proxyUser": "alice",
        "pyFiles": ["/home/alice/a.py"],
    }


@pytest.mark.parametrize(("user", "trust"), [("alice", "claimed"), (None, "reported"), ("jovyan", "reported")])
def test_a_name_that_nobody_vouches_for_is_not_put_in(decide, user, trust):
    decision = decide(NAMED.replace('["*"]', '["*"]\ngroups = ["g"]'), {}, user=user, trust=trust, groups=["g"])

    assert [violation.property for violation in decision.violations] == ["proxy_user", "name", "py_files"]
    assert "Kerberos" in decision.violations[0].reason
    assert decision.nearest is None


def test_a_name_that_the_user_gives_instead_needs_nobody(decide):
    text = NAMED.replace('"proxy_user" = { fixed = "{user}" }', "")

    assert decide(text, {"name": "mine {user}", "pyFiles": []}, trust="claimed").request == {
        "name": "mine {user}",
        "pyFiles": [],
    }


def test_lists_may_hold_the_users_name(decide):
    text = '[defaults.limits]\n"jars" = { fixed = ["/jars/{user}.jar"] }\n"queue" = { default = "root.{user}" }'

    assert decide(text, {}).request == {"jars": ["/jars/alice.jar"], "queue": "root.alice"}


def test_a_policy_is_worked_out_once():
    policy = parse(TENANTS, source="policy.toml")

    first = resolve(policy, Identity("alice", "reported", "a test"))
    second = resolve(policy, Identity("bob-2", "claimed", "a test"))

    assert first.rules is second.rules
    assert (second.user, second.trust) == ("bob-2", "claimed")


@pytest.mark.parametrize(
    ("cluster", "answer"),
    [
        (None, None),
        (Cluster(), None),
        (Cluster(dynamic_allocation=True), True),
        (Cluster(dynamic_allocation=False, spark_defaults={"spark.dynamicAllocation.enabled": "true"}), False),
        (Cluster(spark_defaults={"spark.dynamicAllocation.enabled": "true"}), True),
        (Cluster(spark_defaults={"spark.dynamicAllocation.enabled": "perhaps"}), None),
    ],
)
def test_whether_a_cluster_allocates_dynamically_is_what_the_policy_says_of_it(cluster, answer):
    assert has_dynamic_allocation(cluster) is answer
