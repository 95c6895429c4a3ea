"""The example policies in docs/policies: each is one that an operator may install as it stands."""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from livyguard.capacity.lint import lint
from livyguard.cli.main import cli
from livyguard.errors import InvalidPolicy
from livyguard.policy.expectations import run
from livyguard.policy.fold import fold
from livyguard.policy.model import Policy
from livyguard.policy.reading import read
from livyguard.policy.schema import schema

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parents[1] / "docs" / "policies"
EXAMPLES = sorted(FOLDER.glob("*.toml"))
VALIDATOR = jsonschema.Draft202012Validator(schema())
LEAST_TESTS = 8

every_example = pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)


def table_of(file):
    return tomllib.loads(file.read_text("utf-8"))


def sections(table):
    """Return `[defaults]` and each tenant, by name."""
    return {"defaults": table["defaults"], **{each["name"]: each for each in table["tenant"]}}


def as_json(table):
    """Return what an editor holds of a TOML document: moments are texts."""
    return json.loads(json.dumps(table, default=lambda each: each.isoformat()))


def failed_tests(table):
    return [each.name for each in run(Policy.model_validate(table)) if not each.passed]


def gaps(table):
    """Return what an example is to show and this one does not."""
    return [*gaps_of_the_policy(table), *gaps_of_the_tests(table)]


def gaps_of_the_policy(table):
    own = sections(table).values()
    limits = [limit for section in own for limit in section.get("limits", {}).values()]
    shown = {
        "which livyguard it needs": "requires_livyguard" in table,
        "who operates": table.get("operators"),
        "the cluster": table.get("cluster"),
        "when a session counts as left alone": "idle" in table["defaults"],
        "session_configs": any("session_configs" in section for section in own),
        "a tenant": table.get("tenant"),
        "a limit with reason and contact": any({"reason", "contact"} <= set(limit) for limit in limits),
        "a forbidden key": any(limit.get("forbidden") for limit in limits),
        "a grant": table.get("grant"),
    }
    return [what for what, is_there in shown.items() if not is_there]


def gaps_of_the_tests(table):
    tests = table.get("test", [])
    expected = [test["expect"] for test in tests]
    verdicts = {each.get("verdict") for each in expected}
    tenants = {each.get("tenant") for each in expected}
    refused = [name for each in expected if each.get("verdict") == "deny" for name in each.get("violations", [])]
    shown = {
        f"{LEAST_TESTS} tests": len(tests) >= LEAST_TESTS,
        "names of the tests": all("name" in test for test in tests),
        "a test of a grant": any("at" in test for test in tests),
        "a test of executors by Spark's own keys": any(asks_by_conf(test["request"]) for test in tests),
        "a test of a refused key": any(name.startswith("conf.") for name in refused),
        **{f"a test of the verdict {each}": each in verdicts for each in ("allow", "clamp", "deny")},
        **{f"a test of {name}": name in tenants for name in sections(table)},
    }
    return [what for what, is_there in shown.items() if not is_there]


def asks_by_conf(request):
    return any(name.startswith("executors.") for name in fold({"conf": request.get("conf", {})}).entries)


def limits_that_no_test_holds(table):
    """Return every limit without which all tests of the policy pass as before."""
    idle = []
    for name, section in sections(table).items():
        for key in section.get("limits", {}):
            broken = deepcopy(table)
            del sections(broken)[name]["limits"][key]
            if not failed_tests(broken):
                idle.append(f"{name}.limits.{key}")
    return idle


def quotas_that_no_test_holds(table):
    """Return every amount of a quota without which all tests of the policy pass as before."""
    stated = [
        (name, part, amount)
        for name, section in sections(table).items()
        for part in ("quota", "team_quota")
        for amount in section.get(part, {})
    ]
    idle = []
    for name, part, amount in stated:
        broken = deepcopy(table)
        del sections(broken)[name][part][amount]
        if not failed_tests(broken):
            idle.append(f"{name}.{part}.{amount}")
    return idle


