"""LG405 and LG406: a pod's template, and a cluster that is newer than what talks to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import kubernetes_text as text
from livyguard.hints.catalog.kubernetes_pods import AGAIN, quote
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.fixes import title_of_start
from livyguard.hints.model import Fix
from livyguard.hints.redaction import excerpt
from livyguard.hints.settings import configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_NO_TEMPLATE = re.compile(
    r"Could not load pod from template file|Encountered exception while attempting to load initial pod spec from file"
)
_NO_FILE = re.compile(r"(?:FileNotFoundException|NoSuchFileException): ([^\s:]{1,300})")
_INVALID = re.compile(
    r'od (?<=\b[Pp]od )\\?"(?P<pod>[^"\\\s]{1,253})\\?" is invalid: '
    r"(?P<why>(?:(?!\. Received status|\.\n)[^\n]){1,600})"
)

# One for each, since `re` looks quickly for what begins with a literal.
_REMOVED = (
    re.compile(
        r"Failure executing: [A-Z]{3,6} at: https?://[^\s/]{1,300}/apis/"
        r"(?P<api>[a-z0-9.]{1,100}/v\d{1,3}(?:alpha|beta)\d{1,3})/[^\s]{1,500}\. Message: "
        r"(?:Not Found|404 page not found|the server could not find the requested resource)"
    ),
    re.compile(
        r"could not find the requested resource "
        r"\((?:get|post|put|patch|delete) (?!\w+\.metrics\.)(?P<api>[a-z0-9.]{1,200})\)"
    ),
    re.compile(r'no matches for kind \\?"\w{1,100}\\?" in version \\?"(?P<api>[a-z0-9./]{1,100}beta\d{1,3})\\?"'),
    re.compile(r"Expected HTTP 101 response but was '403 Forbidden'(?P<api>)"),
)


def _template(case: Case) -> Finding | None:
    match = case.find_last(_NO_TEMPLATE)
    if match is None:
        return _invalid(case)
    facts = [quote(case, match)]
    missing = _NO_FILE.search(case.text, match.start())
    why = "its own words follow in the log."
    if missing is not None:
        facts.append(quote(case, missing))
        why = f"there is no file {excerpt(missing[1])} where it is read."
    cause = (
        f"Spark cannot use the pod template that the settings name: {why} The driver's is read beside Livy, an "
        "executor's in the driver's pod."
    )
    return Finding(
        title_of_start(case.session_id, "its pod template cannot be read", is_over=case.waited is None),
        cause,
        tuple(facts),
        (
            Fix(
                "Name a template that is there, or see what the settings name; the operator knows where it lies.",
                cell=configure({"conf": {"spark.kubernetes.driver.podTemplateFile": "PATH"}}),
                applicability="manual",
            ),
            AGAIN,
        ),
        rank=90,
    )


def _invalid(case: Case) -> Finding | None:
    match = case.find_last(_INVALID)
    if match is None:
        return None
    why = excerpt(match["why"].replace("\\", "")).rstrip(".")
    check = Fix(
        "For whoever wrote the template: ask Kubernetes what it has against it; this creates nothing.",
        command="kubectl create --dry-run=server --filename TEMPLATE",
        applicability="manual",
    )
    return Finding(
        f"Kubernetes refuses the pod {match['pod']} as invalid",
        f"The pod that Spark built from the settings and the pod template contradicts itself: {why}.",
        (quote(case, match),),
        (check, AGAIN),
        rank=90,
    )


def _removed(case: Case) -> Finding | None:
    match = next((match for pattern in _REMOVED if (match := case.find_last(pattern))), None)
    if match is None:
        return None
    if not match["api"]:
        cause = (
            "Spark's client of Kubernetes opens a watch in a way that this Kubernetes refuses: it is of Spark 2.4.4 or "
            "before."
        )
    else:
        cause = (
            f"Spark, Livy or the Spark operator asks Kubernetes for {match['api']}, which it does not have: who asks "
            "is older than the cluster, and that API was removed."
        )
    fixes = (
        Fix(
            "See which version the cluster has, where kubectl is at hand.",
            command="kubectl version",
            applicability="review",
        ),
        Fix("See which APIs it has.", command="kubectl api-versions", applicability="review"),
        Fix(
            "For the operator: give Spark an image whose client knows this version.",
            command="spark.kubernetes.container.image = REGISTRY/SPARK:NEWER",
            applicability="manual",
        ),
        AGAIN,
    )
    title = "Kubernetes is newer than the client that talks to it"
    return Finding(title, cause, (quote(case, match),), fixes, rank=85)


ENTRIES = (
    Entry(
        "LG405",
        "pod-template-refused",
        "the pod template cannot be used",
        text.TEMPLATE,
        _template,
        needles=("pod from template file", "initial pod spec from file", " is invalid: "),
    ),
    Entry(
        "LG406",
        "kubernetes-api-removed",
        "Kubernetes is newer than what talks to it",
        text.REMOVED,
        _removed,
        yields_to=("LG404",),
        needles=("/apis/", "the requested resource (", "no matches for kind ", "was '403 Forbidden'"),
    ),
)
