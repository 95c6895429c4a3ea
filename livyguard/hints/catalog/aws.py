"""LG501 to LG503: the way to an endpoint of AWS, its state, and its executors that one session may take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import aws_text as text
from livyguard.hints.catalog.http_parts import AGAIN, LIVYS_PATH
from livyguard.hints.entry import LOOK, Entry, Finding
from livyguard.hints.model import Fix
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

# Where a tunnel is opened: localhost by its name, or Livy's own port; other ports of 127.0.0.1 are of servers here.
_LOCAL = r"(?:localhost(?::\d{1,5})?|(?:127\.0\.0\.1|\[::1\]):8998)(?![\w.:-])"
# Only where it is Livy that is asked: a user's own program may look for anything on localhost.
# One pattern for each way to say it, since `re` looks quickly for what begins with a literal.
_REFUSED = (
    re.compile(rf"http(?P<where>s?://{_LOCAL})[^\s'\"]{{0,200}} refuses the connection \(after"),
    re.compile(
        r"ConnectionPool\((?P<where>host='(?:localhost', port=\d{1,5}|127\.0\.0\.1', port=8998))\): "
        rf"Max retries exceeded with url: {LIVYS_PATH} [^\n]{{0,300}}?Connection refused"
    ),
    re.compile(
        r"ConnectionPool\((?P<where>host='(?:localhost|127\.0\.0\.1)', port=8998)\): "
        r"Max retries exceeded with url: /version [^\n]{0,300}?Connection refused"
    ),
)
_CLOSED = (
    re.compile(rf"The connection to http(?P<where>s?://{_LOCAL})[^\s'\"]{{0,200}} was cut before the "),
    re.compile(rf"Request to 'http(?P<where>s?://{_LOCAL}){LIVYS_PATH}' failed with '\('Connection aborted\.'"),
)
_TUNNELS_WORDS = (
    re.compile(r"channel \d{1,9}: open failed: connect failed: [^\n]{1,200}"),
    re.compile(r"error: lost connection to pod"),
    re.compile(r"Could not request local forwarding"),
)
_PARTS = re.compile(r"localhost|127\.0\.0\.1|\d{1,5}$")
_OPEN = Fix(
    "Open the tunnel again; this is for a Glue development endpoint.",
    command="ssh -i KEY -N -L 8998:169.254.76.1:8998 glue@ADDRESS",
    applicability="manual",
)
_LISTENS = Fix(
    "See what listens on this machine, in a terminal of it, where ss is at hand.",
    command="ss --listening --tcp --numeric",
)
_ANSWERS = Fix("See whether Livy answers, once it is open: this takes the same way.", command="livyguard sessions")

_STATE = r"(?P<{}>[A-Z][A-Z_]{{2,30}})"
_TERRAFORM = re.compile(
    r"Glue Dev Endpoint \((?P<name>\w[\w.-]{0,254})\) to become available: "
    rf"unexpected state '{_STATE.format('state')}'"
)
_SERVERLESS = (
    re.compile(rf"Application state {_STATE.format('state')} of application (?P<name>[0-9a-z]{{1,64}}) is invalid"),
    re.compile(rf"State of application (?P<name>[0-9a-z]{{1,64}}) is not {_STATE.format('wanted')}"),
)
# What `aws glue get-dev-endpoint` and `aws emr describe-cluster` print, or boto3 returns.
_STATUS = re.compile(r"""Stat(?<=\bStat)(?:us|e)["']?\s{0,3}:\s{0,3}["']?(?P<state>[A-Z][A-Z_]{2,30})\b""")
_GLUE = re.compile(r"""EndpointName["']?\s{0,3}:\s{0,3}["']?(?P<name>\w[\w.-]{0,254})?""")
_GLUE_NAMES = ("YarnEndpointAddress", "ZeppelinRemoteSparkInterpreterPort")
_CLUSTER_ID = re.compile(r"j-(?<=\bj-)[0-9A-Z]{8,20}\b")
_FAILURE = re.compile(r"""FailureReason["']?\s{0,3}:\s{0,3}["']?(?P<why>[^"'\n]{1,300})""")
_COMING = frozenset({"PROVISIONING", "STARTING", "BOOTSTRAPPING", "CREATING", "CREATED", "UPDATING"})
_FINE = frozenset({"READY", "RUNNING", "WAITING", "STARTED"})

# A cluster that was ended by its owner, or had nothing left to do, has not failed.
_OVER = frozenset({"TERMINATING", "TERMINATED"})
_FAILED = re.compile(
    r"""Code["']?\s{0,3}:\s{0,3}["']?(?:INTERNAL_ERROR|VALIDATION_ERROR|INSTANCE_FAILURE|INSTANCE_FLEET_TIMEOUT"""
    r"""|BOOTSTRAP_FAILURE|STEP_FAILURE)\b"""
)

# On a cluster of one's own an allocation without a maximum is how it is meant.
_SHARED = re.compile(r"\b(?:Glue|GLUE|glue@|G\.\d{1,2}X|[Dd]ev(?:elopment)? ?[Ee]ndpoint|YarnEndpointAddress)")
_IS_DYNAMIC = re.compile(
    r"""spark\.dynamicAllocation\.enabled["']?(?:\s{0,40}(?:=|:|->|,|\s)\s{0,40})["']?(?i:true)\b"""
)
_MAXIMUM = re.compile(r"""spark\.dynamicAllocation\.maxExecutors["']?(?:\s{0,40}(?:=|:|->|,|\s)\s{0,40})["']?\d""")


def _last(case: Case, patterns: tuple[re.Pattern[str], ...]) -> re.Match[str] | None:
    found = [match for pattern in patterns if (match := case.find_last(pattern))]
    return max(found, key=lambda match: match.start(), default=None)


def _where(match: re.Match[str]) -> str:
    """Return the address as it is written in a URL, or as host and port."""
    where = match["where"]
    return ":".join(_PARTS.findall(where)) if where.startswith("host=") else f"http{where}"


def _tunnel(case: Case) -> Finding | None:
    refused, closed, own = (_last(case, patterns) for patterns in (_REFUSED, _CLOSED, _TUNNELS_WORDS))
    facts = [case.quote(own, "the tunnel's own words")] if own else []
    if refused is not None:
        facts.insert(0, case.quote(refused, "the connection"))
        title = f"Nothing listens at {_where(refused)}: the tunnel to Livy is down, or no Livy runs on this machine"
        cause = (
            "The notebook looks for Livy on its own machine. Where Livy runs elsewhere, as with a Glue development "
            "endpoint, a tunnel has to bring it there."
        )
    elif closed is not None:
        facts.insert(0, case.quote(closed, "the connection"))
        title = f"What listens at {_where(closed)} closes the connection: nothing answers at the tunnel's other end"
        cause = (
            "A tunnel takes every connection and closes it where Livy at its other end does not answer: the endpoint "
            "is stopped, is starting, or has another address now."
        )
    elif own is not None:
        title = "The tunnel to Livy is broken"
        cause = "The tunnel itself says that it does not reach what it was opened for."
    else:
        return None
    return Finding(title, cause, tuple(facts), (_LISTENS, _OPEN, _ANSWERS, AGAIN), rank=75)


def _not_ready(case: Case) -> Finding | None:
    return _serverless(case) or _glue(case) or _emr(case)


def _glue(case: Case) -> Finding | None:
    match, named = case.find_last(_TERRAFORM), None
    if match is None and any(name in case.text for name in _GLUE_NAMES):
        match, named = case.find_last(_STATUS), case.find_last(_GLUE)
    if match is None or match["state"] in _FINE:
        return None
    name = match.groupdict().get("name") or (named["name"] if named else None)
    facts = [case.quote(match, "AWS Glue")]
    if failure := case.find_last(_FAILURE):
        facts.append(case.quote(failure, "AWS Glue"))
    command = "aws glue get-dev-endpoints --query 'DevEndpoints[].[EndpointName,Status]'"
    if name:
        command = f"aws glue get-dev-endpoint --endpoint-name {name} --query 'DevEndpoint.[Status,FailureReason]'"
    what = f"The development endpoint {name}" if name else "The development endpoint"
    return Finding(
        f"{what} is {match['state']}",
        _when(match["state"]),
        tuple(facts),
        (
            Fix("Look at its state again, where the aws command is at hand.", command=command, applicability="review"),
            AGAIN,
        ),
        rank=78,
    )


def _emr(case: Case) -> Finding | None:
    if "StateChangeReason" not in case.text:
        return None
    match, cluster = case.find_last(_STATUS), case.find(_CLUSTER_ID)
    if match is None or match["state"] in _FINE or (match["state"] in _OVER and not case.find(_FAILED)):
        return None
    command = f"aws emr describe-cluster --cluster-id {cluster[0]}" if cluster else "aws emr list-clusters --active"
    return Finding(
        f"The EMR cluster {f'{cluster[0]} ' if cluster else ''}is {match['state']}",
        _when(match["state"]),
        (case.quote(match, "Amazon EMR"),),
        (
            Fix("Look at its state again, where the aws command is at hand.", command=command, applicability="review"),
            AGAIN,
        ),
        rank=78,
    )


def _serverless(case: Case) -> Finding | None:
    match = _last(case, _SERVERLESS)
    if match is None:
        return None
    name, state = match["name"], match.groupdict().get("state")
    start = Fix(
        "Start it; it costs money while it is up.",
        command=f"aws emr-serverless start-application --application-id {name}",
        applicability="review",
    )
    look = Fix(
        "Look at its state again, where the aws command is at hand.",
        command=f"aws emr-serverless get-application --application-id {name} --query application.state",
        applicability="review",
    )
    return Finding(
        f"The EMR Serverless application {name} is {state or 'not ' + match['wanted']}",
        _when(state) if state else "It takes no session until it is up, and took longer than was waited for.",
        (case.quote(match, "EMR Serverless"),),
        (look, start, AGAIN),
        rank=78,
    )


def _when(state: str) -> str:
    if state in _COMING:
        return "It takes no session until it is up, which takes some minutes."
    return "It takes no session in this state; what failed or was terminated has to be made anew, with a new address."


def _no_maximum(case: Case) -> Finding | None:
    match = case.find_last(_IS_DYNAMIC)
    if match is None or _MAXIMUM.search(case.text) or not case.find(_SHARED):
        return None
    bound = Fix(
        f"Bound this session. {REPLACES}",
        cell=configure({"conf": {"spark.dynamicAllocation.maxExecutors": "5"}}),
        applicability="review",
    )
    policy = Fix(
        "For the operator: a policy bounds every session.",
        command="livyguard policy init --workers WORKERS --worker-type G.1X --users USER,USER -o policy.toml",
        applicability="manual",
    )
    return Finding(
        "No maximum of executors is set: one session may take them all",
        "Dynamic allocation is on and spark.dynamicAllocation.maxExecutors stands nowhere in this text; Spark's "
        "default is no limit. On a shared endpoint the sessions of others then wait for executors.",
        (case.quote(match, "the settings"),),
        (LOOK, bound, policy),
        rank=20,
    )


ENTRIES = (
    Entry(
        "LG501",
        "tunnel-down",
        "nothing answers where a tunnel to Livy ends",
        text.TUNNEL,
        _tunnel,
        needles=(
            " refuses the connection (after",
            " was cut before the ",
            "Max retries exceeded with url",
            "'Connection aborted.'",
            "open failed: connect failed",
            "lost connection to pod",
            "Could not request local forwarding",
        ),
    ),
    Entry(
        "LG502",
        "endpoint-not-ready",
        "the endpoint does not take sessions now",
        text.NOT_READY,
        _not_ready,
        needles=(
            "Glue Dev Endpoint",
            *_GLUE_NAMES,
            "StateChangeReason",
            "Application state ",
            "State of application ",
        ),
    ),
    Entry(
        "LG503",
        "max-executors-unset",
        "no maximum of executors is set on a shared endpoint",
        text.NO_MAXIMUM,
        _no_maximum,
        yields_to=("LG1", "LG2", "LG3", "LG4", "LG5", "LG6", "LG7", "LG9"),
        needles=("spark.dynamicAllocation.enabled",),
        severity="warning",
    ),
)
