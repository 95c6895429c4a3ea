"""What ``%livy_policy`` and ``livyguard policy show`` tell somebody, as a value."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from livyguard.policy.identity import Identity
from livyguard.policy.layers import stacked
from livyguard.policy.model import parse
from livyguard.policy.report import report

CANARY = "c4n4ry"
BEFORE = datetime(2026, 12, 1, tzinfo=timezone.utc).timestamp()
AFTER = datetime(2026, 12, 25, tzinfo=timezone.utc).timestamp()


@pytest.fixture
def tell():
    """Report on somebody by the text of a policy, or by none."""

    def tell(text, user="alice", *groups, trust="reported", **more):
        policy = parse(text, source="policy.toml") if isinstance(text, str) else text
        return report(policy, Identity(user, trust, "a test", frozenset(groups)), **more)

    return tell


def limit(told, name):
    return next(each for each in told.limits if each.property == name)


def words(tell, lines):
    return limit(tell(f"[defaults.limits]\n{lines}"), lines.partition('"')[2].partition('"')[0]).words


def test_somebody_is_told_who_they_are_and_how_it_is_known(tell):
    told = tell(None, "alice", "b", "a")

    assert (told.user, told.trust, told.source, told.groups) == ("alice", "reported", "a test", ("a", "b"))
    assert (told.is_shared, told.tenant, told.limits) == (False, None, ())


@pytest.mark.parametrize("policy", [None, 'shared_accounts = ["teamlab"]'])
def test_a_shared_account_is_told_as_one(tell, policy):
    assert tell(policy, "jovyan").is_shared
    assert tell(policy, "teamlab").is_shared == (policy is not None)


def test_the_designs_example_is_told_whole(example, tell):
    told = tell(example)

    assert (told.tenant, told.idle_after, told.is_operator) == ("analysts", 1800, False)
    assert [(each.property, each.words) for each in told.limits] == [
        ("executors.max", "at most 8; 5 unless asked"),
        ("executor.memory", "at least 1g; at most 16g; 8g unless asked"),
        ("queue", "always root.analytics"),
        ("proxy_user", "always alice"),
        ("session.memory", "at most 96g"),
        ("conf.spark.hadoop.fs.s3a.*.key", "never"),
        ("conf.spark.jars.packages", r"what matches (io\.delta|org\.apache\.iceberg):.*"),
    ]
    most = limit(told, "executors.max")
    assert (most.rule, most.on_violation) == ("analysts.limits.executors.max", "clamp")
    assert (most.reason, most.contact) == ("10 workers for 12 people", "data-platform@example.com")
    assert most.says == {"max": 8, "default": 5}
    assert limit(told, "proxy_user").on_violation == "deny"
    assert told.session_configs == {
        "driverMemory": "4g",
        "conf": {"spark.dynamicAllocation.cachedExecutorIdleTimeout": "10m"},
    }
    assert told.quota == {"sessions": 2, "executors": 16, "memory": "192g"}
    assert told.notes == ()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('"queue" = { allow = ["a", "b"], required = true }', "required; one of a, b"),
        ('"queue" = { block = ["a"] }', "not a"),
        ('"dynamic_allocation" = { fixed = false }', "always false"),
        ('"conf.spark.jars.packages" = { allow = ["x:y:1"] }', "one of x:y:1"),
        ('"conf.spark.jars.packages" = { allow = [] }', "one of nothing"),
        ('"executor.memory" = { max = "2048m" }', "at most 2g"),
    ],
)
def test_a_limit_is_told_in_words(tell, lines, said):
    assert words(tell, lines) == said


@pytest.mark.parametrize(("user", "trust"), [("alice", "claimed"), (None, "reported")])
def test_a_limit_that_takes_a_known_user_says_so_to_others(example, tell, user, trust):
    policy = '[defaults.limits]\n"proxy_user" = { fixed = "{user}" }'

    said = limit(tell(policy, user, trust=trust), "proxy_user").words

    assert said == "always {user}; refused while nobody reports the user"


def test_a_grant_is_told_while_it_holds(example, tell):
    held, over = tell(example, "carol", now=BEFORE), tell(example, "carol", now=AFTER)

    (grant,) = held.grants
    assert (grant.user, grant.limits, grant.until) == ("carol", ("executors.max",), "2026-12-24T18:00:00Z")
    most = limit(held, "executors.max")
    assert (most.words, most.until, most.reason) == (
        "at most 20; 2 unless asked",
        "2026-12-24T18:00:00Z",
        "quarter close",
    )
    assert over.grants == ()
    assert (limit(over, "executors.max").words, limit(over, "executors.max").until) == (
        "at most 4; 2 unless asked",
        None,
    )


def test_each_amount_of_a_quota_is_the_tenants_else_its_parents_else_everybodys(tell):
    policy = """
    [defaults]
    quota = { sessions = 1 }
    team_quota = { cores = 10 }
    [[tenant]]
    name = "parent"
    quota = { sessions = 2 }
    [[tenant]]
    name = "child"
    inherits = "parent"
    users = ["alice"]
    [[tenant]]
    name = "own"
    inherits = "parent"
    users = ["bob"]
    quota = { executors = 3 }
    """

    assert tell(policy, "alice").quota == {"sessions": 2}
    assert tell(policy, "bob").quota == {"sessions": 2, "executors": 3}
    assert tell(policy, "zoe").quota == {"sessions": 1}
    assert tell(policy, "alice").team_quota == {"cores": 10}


def layers(*texts):
    return stacked([parse(text, source=f"{place}.toml") for place, text in enumerate(texts)])


def test_what_holds_of_several_layers_is_told_with_the_file_of_the_one_that_binds(tell):
    told = tell(
        layers(
            """
            [defaults]
            idle = { after = "1h" }
            quota = { sessions = 3, memory = "8g" }
            [defaults.limits]
            "executors.max" = { max = 8, default = 4 }
            "queue" = { allow = ["a", "b"], block = ["x"], pattern = "[a-z]" }
            "executor.memory" = { max = "4g" }
            """,
            """
            [[tenant]]
            name = "mine"
            users = ["alice"]
            idle = { after = "10m" }
            quota = { sessions = 5, memory = "4096m", cores = 9 }
            unlisted = "deny"
            [tenant.limits]
            "executors.max" = { max = 5, default = 3 }
            "queue" = { allow = ["b", "c"], block = ["y"], pattern = "[b-z]" }
            """,
        )
    )

    assert (told.tenant, told.why, told.idle_after) == ("mine", 'users: "alice" matches alice', 600)
    assert [(each.source, each.is_operators) for each in told.layers] == [("0.toml", True), ("1.toml", False)]
    most, queue, memory = (limit(told, name) for name in ("executors.max", "queue", "executor.memory"))
    assert (most.words, most.rule, most.file) == ("at most 5; 3 unless asked", "mine.limits.executors.max", "1.toml")
    assert (memory.rule, memory.file) == ("defaults.limits.executor.memory", "0.toml")
    assert queue.words == "one of b; not x, y; what matches [a-z], [b-z]"
    assert told.quota == {"sessions": 3, "memory": "4g", "cores": 9}
    assert told.unlisted == "mine.unlisted"


def test_what_refuses_unlisted_keys_is_named(tell):
    assert tell('[defaults]\nunlisted = "deny"').unlisted == "defaults.unlisted"
    assert tell("").unlisted is None


def test_the_cluster_behind_the_endpoint_is_named(tell):
    policy = '[cluster.a]\nendpoints = ["http://livy-a*"]\n[cluster.b]\nendpoints = ["http://livy-b*"]'

    assert tell(policy, endpoint="http://livy-b:8998").cluster == "b"
    assert tell(policy, endpoint="http://elsewhere").cluster is None
    assert tell("[cluster]\nworkers = 3").cluster is None


def test_somebody_is_told_that_decisions_are_written_down(tell):
    assert tell('decision_log = "/var/log/livyguard"').decision_log == "/var/log/livyguard"
    assert tell("").decision_log is None


def test_an_operator_is_told(tell):
    policy = 'operators = { users = ["ops-*"] }'

    assert tell(policy, "ops-1").is_operator
    assert not tell(policy, "ops-1", trust="claimed").is_operator


def test_the_report_is_json_and_holds_no_secret(tell):
    told = tell(
        f"""
        [defaults]
        session_configs = {{ conf = {{ "spark.my.password" = "{CANARY}", "spark.url" = "https://me:{CANARY}@host/" }} }}
        [defaults.limits]
        "conf.spark.hadoop.fs.s3a.secret.key" = {{ fixed = "{CANARY}" }}
        "conf.spark.token" = {{ allow = ["{CANARY}"], default = "{CANARY}" }}
        "conf.spark.my.secret" = {{ pattern = "{CANARY}" }}
        "conf.spark.proxy" = {{ default = "http://me:{CANARY}@host" }}
        "jars" = {{ allow = ["https://me:{CANARY}@host/a.jar"] }}
        """
    )

    assert CANARY not in json.dumps(told.to_json())
    assert CANARY not in repr(told)
