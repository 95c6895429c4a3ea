"""What the tests of the policy share: the design's own example, and a short way to judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from livyguard.policy.identity import Identity
from livyguard.policy.judge import judge
from livyguard.policy.model import parse

EXAMPLE = Path(__file__).with_name("example.toml")


@pytest.fixture(scope="session")
def example():
    return parse(EXAMPLE.read_text(encoding="utf-8"), source="policy.toml")


@pytest.fixture
def decide():
    """Judge a body by the text of a policy; alice asks, known for sure."""

    def decide(text, body, *, user="alice", trust="reported", groups=(), **more):
        who = Identity(user, trust, "a test", frozenset(groups))
        return judge(parse(text, source="policy.toml"), who, body, **more)

    return decide


@pytest.fixture
def limits(decide):
    """Judge a body by the limits of one tenant, TOML lines, with more of the policy above them."""

    def limits(lines, body, *, above="", tenant="", **more):
        text = f'{above}\n[[tenant]]\nname = "team"\nusers = ["*"]\n{tenant}\n[tenant.limits]\n{lines}\n'
        return decide(text, body, **more)

    return limits
