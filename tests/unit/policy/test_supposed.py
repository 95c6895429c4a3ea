"""``holding`` in a ``[[test]]``: what is held while a request is judged."""

from __future__ import annotations

import pytest

from livyguard.errors import InvalidPolicy
from livyguard.policy.expectations import run
from livyguard.policy.identity import Identity
from livyguard.policy.layers import stacked
from livyguard.policy.model import parse
from livyguard.policy.states import COUNTED, STATES
from livyguard.policy.supposed import suppose
from livyguard.policy.tenancy import resolve
from livyguard.sessions import filters, model, quota

TEAM = """
[cluster]
manager = "yarn"
[defaults]
limits."executors.max" = { max = 2 }
[[tenant]]
name = "team"
users = ["alice", "bob"]
groups = ["data"]
quota = { sessions = 2, executors = 12, memory = "200g" }
team_quota = { executors = 20, cores = 60 }
session_configs = { driverMemory = "2g", executorCores = 2 }
[tenant.limits]
"executors.max" = { max = 8, default = 4 }
"executor.memory" = { max = "8g", default = "4g" }
"proxy_user" = { fixed = "{user}", on_violation = "deny" }
[[tenant]]
name = "other"
users = ["zoe"]
limits."executors.max" = { max = 4 }
"""
#: A driver of 2g, an executor of 4g, with their overheads, MiB.
DRIVER, EXECUTOR = 2048 + 384, 4096 + 409


def policy_of(holding, more="", text=TEAM):
    return parse(
        f'{text}\n[[test]]\nuser = "alice"\nholding = {holding}\n{more}\nexpect = {{}}\n', source="policy.toml"
    )


def supposed(holding, text=TEAM, more="", groups=()):
    policy = policy_of(holding, more, text)
    return suppose(policy, policy.test[0], resolve(policy, Identity("alice", "reported", "a test", frozenset(groups))))


def sizes(holding, **more):
    found = supposed(holding, **more)
    assert not found.faults
    return [(one.id, one.executors, one.memory_mib, one.cores) for one in found.usage.held]


def outcome(holding, request, expect):
    text = f'{TEAM}\n[[test]]\nuser = "alice"\nholding = {holding}\nrequest = {request}\nexpect = {expect}\n'
    (only,) = run(parse(text, source="policy.toml"))
    return only


def faults(holding):
    with pytest.raises(InvalidPolicy) as caught:
        policy_of(holding)
    return [fault.removeprefix("policy.toml: test[0].holding") for fault in caught.value.faults]


def test_a_session_without_a_word_is_what_the_policy_makes_of_an_empty_request():
    assert sizes("[{}]") == [(0, 4, DRIVER + 4 * EXECUTOR, 1 + 4 * 2)]


def test_a_number_of_executors_is_taken_at_its_word_and_of_the_usual_size():
    assert sizes("[{ executors = 12 }, { executors = 0 }]") == [
        (0, 12, DRIVER + 12 * EXECUTOR, 1 + 12 * 2),
        (1, 0, DRIVER, 1),
    ]


def test_what_is_said_of_memory_and_cores_is_taken_at_its_word():
    assert sizes('[{ memory = "96g" }, { cores = 7 }, { executors = 3, memory = 512, cores = 9 }]') == [
        (0, 4, 96 * 1024, 9),
        (1, 4, DRIVER + 4 * EXECUTOR, 7),
        (2, 3, 512, 9),
    ]


@pytest.mark.parametrize(
    "item",
    [
        '{ request = { numExecutors = 6, executorMemory = "1g" } }',
        '{ numExecutors = 6, executorMemory = "1g" }',
        '{ conf = { "spark.executor.instances" = 6, "spark.executor.memory" = "1024m" } }',
        '{ "spark.executor.instances" = "6", request = { executorMemory = "1g" } }',
    ],
)
def test_a_request_counts_with_the_ceiling_that_the_policy_would_send(item):
    assert sizes(f"[{item}]") == [(0, 6, DRIVER + 6 * (1024 + 384), 1 + 6 * 2)]


def test_a_request_beyond_the_limits_is_held_to_them_but_not_to_the_quota():
    eight = (8, DRIVER + 8 * (8192 + 819), 17)
    small = TEAM.replace("executors = 12", "executors = 6")

    assert sizes('[{ numExecutors = 40, executorMemory = "64g" }, { numExecutors = 40, executorMemory = "64g" }]') == [
        (0, *eight),
        (1, *eight),
    ]
    assert sizes('[{ numExecutors = 40, executorMemory = "64g" }]', text=small) == [(0, *eight)]


@pytest.mark.parametrize("state", STATES)
def test_a_session_counts_in_the_states_in_which_it_holds_something(state):
    found = supposed(f'[{{ state = "{state}" }}, {{}}]')

    assert [one.id for one in found.usage.held] == ([0, 1] if state in COUNTED else [1])


