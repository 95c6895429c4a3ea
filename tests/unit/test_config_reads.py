"""How often the files of a policy are opened: by counting what Python opens, not by time."""

from __future__ import annotations

import sys

import pytest

from benchmarks import policy as benchmark
from livyguard.config import PolicyFiles

LIMIT = '[defaults.limits]\n"executors.max" = {{ max = {} }}\n'


class Opened:
    """Files below a folder that are opened, in order; an audit hook stays for good, so that one is enough."""

    def __init__(self):
        self.folder = None
        self.files = []
        sys.addaudithook(self)

    def __call__(self, event, args):
        if event == "open" and self.folder is not None and str(args[0]).startswith(str(self.folder)):
            self.files.append(str(args[0]).removeprefix(f"{self.folder}/"))


OPENED = Opened()


@pytest.fixture
def opened(tmp_path):
    OPENED.folder, OPENED.files = tmp_path, []
    yield OPENED.files
    OPENED.folder = None


@pytest.fixture
def place(tmp_path):
    (tmp_path / "policy.d").mkdir()
    (tmp_path / "policy.toml").write_text(LIMIT.format(8), "utf-8")
    (tmp_path / "policy.d" / "10-team.toml").write_text("[[tenant]]\nname = 'a'\nusers = ['alice']\n", "utf-8")
    return tmp_path


def test_a_policy_that_does_not_change_is_opened_once_however_often_it_is_asked_for(place, opened):
    files = PolicyFiles([place])

    asked = [files.policy() for _ in range(100)]

    assert opened == ["policy.toml", "policy.d/10-team.toml"]
    assert {id(each) for each in asked} == {id(asked[0])}


def test_a_policy_that_cannot_be_used_is_not_opened_for_every_cell_either(place, opened):
    files = PolicyFiles([place])
    files.policy()
    (place / "policy.toml").write_text("[defaults.limits", "utf-8")
    opened.clear()

    for _ in range(100):
        files.policy()

    assert opened == ["policy.toml", "policy.d/10-team.toml"]


def test_a_changed_file_is_opened_again_and_counts(place, opened):
    files = PolicyFiles([place])
    files.policy()
    (place / "policy.toml").write_text(LIMIT.format(12), "utf-8")
    opened.clear()

    policy = files.policy()

    assert opened == ["policy.toml", "policy.d/10-team.toml"]
    assert policy.defaults.limits["executors.max"].max == 12


def test_the_benchmark_judges_under_a_thousand_tenants_of_twenty_limits_and_opens_nothing_again():
    report = "\n".join(benchmark.rows(20))

    assert "1,000 tenants x 20 limits" in report
    assert "goal: p99 1 ms" in report
    assert "files opened                    0 " in report
