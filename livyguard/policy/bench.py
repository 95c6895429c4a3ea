"""The bench that a request lies on while it is judged: its values, and what was found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livyguard.policy.decision import OVER_QUOTA, Change, Decision, Violation
from livyguard.policy.kinds import conf_text
from livyguard.policy.properties import CONF, DOORS, PROPERTIES, order
from livyguard.policy.redact import redact_text, redact_value
from livyguard.policy.request import Entry, SessionRequest
from livyguard.policy.slips import slips
from livyguard.policy.tenancy import PRESETS

if TYPE_CHECKING:
    from livyguard.policy.kinds import Kind
    from livyguard.policy.rules import Rule
    from livyguard.policy.tenancy import Tenancy

__all__ = ["Bench"]


class Bench:
    """Collects changes and violations; the request itself is never altered.

    Attributes:
        entries: the values as they stand now.
        is_lenient: what would be refused is clamped or dropped, to find the nearest request that passes.
        release: sessions that have to go to make room in a quota.
    """

    def __init__(self, request: SessionRequest, tenant: Tenancy, *, is_lenient: bool = False) -> None:
        self.request = request
        self.entries: dict[str, Entry] = dict(request.entries)
        self.is_lenient = is_lenient
        self.changes: list[Change] = []
        self.violations: list[Violation] = []
        self.notices: list[str] = list(request.notices)
        self.release: tuple[int, ...] = ()
        self._tenant = tenant
        self._altered = False

    def change(self, name: str, given: Entry, value: Any, rule: Rule) -> None:
        """Put a canonical value in place of a given one; None drops it."""
        if value is None:
            self.entries.pop(name, None)
        else:
            self.entries[name] = self._entry(name, value, rule, given.origin)
        if not given.is_asked and value is None:
            self.notices.append(f"{name} of the operator's own settings is left out: {rule.path} forbids it.")
        if given.is_asked or value is not None:
            self.report(name, given.raw if given.is_asked else None, self._written(name, value, rule), rule)
        self._altered = self._altered or given.is_asked

    def fill(self, name: str, value: Any, rule: Rule) -> Entry:
        """Put in a canonical value where nobody gave one."""
        self.entries[name] = filled = self._entry(name, value, rule, rule.path)
        self.report(name, None, self._written(name, value, rule), rule)
        return filled

    def put(self, name: str, number: int, rule: Rule) -> None:
        """Put in a number of executors without a word; the one change of the ceiling tells it."""
        before = self.entries.get(name)
        self.entries[name] = self._entry(name, number, rule, before.origin if before is not None else rule.path)

    def report(self, name: str, asked: Any, given: Any, rule: Rule) -> None:
        """Note a change, secrets redacted."""
        asked, given = redact_value(name, asked, 1), redact_value(name, given, 1)
        self.changes.append(Change(_resource(name), asked, given, rule.path, rule.reason, rule.contact))

    def report_presets(self) -> None:
        """Note what the policy's ``session_configs`` filled in and no rule touched."""
        told = {change.property for change in self.changes}
        for name, given in self.entries.items():
            if given.origin and given.origin.endswith(PRESETS) and _resource(name) not in told:
                shown = redact_value(name, given.raw, 1)
                self.changes.append(Change(_resource(name), None, shown, f"{given.origin}.{name}"))

    def mark_altered(self) -> None:
        """Note that a value which the user gave is not sent as it was given."""
        self._altered = True

    def refuse(
        self,
        name: str,
        given: Entry | None,
        rule: Rule,
        what: str,
        *,
        allowed: Any = None,
        reason: str | None = None,
    ) -> None:
        """Note a violation, secrets redacted."""
        self.violations.append(
            Violation(
                _resource(name),
                redact_value(name, given.raw if given is not None else None, 1),
                redact_value(name, allowed),
                rule.path,
                _told(name, given, reason) or rule.reason,
                rule.contact,
                what=what,
            )
        )

    def refuse_shape(self, given: Entry) -> None:
        """Note that the body, or its ``conf``, is no JSON object."""
        asked = redact_value("", given.raw)
        self.violations.append(
            Violation("request", asked, "a JSON object", "livy", f"{given.fault}.", what="is misshapen")
        )

    def refuse_slips(self) -> None:
        """Note what Livy would not take, whatever the policy says of it."""
        self.violations += slips(self.request)
        for name, given in list(self.entries.items()):
            if given.is_nested:
                del self.entries[name]

    def refuse_unreadable(self, name: str, given: Entry) -> None:
        """Note a value that no limit names and Spark cannot read."""
        asked = redact_value(name, given.raw, 1)
        allowed = PROPERTIES[name].kind.name
        self.violations.append(
            Violation(
                redact_text(name), asked, allowed, "spark", _told(name, given, f"{given.fault}."), what="cannot be read"
            )
        )
        self.drop_if_lenient(name)

    def refuse_unlisted(self, name: str, given: Entry, path: str) -> None:
        """Note a ``conf`` key that no limit names, where only named ones may be given."""
        asked = redact_value(name, given.raw, 1)
        self.violations.append(
            Violation(
                redact_text(name),
                asked,
                None,
                path,
                "The policy names every conf key that may be set.",
                what="is not listed",
            )
        )
        self.drop_if_lenient(name)

    def drop_if_lenient(self, name: str) -> None:
        """Leave a refused value out of the nearest request that passes."""
        if self.is_lenient:
            self.entries.pop(name, None)

    def final(self) -> SessionRequest:
        """Return the request as it stands now."""
        return replace(self.request, entries=self.entries)

    def decision(self) -> Decision:
        """Return what was found as a value."""
        changes = sorted(self._one_each(), key=lambda each: order(each.property))
        limits = sorted((one for one in self.violations if one.code != OVER_QUOTA), key=lambda one: order(one.property))
        violations = [*limits, *(one for one in self.violations if one.code == OVER_QUOTA)]  # its first has the way out
        verdict = "deny" if violations else "clamp" if self._altered else "allow"
        return Decision(
            verdict=verdict,  # type: ignore[arg-type] # one of the three, by the line above
            tenant=self._tenant.name,
            user=self._tenant.user,
            request=None if violations else self.final().to_body(),
            changes=tuple(changes),
            violations=tuple(violations),
            notices=tuple(dict.fromkeys(self.notices)),
            release=self.release,
        )

    def _one_each(self) -> list[Change]:
        """Return one change a property: what the user asked first, what stands at last; lists are put together."""
        found: dict[str, Change] = {}
        for each in self.changes:
            before = found.get(each.property)
            found[each.property] = each if before is None else self._joined(before, each)
        return list(found.values())

    def _joined(self, before: Change, after: Change) -> Change:
        if before.asked is None:
            before, after = after, before
        if isinstance(before.given or after.given or before.asked, list):
            return replace(before, asked=_items(before.asked, after.asked), given=_items(before.given, after.given))
        last = self.entries.get(before.property)
        return before if last is None else replace(before, given=redact_value(before.property, last.raw, 1))

    def _entry(self, name: str, value: Any, rule: Rule, origin: str | None) -> Entry:
        kind = _kind(name, rule)
        written = kind.write(value)
        if name.startswith(CONF):
            text = ",".join(written) if isinstance(written, list) else conf_text(written)
            return Entry(written, text, origin=origin)
        return Entry(written, value, origin=origin)

    def _written(self, name: str, value: Any, rule: Rule) -> Any:
        return None if value is None else _kind(name, rule).write(value)


def _items(*values: Any) -> list[Any] | None:
    given = [value for value in values if value is not None]
    return [item for value in given for item in (value if isinstance(value, list) else [value])] or None


def _told(name: str, given: Entry | None, reason: str | None) -> str | None:
    """Return a reason as it may be shown: one that may quote a secret is put in other words."""
    if given is None or reason is None or redact_value(name, given.raw, 1) == given.raw:
        return reason
    return "It holds what looks like a secret, and is not of the form that is wanted here."


def _kind(name: str, rule: Rule) -> Kind:
    return PROPERTIES[name].kind if name in PROPERTIES else rule.kind


def _resource(name: str) -> str:
    """Return the property that a name is another door to, else the name itself."""
    door = DOORS.get(name.removeprefix(CONF))
    return door.property if door is not None else redact_text(name)
