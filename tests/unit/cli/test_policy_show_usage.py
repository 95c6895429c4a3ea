"""``livyguard policy show --user``: what somebody holds of their quotas at the Livy that is named, or why not."""

from __future__ import annotations

import json
import re
import time

import pytest
import responses

from livyguard.cli.main import run
from livyguard.ledger import FileLedger, default_folder
from livyguard.testing import an_entry

LIVY, RM = "http://livy.example.com:8998", "http://rm.example.com:8088"
ALICE = LIVY.replace("http://", "http://alice:s3cret@")
QUOTA = """
[[tenant]]
name = "analysts"
users = ["alice", "bob"]
quota = { sessions = 3, executors = 16 }
team_quota = { executors = 20 }
[tenant.limits]
"executors.max" = { max = 8, default = 4 }
"""
SIZES = {"spark.dynamicAllocation.enabled": "true"}
NOT_SHOWN = "What is held of the quota is not shown: "


def session(number, owner, executors, state="idle", **fields):
    conf = {**SIZES, "spark.dynamicAllocation.maxExecutors": str(executors)}
    return {"id": number, "state": state, "owner": owner, "kind": "pyspark", "conf": conf, **fields}


@pytest.fixture
def policy(own_home):
    file = own_home / "policy.toml"
    file.write_text(QUOTA)
    return file


@pytest.fixture
def livy(own_home):
    """Sessions of alice, bob, and nobody; what is asked is in its calls."""
    sessions = [
        session(1, "alice", 8),
        session(2, "alice", 4, state="busy"),
        session(3, "bob", 6),
        session(4, None, 5),
        session(5, "alice", 8, state="dead"),
        session(6, "zoe", 8),
    ]
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{LIVY}/sessions", json={"from": 0, "total": len(sessions), "sessions": sessions})
        mock.get(re.compile(rf"{LIVY}/sessions/\d+/statements"), json={"total_statements": 0, "statements": []})
        yield mock


@pytest.fixture
def show(policy, capsys):
    """Run the command on a policy; returns what it prints, or its JSON."""

    def show(*arguments, user="alice", file=policy):
        code = run(["policy", "show", "--policy", str(file), "--user", user, *arguments])
        printed = capsys.readouterr()
        assert code == 0, printed.err
        return json.loads(printed.out) if "--json" in arguments else printed.out

    return show


def held(told):
    return {each["quota"]: (each["held"], each["most"], each["left"]) for each in told["usage"]}


def test_a_persons_live_sessions_are_bars_at_the_livy_that_is_named(show, livy):
    lines = show("--url", ALICE).splitlines()

    place = lines.index(f"What is held of the quota at {LIVY}")
    assert [line.split("  ")[0] for line in lines[place + 2 : place + 5]] == ["alice", "alice", "tenant analysts"]
    assert "[########----] 2 of 3 sessions" in lines[place + 2]
    assert "[#########---] 12 of 16 executors" in lines[place + 3]
    assert "[###########-] 18 of 20 executors" in lines[place + 4]
    assert "1 live session here has no owner that is known: it is not counted." in lines
    assert "s3cret" not in "\n".join(lines)


@pytest.mark.parametrize("named", ["option", "environment", "sparkmagic"])
def test_the_livy_is_the_one_that_is_named_or_configured(show, livy, own_home, monkeypatch, named):
    if named == "environment":
        monkeypatch.setenv("LIVYGUARD_URL", ALICE)
    if named == "sparkmagic":
        (own_home / ".sparkmagic").mkdir()
        credentials = {"kernel_python_credentials": {"url": LIVY, "username": "alice", "password": "x"}}
        (own_home / ".sparkmagic" / "config.json").write_text(json.dumps(credentials))

    told = show("--json", *(("--url", ALICE) if named == "option" else ()))

    assert held(told) == {
        "quota.sessions": (2, 3, 1),
        "quota.executors": (12, 16, 4),
        "team_quota.executors": (18, 20, 2),
    }
    assert (told["usage_at"], told["unowned"], told["usage_fault"]) == (LIVY, 1, None)


