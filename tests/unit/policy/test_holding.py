"""A request held against quotas: it fits, or it is refused with what is held, the way out and what would fit."""

from __future__ import annotations

import pytest

from livyguard.policy.fold import fold
from livyguard.policy.footprint import Footprint
from livyguard.policy.holding import footprint, over_quota
from livyguard.policy.identity import Identity
from livyguard.policy.model import parse
from livyguard.policy.quota import Held, Usage
from livyguard.policy.tenancy import resolve

ON, OFF = "[cluster]\ndynamic_allocation = true", "[cluster]\ndynamic_allocation = false"
MAX = "spark.dynamicAllocation.maxExecutors"
SIXTEEN = "quota = { executors = 16 }"
IDLE = Held(41, 8, 20_000, 9, is_idle=True, idle_seconds=3120)
OTHERS = Held(7, 5, 30_000, 6, is_own=False)


@pytest.fixture
def held_to(decide):
    """Judge a body by quotas, TOML lines, while sessions are held; with a cluster and limits."""

    def held_to(quotas, body, *held, above=ON, limits="", name="analysts", **more):
        tenant = f'[[tenant]]\nname = "{name}"\nusers = ["*"]\n{quotas}\n[tenant.limits]\n{limits}'
        return decide(f"{above}\n{tenant}", body, usage=Usage(held), **more)

    return held_to


def told(decision):
    return [(each.property, each.asked, each.allowed, each.what) for each in decision.violations]


def reasons(decision):
    return [each.reason for each in decision.violations]


def test_what_fits_is_sent_as_it_was_asked(held_to):
    decision = held_to(SIXTEEN, {"conf": {MAX: 8}}, IDLE)

    assert decision.verdict == "allow"
    assert decision.request == {"conf": {MAX: "8"}}
    assert decision.changes == ()


def test_what_does_not_fit_is_refused_with_what_is_held_the_way_out_and_what_would_fit(held_to):
    decision = held_to(SIXTEEN, {"conf": {MAX: 8}}, Held(3, 4), IDLE)

    assert decision.verdict == "deny"
    assert told(decision) == [("quota.executors", 8, "at most 4 more", "would be exceeded")]
    assert reasons(decision) == ["You hold 12 of 16 executors; session 41, idle 52 min, holds 8."]
    assert [(each.code, each.rule) for each in decision.violations] == [("LG703", "analysts.quota.executors")]
    assert decision.release == (41,)
    assert decision.nearest == {"conf": {MAX: "4"}}


def test_where_nothing_is_left_none_more_may_be_had(held_to):
    decision = held_to("quota = { sessions = 2 }", {"conf": {MAX: 1}}, Held(3), Held(4, is_idle=True))

    assert told(decision) == [("quota.sessions", 1, "none more", "is used up")]
    assert reasons(decision) == ["You hold 2 of 2 sessions; session 4 is idle."]
    assert decision.nearest is None


def test_nobody_counted_the_request_alone_is_held_against_quotas(held_to, decide):
    text = f'{ON}\n[[tenant]]\nname = "a"\nusers = ["*"]\n{SIXTEEN}'

    assert decide(text, {"conf": {MAX: 16}}).verdict == "allow"
    assert reasons(decide(text, {"conf": {MAX: 17}})) == ["You hold 0 of 16 executors."]


def test_one_is_told_in_the_singular(held_to):
    quotas = "quota = { sessions = 1, executors = 1, cores = 1 }"

    assert reasons(held_to(quotas, {"conf": {MAX: 1}}, Held(1, 1, 0, 1))) == [
        "You hold 1 of 1 session.",
        "You hold 1 of 1 executor.",
        "You hold 1 of 1 core.",
    ]


