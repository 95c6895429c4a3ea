"""What the policy would do to a request: the verdict first, whatever it is."""

from __future__ import annotations

import json

import pytest

from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse
from livyguard.views.check import MIME, CheckView, html, text

POLICY = """
[[tenant]]
name = "team"
users = ["*"]
limits."executors.max" = { max = 8 }
limits."queue" = { allow = ["root.team"], on_violation = "deny" }
"""
HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"
CANARY = "c4n4ry"


def decision(body, policy=POLICY, user="alice"):
    rules = None if policy is None else parse(policy, source="policy.toml")
    return judge(rules, Identity(user, "reported", "a test"), body)


def test_an_allow_says_so_and_what_would_be_sent():
    allowed = decision({"driverMemory": "1g"}, '[[tenant]]\nname = "team"\nusers = ["*"]')

    said = text(allowed).splitlines()

    assert "allow: tenant team, user alice" in html(allowed)
    assert "<table" not in html(allowed)
    assert said[0] == "allow: tenant team, user alice"
    assert said[1:] == ["Livy would be sent:", "{", '  "driverMemory": "1g"', "}"]


def test_a_clamp_shows_asked_and_given():
    said = text(decision({"numExecutors": 40}))

    assert said.splitlines()[0] == "clamp: tenant team, user alice"
    assert "executors.max  40     8      team.limits" in said
    assert '"numExecutors": 8' in said


@pytest.mark.parametrize("magic", ["%%configure -f", "%%spark config"])
def test_a_deny_shows_what_is_refused_and_the_nearest_that_passes_as_a_ready_cell(magic):
    denied = decision({"queue": "root.admin", "numExecutors": 40})

    said = text(denied, magic)

    assert said.splitlines()[0] == "deny: tenant team, user alice"
    assert "LG702 queue is not among the allowed" in said
    assert f'{magic}\n{{\n  "numExecutors": 8\n}}' in said
    assert "Livy would be sent" not in said
    assert f"{magic}\n{{" in str(html(denied, magic))


def test_without_a_policy_it_says_that_nothing_is_limited():
    assert text(decision({}, None)).splitlines()[0] == "allow: no policy is installed, so nothing is limited"
    assert text(decision({"conf": 3}, None, None)).splitlines()[0] == "deny: user not known"


def test_what_has_no_effect_is_said():
    assert "kind 'spark' has no effect" in text(decision({}), notices=["kind 'spark' has no effect"])
    assert "has no effect" in str(html(decision({}), notices=["kind 'spark' has no effect"]))


def test_the_json_is_the_contracts():
    bundle = CheckView(decision({"numExecutors": 40}))._repr_mimebundle_()

    told = json.loads(json.dumps(bundle[MIME]))
    assert list(told) == ["verdict", "tenant", "user", "request", "changes", "violations"]
    assert (told["verdict"], told["request"]["numExecutors"]) == ("clamp", 8)
    assert bundle["text/plain"].startswith("clamp: tenant team, user alice")
    assert bundle["text/html"].index("clamp: tenant team") < bundle["text/html"].index("<table")


@pytest.mark.parametrize("body", [{"queue": HOSTILE}, {"name": HOSTILE}, {"conf": {HOSTILE: HOSTILE}}], ids=str)
def test_foreign_words_are_harmless_and_secrets_are_not_shown(body):
    view = CheckView(decision({**body, "proxyUser": f"password={CANARY}"}, user=HOSTILE), notices=[HOSTILE])

    bundle = view._repr_mimebundle_()
    assert CANARY not in json.dumps(bundle)
    assert "<script" not in bundle["text/html"]
    for kind in ("text/plain", "text/html"):
        assert "\x1b" not in bundle[kind]
        assert "\u202e" not in bundle[kind]