def test_there_is_one_for_each_kind_of_cluster_that_people_share():
    assert {each.stem for each in EXAMPLES} >= {"glue-endpoint", "emr-two-teams", "emr-on-eks"}


@every_example
def test_an_example_lints_clean_and_its_tests_pass(file):
    policy = read([(file.name, file.read_text("utf-8"))], file.name)

    assert [each for each in lint(policy) if each.severity != "note"] == []
    assert [each for each in run(policy) if not each.passed] == []


@pytest.mark.parametrize("command", ["lint", "test"])
@every_example
def test_the_commands_of_an_operator_find_no_fault_in_an_example(file, command):
    result = CliRunner().invoke(cli, ["policy", command, str(file)])

    assert result.exit_code == 0, result.output


@every_example
def test_the_schema_takes_an_example(file):
    assert [each.message for each in VALIDATOR.iter_errors(as_json(table_of(file)))] == []


@every_example
def test_an_example_is_complete(file):
    assert gaps(table_of(file)) == []


@every_example
def test_every_limit_of_an_example_is_held_by_one_of_its_tests(file):
    assert limits_that_no_test_holds(table_of(file)) == []


@every_example
def test_every_quota_of_an_example_is_held_by_one_of_its_tests(file):
    assert quotas_that_no_test_holds(table_of(file)) == []


def test_an_example_shows_quotas_of_each_person_and_of_a_team():
    stated = [section for file in EXAMPLES for section in sections(table_of(file)).values()]

    assert any("quota" in section and "team_quota" in section for section in stated)


def test_a_copy_of_an_example_with_a_quota_that_nobody_tries_is_found():
    broken = table_of(FOLDER / "emr-two-teams.toml")
    broken["tenant"][0]["quota"]["cores"] = 400

    assert quotas_that_no_test_holds(broken) == ["analysts.quota.cores"]


@every_example
def test_an_example_says_whose_its_numbers_are_and_how_it_is_tried(file):
    head = file.read_text("utf-8").partition("version =")[0]

    assert "Whose numbers these are" in head
    assert f"livyguard policy lint {file.name}\n" in head
    assert f"livyguard policy test {file.name}\n" in head


@every_example
def test_a_slip_in_a_copy_of_an_example_is_found_by_the_reader_and_by_the_schema(file):
    broken = file.read_text("utf-8").replace("on_violation =", "on_violaton =", 1)

    with pytest.raises(InvalidPolicy, match="on_violaton"):
        read([(file.name, broken)], file.name)
    assert not VALIDATOR.is_valid(as_json(tomllib.loads(broken)))


@every_example
def test_lint_warns_of_a_copy_of_an_example_that_says_what_has_no_effect(file):
    broken = table_of(file)
    broken["grant"].append({**broken["grant"][0], "limits": {"executors.max": {"max": 1}}})

    assert {each.severity for each in lint(Policy.model_validate(broken))} == {"warning"}


@every_example
def test_a_copy_of_an_example_with_a_limit_that_nobody_tries_is_found(file):
    broken = table_of(file)
    broken["tenant"][0]["limits"]["conf.spark.eventLog.dir"] = {"fixed": "s3://logs"}

    assert limits_that_no_test_holds(broken) == [f"{broken['tenant'][0]['name']}.limits.conf.spark.eventLog.dir"]


@pytest.mark.parametrize("part", ["operators", "grant", "requires_livyguard", "cluster"])
@every_example
def test_a_copy_of_an_example_without_a_part_is_no_complete_one(file, part):
    broken = table_of(file)
    del broken[part]

    assert len(gaps(broken)) == 1


@pytest.mark.parametrize("verdict", ["allow", "clamp", "deny"])
@every_example
def test_a_copy_of_an_example_that_never_tries_a_verdict_is_no_complete_one(file, verdict):
    broken = table_of(file)
    broken["test"] = [each for each in broken["test"] if each["expect"].get("verdict") != verdict]

    assert f"a test of the verdict {verdict}" in gaps(broken)