def test_the_states_are_those_that_sessions_are_counted_by():
    assert quota.COUNTED == COUNTED
    assert set(STATES) == filters.STATES
    assert set(STATES) - set(COUNTED) == model.ENDED | model.ABANDONED


def test_only_ones_own_idle_sessions_may_be_freed():
    found = supposed(
        '[{ idle = "52m" }, { state = "busy" }, { user = "bob", idle = "1h" }, { user = "alice@EXAMPLE.COM" }]'
    )

    assert [(one.is_own, one.is_idle, one.idle_seconds) for one in found.usage.held] == [
        (True, True, 3120),
        (True, False, None),
        (False, False, None),
        (True, True, None),
    ]


def test_others_count_where_their_tenant_is_the_same():
    found = supposed('[{ user = "bob" }, { user = "zoe" }, { user = "nobody-knows" }, { user = "jovyan" }]')

    assert [(one.id, one.is_own) for one in found.usage.held] == [(0, False)]
    assert found.usage.unowned == 1


def test_others_count_by_their_groups():
    found = supposed('[{ user = "dora", groups = ["data"] }, { user = "dora", groups = ["x"] }, { user = "dora" }]')

    assert [one.id for one in found.usage.held] == [0]


def test_others_are_held_to_their_own_tenants_limits():
    quota = "team_quota = { executors = 9 }"
    text = f'[[tenant]]\nname = "all"\nusers = ["*"]\n{quota}\nlimits."executors.max" = {{ max = 3 }}\n'

    assert [each[:2] for each in sizes('[{ user = "bob", numExecutors = 9 }]', text=text)] == [(0, 3)]


def test_a_session_for_which_something_is_required_is_of_the_usual_size():
    text = TEAM + "[tenant.limits.queue]\nrequired = true\n".replace("tenant.limits.queue", "defaults.limits.queue")

    assert sizes("[{ executors = 3 }]", text=text)[0][1] == 3


def test_a_request_that_the_policy_refuses_is_told_with_its_place():
    found = supposed('[{}, { proxyUser = "bob", request = { executorMemroy = "8g" } }]')

    assert found.faults == {
        1: "the policy refuses such a session: executorMemroy is no field that Livy knows; proxy_user is fixed"
    }


def test_a_session_that_nothing_caps_needs_a_number_where_a_quota_counts_it():
    text = '[cluster]\ndynamic_allocation = true\n[[tenant]]\nname = "all"\nusers = ["*"]\nquota = {}\n'
    counted = text.replace("{}", '{ sessions = 3, executors = 9, memory = "9g" }')

    assert sizes("[{}]", text=text) == [(0, 0, 0, 0)]
    assert supposed("[{}, { executors = 2 }]", text=counted).faults == {
        0: "nothing caps what it may come to hold; say executors and memory"
    }


def test_a_test_whose_holding_makes_no_sense_fails_with_all_its_reasons_and_nothing_else():
    found = outcome('[{ proxyUser = "bob" }, {}, { jars = 3 }]', "{}", '{ verdict = "deny" }')

    assert [(each.property, each.expected, each.got) for each in found.mismatches] == [
        ("holding[0]", None, None),
        ("holding[2]", None, None),
    ]
    assert found.mismatches[0].fault == "the policy refuses such a session: proxy_user is fixed"


def test_the_quota_refuses_with_the_way_out_and_the_largest_that_fits():
    held = '[{ numExecutors = 8, idle = "52m", executorMemory = "1g" }]'
    expect = '{ verdict = "deny", violations = ["quota.executors"], release = [0], largest = 4 }'

    assert outcome(held, '{ numExecutors = 8, executorMemory = "1g" }', expect).mismatches == ()
    assert outcome(held, "{ numExecutors = 2 }", '{ verdict = "allow", release = [] }').mismatches == ()


def test_sessions_are_released_in_any_order_and_by_their_places():
    held = '[{ executors = 1, state = "dead" }, { executors = 5, idle = "1h" }, { executors = 7, idle = "2h" }]'
    expect = '{ violations = ["quota.executors", "quota.sessions"], release = [2], largest = 0 }'

    assert outcome(held, '{ numExecutors = 4, executorMemory = "1g" }', expect).mismatches == ()
    eight = '{ numExecutors = 8, executorMemory = "1g" }'
    assert outcome(held, eight, "{ release = [1, 2] }").mismatches == ()
    assert outcome(held, eight, "{ release = [2, 1] }").mismatches == ()


def test_a_teams_quota_counts_what_others_hold():
    held = '[{ user = "bob", executors = 12 }, { user = "dora", groups = ["data"], executors = 6 }]'
    expect = '{ verdict = "deny", violations = ["team_quota.executors"], release = [], largest = 2 }'

    assert outcome(held, "{}", expect).mismatches == ()


def test_a_request_that_nothing_makes_pass_has_no_nearest():
    held = '[{ executors = 12, state = "busy" }]'

    assert outcome(held, "{}", "{ largest = 0, release = [] }").mismatches == ()


