"""Whatever a policy says: its likely case is no worse than its worst, more people need no less, and what fits, fits."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from livyguard.capacity.containers import Container
from livyguard.capacity.fits import fits
from livyguard.capacity.site import Site
from livyguard.policy.model import Policy

SITES = st.builds(
    lambda memory, cores, kind: Site(
        kind,
        Container(memory, Fraction(cores)),
        step=512 if kind == "yarn" else 1,
        counts_cores=kind != "yarn",
        deploy_mode="client" if kind == "standalone" else "cluster",
    ),
    st.integers(8_192, 65_536),
    st.integers(4, 16),
    st.sampled_from(["yarn", "kubernetes", "standalone"]),
)
HEAPS, SMALL = st.integers(512, 9_216), st.integers(1, 4)
SOME = st.integers(1, 12)
QUOTAS = st.fixed_dictionaries(
    {}, optional={"sessions": SMALL, "executors": SOME, "memory": st.integers(2, 40).map("{}g".format), "cores": SOME}
)


@st.composite
def tenants(draw):
    """Return a tenant whose people are counted."""
    limits = {
        "executors.max": {"max": draw(st.integers(1, 6))},
        **{f"{side}.memory": {"max": f"{draw(HEAPS)}m"} for side in ("executor", "driver")},
        **{f"{side}.cores": {"max": draw(SMALL)} for side in ("executor", "driver")},
    }
    if draw(st.booleans()):
        limits["session.memory"] = {"max": f"{draw(st.integers(2, 30))}g"}
    return {"quota": draw(QUOTAS), "team_quota": draw(QUOTAS), "limits": limits, "people": draw(st.integers(1, 5))}


def policy_of(drawn, manager):
    """Return a policy of some tenants, whose cluster counts as the one they are held against."""
    listed = [
        {
            **{name: each[name] for name in ("quota", "team_quota", "limits")},
            "name": f"t{place}",
            "users": [f"u{place}-{number}" for number in range(each["people"])],
        }
        for place, each in enumerate(drawn)
    ]
    step = {"minimum_allocation": "512m"} if manager == "yarn" else {}
    return Policy.model_validate({"cluster": {"manager": manager, **step}, "tenant": listed})


@settings(max_examples=settings.default.max_examples // 5)
@given(drawn=st.lists(tenants(), min_size=1, max_size=3), site=SITES, at_once=st.fractions(Fraction(1, 10), 1))
def test_the_likely_case_is_no_worse_than_the_worst(drawn, site, at_once):
    found = fits(policy_of(drawn, site.manager), site=site, workers=10, at_once=at_once)

    worst, likely = found.worst, found.likely
    assert likely.people <= worst.people
    assert likely.sessions <= worst.sessions
    assert likely.executors <= worst.executors
    assert likely.held.memory_mib <= worst.held.memory_mib
    assert likely.held.cores <= worst.held.cores
    assert likely.need.workers <= worst.need.workers
    assert worst.least <= worst.need.workers
    assert likely.least <= likely.need.workers


@settings(max_examples=settings.default.max_examples // 5)
@given(drawn=st.lists(tenants(), min_size=1, max_size=2), site=SITES, place=st.integers(0, 1), data=st.data())
def test_more_people_and_larger_quotas_need_no_fewer_workers(drawn, site, place, data):
    before = fits(policy_of(drawn, site.manager), site=site, workers=10).worst.need.workers
    grown = [dict(each) for each in drawn]
    own = grown[place % len(grown)]
    what = data.draw(st.sampled_from(["people", "executors.max", *own["quota"]]))
    if what == "people":
        own["people"] += 1
    elif what == "executors.max":
        own["limits"] = {**own["limits"], "executors.max": {"max": own["limits"]["executors.max"]["max"] + 1}}
    elif what == "memory":  # without it, nothing would hold overheads, and what nothing holds is not counted
        own["quota"] = {**own["quota"], "memory": f"{int(own['quota']['memory'].removesuffix('g')) + 1}g"}
    else:
        own["quota"] = {name: most for name, most in own["quota"].items() if name != what or what == "sessions"}
        own["quota"] |= {"sessions": own["quota"]["sessions"] + 1} if what == "sessions" else {}

    assert fits(policy_of(grown, site.manager), site=site, workers=10).worst.need.workers >= before


@settings(max_examples=settings.default.max_examples // 5)
@given(drawn=st.lists(tenants(), min_size=1, max_size=3), site=SITES, seed=st.integers(0, 2**32))
def test_what_fits_is_placed_in_any_order_and_in_any_smaller_sizes(drawn, site, seed):
    dice = random.Random(seed)  # noqa: S311 - a dice
    worst = fits(policy_of(drawn, site.manager), site=site, workers=10).worst
    containers = [each for row in worst.rows for each in some_of(row, site, dice)]
    dice.shuffle(containers)
    left = [list(site.room) for _ in range(worst.need.workers)]

    for each in containers:
        places = [room for room in left if all(own <= free for own, free in zip(each, room, strict=True))]
        assert places, "a container finds no place"
        # Where most is left as often as anywhere: a manager spreads, or it packs.
        chosen = max(places) if dice.random() < 1 / 3 else min(places) if dice.random() < 1 / 2 else dice.choice(places)
        chosen[:] = [free - own for own, free in zip(each, chosen, strict=True)]


def some_of(row, site, dice):
    """Return what a tenant may hold: containers no larger than its largest, that together take what it may hold."""
    wanted = [row.size.executor] * row.executors + [row.size.driver] * (row.sessions if row.size.driver else 0)
    whole = dice.random() < 1 / 2
    dice.shuffle(wanted)
    memory, cores, found = row.held.memory_mib, row.held.cores, []
    for each in wanted:
        size = each.memory_mib if whole else dice.randint(max(each.memory_mib // 3, 1), each.memory_mib)
        size = min(size, memory)
        own = min(each.cores, cores) if site.counts_cores else each.cores
        if size > 0 and own > 0:
            memory, cores = memory - size, cores - own
            found.append(site.takes(Container(size, Fraction(own))))
    return found
