"""Creators, deaths, faults and restarts in any order: quotas hold without a lock, and nothing is left over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from livyguard.errors import QuotaUnchecked, SessionDenied, SessionVanished
from livyguard.policy.model import parse
from livyguard.testing import FakeLedger
from tests.property.stepped import FAULTS, INTERRUPTS, KILLS, Creator, Kernel, Livy, Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from livyguard.sessions.application import Application
    from livyguard.sessions.model import Session

POLICY = parse(
    """
version = 1
[cluster]
manager = "yarn"
resource_manager = "http://rm.example.com:8088"
[defaults]
limits."executors.max" = { max = 4, default = 2 }
quota = { sessions = 1, executors = 3 }
[[tenant]]
name = "team"
users = ["alice", "bob"]
quota = { sessions = 2, executors = 5 }
team_quota = { sessions = 3, executors = 7 }
""",
    source="policy.toml",
)
TEAM = {"alice", "bob"}
#: Sessions and executors that may be held.
OF_ONE, OF_ALL, OF_OTHERS = (2, 5), (3, 7), (1, 3)
USERS = ("alice", "alice", "bob", "carol")
MOST_RUNNING = 4
#: States of a session that holds what it was given.
HOLDING = {"not_started", "starting", "recovering", "idle", "running", "busy"}
#: Seconds until YARN has the application of a session.
DELAYS = (0.0, 0.4, 2.5)
LONG = 60.0

#: Where a creator is brought before something befalls it; an empty one is wherever it stands.
CALLS = ("", "livy.create", "enter", "count", "count", "livy.delete", "yarn.tagged", "yarn.kill", "livy.adopt")

Request = tuple[str, int, int, float, int]
Mishap = tuple[int, str, Turn, int]
picks = st.integers(0, 11)
requests = st.tuples(
    st.sampled_from(USERS), st.integers(0, 1), st.integers(1, 4), st.sampled_from(DELAYS), st.integers(0, 3)
)
mishaps = st.tuples(
    picks, st.sampled_from(CALLS), st.sampled_from((*FAULTS, *INTERRUPTS, *KILLS)), st.sampled_from((1, 1, 2, 12))
)


@dataclass(frozen=True)
class Pot:
    """Creators whom one quota bounds together.

    Attributes:
        most: sessions and executors that they may hold.
    """

    creators: list[Creator]
    most: tuple[int, int]

    def fits(self, creators: Iterable[Creator]) -> bool:
        """Tell whether the sessions of some creators, as far as they are bounded here, fit together."""
        held = [one.executors for one in {*creators} & {*self.creators}]
        return len(held) <= self.most[0] and sum(held) <= self.most[1]


class QuotaRace(RuleBasedStateMachine):
    """A Livy that tells owners: a quota counts whatever Livy lists."""

    logs_in = True

    def __init__(self) -> None:
        super().__init__()
        self.livy = Livy(self.logs_in)
        self.kernels: list[Kernel] = []
        self.creators: list[Creator] = []
        self.ledgers = {(user, machine): FakeLedger() for user in USERS for machine in (0, 1)}
        self._begin_round()

    # What happens

    @precondition(lambda self: len(self.running) < MOST_RUNNING)
    @rule(request=requests)
    def begin(self, request: Request) -> None:
        """Ask for a session, in a kernel that is there or in a new one."""
        user, machine, executors, delay, pick = request
        ledger = self.ledgers[user, machine]
        free = [one for one in self.kernels if one.user == user and one.ledger is ledger and one.is_free]
        if pick % 2 and free:
            kernel = free[pick % len(free)]
        else:
            kernel = Kernel(self.livy, user, ledger, POLICY, f"kernel-{len(self.kernels)}")
            self.kernels.append(kernel)
        self.creators.append(Creator(kernel, executors, delay, f"{user}-{len(self.creators)}"))
        self.round.append(self.creators[-1])

    @rule(
        several=st.lists(requests, min_size=2, max_size=MOST_RUNNING),
        order=st.lists(picks, max_size=30),
        late=st.tuples(picks, st.sampled_from(CALLS)),
    )
    def contend(self, several: list[Request], order: list[int], late: tuple[int, str]) -> None:
        """Let several ask at once, when all others have come to their end, and nothing gets in their way.

        One of them is overtaken: it comes to a call and stands there while the others make theirs.
        """
        self.settle([])
        for request in several:
            self.begin(request)
        slow = self._bring(*late)
        for pick in order:
            if others := [one for one in self.running if one is not slow]:
                self._pick(others, pick).step()
        self.settle([])

    @rule(request=requests, times=st.integers(2, MOST_RUNNING), order=st.lists(picks, max_size=12), mishap=mishaps)
    def contend_and_fail(self, request: Request, times: int, order: list[int], mishap: Mishap) -> None:
        """Let several ask for the same at once, and something befall one of them after the first steps."""
        self.settle([])
        self.is_calm = False
        for _ in range(times):
            self.begin(request)
        self.go_on(order)
        if self.running:
            self._befall(*mishap)
        self.settle([])

    @precondition(lambda self: self.running)
    @rule(order=st.lists(picks, min_size=1, max_size=12))
    def go_on(self, order: list[int]) -> None:
        """Let creators make a call each, in this order."""
        for pick in order:
            if self.running:
                self._pick(self.running, pick).step()

    @precondition(lambda self: self.running)
    @rule(mishap=mishaps)
    def break_off(self, mishap: Mishap) -> None:
        """Let a creator's calls fail, press Ctrl-C in it, or kill its kernel."""
        self.is_calm = False
        self._befall(*mishap)

    def _befall(self, pick: int, at: str, turn: Turn, times: int) -> None:
        creator = self._bring(pick, at)
        for _ in range(times if turn in FAULTS else 1):
            if not creator.is_over:
                creator.step(turn)

    def _bring(self, pick: int, at: str) -> Creator:
        """Let a creator go on until it stands at a call, or is over."""
        creator: Creator = self._pick(self.running, pick)
        while at and not creator.is_over and not creator.is_at(at):
            creator.step()
        return creator

    @precondition(lambda self: self.livy.listed)
    @rule(pick=picks)
    def come_up(self, pick: int) -> None:
        """Let a session go idle."""
        self.livy.come_up(self._pick(sorted(self.livy.listed), pick))

    @precondition(lambda self: self.livy.listed)
    @rule(pick=picks, state=st.sampled_from(("dead", "killed", "error", None)))
    def die(self, pick: int, state: str | None) -> None:
        """Let a session end, whoever has it."""
        self.is_calm = False
        self.livy.die(self._pick(sorted(self.livy.listed), pick), state)

    @precondition(lambda self: self.owned)
    @rule(pick=picks)
    def release(self, pick: int) -> None:
        """Let somebody free the session that they have."""
        self.livy.die(self._pick(self.owned, pick), None)

    @rule(recovers=st.booleans())
    def restart(self, recovers: bool) -> None:
        """Start Livy anew."""
        self.is_calm = False
        self.livy.restart(recovers=recovers)

    @rule(seconds=st.sampled_from((0.0, 0.5, 5.0)), livy=st.booleans(), yarn=st.booleans())
    def wait(self, seconds: float, livy: bool, yarn: bool) -> None:
        """Let time pass; then Livy can be reached, or nobody can, and likewise the ResourceManager."""
        self.livy.is_down, self.livy.is_yarn_down = not livy, not yarn
        self.is_calm = self.is_calm and livy and yarn
        self._pass(seconds)

    def _pass(self, seconds: float) -> None:
        self.livy.clock.sleep(seconds)
        self.livy.catch_up()

    @rule(order=st.lists(picks, max_size=6))
    def settle(self, order: list[int]) -> None:
        """Let all creators come to their end, and see that everything is as it should be."""
        self.go_on(order)
        turn = 0
        while self.running:
            turn += 1
            self.running[turn % len(self.running)].step()
        self._pass(LONG)
        self._check()
        self._begin_round()

    def teardown(self) -> None:
        try:
            self.settle([])
        finally:
            for creator in self.creators:
                creator.end()

    # What must hold

    @invariant()
    def whoever_has_a_session_is_within_every_quota(self) -> None:
        for pot in self._pots():
            held = [one for one in pot.creators if one.got and self._sessions(one)]
            assert pot.fits(held), f"{[(one, one.numbers, one.executors) for one in held]}: more than {pot.most}"

    @invariant()
    def nobody_deletes_what_is_anothers(self) -> None:
        assert not [each for creator in self.creators for each in creator.wronged]

    def _check(self) -> None:
        for creator in self.creators:
            if not creator.got and not creator.is_killed:
                self._has_failed_well(creator)
        if self.is_calm:
            self._nobody_gave_way_in_vain()

    def _has_failed_well(self, creator: Creator) -> None:
        """See that a failure says why, and leaves nothing, or names what it had to leave."""
        story = f"{creator} after {creator.calls}: {creator.fault!r}, {creator.message!r}"
        assert creator.message.strip() or isinstance(creator.fault, KeyboardInterrupt), story
        is_undisturbed = not any(creator.livy_faults) and not creator.interrupts
        if is_undisturbed:
            assert isinstance(creator.fault, (SessionDenied, SessionVanished)), story
        if isinstance(creator.fault, QuotaUnchecked):
            which = "after that" if creator.tags else "before the request"
            assert which in creator.message, story
        sessions, applications = self._sessions(creator), self._applications(creator)
        if sessions:
            assert creator.livy_faults[-1] or creator.interrupts > 1, f"{sessions} left by {story}"
            assert self._is_named(creator), f"{sessions} left unnamed by {story}"
        if applications:
            is_hindered = any([*creator.livy_faults, *creator.yarn_faults]) or creator.interrupts > 1
            assert is_hindered, f"{applications} left by {story}"
            assert self._is_named(creator), f"{applications} left unnamed by {story}"
        later = creator.kernel.creators[creator.kernel.creators.index(creator) + 1 :]
        if any(not any(each.livy_faults) and not each.interrupts and not each.is_killed for each in later):
            assert not sessions, f"{sessions} not taken back, left by {story}"

    def _is_named(self, creator: Creator) -> bool:
        words = [*creator.tags, *(f"ession {number} " for number in creator.numbers)]
        words += [one.id for one in self._applications(creator)]
        return any(word in creator.message for word in words)

    def _nobody_gave_way_in_vain(self) -> None:
        """See that of those who tried at once, with room for one of them, one has a session.

        Of those whom one quota bounds together it is the one whom Livy registered first.
        """
        for pot in self._pots():
            tried = [one for one in self.round if one in pot.creators]
            if not tried or not self._is_decisive(pot):
                continue
            posted = [one for one in tried if one.numbers]
            first = min(posted, key=lambda one: one.numbers[0], default=None)
            assert first is None or first.got, f"{first} gave way, the first of {tried}: {first.message}"
            smallest = min(tried, key=lambda one: one.executors)
            had_room = all(each.fits([*self.before, smallest]) for each in self._pots() if smallest in each.creators)
            assert not had_room or any(one.got for one in tried), f"none of {tried}, with room for {smallest}"

    def _is_decisive(self, pot: Pot) -> bool:
        """Tell whether no other quota can refuse any of the round's creators that a pot bounds."""
        others = [each for each in self._pots() if each is not pot and set(each.creators) & set(pot.creators)]
        return all(each.fits([*self.before, *self.round]) or set(each.creators) < set(pot.creators) for each in others)

    # What there is

    def _begin_round(self) -> None:
        """Note who holds what, before others try."""
        self.round: list[Creator] = []
        self.before = [one for one in self.creators if self._sessions(one)]
        self.is_calm = not self.livy.is_down and not self.livy.is_yarn_down

    @property
    def running(self) -> list[Creator]:
        return [one for one in self.creators if not one.is_over]

    @property
    def owned(self) -> list[int]:
        return [session.id for one in self.creators if one.got for session in self._sessions(one)]

    def _pots(self) -> list[Pot]:
        """Return which creators are bounded together, and by what."""
        users = [Pot(self._of(user), OF_ONE if user in TEAM else OF_OTHERS) for user in sorted({*USERS})]
        return [Pot(self._of(*TEAM), OF_ALL), *users]

    def _of(self, *users: str) -> list[Creator]:
        return [one for one in self.creators if one.kernel.user in users]

    def _sessions(self, creator: Creator) -> list[Session]:
        """Return what Livy lists of a creator's that counts."""
        return [one for one in self.livy.listed.values() if one.tags & creator.tags and one.state in HOLDING]

    def _applications(self, creator: Creator) -> list[Application]:
        """Return what lives in YARN of a creator's."""
        return [one for one in self.livy.running.values() if one.tags & creator.tags and not one.is_over]

    @staticmethod
    def _pick(among: Sequence[Any], pick: int) -> Any:
        return among[pick % len(among)]


class QuotaRaceByLedger(QuotaRace):
    """A Livy that tells no owners: what a machine's ledger proves is counted, and nothing else."""

    logs_in = False

    def _pots(self) -> list[Pot]:
        return [
            Pot([one for one in self.creators if one.kernel.ledger is ledger], OF_ONE if user in TEAM else OF_OTHERS)
            for (user, _), ledger in self.ledgers.items()
        ]


QUICK = settings(
    max_examples=100,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)
IN_NUMBER = settings(QUICK, max_examples=600, stateful_step_count=60)


class TestQuotasHoldWhereLivyTellsOwners(QuotaRace.TestCase):
    settings = QUICK


class TestQuotasHoldWhereOnlyTheLedgerProves(QuotaRaceByLedger.TestCase):
    settings = QUICK


@pytest.mark.long
@pytest.mark.timeout(1_200)
class TestQuotasHoldWhereLivyTellsOwnersInNumber(QuotaRace.TestCase):
    settings = IN_NUMBER


@pytest.mark.long
@pytest.mark.timeout(1_200)
class TestQuotasHoldWhereOnlyTheLedgerProvesInNumber(QuotaRaceByLedger.TestCase):
    settings = IN_NUMBER
