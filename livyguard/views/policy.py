"""What the policy says of one person, as text, HTML and JSON: who, how that is known, what may be had, which file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from livyguard.views import page
from livyguard.views import usage as usage_view
from livyguard.views.shown import Shown
from livyguard.views.text import columns, duration, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from livyguard.policy.report import GrantReport, LimitReport, PolicyReport

__all__ = ["MIME", "PolicyView", "html", "text"]

MIME = "application/vnd.livyguard.policy.v1+json"

FACTS = ("What", "Is")
LIMITS = ("Property", "Allowed", "Otherwise", "Why", "Rule", "File")
OTHERWISE = {"clamp": "changed", "deny": "refused"}
WITNESSES = ("Source", "Says", "Worth", "Groups", "Counts", "Note")
WITNESSES_CAPTION = "How that is known"
LIMITS_CAPTION = "What a session may ask for"
PRESETS_CAPTION = "What the policy sets unless asked otherwise"
INVALID = "The policy cannot be used. No session is created until it is mended; listing and releasing work."
NONE = "No policy is installed: nothing is limited."
UNLIMITED = "No limit holds: whatever is asked is given."
UNLIMITED_BUT_HELD = "No limit holds for one session: whatever is asked is given, as far as the quota lets it."
LONGEST_CELL = 200
LONGEST_WORDS = 1_000


class PolicyView(Shown):
    """A report that shows itself in a notebook and a terminal."""

    mime = MIME

    def __init__(self, report: PolicyReport) -> None:
        self.report = report

    def to_text(self) -> str:
        """Return it as plain text, complete."""
        return text(self.report)

    def to_html(self) -> Markup:
        """Return it as HTML, everything foreign in it escaped."""
        return html(self.report)

    def to_json(self) -> dict[str, Any]:
        """Return one object, all that is known."""
        return self.report.to_json()


def text(report: PolicyReport) -> str:
    """Return the report as plain text, complete."""
    facts = _facts(report)
    width = max(len(label) for label, _ in facts)
    parts = ["\n".join(f"{label:<{width}}  {value}" for label, value in facts)]
    if held := usage_view.text(report):
        parts.append(held)
    if report.witnesses:
        parts.append(f"{WITNESSES_CAPTION}\n{columns(WITNESSES, _witnesses(report))}")
    if report.limits:
        parts.append(f"{LIMITS_CAPTION}\n{columns(LIMITS, _limits(report))}")
    if report.session_configs:
        parts.append(f"{PRESETS_CAPTION}\n{_presets(report.session_configs)}")
    return "\n\n".join([*parts, *_sentences(report)])


def html(report: PolicyReport) -> Markup:
    """Return the report as HTML tables; everything foreign in it is escaped."""
    parts = [page.table("Who asks, and what holds", FACTS, _facts(report)), *usage_view.html(report)]
    if report.witnesses:
        parts.append(page.table(WITNESSES_CAPTION, WITNESSES, _witnesses(report)))
    if report.limits:
        parts.append(page.table(LIMITS_CAPTION, LIMITS, _limits(report)))
    if report.session_configs:
        block = "<p>{}</p><pre>{}</pre>"
        parts.append(Markup(block).format(PRESETS_CAPTION, _presets(report.session_configs)))  # noqa: S704 - ours
    return page.section([*parts, *(page.note(sentence) for sentence in _sentences(report))])


def _facts(report: PolicyReport) -> list[tuple[str, str]]:
    """Return what is known of the person and of what holds, in words."""
    return [(label, value) for label, value in (*_person(report), *_place(report), *_amounts(report)) if value]


def _person(report: PolicyReport) -> Iterator[tuple[str, str]]:
    shared = ", a shared account: it names nobody" if report.is_shared else ""
    yield "User", plain(report.user or "not known") + shared
    yield "Known by", f"{plain(report.source)} ({report.trust})"
    yield "Groups", plain(", ".join(report.groups), LONGEST_WORDS)


def _place(report: PolicyReport) -> Iterator[tuple[str, str]]:
    why = f" ({plain(report.why)})" if report.why else ""
    yield "Tenant", "" if report.tenant is None else plain(report.tenant) + why
    yield "Cluster", plain(report.cluster or "")
    for layer in report.layers:
        yield "Policy", plain(layer.source) + " (the operator's)" * (layer.is_operators and len(report.layers) > 1)
    yield "Logged", f"every creation, in {plain(report.decision_log)}" if report.decision_log else ""
    yield "Operator", "may free other people's sessions" if report.is_operator else ""


def _amounts(report: PolicyReport) -> Iterator[tuple[str, str]]:
    idle = report.idle_after
    yield "Left alone", "" if idle is None else f"a session that is idle for {duration(idle)}; a release frees it"
    yield "Quota", f"{_quota(report.quota)} for each user" if report.quota else ""
    yield "Team quota", f"{_quota(report.team_quota)} for all together" if report.team_quota else ""
    listed = f"keys that no limit names are refused ({plain(report.unlisted)})" if report.unlisted else ""
    yield "Other conf", listed
    for grant in report.grants:
        yield "Grant", _grant(grant)


def _quota(quota: Mapping[str, Any]) -> str:
    return ", ".join(f"{plain(name)} {plain(amount)}" for name, amount in quota.items())


def _grant(grant: GrantReport) -> str:
    why = f" ({plain(grant.reason)})" if grant.reason else ""
    return f"{plain(', '.join(grant.limits))} until {grant.until}{why}"


def _witnesses(report: PolicyReport) -> list[list[str]]:
    return [
        [
            plain(each.source),
            plain(each.user or "nobody"),
            each.trust,
            plain(", ".join(sorted(each.groups)), LONGEST_WORDS),
            "yes" if each.counts else "",
            plain(each.note or "", LONGEST_WORDS),
        ]
        for each in report.witnesses
    ]


def _limits(report: PolicyReport) -> list[list[str]]:
    files, layers = {limit.file for limit in report.limits}, [layer.source for layer in report.layers]
    is_said_above = files == set(layers) and len(layers) == 1
    return [
        [
            plain(limit.property),
            plain(limit.words, LONGEST_WORDS),
            OTHERWISE[limit.on_violation],
            _why(limit),
            plain(limit.rule),
            "" if is_said_above else plain(limit.file or ""),
        ]
        for limit in report.limits
    ]


def _why(limit: LimitReport) -> str:
    said = [
        plain(limit.reason) if limit.reason else "",
        f"until {limit.until}" if limit.until else "",
        f"more: {plain(limit.contact)}" if limit.contact else "",
    ]
    return " · ".join(filter(None, said))


def _presets(settings: Mapping[str, Any]) -> str:
    """Return settings as JSON in which every foreign line stays harmless."""
    return "\n".join(plain(line, LONGEST_WORDS) for line in json.dumps(settings, indent=2).splitlines())


def _sentences(report: PolicyReport) -> list[str]:
    if report.faults:
        return [INVALID, *(plain(fault, LONGEST_WORDS) for fault in report.faults)]
    if report.tenant is None:
        looked = f" It was looked for in {plain(', '.join(report.searched), LONGEST_WORDS)}." if report.searched else ""
        return [f"{NONE}{looked}"]
    unlimited = UNLIMITED_BUT_HELD if report.quota or report.team_quota else UNLIMITED
    found = [] if report.limits else [unlimited]
    return [*found, *(plain(note, LONGEST_WORDS) for note in report.notes)]
