"""What holds for every line of the decision log, whatever somebody asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse
from livyguard.policy.record import DecisionRecord
from livyguard.views import check

CANARY = "c4n4ry"
ALICE = Identity("alice", "reported", "a test")
LONG = settings(settings.get_profile("long"))
POLICIES = [
    None,
    parse("", source="policy.toml"),
    parse(
        """
        [defaults]
        unlisted = "deny"
        [defaults.limits]
        "executors.max" = { max = 4, default = 2 }
        "executor.memory" = { max = "4g" }
        "queue" = { allow = ["a"], on_violation = "deny" }
        "jars" = { pattern = "x" }
        "conf.spark.my.*" = { max = 3 }
        "conf.spark.hadoop.*" = { forbidden = true, on_violation = "deny" }
        "session.memory" = { max = "20g" }
        """,
        source="policy.toml",
    ),
]

TEXT = st.text(max_size=12)
#: Texts that tell of a secret by themselves, wherever they stand.
TELLING = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "-D", "x ", "spark.", "spark.my."]),
    st.sampled_from(
        [
            f"password={CANARY}",
            f"my.Secret = {CANARY}",
            f"TOKEN:{CANARY}",
            f"fs.s3a.access.key={CANARY}",
            f"https://me:{CANARY}@host/a.jar",
            f"s3://{CANARY}@{CANARY}@bucket",
        ]
    ),
    st.sampled_from(["", " -Xmx4g", "/x", "\u2028", "\n"]),
)
#: Names under which whatever stands is a secret.
SECRET_NAMES = st.sampled_from(
    ["myToken", "spark.my.password", "spark.executorEnv.AWS_SECRET_ACCESS_KEY", "fs.s3a.access.key"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | TELLING,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | TELLING, inner, max_size=3),
    max_leaves=8,
)
SECRETS = st.recursive(
    st.just(CANARY), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2), max_leaves=3
)
FIELDS = st.sampled_from(
    ["numExecutors", "executorMemory", "driverMemory", "queue", "proxyUser", "kind", "name", "jars", "pyFiles", "ttl"]
)
CONF = st.sampled_from(
    ["spark.executor.memory", "spark.my.x", "spark.hadoop.x", "spark.driver.extraJavaOptions", "spark.jars.packages"]
)
TABLE = st.dictionaries(CONF | TEXT | TELLING, ANYTHING, max_size=4)
HIDDEN = st.dictionaries(SECRET_NAMES, SECRETS, max_size=2)
BODIES = st.builds(
    lambda fields, conf, hidden, top: {**fields, "conf": {**conf, **hidden}, **top},
    st.dictionaries(FIELDS | TEXT | TELLING, ANYTHING, max_size=4),
    TABLE,
    HIDDEN,
    HIDDEN,
)


def holds(body: Any, policy: Any) -> None:
    decision = judge(policy, ALICE, body)
    record = DecisionRecord(1.0, ALICE, decision, body, f"http://me:{CANARY}@livy", "created", decision.request, 3)

    line = record.to_line()

    assert CANARY not in line
    assert len(line.splitlines()) == 1
    told = json.loads(line, parse_constant=pytest.fail)
    assert told["verdict"] == decision.verdict
    shown = check.CheckView(decision)._repr_mimebundle_()
    assert CANARY not in json.dumps(shown)


@given(BODIES | ANYTHING, st.sampled_from(POLICIES))
def test_a_line_is_one_line_of_json_without_any_secret(body: Any, policy: Any) -> None:
    holds(body, policy)


@pytest.mark.long
@LONG
@given(BODIES | ANYTHING, st.sampled_from(POLICIES))
def test_a_line_is_one_line_of_json_without_any_secret_in_thousands_of_cases(body: Any, policy: Any) -> None:
    holds(body, policy)