@pytest.mark.parametrize(
    ("quota", "held", "reason", "allowed"),
    [
        ("40g", 30 * 1024, "You hold 30g of 40g of memory.", "at most 10g more"),
        ("40g", 29_901, "You hold 29.2g of 40g of memory.", "at most 10.7g more"),
        ("30g", 30_000, "You hold 29.3g of 30g of memory.", "at most 720m more"),
        ("3000m", 0, "You hold 0g of 3000m of memory.", "at most 2.9g more"),
        ("30g", 40 * 1024, "You hold 40g of 30g of memory.", "none more"),
        ("0g", 0, "You hold 0g of 0g of memory.", "none more"),
    ],
)
def test_memory_is_told_in_gibibytes_and_never_more_of_it_than_is_left(held_to, quota, held, reason, allowed):
    decision = held_to(
        f'quota = {{ memory = "{quota}" }}', {"conf": {MAX: 8}, "executorMemory": "9g"}, Held(1, 1, held)
    )

    assert reasons(decision) == [reason]
    assert [each.allowed for each in decision.violations] == [allowed]
    assert [each.asked for each in decision.violations] == ["82504m"]


@pytest.mark.parametrize(
    ("quotas", "reason"),
    [
        (
            "team_quota = { executors = 20 }",
            "The members of analysts hold 17 of 20 executors together, 12 of them yours",
        ),
        (
            'team_quota = { memory = "60g" }',
            "The members of analysts hold 48.8g of 60g of memory together, 19.5g of it yours",
        ),
        ("team_quota = { sessions = 3 }", "The members of analysts hold 3 of 3 sessions together, 2 of them yours"),
    ],
)
def test_a_teams_refusal_tells_numbers_and_how_much_of_them_is_the_users_own(held_to, quotas, reason):
    body = {"conf": {MAX: 8}, "executorMemory": "3g"}

    assert reasons(held_to(quotas, body, Held(3, 4), Held(41, 8, 20_000), OTHERS)) == [f"{reason}."]


def test_where_the_user_holds_nothing_of_it_that_is_told(held_to):
    assert reasons(held_to("team_quota = { executors = 6 }", {"conf": {MAX: 2}}, OTHERS)) == [
        "The members of analysts hold 5 of 6 executors together, none of them yours."
    ]
    assert reasons(held_to('team_quota = { memory = "30g" }', {"conf": {MAX: 2}}, OTHERS)) == [
        "The members of analysts hold 29.3g of 30g of memory together, none of it yours."
    ]


def test_those_whom_no_tenant_names_are_called_that(decide):
    text = f"{ON}\n[defaults.team_quota]\nexecutors = 6"

    assert reasons(decide(text, {"conf": {MAX: 2}}, usage=Usage((OTHERS,)))) == [
        "All whom no tenant names hold 5 of 6 executors together, none of them yours."
    ]


def test_several_that_have_to_go_are_all_named_with_the_first_quota_alone(held_to):
    quotas = "quota = { sessions = 3, executors = 16 }"
    held = [Held(one, 5, is_idle=True, idle_seconds=seconds) for one, seconds in ((1, 5), (2, 90), (3, 200))]

    decision = held_to(quotas, {"conf": {MAX: 16}}, *held)

    assert reasons(decision) == [
        (
            "You hold 3 of 3 sessions; session 3 has been idle for 3 min; session 2 has been idle for 1 min; "
            "and session 1 has been idle for 5 s."
        ),
        "You hold 15 of 16 executors.",
    ]
    assert decision.release == (3, 2, 1)


@pytest.mark.parametrize(
    ("ids", "named"),
    [([3], "session 3"), ([3, 4], "sessions 3 and 4"), ([3, 4, 9], "sessions 3, 4 and 9")],
)
def test_what_is_assumed_of_ones_own_sessions_is_said_with_their_numbers(held_to, ids, named):
    held = [Held(one, 5, assumed=frozenset({"executors"})) for one in ids]

    assert reasons(held_to("quota = { executors = 15 }", {"conf": {MAX: 15}}, *held)) == [
        (
            f"You hold {5 * len(ids)} of 15 executors (what Livy does not tell of {named} is assumed to be the most "
            "that you may have)."
        ),
    ]


def test_what_is_assumed_of_another_amount_is_not_said(held_to):
    held = Held(3, 5, assumed=frozenset({"memory"}))

    assert reasons(held_to("quota = { sessions = 1, executors = 5 }", {"conf": {MAX: 5}}, held)) == [
        "You hold 1 of 1 session.",
        "You hold 5 of 5 executors.",
    ]


