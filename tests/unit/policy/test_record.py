"""A line of the decision log: whole, one line, and without any secret."""

from __future__ import annotations

import json

import pytest

from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse
from livyguard.policy.record import DecisionRecord

CANARY = "c4n4ry"
SECRET = f"password={CANARY}"
LIMITS = """
[defaults.limits]
"executors.max" = { max = 4, default = 2, reason = "10 workers" }
"queue" = { fixed = "root.users", on_violation = "deny" }
"conf.spark.my.token" = { pattern = "x", on_violation = "deny" }
"conf.spark.hadoop.*" = { forbidden = true }
"conf.spark.jars.packages" = { block = ["b"], on_violation = "deny" }
"""


def record(body, policy=LIMITS, *, user="alice", source="a test", **fields):
    who = Identity(user, "reported", source)
    decision = judge(parse(policy, source="policy.toml"), who, body)
    more = {"given": decision.request, "endpoint": "http://livy:8998", "outcome": "created", **fields}
    return DecisionRecord(1_800_000_000.25, who, decision, body, **more)


def test_a_creation_says_who_asked_for_what_and_what_was_given():
    told = record({"numExecutors": 40}, session_id=7, kernel="k-1", notebook="a.ipynb").to_json()

    assert {name: told[name] for name in ("time", "user", "trust", "source", "tenant", "endpoint")} == {
        "time": "2027-01-15T08:00:00.250Z",
        "user": "alice",
        "trust": "reported",
        "source": "a test",
        "tenant": "defaults",
        "endpoint": "http://livy:8998",
    }
    assert (told["verdict"], told["outcome"], told["session_id"]) == ("clamp", "created", 7)
    assert (told["kernel"], told["notebook"]) == ("k-1", "a.ipynb")
    assert told["asked"] == {"numExecutors": 40}
    assert told["given"]["numExecutors"] == 4
    most = next(each for each in told["changes"] if each["property"] == "executors.max")
    assert most == {
        "property": "executors.max",
        "asked": 40,
        "given": 4,
        "code": "LG701",
        "rule": "defaults.limits.executors.max",
        "reason": "10 workers",
    }


def test_a_denial_says_what_was_refused_and_has_no_session():
    told = record({"queue": "root.admin"}, outcome="denied").to_json()

    assert (told["verdict"], told["outcome"], told["session_id"], told["given"]) == ("deny", "denied", None, None)
    assert [(each["property"], each["asked"], each["allowed"]) for each in told["violations"]] == [
        ("queue", "root.admin", "root.users")
    ]


def test_a_line_ends_and_holds_no_other_end():
    line = record({"name": "a\nb\u2028c\u0085", "conf": {"spark.x": "\ud800"}}).to_line()

    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert json.loads(line)["asked"]["name"] == "a\nb\u2028c\u0085"


ODD = [float("nan"), float("inf"), 10**5000, {1: object()}, {"a"}, (1, 2), b"x"]


@pytest.mark.parametrize("odd", ODD, ids=["nan", "infinite", "huge", "object", "set", "tuple", "bytes"])
def test_what_is_no_json_is_a_line_all_the_same(odd):
    told = json.loads(record({"extra": odd}, given={"extra": odd}).to_line(), parse_constant=pytest.fail)

    assert "extra" in told["asked"]


def hiding_places():
    """Return bodies that hold the canary wherever a body holds anything."""
    keys = ["spark.executorEnv.AWS_SECRET_ACCESS_KEY", "spark.my.token", "spark.hadoop.fs.s3a.access.key"]
    for key in keys:
        yield {"conf": {key: CANARY}}
        yield {"conf": {key: {"a": [CANARY]}}}
        yield {key: CANARY}
        yield {key: {"a": CANARY}}
    values = [SECRET, f"-Dx.{SECRET} -Xmx4g", f"https://me:{CANARY}@host/a.jar", f"https://me:@{CANARY}@host/a"]
    for value in values:
        for key in ("spark.driver.extraJavaOptions", "spark.hadoop.x", "spark.jars.packages", "spark.executor.memory"):
            yield {"conf": {key: value}}
        for name in ("proxyUser", "queue", "name", "kind", "executorMemory", "numExecutors", "ttl", "myOwn"):
            yield {name: value}
        for name in ("jars", "pyFiles", "files", "archives"):
            yield {name: [value, "b"]}
        yield {value: 1}
        yield {"conf": {value: 1}}
        yield {"conf": {f"spark.hadoop.{value}": 1}}
        yield {"conf": value}
        yield [value]
        yield value


@pytest.mark.parametrize("body", list(hiding_places()), ids=str)
@pytest.mark.parametrize("tenant", ["", '[defaults]\nunlisted = "deny"\n', '[defaults]\non_violation = "deny"\n'])
def test_no_secret_of_a_request_is_in_a_line(body, tenant):
    assert CANARY not in record(body, tenant + LIMITS).to_line()


def test_no_password_of_an_endpoint_is_in_a_line():
    place = f"http://me:{CANARY}@{CANARY}@livy:8998"

    line = record({}, endpoint=place, source=f"the login at {place}").to_line()

    assert CANARY not in line
    assert "http://livy:8998" in line
