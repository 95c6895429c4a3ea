"""Reading a policy: the design's example, and every fault at once with its path."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from livyguard.errors import InvalidPolicy
from livyguard.policy.layers import stacked
from livyguard.policy.model import Policy, parse
from livyguard.policy.notes import notes


def faults(text):
    with pytest.raises(InvalidPolicy) as caught:
        parse(text, source="policy.toml")
    return list(caught.value.faults)


def test_the_designs_example_is_valid(example):
    analysts = example.tenant[0]

    assert analysts.limits["executors.max"].default == 5
    assert analysts.session_configs["conf"] == {"spark.dynamicAllocation.cachedExecutorIdleTimeout": "10m"}
    assert example.cluster[""].worker.memory == "64g"
    assert example.grant[0].until == datetime(2026, 12, 24, 18, tzinfo=timezone.utc)
    assert example.test[0].expect == {"verdict": "clamp", "executors.max": 8}
    assert example.operators.groups == ["platform"]


def test_an_empty_policy_is_valid():
    assert parse("", source="p").model_dump() == Policy().model_dump()


@pytest.mark.parametrize(
    "text",
    [
        '[defaults]\nlimits."executors.max" = { max = 4 }',
        '[defaults.limits]\n"executors.max" = { max = 4 }',
        '[defaults.limits."executors.max"]\nmax = 4',
        '[defaults]\nlimits = { "executors.max" = { max = 4 } }',
    ],
)
def test_limits_may_be_written_in_every_form_of_toml(text):
    assert parse(text, source="p").defaults.limits["executors.max"].max == 4


def test_a_limit_may_name_the_key_of_spark():
    policy = parse('[defaults.limits]\n"conf.spark.executor.memory" = { max = "4g" }', source="p")

    assert policy.defaults.limits["conf.spark.executor.memory"].key == "executor.memory"


def test_an_unknown_key_of_a_limit_is_told_with_its_path_and_the_nearest():
    text = '[[tenant]]\nname = "analysts"\n[tenant.limits]\n"executors.max" = { maximum = 8 }'

    assert faults(text) == [
        "policy.toml: tenant[0] analysts.limits.executors.max.maximum: unknown key; did you mean max"
    ]


def test_every_fault_comes_at_once():
    text = """
        operatorz = 3
        shared_accounts = 4
        [defaults]
        on_violation = "warn"
        idle = { after = "soon" }
        [cluster]
        workers = "x"
        worker = { memory = "lots" }
        [cluster.a]
        managr = "yarn"
        manager = "mesos"
        [[tenant]]
        userz = ["a"]
        users = [3]
        quota = { sessions = -1, memory = true, foo = 1 }
        [tenant.limits]
        "executors.max" = { min = 9, max = 3 }
        "executor.memory" = { max = "lots", allow = ["x"], fixed = [1] }
        "executorMemory" = { max = "8g", allow = ["8g"] }
        "spark.ui.port" = { max = 8 }
        "execution.memory" = { max = "8g" }
        "zzz" = {}
        "queue" = { max = 3, pattern = "(" }
        "session.memory" = { min = "3g" }
        "jars" = 3
        [[grant]]
        user = "x"
        limits = {}
        until = "never"
        [[test]]
        expect = 3
    """

    assert set(faults(text)) == {
        f"policy.toml: {fault}"
        for fault in (
            "operatorz: unknown key; did you mean operators",
            "shared_accounts: is 4; a list is wanted",
            "defaults.on_violation: is 'warn'; it takes 'clamp' or 'deny'",
            "defaults.idle.after: 'soon' is not a time that Spark reads, such as 90s, 30m or 2h",
            "cluster.workers: is 'x'; a whole number is wanted",
            "cluster.worker.memory: 'lots' is not a size that Spark reads, such as 512m or 8g",
            "cluster.a.managr: unknown key; did you mean manager",
            "cluster.a.manager: is 'mesos'; it takes 'yarn', 'kubernetes', 'glue', 'standalone' or 'local'",
            "tenant[0].name: is missing",
            "tenant[0].userz: unknown key; did you mean users",
            "tenant[0].users[0]: is 3; a text in quotes is wanted",
            "tenant[0].quota.sessions: is -1; 0 is the least",
            "tenant[0].quota.memory: True is not a size that Spark reads, such as 512m or 8g",
            "tenant[0].quota.foo: unknown key; known here: sessions, executors, cores, memory",
            "tenant[0].limits.executors.max.max: 3 is below min, 9",
            "tenant[0].limits.executor.memory.max: 'lots' is not a size that Spark reads, such as 512m or 8g",
            "tenant[0].limits.executor.memory.allow: 'x' is not a size that Spark reads, such as 512m or 8g",
            "tenant[0].limits.executor.memory.fixed: a number, a text, true or false, or a list of texts is wanted",
            "tenant[0].limits.executorMemory: no property; did you mean executor.memory",
            "tenant[0].limits.spark.ui.port: no property; did you mean conf.spark.ui.port",
            "tenant[0].limits.execution.memory: no property; did you mean executor.memory",
            "tenant[0].limits.zzz: no property",
            "tenant[0].limits.queue.max: max needs numbers, sizes or times, and this is a text",
            "tenant[0].limits.queue.pattern: no regular expression: missing ), unterminated subpattern at position 0",
            "tenant[0].limits.session.memory: session.memory is computed from the others: it takes max, and that alone",
            "tenant[0].limits.jars: is 3; a table is wanted",
            "grant[0].until: is 'never'; a date and time is wanted, 2026-12-24T18:00:00Z",
            "test[0].expect: is 3; a table is wanted",
        )
    }


def test_what_two_places_say_against_each_other_is_a_fault():
    text = """
        [defaults.limits]
        "executor.cores" = { max = 3 }
        "conf.spark.executor.cores" = { max = 2, cluster = "nowhere" }
        [[tenant]]
        name = "defaults"
        limits = 3
        [[tenant]]
        name = "a"
        cluster = "x"
        [[tenant]]
        name = "a"
        inherits = "b"
        limits."queue" = { cluster = "y" }
        [[tenant]]
        name = "b"
    """

    assert faults(text) == [
        "policy.toml: tenant[0] defaults.limits: is 3; a table is wanted",
        "policy.toml: defaults.limits.conf.spark.executor.cores: executor.cores is the same property",
        "policy.toml: tenant[0] defaults.name: the name is taken by [defaults]",
        "policy.toml: tenant[2] a.name: tenant[1] has the same name",
        "policy.toml: tenant[2] a.inherits: no tenant 'b' stands before this one",
        "policy.toml: defaults.limits.conf.spark.executor.cores.cluster: there is no [cluster.nowhere]",
        "policy.toml: tenant[1] a.cluster: there is no [cluster.x]",
        "policy.toml: tenant[2] a.limits.queue.cluster: there is no [cluster.y]",
    ]


def test_faults_between_places_come_without_others_too():
    assert faults('[[tenant]]\nname = "a"\n[[tenant]]\nname = "a"') == [
        "policy.toml: tenant[1] a.name: tenant[0] has the same name"
    ]


@pytest.mark.parametrize("name", ["key", "kind"])
def test_the_marks_that_livyguard_puts_on_a_limit_cannot_be_written(name):
    text = f'[defaults.limits]\n"queue" = {{ {name} = "executors.max" }}'

    assert faults(text)[0].startswith(f"policy.toml: defaults.limits.queue.{name}: unknown key")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[defaults]\nlimits.executors.max = { max = 4 }", 'limits."executors.max" = …'),
        ("[defaults]\nlimits.conf.spark.x = { max = 4 }", 'limits."conf.spark.ui.port" = …'),
    ],
)
def test_a_key_without_its_quotes_is_told_how_it_is_written(text, fault):
    assert any(f"no property; the whole name stands in quotes, {fault}" in each for each in faults(text))


@pytest.mark.parametrize(
    "text", ["limits = 3", "[cluster]\na = 3", "tenant = 3", "tenant = [3]", 'defaults = "x"', "cluster = 3"]
)
def test_tables_that_are_none_are_faults(text):
    assert faults(text if "limits" not in text else f"[defaults]\n{text}")


@pytest.mark.parametrize(
    ("text", "place"),
    [("version = 1\na = [\n1,,", "line 3, column 3"), ("a = 1\na = 2", ""), ("a = ", "line 1, column 5"), ("[", "")],
)
def test_a_fault_of_toml_has_a_line_and_a_column(text, place):
    (fault,) = faults(text)

    assert fault.startswith("policy.toml: ")
    assert place in fault
    assert "no TOML" in fault


def test_toml_too_deep_is_a_fault_like_any_other():
    assert faults("a = " + "[" * 100_000) == ["policy.toml: it is nested too deeply"]


def test_an_older_livyguard_says_just_that():
    (fault,) = faults('requires_livyguard = ">=99"\nunknown = 3')

    assert "requires_livyguard: this policy needs livyguard >=99" in fault


def test_a_requirement_that_is_none_is_a_fault():
    assert faults('requires_livyguard = "new"') == [
        "policy.toml: requires_livyguard: 'new' is no version specifier such as \">=0.1\""
    ]


def test_a_requirement_that_is_met_is_fine():
    assert parse('requires_livyguard = ">=0.0.1"', source="p").requires_livyguard == ">=0.0.1"


def test_another_version_of_the_language_is_refused():
    assert faults("version = 2") == ["policy.toml: version: is 2; it takes 1"]


def test_a_moment_without_a_zone_is_utc():
    policy = parse('[[grant]]\nuser = "x"\nlimits = {}\nuntil = 2026-12-24T18:00:00', source="p")

    assert policy.grant[0].until.tzinfo is timezone.utc


def test_a_policy_is_not_changed_afterwards(example):
    with pytest.raises(ValueError, match="frozen"):
        example.version = 1


def test_the_schema_of_the_policy_can_be_had():
    schema = Policy.model_json_schema()

    assert "executors.max" not in str(schema)
    assert set(schema["$defs"]["Limit"]["properties"]) >= {"min", "max", "default", "pattern"}
    assert "kind" not in schema["$defs"]["Limit"]["properties"]


@pytest.mark.parametrize("text", ["", "[defaults]\nquota = {}", "[defaults]\nunlisted = 'allow'"])
def test_a_policy_without_a_limit_is_told_to_limit_nothing(text):
    assert notes(parse(text, source="p")) == ("p: it holds no limit: nothing is limited.",)


@pytest.mark.parametrize(
    "text",
    [
        "[defaults.limits]\nqueue = { fixed = 'a' }",
        "[defaults]\nsession_configs = { queue = 'a' }",
        "[defaults]\nunlisted = 'deny'",
        "[defaults]\nquota = { sessions = 0 }",
        "[[tenant]]\nname = 'a'\nteam_quota = { cores = 3 }",
    ],
)
def test_what_limits_anything_is_told_nothing(text):
    assert notes(parse(text, source="p")) == ()


def test_one_layer_that_limits_is_enough():
    empty, limiting = parse("", source="a"), parse("[defaults]\nquota = { sessions = 1 }", source="b")

    assert notes(stacked([limiting, empty])) == notes(stacked([empty, limiting])) == ()
    assert notes(stacked([empty, parse("", source="c")])) == ("c: it holds no limit: nothing is limited.",)


def test_a_flag_in_quotes_is_a_fault():
    assert faults('[cluster]\ndynamic_allocation = "yes"') == [
        "policy.toml: cluster.dynamic_allocation: is 'yes'; true or false is wanted"
    ]
