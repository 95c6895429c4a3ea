"""LG118 to LG124: Livy refuses to create a session, in its own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import refused_text as text
from livyguard.hints.entry import LOOK, Entry, Finding
from livyguard.hints.fixes import AGAIN
from livyguard.hints.model import Fix
from livyguard.hints.redaction import excerpt
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_TOO_MANY = re.compile(r"Rejected, too many sessions are being created!")
_PORTS = re.compile(r"Unable to connect to provided ports (\d{1,5}~\d{1,5})")
_NAME = re.compile(r"Duplicate session name: (?:Some\()?([^\n\"]{1,200}?)\)? for session (\d{1,10})")
_FORBIDDEN = re.compile(r"Blacklisted configuration values in session config: ([^\n\"}]{1,500})")
_FIELD = re.compile(
    r"Unrecognized field \\{0,4}\"([^\"\\\n]{1,200})\\{0,4}\" "
    r"\(class [\w.]{0,100}\.Create(?:Interactive|Batch)Request\)"
)
# Livy's AccessManager; Hadoop's own where Livy's user may not act for anybody there.
_LIVYS_NO = re.compile(r"User '([^'\n]{1,200})' not allowed to impersonate '(?:Some\()?([^'\n]{1,200}?)\)?'")
_HADOOPS_NO = re.compile(r"User: (\S{1,200}) is not allowed to impersonate (\S{1,200}?)(?=[\s\"',\\]|$)")
_LOCAL = re.compile(r"Local path ([^\n\"]{1,300}?) cannot be added to user sessions")

_ANSWER = "Livy's answer"
#: SparkMagic puts it into every request by itself, unless its config.json says 0.
_HEARTBEAT = "heartbeatTimeoutInSecond"
_OLDER_THAN_HEARTBEATS = (
    "SparkMagic adds this field to every request by itself, and this Livy is older than 0.3, which brought it. No "
    "%%configure takes it out."
)
_NO_HEARTBEAT = (
    Fix(
        "Tell SparkMagic in this kernel to leave it out.",
        cell=(
            "%%local\nimport sparkmagic.utils.configuration as conf\n"
            'conf.override("livy_server_heartbeat_timeout_seconds", 0)'
        ),
        applicability="review",
    ),
    Fix(
        "For good, in SparkMagic's config.json; a kernel reads it when it starts.",
        command='"livy_server_heartbeat_timeout_seconds": 0',
        applicability="manual",
    ),
)


def _refusal(case: Case, match: re.Match[str], title: str, cause: str, *fixes: Fix) -> Finding:
    return Finding(title, cause, (case.quote(match, _ANSWER),), (*fixes, AGAIN), rank=90)


def _too_many(case: Case) -> Finding | None:
    match = case.find(_TOO_MANY)
    if match is None:
        return None
    cause = (
        "Livy starts so many sessions at a time and no more, everybody's together (livy.server.session.max-creation, "
        "100). In cluster mode those count that are being submitted; in client or local mode all that live."
    )
    starting = Fix(
        "See which are starting; in a minute there is room again.",
        cell="%livy_sessions --state starting",
        terminal="livyguard sessions --state starting",
    )
    return _refusal(case, match, "Livy is starting as many sessions as it may", cause, starting, LOOK)


def _ports(case: Case) -> Finding | None:
    match = case.find(_PORTS)
    if match is None:
        return None
    cause = (
        f"Livy listens for its drivers on a port of {match[1]}, and every one of these is taken on its machine: by "
        "other programs, by another Livy there, or by channels of sessions that failed and were not closed."
    )
    advice = Fix(
        "For the operator, in livy-client.conf: a wider range (and Livy restarted); firewalls have to let it through.",
        command="livy.rsc.launcher.port.range = 10000~10110",
        applicability="manual",
    )
    return _refusal(case, match, "Livy has no port left for another session's driver", cause, LOOK, advice)


def _duplicate(case: Case) -> Finding | None:
    match = case.find(_NAME)
    if match is None:
        return None
    name = excerpt(match[1], longest=80)
    cause = f"A session named {name} lives, and a name is given once on one Livy, whoever owns the session."
    rename = Fix(
        f"Take another name, or none. {REPLACES}",
        cell=configure({"name": "another-name"}),
        applicability="manual",
    )
    look = Fix("See whose it is; if it is yours and idle, release it.", cell=LOOK.cell, terminal=LOOK.terminal)
    return _refusal(case, match, f"A session is named {name} already", cause, look, rename)


def _forbidden(case: Case) -> Finding | None:
    match = case.find(_FORBIDDEN)
    if match is None:
        return None
    keys = excerpt(match[1].strip().rstrip("."), longest=200)
    cause = (
        f"The operator of this Livy lets nobody set {keys} (spark-blacklist.conf; from Livy 0.8 on "
        "spark.submit.deployMode is among them by itself)."
    )
    fix = Fix(
        "Leave these keys out: write the settings that remain.",
        cell=configure({"conf": {}}),
        applicability="review",
    )
    return _refusal(case, match, f"Livy lets nobody set {keys}", cause, fix)


def _unknown_field(case: Case) -> Finding | None:
    match = case.find(_FIELD)
    if match is None:
        return None
    field = excerpt(match[1], longest=80)
    if field == _HEARTBEAT:
        return _refusal(case, match, f"Livy knows no field {field}", _OLDER_THAN_HEARTBEATS, *_NO_HEARTBEAT)
    if field.startswith("spark."):
        cause = f"{field} is a property of Spark: it stands in conf, not beside it."
        cell = configure({"conf": {field: "VALUE"}})
    else:
        cause = (
            f"This Livy has no field {field} in a request for a session: a slip of the keyboard, or a field of a later "
            "version (heartbeatTimeoutInSecond 0.3, ttl 0.8, idleTimeout 0.9)."
        )
        cell = configure({})
    fix = Fix(
        "Leave it out, or put it where it belongs; Livy's answer lists the fields that it knows.",
        cell=cell,
        applicability="manual",
    )
    return _refusal(case, match, f"Livy knows no field {field}", cause, fix)


def _impersonation(case: Case) -> Finding | None:
    match = case.find(_LIVYS_NO)
    if match is not None:
        user, other = (excerpt(match[place], longest=80) for place in (1, 2))
        cause = (
            f"The request names {other} as proxyUser, and {user} is logged in: Livy lets nobody but its superusers act "
            "for somebody else (livy.superusers)."
        )
        fix = Fix(
            "Leave proxyUser out, in the cell or in session_configs of SparkMagic's config.json.",
            cell=configure({}),
            applicability="review",
        )
        return _refusal(case, match, f"Livy does not let {user} act for {other}", cause, fix)
    match = case.find(_HADOOPS_NO)
    if match is None:
        return None
    service, other = (excerpt(match[place], longest=80) for place in (1, 2))
    cause = (
        f"Livy runs as {service} and starts sessions as the user who asks; Hadoop does not let {service} act for "
        f"{other}. Nothing in the notebook changes that."
    )
    advice = Fix(
        "For the operator, in Hadoop's core-site.xml (and the ResourceManager and NameNode told).",
        command=f"hadoop.proxyuser.{service}.hosts, hadoop.proxyuser.{service}.groups (or .users)",
        applicability="manual",
    )
    return _refusal(case, match, f"Hadoop does not let {service} act for {other}", cause, advice)


def _local_path(case: Case) -> Finding | None:
    match = case.find(_LOCAL)
    if match is None:
        return None
    path = excerpt(match[1], longest=120)
    cause = (
        f"{path} would be a file of Livy's own machine, and its operator allows none from there "
        "(livy.file.local-dir-whitelist)."
    )
    fix = Fix(
        "Put the file where the cluster reads it, and name it with its scheme.",
        cell=configure({"jars": ["hdfs:///user/me/library.jar"]}),
        applicability="manual",
    )
    return _refusal(case, match, f"Livy takes no file from {path}", cause, fix)


ENTRIES = (
    Entry(
        "LG118",
        "too-many-sessions-starting",
        "Livy starts no more sessions for now",
        text.TOO_MANY,
        _too_many,
        needles=("Rejected, too many sessions",),
    ),
    Entry(
        "LG119",
        "driver-ports-used-up",
        "Livy has no port for another driver",
        text.PORTS,
        _ports,
        needles=("Unable to connect to provided ports",),
    ),
    Entry(
        "LG120",
        "session-name-taken",
        "a session has this name already",
        text.NAME,
        _duplicate,
        needles=("Duplicate session name",),
    ),
    Entry(
        "LG121",
        "setting-forbidden",
        "Livy forbids a setting",
        text.FORBIDDEN,
        _forbidden,
        needles=("Blacklisted configuration values",),
    ),
    Entry(
        "LG122",
        "unknown-field",
        "Livy does not know a field of the request",
        text.FIELD,
        _unknown_field,
        needles=("Unrecognized field",),
    ),
    Entry(
        "LG123",
        "impersonation-refused",
        "nobody may act for that user",
        text.IMPERSONATION,
        _impersonation,
        needles=("allowed to impersonate",),
    ),
    Entry(
        "LG124",
        "local-path-refused",
        "Livy takes no file from its own machine",
        text.LOCAL,
        _local_path,
        needles=("cannot be added to user sessions",),
    ),
)