@pytest.mark.parametrize(
    ("count", "counted"),
    [(1, "so it counts as the most that it may have"), (2, "so each counts as the most that it may have")],
)
def test_what_is_assumed_of_a_teams_sessions_is_said_in_numbers_alone(held_to, count, counted):
    held = [Held(number, 5, is_own=False, assumed=frozenset({"executors"})) for number in range(count)]

    assert reasons(held_to("team_quota = { executors = 10 }", {"conf": {MAX: 11}}, *held)) == [
        (
            f"The members of analysts hold {5 * count} of 10 executors together, none of them yours (of {count} of "
            f"these sessions Livy tells too little, {counted})."
        ),
    ]


def test_a_request_is_told_of_every_limit_and_every_quota_at_once(held_to):
    body = {"queue": "b", "conf": {MAX: 20}}
    limits = '"queue" = { fixed = "a", on_violation = "deny" }'

    decision = held_to("quota = { sessions = 1, executors = 16 }", body, IDLE, limits=limits)

    assert [each.property for each in decision.violations] == ["queue", "quota.sessions", "quota.executors"]
    assert {each.code for each in decision.violations} == {"LG702", "LG703"}
    assert decision.release == ()


def test_the_nearest_request_obeys_limits_and_quotas(held_to):
    limits = '"queue" = { fixed = "a", on_violation = "deny" }'

    decision = held_to(SIXTEEN, {"queue": "b", "conf": {MAX: 20}}, IDLE, limits=limits)

    assert decision.nearest == {"queue": "a", "conf": {MAX: "8"}}


@pytest.mark.parametrize(
    ("above", "body", "counted"),
    [
        (ON, {"numExecutors": 3, "conf": {MAX: 8}}, 8),
        (ON, {"numExecutors": 3}, None),
        (ON, {}, None),
        (ON, {"numExecutors": 3, "conf": {"spark.dynamicAllocation.enabled": "false"}}, 3),
        (ON, {"conf": {"spark.dynamicAllocation.enabled": "false"}}, 2),
        (ON, {"conf": {MAX: 1}}, 1),
        (OFF, {"numExecutors": 3, "conf": {MAX: 8}}, 3),
        (OFF, {"conf": {MAX: 8}}, 2),
        (OFF, {}, 2),
        (OFF, {"numExecutors": 3, "conf": {"spark.dynamicAllocation.enabled": "true"}}, None),
        ("", {"numExecutors": 3, "conf": {MAX: 8}}, 8),
        ("", {"numExecutors": 9, "conf": {MAX: 8}}, 9),
        ("", {"numExecutors": 3}, 3),
        ("", {}, 2),
        ("", {"conf": {MAX: 1}}, 2),
        ("", {"numExecutors": 0, "conf": {MAX: 1}}, 1),
        (OFF, {"numExecutors": 0}, 0),
        ("", {"conf": {"spark.dynamicAllocation.minExecutors": 40}}, None),
        ('[cluster]\nspark_defaults = { "spark.executor.instances" = "7" }', {}, 7),
        ('[cluster]\nmanager = "standalone"', {"numExecutors": 3}, None),
        ('[cluster]\nmanager = "standalone"', {"executorCores": 3, "conf": {"spark.cores.max": 10}}, 4),
        ('[cluster]\nmanager = "standalone"\nworker = { cores = 5 }', {"conf": {"spark.cores.max": 10}}, 2),
        (ON, {"conf": {MAX: 3, "spark.streaming.dynamicAllocation.enabled": "true"}}, None),
        (
            ON,
            {
                "conf": {
                    MAX: 3,
                    "spark.streaming.dynamicAllocation.enabled": "true",
                    "spark.streaming.dynamicAllocation.maxExecutors": 9,
                }
            },
            9,
        ),
        (ON, {"conf": {MAX: 3, "spark.streaming.dynamicAllocation.enabled": "perhaps"}}, None),
        (ON, {"conf": {MAX: 3, "spark.yarn.appMasterEnv.SPARK_EXECUTOR_INSTANCES": "11"}}, 11),
        (ON, {"conf": {MAX: 3, "spark.yarn.appMasterEnv.SPARK_EXECUTOR_INSTANCES": "many"}}, None),
    ],
)
def test_the_most_executors_that_a_request_can_come_to_are_counted(above, body, counted):
    policy = parse(f"{above}\n[defaults]\n{SIXTEEN}", source="p")
    tenancy = resolve(policy, Identity("alice", "reported", "a test"))

    assert footprint(fold(body).entries, tenancy).executors == counted


