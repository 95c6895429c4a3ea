"""Settling the executor ceiling of a request: one number, written wherever Spark looks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.policy import executors
from livyguard.policy.executors import CORES_MAX, COUNT, INITIAL, MAX, MIN, SPARK_DEFAULT, Ceiling
from livyguard.policy.fold import fold
from livyguard.policy.footprint import SIDES, Sizes, sizes
from livyguard.policy.properties import CONF
from livyguard.policy.request import Entry
from livyguard.policy.rules import Rule, bounded, examine

if TYPE_CHECKING:
    from livyguard.policy.bench import Bench
    from livyguard.policy.tenancy import Tenancy

__all__ = ["SPARK", "otherwise_of", "settle"]

#: What Spark takes where neither the request nor the policy's ``spark_defaults`` say anything.
SPARK = fold({"driverMemory": "1g", "driverCores": 1, "executorMemory": "1g", "executorCores": 1}, "spark").entries
_STREAMING = f"{CONF}spark.streaming.dynamicAllocation."
_UNCAPPED = 2**31 - 1


def otherwise_of(tenancy: Tenancy) -> dict[str, Entry]:
    """Return what counts where a request is silent: the policy's ``spark_defaults``, else what Spark takes by itself.

    On a standalone cluster an executor of which nobody says how many cores it has takes all of a worker.
    """
    found = {**SPARK, **tenancy.spark_defaults}
    if tenancy.manager == "standalone" and tenancy.worker_cores and "executor.cores" not in tenancy.spark_defaults:
        found["executor.cores"] = Entry(tenancy.worker_cores, tenancy.worker_cores)
    return found


def settle(bench: Bench, tenancy: Tenancy) -> None:
    """Write the ceiling into the request, as DESIGN's formula has it, and report it as one change."""
    size = sizes(bench.entries, otherwise_of(tenancy), manager=tenancy.manager, step=tenancy.step)
    room = executors.ceiling_for(tenancy, size)
    own = tenancy.rule_for(MAX)
    if own is None and room.rule is None:
        _prefer(bench, tenancy, _UNCAPPED)
        return
    if room.rule is not None and room.cap == 0:
        asked = Entry(least := _held(size, room.rule, 1), least) if _is_sized_by_user(bench) else None
        bench.refuse(room.rule.name, asked, room.rule, "leaves no room for an executor", allowed=_most(room.rule))
        return
    _Settlement(bench, tenancy, size, room, own).settle()


def _is_sized_by_user(bench: Bench) -> bool:
    return any(given.is_asked and name.startswith(SIDES) for name, given in bench.entries.items())


def _held(size: Sizes, rule: Rule, executors: int) -> Any:
    """Return what a session with that many executors comes to, as a ``session.*`` rule counts it."""
    return rule.kind.write(size.memory(executors) if rule.name == "session.memory" else size.cores(executors))


def _most(rule: Rule) -> str:
    return f"at most {rule.kind.write(rule.max)}"


def _prefer(bench: Bench, tenancy: Tenancy, ceiling: int, names: tuple[str, ...] = (COUNT, INITIAL, MIN)) -> None:
    """Fill in what the rules prefer for the numbers that nobody gave."""
    for name in names:
        own = tenancy.rules.get(name)
        if name not in bench.entries and own is not None and own.default is not None:
            bench.fill(name, min(bounded(own, own.default), ceiling), own)