def test_the_ledger_of_whoever_runs_it_counts_for_nobody_else(show, livy):
    nobodys = session(4, None, 5)
    nobodys["conf"]["spark.yarn.tags"] = "livyguard,livyguard-0badcafe"
    livy.replace(responses.GET, f"{LIVY}/sessions", json={"from": 0, "total": 1, "sessions": [nobodys]})
    FileLedger(default_folder(), "a-notebook").record(
        an_entry(4, endpoint=LIVY, tag="livyguard-0badcafe", created=time.time())
    )

    mine, bobs = (show("--json", "--url", ALICE, user=user) for user in ("alice", "bob"))

    assert (held(mine)["quota.executors"], mine["unowned"]) == ((5, 16, 11), 0)
    assert (held(bobs)["quota.executors"], bobs["unowned"]) == ((0, 16, 16), 1)


def test_what_yarn_says_is_shown_beside(show, livy, own_home):
    file = own_home / "with-yarn.toml"
    file.write_text(f'[cluster]\nmanager = "yarn"\nresource_manager = "{RM}"\n{QUOTA}')
    one = {
        "id": "application_1700000000000_0001",
        "state": "RUNNING",
        "user": "alice",
        "allocatedMB": 9_216,
        "allocatedVCores": 4,
        "runningContainers": 4,
    }
    livy.get(f"{RM}/ws/v1/cluster/apps", json={"apps": {"app": [one]}})
    livy.replace(
        responses.GET,
        f"{LIVY}/sessions",
        json={"from": 0, "total": 1, "sessions": [session(1, "alice", 8, appId="application_1700000000000_0001")]},
    )

    told = show("--json", "--url", ALICE, file=file)

    (executors,) = [each for each in told["usage"] if each["quota"] == "quota.executors"]
    assert (executors["held"], executors["held_now"]) == (8, 3)
    assert "what it holds now is the cluster's own figure" in show("--url", ALICE, file=file)


@pytest.mark.parametrize(
    ("arguments", "environment", "why"),
    [
        ((), {}, "no Livy is named; --url URL or LIVYGUARD_URL names one."),
        (("--endpoint", LIVY), {}, "--endpoint only tells the cluster; --url URL asks that Livy."),
        (("--endpoint", LIVY), {"LIVYGUARD_URL": ALICE}, "--endpoint only tells the cluster"),
        ((), {"LIVYGUARD_URL": "ftp://livy"}, "ftp"),
        (("--url", "http://127.0.0.1:9"), {}, "127.0.0.1:9"),
    ],
)
def test_without_a_livy_to_ask_the_rest_is_told_and_why_in_one_sentence(
    show, own_home, monkeypatch, arguments, environment, why
):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    said, told = show(*arguments), show("--json", *arguments)

    (line,) = [line for line in said.splitlines() if line.startswith(NOT_SHOWN)]
    assert why in line
    assert "at most 8; 4 unless asked" in said
    assert why in told["usage_fault"]
    assert (told["usage"], told["unowned"]) == (None, None)
    assert told["quota"] == {"sessions": 3, "executors": 16}


def test_who_has_no_quota_is_told_nothing_of_it_and_nobody_is_asked(show, livy):
    said, told = show("--url", ALICE, user="zoe"), show("--url", ALICE, "--json", user="zoe")

    assert "What is held" not in said
    assert (told["usage"], told["usage_fault"]) == (None, None)
    assert len(livy.calls) == 0


def test_the_url_tells_the_cluster_as_well(show, livy, own_home):
    file = own_home / "clusters.toml"
    clusters = '[cluster.a]\nendpoints = ["http://livy.example.com*"]\n[cluster.b]\nendpoints = ["http://b*"]'
    file.write_text(f"{clusters}\n{QUOTA}")

    assert show("--url", ALICE, "--json", file=file)["cluster"] == "a"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--user", "alice", "--url", LIVY, "--endpoint", LIVY), "--url tells the cluster, too: leave --endpoint out."),
        (("--url", LIVY), "--url tells of a person: add --user."),
        (("--user", "alice", "--url", "ftp://livy"), "ftp"),
    ],
)
def test_a_wrong_use_is_exit_2(policy, capsys, arguments, said):
    assert run(["policy", "show", "--policy", str(policy), *arguments]) == 2

    assert said in capsys.readouterr().err