def test_sparks_own_sizes_count_where_nobody_says_any():
    tenancy = resolve(parse("", source="p"), Identity("alice", "reported", "a test"))

    assert footprint(fold({"numExecutors": 3}).entries, tenancy) == Footprint(3, 4 * 1408, 4)


@pytest.mark.parametrize(
    ("above", "body", "nearest"),
    [
        (ON, {"numExecutors": 3}, {"numExecutors": 3, "conf": {MAX: "8"}}),
        (ON, {"numExecutors": 12}, {"numExecutors": 8, "conf": {MAX: "8"}}),
        (OFF, {"numExecutors": 12}, {"numExecutors": 8}),
        ("", {"numExecutors": 12}, {"numExecutors": 8, "conf": {MAX: "8"}}),
        (
            "",
            {"numExecutors": 12, "conf": {MAX: 3, "spark.dynamicAllocation.minExecutors": 10}},
            {"numExecutors": 8, "conf": {MAX: "3", "spark.dynamicAllocation.minExecutors": "8"}},
        ),
        (
            '[cluster]\nmanager = "standalone"',
            {"executorCores": 2, "conf": {"spark.cores.max": 100}},
            {"executorCores": 2, "conf": {MAX: "8", "spark.cores.max": "16"}},
        ),
        (
            ON,
            {"conf": {MAX: 3, "spark.streaming.dynamicAllocation.enabled": "true"}},
            {
                "conf": {
                    MAX: "3",
                    "spark.streaming.dynamicAllocation.enabled": "true",
                    "spark.streaming.dynamicAllocation.maxExecutors": "8",
                }
            },
        ),
    ],
)
def test_the_largest_request_that_fits_says_every_number_that_it_takes(held_to, above, body, nearest):
    assert held_to(SIXTEEN, body, IDLE, above=above).nearest == nearest


def test_no_more_executors_are_offered_than_were_asked_for_where_all_else_is_left_out(held_to):
    body = {"executorCores": 9, "numExecutors": 1, "name": "mine", "conf": {MAX: 1, "spark.cores.max": 3}}

    decision = held_to("quota = { cores = 9 }", body, above="", limits='"executors.max" = { max = 2 }')

    assert decision.nearest == {"numExecutors": 1, "conf": {MAX: "1"}}


def test_where_one_executor_alone_fits_it_says_so_as_spark_would_start_two(held_to):
    assert held_to(SIXTEEN, {}, Held(1, 15), above="").nearest == {"numExecutors": 1, "conf": {MAX: "1"}}
    assert held_to(SIXTEEN, {}, Held(1, 15), above=OFF).nearest == {"numExecutors": 1}


def test_what_the_operator_presets_is_lowered_with_it(held_to):
    quotas = f"{SIXTEEN}\nsession_configs = {{ numExecutors = 30 }}"

    assert held_to(quotas, {}, IDLE, above=OFF).nearest == {"numExecutors": 8}


def test_where_not_one_executor_fits_nothing_does(held_to):
    assert held_to(SIXTEEN, {"conf": {MAX: 4}}, Held(1, 16)).nearest is None
    assert (
        held_to('quota = { memory = "9g" }', {"driverMemory": "9g", "conf": {MAX: 4}}, Held(1, 1, 8000)).nearest is None
    )