class _Settlement:
    """One request under one ceiling."""

    def __init__(self, bench: Bench, tenancy: Tenancy, size: Sizes, room: Ceiling, own: Rule | None) -> None:
        self._bench, self._tenancy, self._size, self._room, self._own = bench, tenancy, size, room, own
        self._cores = self._cores_of_one()
        self._asked = executors.asks(bench.entries)
        self._doors = executors.door_numbers(bench.entries, self._cores)
        self._cap = _UNCAPPED if room.cap is None else room.cap
        numbers = {**self._asked, **self._doors}
        self._by_user = [number for name, number in numbers.items() if bench.entries[name].is_asked]

    def settle(self) -> None:
        if self._lacks_what_is_required() or self._is_denied():
            return
        default = None if self._own is None else self._own.default
        if self._room.cap is None and default is None and MAX not in self._asked:
            _prefer(self._bench, self._tenancy, _UNCAPPED)
            return
        wanted = executors.settled(self._cap, default, self._asked, self._doors)
        ceiling = self._within_own(wanted)
        if ceiling is not None:
            self._write(ceiling)

    def _lacks_what_is_required(self) -> bool:
        own = self._own
        if own is None or not own.required or own.default is not None or own.fixed is not None or self._asked:
            return False
        self._bench.refuse(MAX, None, own, "is required", allowed="a number of executors")
        return True

    def _is_denied(self) -> bool:
        """Refuse what the user asks beyond a rule that denies; say for how much there is room."""
        largest = max(self._by_user, default=0)
        found = False
        own, room = self._own, self._room
        if own is not None and own.denies and room.of_property is not None and largest > room.of_property:
            self._refuse(own, largest, f"at most {room.of_property}")
            found = True
        if room.rule is not None and room.rule is not own and room.rule.denies and largest > self._cap:
            self._refuse(room.rule, _held(self._size, room.rule, largest), _most(room.rule))
            found = True
        return found and not self._bench.is_lenient

    def _refuse(self, rule: Rule, asked: Any, allowed: str) -> None:
        self._bench.refuse(rule.name, Entry(asked, asked), rule, "is above the limit", allowed=allowed)

    def _within_own(self, wanted: int) -> int | None:
        """Return the ceiling as far as the rest of ``executors.max`` lets it; None after a refusal."""
        own = self._own
        if own is None:
            return wanted
        if own.fixed is not None:
            wanted = self._cap
        wanted = max(wanted, own.min or 0)
        rest = own.but(min=None, max=None, fixed=None, forbidden=False)
        finding = examine(rest, Entry(wanted, wanted))
        if finding is not None and not finding.is_final:
            wanted = min(finding.given, self._cap)
            finding = examine(rest, Entry(wanted, wanted))
        most = own.max if own.parts and own.max is not None else _UNCAPPED  # another layer's than the fixed one
        if wanted > min(self._cap, most) or finding is not None:
            allowed = f"at most {most}" if wanted > most else f"at least {own.min}"
            allowed = allowed if finding is None else finding.allowed
            self._bench.refuse(MAX, self._bench.entries.get(MAX), own, "cannot be met", allowed=allowed)
            return None
        return wanted

    def _write(self, ceiling: int) -> None:
        rule = self._binding(ceiling)
        self._refuse_streaming(ceiling, rule)
        altered, filled = self._cap_the_asked(ceiling, rule)
        counted = self._fill_the_rest(ceiling, rule)
        altered = self._cap_the_doors(ceiling) or altered
        if altered:
            self._bench.mark_altered()
        if altered or filled:
            self._bench.report(MAX, max(self._by_user) if altered else None, ceiling, rule)
        elif counted is not None:
            self._bench.report(COUNT, None, counted, rule)

    def _binding(self, ceiling: int) -> Rule:
        """Return the rule that the ceiling comes from: a ``session.*`` one where that lowered it."""
        own, room = self._own, self._room
        if room.rule is None or room.rule is own:
            return own or room.rule  # type: ignore[return-value] # one of the two is there
        if own is None:
            return room.rule
        without = executors.settled(room.of_property or _UNCAPPED, own.default, self._asked, self._doors)
        return room.rule if without > ceiling else own

    def _refuse_streaming(self, ceiling: int, rule: Rule) -> None:
        """Streaming's own allocation takes no number to start with: Spark starts two."""
        if ceiling < SPARK_DEFAULT and self._is_streaming() and COUNT not in self._asked and not self._is_dynamic():
            name = f"{_STREAMING}enabled"
            given = self._bench.entries[name]
            why = f"Spark starts {SPARK_DEFAULT} executors before streaming's own dynamic allocation counts them."
            self._bench.refuse(name, given, rule, "leaves no room", allowed=f"at most {ceiling}", reason=why)
            self._bench.drop_if_lenient(name)

    def _cap_the_asked(self, ceiling: int, rule: Rule) -> tuple[bool, bool]:
        altered = filled = False
        for name in (COUNT, INITIAL, MIN):
            if self._asked.get(name, 0) > ceiling:
                altered = altered or self._bench.entries[name].is_asked
                filled = True
                self._bench.put(name, ceiling, rule)
        if self._asked.get(MAX) != ceiling:
            altered = altered or (MAX in self._asked and self._bench.entries[MAX].is_asked)
            filled = True
            self._bench.put(MAX, ceiling, rule)
        return altered, filled

    def _fill_the_rest(self, ceiling: int, rule: Rule) -> int | None:
        """Fill in what spark-defaults would say otherwise; return the number of executors that was filled in."""
        bench, entries = self._bench, self._bench.entries
        counted = None
        is_dynamic = self._is_dynamic()
        _prefer(bench, self._tenancy, ceiling, (INITIAL, MIN) if is_dynamic else (COUNT, INITIAL, MIN))
        # Streaming's own dynamic allocation refuses to start beside a number of executors.
        if COUNT not in entries and not is_dynamic and not self._is_streaming():
            counted = min(ceiling, SPARK_DEFAULT)
            bench.put(COUNT, counted, rule)
        for name, number in executors.asks(self._tenancy.spark_defaults).items():
            if name not in entries and number > ceiling:
                bench.put(name, ceiling, rule)
        if self._is_streaming() and f"{_STREAMING}maxExecutors" not in entries:
            self._conf(f"{_STREAMING}maxExecutors", ceiling, rule.path)
        if self._tenancy.manager == "standalone" and CORES_MAX not in entries:
            self._conf(CORES_MAX, ceiling * self._cores, rule.path)
        return counted

    def _cap_the_doors(self, ceiling: int) -> bool:
        """Lower what other keys ask for to what the rules leave room for."""
        altered = False
        for name, number in self._doors.items():
            most = max(self._cap, ceiling) if self._room.cap is None else self._cap
            if number > most:
                origin = self._bench.entries[name].origin
                self._conf(name, most * self._cores if name == CORES_MAX else most, origin)
                altered = altered or origin is None
        return altered

    def _conf(self, name: str, number: int, origin: str | None) -> None:
        self._bench.entries[name] = Entry(number, str(number), origin=origin)

    def _is_dynamic(self) -> bool:
        """Tell whether Spark finds dynamic allocation on, so that no number of executors has to be named."""
        given = self._bench.entries.get("dynamic_allocation")
        if given is not None and given.value is False:
            return False
        return self._tenancy.is_dynamic is True

    def _is_streaming(self) -> bool:
        given = self._bench.entries.get(f"{_STREAMING}enabled")
        return given is not None and str(given.value).strip().lower() == "true"

    def _cores_of_one(self) -> int:
        for source in (self._bench.entries, self._tenancy.spark_defaults):
            given = source.get("executor.cores")
            if given is not None and given.fault is None and given.value:
                return int(given.value)
        return self._tenancy.worker_cores or 1