def test_what_differs_is_told_with_both_values_and_why_the_request_is_refused():
    found = outcome('[{ executors = 12, idle = "52m" }]', "{}", '{ verdict = "allow", release = [], largest = 4 }')

    assert [(each.property, each.expected, each.got) for each in found.mismatches] == [
        ("verdict", "allow", "deny"),
        ("release", [], [0]),
        ("largest", 4, 0),
    ]
    assert found.refusals[0].startswith("quota.executors is used up: You hold 12 of 12 executors; ")
    assert "session 0" in found.refusals[0]
    assert found.to_json()["refusals"] == list(found.refusals)


def test_what_passes_as_expected_tells_no_refusal():
    assert outcome("[{ executors = 12 }]", "{}", '{ verdict = "deny" }').refusals == ()


@pytest.mark.parametrize(
    ("expect", "fault"),
    [
        ("{ release = 0 }", "release is a list of places in holding, from 0"),
        ('{ release = ["0"] }', "release is a list of places in holding, from 0"),
        ("{ release = [-1] }", "release is a list of places in holding, from 0"),
        ("{ release = [true] }", "release is a list of places in holding, from 0"),
        ('{ largest = "4" }', "largest is a number of executors"),
        ("{ largest = true }", "largest is a number of executors"),
        ("{ largest = 4 }", "the request itself passes, so no nearest one is looked for"),
        ("{ larges = 4 }", "no property; did you mean largest"),
    ],
)
def test_an_expectation_of_the_way_out_that_makes_no_sense_fails_with_its_reason(expect, fault):
    (mismatch,) = outcome("[]", "{}", expect).mismatches

    assert mismatch.fault == fault


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ('{ state = "ide" }', "[0].state: 'ide' is no state of a session; did you mean idle"),
        (
            '{ state = "zzz" }',
            f"[0].state: 'zzz' is no state of a session; Livy knows {', '.join(STATES)}",
        ),
        ("{ state = 3 }", "[0].state: is 3; a text in quotes is wanted"),
        ('{ idle = "soon" }', "[0].idle: 'soon' is not a time that Spark reads, such as 90s, 30m or 2h"),
        ('{ idle = "-5m" }', "[0].idle: '-5m' is below 0"),
        ('{ idle = "5m", state = "busy" }', "[0]: a session whose state is busy is not idle for '5m'"),
        ("{ executors = -1 }", "[0].executors: is -1; 0 is the least"),
        ("{ executors = 2147483648 }", "[0].executors: is 2147483648; 2147483647 is the most"),
        ('{ cores = "4" }', "[0].cores: is '4'; a whole number is wanted"),
        ('{ memory = "lots" }', "[0].memory: 'lots' is not a size that Spark reads, such as 512m or 8g"),
        ("{ request = 3 }", "[0].request: is 3; a table is wanted"),
        ("{ request = 3, numExecutors = 3 }", "[0].request: is 3; a table is wanted"),
        ("{ executor = 3 }", "[0].executor: unknown key; did you mean executors"),
        ("{ numExecuters = 3 }", "[0].numExecuters: unknown key; did you mean numExecutors"),
        (
            "{ executors = 3, cores = 2, numExecutors = 3 }",
            "[0]: executors and cores and a request both say how large it is; give the one or the other",
        ),
        (
            "{ numExecutors = 3, request = { numExecutors = 4 } }",
            "[0]: 'numExecutors' stands in request too; once is enough",
        ),
        ("3", "[0]: is 3; a table is wanted"),
    ],
)
def test_bad_input_is_told_with_its_path(item, fault):
    assert faults(f"[{item}]") == [fault]


def test_every_fault_comes_at_once():
    assert faults('[{ state = "ide", user = 3 }, { executors = -1 }]') == [
        "[0].user: is 3; a text in quotes is wanted",
        "[0].state: 'ide' is no state of a session; did you mean idle",
        "[1].executors: is -1; 0 is the least",
    ]
    assert faults("3") == [": is 3; a list is wanted"]


def test_another_counts_in_each_layer_by_whose_tenant_they_are_of_the_same_team():
    later = """
    [[tenant]]
    name = "juniors"
    users = ["alice"]
    groups = ["new"]
    team_quota = { sessions = 5 }
    [[test]]
    user = "alice"
    holding = [{}, { user = "bob" }, { user = "bob", groups = ["new"] }, { user = "zoe", groups = ["new"] }]
    expect = {}
    """
    layers = [parse(text, source=f"{place}.toml") for place, text in enumerate((TEAM, later))]
    policy = stacked(layers)

    found = suppose(policy, layers[1].test[0], resolve(policy, Identity("alice", "reported", "a test")))

    assert [(one.id, one.layers) for one in found.usage.held if not one.is_own] == [(1, {0}), (2, {0, 1}), (3, {1})]