def test_smaller_sizes_fit_where_those_that_were_asked_do_not(held_to):
    body = {"executorMemory": "30g", "name": "mine", "conf": {MAX: 2}}

    assert held_to('quota = { memory = "20g" }', body).nearest == {"name": "mine", "conf": {MAX: "2"}}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"executorMemory": "${env:M}"}, "executor.memory"),
        ({"conf": {"spark.executor.memoryOverheadFactor": "Infinity"}}, "conf.spark.executor.memoryOverheadFactor"),
        ({"conf": {"spark.memory.offHeap.enabled": "${spark.x}"}}, "conf.spark.memory.offHeap.enabled"),
    ],
)
def test_a_size_that_shows_only_when_spark_starts_is_refused_and_left_out_of_what_fits(held_to, body, name):
    given = {**body, "conf": {**body.get("conf", {}), MAX: 2}}

    decision = held_to('quota = { memory = "90g", executors = 9, cores = 9 }', given)

    assert told(decision) == [("quota.memory", None, "at most 90g more", "would be exceeded")]
    assert reasons(decision) == [f"You hold 0g of 90g of memory. What {name} comes to shows only when Spark starts."]
    assert decision.nearest == {"conf": {MAX: "2"}}


def test_a_number_of_executors_that_shows_only_when_spark_starts_leaves_no_amount_known(held_to):
    decision = held_to("quota = { sessions = 2, executors = 9, cores = 9 }", {"conf": {MAX: "${x}"}})

    assert [each.property for each in decision.violations] == ["quota.executors", "quota.cores"]
    assert decision.nearest == {"conf": {MAX: "8"}}


def test_what_launches_a_session_otherwise_is_refused_with_its_reason(held_to):
    template = "spark.kubernetes.executor.podTemplateFile"

    decision = held_to("quota = { cores = 9 }", {"conf": {MAX: 2, template: "s3a://b/pod.yaml"}})

    assert reasons(decision) == [
        f"You hold 0 of 9 cores. conf.{template}: a pod template may ask for any memory and cores."
    ]
    assert decision.nearest == {"conf": {MAX: "2"}}


def test_what_the_operator_launches_so_themself_is_let_through(held_to):
    quotas = 'quota = { cores = 9 }\nsession_configs.conf."spark.kubernetes.executor.podTemplateFile" = "s3a://ops/pod"'

    assert held_to(quotas, {"conf": {MAX: 2}}).verdict == "allow"


def test_a_value_that_is_refused_already_is_not_told_twice(held_to):
    decision = held_to('quota = { memory = "9g" }', {"executorMemory": "lots", "conf": {MAX: 2}})

    assert [each.property for each in decision.violations] == ["executor.memory"]


def test_where_nothing_caps_the_executors_it_is_said_what_does(held_to):
    assert reasons(held_to(SIXTEEN, {})) == [
        f"You hold 0 of 16 executors. Nothing bounds its executors but {MAX}, which is not set."
    ]
    assert reasons(held_to(SIXTEEN, {}, above='[cluster]\nmanager = "standalone"')) == [
        "You hold 0 of 16 executors. Nothing bounds its executors but spark.cores.max, which is not set."
    ]


def test_where_the_policys_own_sizes_cannot_be_read_that_is_said(held_to):
    above = '[cluster]\ndynamic_allocation = true\nspark_defaults = { "spark.executor.memory" = "${env:M}" }'

    decision = held_to('quota = { memory = "9g" }', {"conf": {MAX: 2}}, above=above)

    assert reasons(decision) == [
        (
            "You hold 0g of 9g of memory. How much one executor or the driver takes cannot be told from the policy's "
            "spark_defaults."
        ),
    ]


def test_a_session_that_is_there_already_is_held_against_quotas_without_a_request(held_to):
    policy = parse(f"{ON}\n[defaults]\n{SIXTEEN}", source="p")
    tenancy = resolve(policy, Identity("alice", "reported", "a test"))
    entries = fold({"conf": {MAX: "9"}}).entries

    (violation,), release = over_quota(entries, tenancy, Usage((IDLE,)))

    assert (violation.asked, violation.allowed, release) == (9, "at most 8 more", (41,))
    assert over_quota(entries, tenancy, Usage()) == ((), ())
