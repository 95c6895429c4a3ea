"""The JSON Schema of the policy file: it takes what is shipped, and refuses what an editor can see."""

from __future__ import annotations

import json
import re
import sys
from datetime import date, datetime
from pathlib import Path

import jsonschema
import pytest

from livyguard.errors import InvalidPolicy
from livyguard.policy import model
from livyguard.policy.descriptions import KEYS, PROPERTIES_TOLD
from livyguard.policy.expectations import ANSWERS
from livyguard.policy.model import parse
from livyguard.policy.properties import PROPERTIES, VIRTUAL
from livyguard.policy.schema import schema

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[3]
SCHEMA = schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def shipped():
    """Every policy file of the project, and every one in its documents."""
    yield pytest.param(Path(__file__).with_name("example.toml").read_text("utf-8"), id="example.toml")
    for folder in ("notebooks", "demo", "docs", "examples"):
        for file in sorted((ROOT / folder).rglob("*.toml")):
            yield pytest.param(file.read_text("utf-8"), id=str(file.relative_to(ROOT)))
    for page in ("README.md", "CONTRIBUTING.md"):
        blocks = re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
        for place, block in enumerate(blocks):
            yield pytest.param(block, id=f"{page} {place}")


def as_json(table):
    """Return what an editor holds of a TOML document: moments are texts."""
    return json.loads(json.dumps(table, default=lambda each: each.isoformat()))


def takes(table):
    return VALIDATOR.is_valid(as_json(table))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("text", list(shipped()))
def test_it_takes_what_is_shipped(text):
    parse(text, source="p")

    assert [error.message for error in VALIDATOR.iter_errors(as_json(tomllib.loads(text)))] == []


def test_there_are_shipped_policies_to_try():
    assert len(list(shipped())) >= 3


@pytest.mark.parametrize(
    "text",
    [
        "operatorz = {}",
        "version = 2",
        'version = "1"',
        "requires_livyguard = 1",
        "shared_accounts = 4",
        "shared_accounts = [4]",
        'operators = { user = ["a"] }',
        '[defaults]\non_violation = "warn"',
        '[defaults]\nunlisted = "clamp"',
        '[defaults]\nidle = { after = "soon" }',
        "[defaults]\nidle = { after = true }",
        "[defaults]\nname = 'x'",
        '[cluster]\nworkers = "x"',
        "[cluster]\nworkers = -1",
        '[cluster]\nworker = { memory = "lots" }',
        "[cluster]\nworker = { memory = -1 }",
        '[cluster]\ndynamic_allocation = "yes"',
        '[cluster]\nmanagr = "yarn"',
        '[cluster.a]\nmanagr = "yarn"',
        '[cluster.a]\nmanager = "mesos"',
        "[[tenant]]\nusers = ['a']",
        "[[tenant]]\nname = ''",
        "[[tenant]]\nname = 'defaults'",
        "[tenant]\nname = 'a'",
        "[[tenant]]\nname = 'a'\nusers = 'a'",
        "[[tenant]]\nname = 'a'\nquota = { sessions = -1 }",
        "[[tenant]]\nname = 'a'\nquota = { memory = '1x' }",
        "[[tenant]]\nname = 'a'\nquota = { foo = 1 }",
        "[defaults]\nlimits = 3",
        "[defaults]\nlimits.jars = 3",
        "[defaults]\nlimits.executors.max = { max = 4 }",
        '[defaults.limits]\n"executors.max" = { maximum = 8 }',
        '[defaults.limits]\n"executors.max" = { max = "8g" }',
        '[defaults.limits]\n"executors.max" = { max = -8 }',
        '[defaults.limits]\n"executors.max" = { max = 8.5 }',
        '[defaults.limits]\n"executors.max" = { max = 2147483648 }',
        '[defaults.limits]\n"executors.max" = { max = true }',
        '[defaults.limits]\n"executors.max" = { fixed = [1] }',
        '[defaults.limits]\n"executors.max" = { kind = "x" }',
        '[defaults.limits]\n"executors.max" = { forbidden = "yes" }',
        '[defaults.limits]\n"executors.max" = { contact = 3 }',
        '[defaults.limits]\n"executor.memory" = { max = "8 g" }',
        '[defaults.limits]\n"executor.memory" = { max = "1.5g" }',
        '[defaults.limits]\n"executor.memory" = { max = "8gib" }',
        '[defaults.limits]\n"executor.memory" = { allow = ["x"] }',
        '[defaults.limits]\n"executor.memory" = { allow = "8g" }',
        '[defaults.limits]\n"conf.spark.executor.memory" = { max = "lots" }',
        '[defaults.limits]\n"executorMemory" = { max = "8g" }',
        '[defaults.limits]\n"spark.ui.port" = { max = 8 }',
        '[defaults.limits]\n"conf." = { max = 8 }',
        '[defaults.limits]\n"queue" = { max = 3 }',
        '[defaults.limits]\n"queue" = { default = ["a"] }',
        '[defaults.limits]\n"jars" = { min = "a" }',
        '[defaults.limits]\n"jars" = { allow = [3] }',
        '[defaults.limits]\n"dynamic_allocation" = { fixed = "yes" }',
        '[defaults.limits]\n"ttl" = { max = "1w" }',
        '[defaults.limits]\n"conf.spark.x" = { max = true }',
        '[defaults.limits]\n"conf.spark.x" = { max = ["a"] }',
        '[defaults.limits]\n"session.memory" = { min = "3g", max = "9g" }',
        '[defaults.limits]\n"session.memory" = { reason = "x" }',
        '[defaults.limits]\n"session.cores" = { max = "many" }',
        "[[grant]]\nuser = 'x'\nlimits = {}",
        "[[grant]]\nuser = 'x'\nlimits = {}\nuntil = 'never'",
        "[[grant]]\nuser = 'x'\nlimits = { zzz = {} }\nuntil = 2026-01-01T00:00:00Z",
        "[[test]]\nuser = 'x'",
        "[[test]]\nexpect = 3",
        "[[test]]\nexpect = {}\ntrust = 'sworn'",
        "[[test]]\nexpect = {}\nat = true",
        "[[test]]\nexpect = {}\nholding = 3",
        "[[test]]\nexpect = {}\nholding = [3]",
        "[[test]]\nexpect = {}\nholding = [{ user = 3 }]",
        "[[test]]\nexpect = {}\nholding = [{ state = 'ide' }]",
        "[[test]]\nexpect = {}\nholding = [{ idle = 'soon' }]",
        "[[test]]\nexpect = {}\nholding = [{ idle = '-5m' }]",
        "[[test]]\nexpect = {}\nholding = [{ memory = 'lots' }]",
        "[[test]]\nexpect = {}\nholding = [{ executors = -1 }]",
        "[[test]]\nexpect = {}\nholding = [{ executors = '8' }]",
        "[[test]]\nexpect = {}\nholding = [{ executers = 8 }]",
        "[[test]]\nexpect = {}\nholding = [{ request = 3 }]",
        "[[tenant]]\nname = 'a'\nquota = { executors = 2147483648 }",
    ],
)
def test_it_refuses_what_livyguard_refuses(text):
    with pytest.raises(InvalidPolicy):
        parse(text, source="p")
    assert not takes(tomllib.loads(text))


