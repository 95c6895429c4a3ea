"""What holds for every request and every policy."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livyguard.policy.fold import fold
from livyguard.policy.footprint import ceiling
from livyguard.policy.judge import judge
from livyguard.policy.limit import Limit
from tests.property.attempts import ATTEMPTS
from tests.property.cases import ALICE, ANYTHING, BODIES, PLAINLY, READABLE, policies, spelled

if TYPE_CHECKING:
    from random import Random

    from livyguard.policy.model import Policy

LONG = settings(settings.get_profile("long"))


def number(body: Any, field: str | None, key: str) -> int | None:
    """Read a number from what Livy would be sent, on its own, as Spark would."""
    conf = body.get("conf") or {}
    value = body.get(field) if field and body.get(field) is not None else conf.get(key)
    return None if value is None else int(value)


def mebibytes(text: str) -> int:
    amount, unit = re.fullmatch(r"(\d+)([kmgt]?)b?", text.strip().lower()).groups()  # type: ignore[union-attr]
    return int(int(amount) * {"k": 1 / 1024, "": 1, "m": 1, "g": 1024, "t": 1024**2}[unit])


def check_total(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)

    assert decision.verdict in {"allow", "clamp", "deny"}
    assert (decision.request is None) == (decision.verdict == "deny") == bool(decision.violations)
    json.dumps(decision.to_json())


def check_idempotent(policy: Policy, body: Any) -> None:
    first = judge(policy, ALICE, body)
    if first.request is None:
        return

    again = judge(policy, ALICE, first.request)

    assert again.verdict == "allow", (again.changes, again.violations)
    if "null" not in json.dumps(body):
        assert again.request == first.request
        assert again.changes == ()


def check_bounds(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)
    limit = policy.tenant[0].limits.get("executors.max")
    if decision.request is None or limit is None:
        return
    most = number(decision.request, None, "spark.dynamicAllocation.maxExecutors")

    assert most is not None
    assert (limit.min or 1) <= most <= limit.max
    for field, key in (
        ("numExecutors", "spark.executor.instances"),
        (None, "spark.dynamicAllocation.initialExecutors"),
        (None, "spark.dynamicAllocation.minExecutors"),
    ):
        assert (number(decision.request, field, key) or 0) <= most
    streaming = number(decision.request, None, "spark.streaming.dynamicAllocation.maxExecutors")
    assert (streaming or 0) <= limit.max


def check_memory(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)
    limit = policy.tenant[0].limits.get("executor.memory")
    if decision.request is None or limit is None or "executorMemory" not in decision.request:
        return

    assert mebibytes(decision.request["executorMemory"]) <= mebibytes(limit.max)
    assert mebibytes(decision.request["executorMemory"]) >= mebibytes(limit.min or "0")
    assert "spark.executor.memory" not in decision.request.get("conf", {})


def check_clamp(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)
    if decision.verdict == "deny":
        return

    assert (decision.verdict == "clamp") == any(change.asked is not None for change in decision.changes)


def check_nearest(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)
    if decision.nearest is None:
        return

    assert judge(policy, ALICE, decision.nearest).verdict == "allow"


def check_secrets(policy: Policy, body: Any) -> None:
    decision = judge(policy, ALICE, body)

    assert "s3cr3t" not in repr((decision.changes, decision.violations, decision.notices))


def check_spelling(policy: Policy, bodies: tuple[Any, Any]) -> None:
    one, other = (judge(policy, ALICE, body) for body in bodies)

    assert one.verdict == other.verdict
    assert one.request == other.request
    assert one.nearest == other.nearest
    assert [(change.property, change.given, change.rule) for change in one.changes] == [
        (change.property, change.given, change.rule) for change in other.changes
    ]


def check_order(policy: Policy, body: Any, chance: Random) -> None:
    one, other = judge(policy, ALICE, body), judge(policy, ALICE, shuffled(body, chance))

    assert one.to_json() == other.to_json()
    assert one.nearest == other.nearest


def shuffled(value: Any, chance: Random) -> Any:
    """Return JSON with the keys of its objects in another order; lists say something by theirs."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return value


def check_settings(policy: Policy, settings_of_others: list[Any], body: Any) -> None:
    decision = judge(policy, ALICE, body, operator=settings_of_others)

    assert (decision.request is None) == (decision.verdict == "deny") == bool(decision.violations)
    json.dumps(decision.to_json())


def check_in_full(policy: Policy, body: Any) -> None:
    """A value sent is no larger than what was asked, unless a minimum or a default says so.

    Asked are a count, an initial number and a minimum alike, whether or not dynamic allocation is on.
    """
    decision = judge(policy, ALICE, body)
    if decision.request is None:
        return
    ours, theirs = ceiling(decision.request), ceiling(body)
    limit = policy.tenant[0].limits.get("executors.max")
    if limit is not None and theirs.executors is not None and ours.executors is not None:
        preset = policy.tenant[0].session_configs.get("numExecutors", 0)
        folded = fold(body).to_body()
        asked = [number(folded, "numExecutors", "spark.executor.instances")]
        asked += [number(folded, None, f"spark.dynamicAllocation.{one}Executors") for one in ("initial", "min")]
        total = int(folded.get("conf", {}).get("spark.cores.max", 0))
        count = policy.tenant[0].limits.get("executors.count", Limit())
        said = [*asked, limit.min, limit.default or limit.max, count.min, count.default]
        assert ours.executors <= max(theirs.executors, preset, total, *(each or 0 for each in said))


CHECKS = [
    check_total,
    check_idempotent,
    check_bounds,
    check_memory,
    check_clamp,
    check_nearest,
    check_secrets,
    check_in_full,
]
ATTEMPTED = st.sampled_from(list(ATTEMPTS.values()))
TWO_SPELLINGS = READABLE.flatmap(lambda request: st.tuples(spelled(request), spelled(request)))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_holds_for_every_request(check: Any) -> None:
    given(policies(), BODIES | PLAINLY | ATTEMPTED)(check)()


def test_it_is_total_on_any_json() -> None:
    given(policies(), ANYTHING)(check_total)()


def test_the_spelling_makes_no_difference() -> None:
    given(policies(), TWO_SPELLINGS)(check_spelling)()


def test_the_order_of_keys_makes_no_difference() -> None:
    given(policies(), BODIES | PLAINLY | ATTEMPTED, st.randoms(use_true_random=False))(check_order)()


def test_it_is_total_on_whatever_the_operator_set() -> None:
    given(policies(), st.lists(ANYTHING, max_size=2), ANYTHING)(check_settings)()


@pytest.mark.long
def test_the_spelling_makes_no_difference_in_thousands_of_cases() -> None:
    LONG(given(policies(), TWO_SPELLINGS)(check_spelling))()


@pytest.mark.long
def test_the_order_of_keys_makes_no_difference_in_thousands_of_cases() -> None:
    LONG(given(policies(), BODIES | PLAINLY | ATTEMPTED, st.randoms(use_true_random=False))(check_order))()


@pytest.mark.long
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_holds_for_thousands_of_requests(check: Any) -> None:
    LONG(given(policies(), ANYTHING | BODIES | PLAINLY | ATTEMPTED)(check))()
