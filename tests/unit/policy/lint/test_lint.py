"""Lint as a whole: quiet on good policies, total on any, the same each time."""

from __future__ import annotations

import time
from pathlib import Path

from livyguard.capacity.lint import CHECKS, lint
from livyguard.policy.layers import stacked
from livyguard.policy.lint import SEVERITIES
from livyguard.policy.model import parse
from livyguard.policy.reading import read

NOW = 1_795_000_000.0


def test_the_designs_own_example_is_without_fault_and_warning(example):
    assert {finding.severity for finding in lint(example, now=NOW)} <= {"note"}


def test_an_empty_policy_is_told_that_it_limits_nothing_and_no_more():
    assert [finding.code for finding in lint(parse("", source="policy.toml"))] == ["LG821"]


def test_faults_come_first_then_the_order_of_codes_then_that_of_the_file():
    text = """
        [[tenant]]
        name = "a"
        users = ["*"]
        quota = { sessions = 1 }
        limits."queue" = { allow = [], fixed = "a" }
        [[tenant]]
        name = "b"
        users = ["b"]
        limits."executors.max" = { max = 1, default = 2 }
        limits."executor.cores" = { max = 1, default = 2 }
    """

    found = [(each.severity, each.code, each.where) for each in lint(parse(text, source="p"))]

    ranks = [SEVERITIES.index(severity) for severity, _, _ in found]
    assert ranks == sorted(ranks)
    assert [where for _, code, where in found if code == "LG801"] == [
        "p: tenant[1] b.limits.executors.max.default",
        "p: tenant[1] b.limits.executor.cores.default",
    ]
    assert [(severity, code) for severity, code, _ in found] == sorted(
        ((severity, code) for severity, code, _ in found), key=lambda each: (SEVERITIES.index(each[0]), each[1])
    )


def test_codes_are_used_once_and_in_the_range_of_lint():
    codes = [check.code for check in CHECKS]

    assert len(set(codes)) == len(codes)
    assert all(code.startswith("LG8") and len(code) == len("LG801") for code in codes)


def test_a_finding_names_the_file_of_the_layer_that_says_it():
    first = parse('[defaults]\nlimits."executors.max" = { max = 4 }', source="/etc/livyguard/policy.toml")
    later = parse('[defaults]\nlimits."executors.max" = { max = 2, default = 3 }', source="/home/policy.toml")

    (found,) = lint(stacked([first, later]))

    assert found.where == "/home/policy.toml: defaults.limits.executors.max.default"


def test_hundreds_of_tenants_are_looked_over_within_seconds():
    tenants = "".join(
        f'[[tenant]]\nname = "t{n}"\nusers = ["team-{n}-*"]\ngroups = ["g{n}"]\n'
        'limits."executors.max" = { max = 8 }\n'
        for n in range(300)
    )
    policy = parse(f'[defaults]\nlimits."executors.max" = {{ max = 4 }}\n{tenants}', source="p")
    started = time.process_time()

    assert lint(policy) == ()
    assert time.process_time() - started < 60


def test_no_secret_stands_in_what_lint_says():
    cases = (Path(__file__).parent / "cases").glob("*.toml")
    assert any("hunter2" in path.read_text("utf-8") for path in cases)
    policy = parse(
        """
        [[tenant]]
        name = "a"
        users = ["*"]
        session_configs = { conf = { "spark.app.token" = "hunter2", "spark.a.password" = "hunter2" } }
        limits."executors.max" = { max = 4 }
        limits."conf.spark.app.token" = { allow = ["hunter2", "hunter22"], block = ["hunter2"], default = "hunter2" }
        limits."conf.spark.b.token" = { allow = ["hunter2"], block = ["hunter2"], default = "hunter2" }
        limits."conf.spark.a.password" = { fixed = "hunter22", pattern = "hunter2/*" }
        """,
        source="p",
    )

    found = lint(policy)

    assert {"LG801", "LG802", "LG803", "LG804", "LG841", "LG843"} <= {each.code for each in found}
    assert "hunter2" not in str(found)


def test_a_finding_names_the_file_of_the_folder_that_says_it():
    files = [
        ("policy.toml", '[defaults]\nlimits."executors.max" = { max = 4 }\n[[tenant]]\nname = "a"\nusers = ["*"]\n'),
        ("policy.d/10-b.toml", '[[tenant]]\nname = "b"\nusers = ["b"]\nlimits."queue" = { allow = [] }\n'),
    ]

    found = lint(read(files, "/etc/livyguard"))

    assert [(each.code, each.where) for each in found] == [
        ("LG803", "policy.d/10-b.toml: tenant[1] b.limits.queue.allow"),
        ("LG811", "policy.d/10-b.toml: tenant[1] b"),
    ]
