"""LG311 and LG312: the file system does not take what Spark writes, before it starts or in a statement."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from livyguard.hints.catalog import spark_files_text as text
from livyguard.hints.entry import Entry, Finding
from livyguard.hints.fixes import AGAIN, IF_LOST, title_of_start
from livyguard.hints.model import Fix
from livyguard.hints.redaction import excerpt
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_DENIED = re.compile(
    r"Permission denied: user=(?P<user>[^,\n]{1,256}), access=(?P<access>\w+), inode=\"(?P<inode>[^\"\n]{1,1000})\""
    r":(?P<owner>[^:\n]{1,256}):(?P<group>[^:\n]{1,256}):(?P<mode>[\w\-+]+)"
)
# A folder on a machine's own disk, then one in S3 and the like.
_NOT_MADE = re.compile(
    r"(?:chmod: (?:cannot access|changing permissions of) ['\u2018\"]?|AccessDeniedException: "
    r"|Mkdirs failed to create )(?P<path>[^\s'\u2019\"]{0,500}\.sparkStaging[\w/.\-]{0,300})"
)
#: spark-submit, not a statement: nothing of the session runs yet. A statement of Livy has neither below it.
_SUBMITTING = re.compile(
    r"at org\.apache\.spark\.(?:deploy\.(?:yarn\.Client|yarn\.ApplicationMaster|SparkSubmit)|SparkContext\.<init>)"
)
#: Characters behind an exception in which the rest of its stack stands.
_STACK = 16_000
_LINE = 1_000
_SAFE_MODE = re.compile(r"\. ?Name ?[Nn]ode is in safe mode\b")
#: What HDFS then refuses, before it in the line.
_REFUSES = re.compile(r"\bCannot \w+")
_ENDS = re.compile(r"Safe mode will be turned off automatically in (\d{1,9}) seconds")
_BY_HAND = re.compile(r"It was turned on manually")
_LOW = re.compile(r"Resources are low on (?:NN|namenode)")

_ELSEWHERE = Fix(
    f"Use a folder that you may write to. {REPLACES}",
    cell=configure({"conf": {"spark.yarn.stagingDir": "hdfs:///PATH"}}),
    applicability="manual",
)


def _denied(case: Case) -> Finding | None:
    match = next((one for one in _DENIED.finditer(case.text) if _is_of_the_start(case, one)), None)
    if match is None:
        return _not_made(case) or _of_a_statement(case)
    user, inode, owner = (excerpt(match[part]) for part in ("user", "inode", "owner"))
    home = shlex.quote(f"/user/{user}")
    homeless = inode.rstrip("/") in {"/user", ""}
    cause = (
        f"Spark puts its files into {inode if not homeless else f'/user/{user}'} before it starts, and {user} may not "
        f"write there: it belongs to {owner} ({match['mode']})."
    )
    fixes = (
        Fix(
            "For the operator: give the user a home." if homeless else "For the operator: give the folder to the user.",
            command=f"hdfs dfs -mkdir -p {home} && hdfs dfs -chown {shlex.quote(user)} {home}"
            if homeless
            else f"hdfs dfs -chown {shlex.quote(user)} {shlex.quote(inode)}",
            applicability="manual",
        ),
        _ELSEWHERE,
        AGAIN,
    )
    what = f"{user} has no home to put its files" if homeless else f"{user} may not write to {inode}"
    return Finding(
        title_of_start(case.session_id, what), cause, (case.quote(match, "the file system"),), fixes, rank=93
    )


def _not_made(case: Case) -> Finding | None:
    match = case.find(_NOT_MADE)
    if match is None:
        return None
    path = excerpt(match["path"])
    return Finding(
        title_of_start(case.session_id, f"its folder {path} cannot be made"),
        "Spark puts its files there before it starts (spark.yarn.stagingDir, else the home of who submits). The folder "
        "above it does not exist or may not be written to.",
        (case.quote(match, "the file system"),),
        (_ELSEWHERE, AGAIN),
        rank=93,
    )


def _of_a_statement(case: Case) -> Finding | None:
    """Return what a statement may not read or write: the session is well, and goes on."""
    match = case.find(_DENIED)
    if match is None:
        return None
    user, inode, owner, group = (excerpt(match[part]) for part in ("user", "inode", "owner", "group"))
    verbs = {"WRITE": "write to", "READ": "read", "READ_EXECUTE": "list", "EXECUTE": "look into"}
    cause = (
        f"HDFS has it as {owner}'s, of the group {group}, with the rights {match['mode']}. The session is well: only "
        "this statement failed."
    )
    look = Fix(
        "See whose it is, where the hdfs command is at hand.",
        command=f"hdfs dfs -ls -d {shlex.quote(inode)}",
        applicability="review",
    )
    ask = Fix(
        "For the operator: let the user in, without a change of the owner.",
        command=f"hdfs dfs -setfacl -m user:{shlex.quote(user)}:rwx {shlex.quote(inode)}",
        applicability="manual",
    )
    return Finding(
        f"The file system does not let {user} {verbs.get(match['access'], 'use')} {inode}",
        cause,
        (case.quote(match, "the file system"),),
        (look, ask),
        rank=45,
        is_survived=True,
    )


def _is_of_the_start(case: Case, match: re.Match[str]) -> bool:
    """Say whether it was Spark's own start: a folder of Spark's, or spark-submit below it in the same stack."""
    if ".sparkStaging" in match["inode"]:
        return True
    other = _DENIED.search(case.text, match.end())
    end = match.end() + _STACK if other is None else min(other.start(), match.end() + _STACK)
    return _SUBMITTING.search(case.text, match.end(), end) is not None


def _refuses(case: Case, match: re.Match[str]) -> bool:
    start = case.text.rfind("\n", 0, match.start()) + 1
    return _REFUSES.search(case.text, max(start, match.start() - _LINE), match.start()) is not None


def _safe_mode(case: Case) -> Finding | None:
    match = next((one for one in _SAFE_MODE.finditer(case.text) if _refuses(case, one)), None)
    if match is None:
        return None
    ends = _ENDS.search(case.text, match.start())
    if ends:
        how = f"It ends by itself in {int(ends[1]):,} seconds."
    elif _BY_HAND.search(case.text, match.start()):
        how = "An operator has switched it on, for maintenance."
    elif _LOW.search(case.text, match.start()):
        how = "The NameNode's own disk is full; it ends when the operator has made room and switches it off."
    else:
        how = "After a restart it ends by itself as soon as enough DataNodes have reported."
    fixes = (
        Fix("See whether it is over, where the hdfs command is at hand.", command="hdfs dfsadmin -safemode get"),
        IF_LOST,
    )
    return Finding(
        "The file system is in safe mode: it can be read, and nothing can be written",
        f"HDFS takes no changes while its NameNode is in safe mode, so no session starts and nothing is saved. {how}",
        (case.quote(match, "HDFS"),),
        fixes,
        rank=94,
    )


ENTRIES = (
    Entry(
        "LG311",
        "staging-not-writable",
        "Spark may not write the files that it starts with",
        text.STAGING,
        _denied,
        needles=("Permission denied: user=", "chmod: ", "AccessDeniedException: ", "Mkdirs failed to create "),
    ),
    Entry(
        "LG312",
        "file-system-in-safe-mode",
        "HDFS is in safe mode",
        text.SAFE_MODE,
        _safe_mode,
        needles=("ode is in safe mode",),
    ),
)