@pytest.mark.parametrize("name", [*PROPERTIES, *VIRTUAL])
def test_an_editor_completes_every_property_and_says_what_it_is(name):
    limit = SCHEMA["$defs"]["Limits"]["properties"][name]

    assert limit["description"] == PROPERTIES_TOLD[name]
    assert "max" in limit["properties"] or not PROPERTIES[name].kind.is_ordered
    assert "$ref" not in limit


def test_an_editor_completes_what_a_test_may_expect():
    expect = SCHEMA["properties"]["test"]["items"]["properties"]["expect"]

    assert {*ANSWERS, *PROPERTIES} == set(expect["properties"]) - {*VIRTUAL}
    assert takes(tomllib.loads("[[test]]\nexpect = { verdict = 'clamp', 'executors.max' = 8, 'conf.spark.x' = 'y' }"))


def test_an_editor_completes_what_a_test_supposes_to_be_held():
    item = SCHEMA["properties"]["test"]["items"]["properties"]["holding"]["items"]

    assert {"user", "state", "idle", "executors", "request", "numExecutors", "conf"} <= set(item["properties"])
    assert "busy" in item["properties"]["state"]["enum"]
    held = "{ numExecutors = 8, 'spark.executor.cores' = 2, conf = { 'spark.x' = 1 } }, { idle = '52m', memory = '9g' }"
    assert takes(tomllib.loads(f"[[test]]\nexpect = {{ release = [0], largest = 4 }}\nholding = [{held}]"))


def test_every_key_of_every_table_is_described():
    tables = {name: each for name in KEYS if isinstance(each := getattr(model, name, None), type)}
    tables["Limit"] = model.Limit

    assert set(tables) == set(KEYS)
    for name, each in tables.items():
        assert set(each.model_fields) - {"key", "kind"} <= set(KEYS[name]), name
    assert set(PROPERTIES_TOLD) == {*PROPERTIES, *VIRTUAL}


def test_a_description_stands_beside_no_reference():
    """Editors of TOML show a description only where no reference stands beside it."""

    def tables(value):
        if isinstance(value, dict):
            yield value
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from tables(each)

    assert [each for each in tables(SCHEMA) if isinstance(each.get("$ref"), str) and len(each) > 1] == []


def test_every_size_and_time_of_the_model_has_its_form():
    """What the model reads as a text or a number is a size or a time, which only its validator knows."""
    assert '[{"type": "string"}, {"type": "integer"}]' not in json.dumps(SCHEMA)


def test_there_is_no_null_in_toml():
    assert '"null"' not in json.dumps(SCHEMA)


def test_moments_are_texts_to_an_editor():
    grant = {"user": "x", "limits": {}, "until": datetime(2026, 12, 24, 18)}  # noqa: DTZ001 - TOML has those too

    assert takes({"grant": [grant]})
    assert takes({"grant": [{**grant, "until": date(2026, 12, 24)}]})
