"""LG950 to LG969: what the doctor finds by looking, not by any text; its own checks make the hints of these codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.catalog.doctor_text import TEXTS
from livyguard.hints.entry import Entry

if TYPE_CHECKING:
    from livyguard.hints.model import Severity

__all__ = ["ENTRIES"]


def _entry(code: str, name: str, title: str, severity: Severity = "warning") -> Entry:
    return Entry(code, name, title, TEXTS[code], severity=severity)


ENTRIES = (
    _entry("LG950", "check-broke-down", "a check of the doctor broke down", "failure"),
    _entry("LG951", "kernelspec-missing", "SparkMagic's kernels are not there"),
    _entry("LG952", "kernel-without-livyguard", "a kernel's Python has no livyguard"),
    _entry("LG953", "guard-not-enabled", "the guard is not in every kernel"),
    _entry("LG954", "guard-incomplete", "the guard is not whole", "failure"),
    _entry("LG955", "policy-missing", "no policy is installed"),
    _entry("LG956", "policy-invalid", "the policy cannot be used", "failure"),
    _entry("LG957", "policy-doubtful", "lint has something to say of the policy"),
    _entry("LG958", "nobody-known", "nobody says who asks"),
    _entry("LG959", "connection-unprotected", "the connection to Livy is not protected"),
    _entry("LG960", "certificate-ends-soon", "Livy's certificate is over soon"),
    _entry("LG961", "ticket-ends-soon", "the Kerberos ticket is over soon"),
    _entry("LG962", "livy-too-old", "this Livy is too old to tell idle times"),
    _entry("LG963", "sessions-open-to-all", "everybody's sessions are open to everybody"),
    _entry("LG964", "cluster-does-not-answer", "what runs the cluster does not answer", "failure"),
    _entry("LG965", "queue-without-room", "the queue has no room"),
    _entry("LG966", "queue-unusable", "the queue takes no sessions", "failure"),
    _entry("LG967", "clocks-disagree", "clocks disagree"),
    _entry("LG968", "heartbeat-too-short", "heartbeats leave no room for a pause"),
    _entry("LG969", "ledger-not-kept", "the ledger is not kept as it should be"),
)
