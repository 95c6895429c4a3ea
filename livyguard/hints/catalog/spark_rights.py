"""What HDFS refuses, by whose path it is: a home that nobody made, a folder of Spark's, one of somebody's own code."""

from __future__ import annotations

import re
import shlex
from itertools import islice
from typing import TYPE_CHECKING

from livyguard.hints.entry import Finding
from livyguard.hints.fixes import AGAIN, title_of_start
from livyguard.hints.model import Fix
from livyguard.hints.redaction import excerpt, is_whole
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ELSEWHERE", "denied"]

_DENIED = re.compile(
    r"Permission denied: user=(?P<user>[^,\n]{1,256}), access=(?P<access>\w+), inode=\"(?P<inode>[^\"\n]{1,1000})\""
    r":(?P<owner>[^:\n]{1,256}):(?P<group>[^:\n]{1,256}):(?P<mode>[\w\-+]+)"
)
#: spark-submit, not a statement: nothing of the session runs yet. A statement of Livy has neither below it.
_SUBMITTING = re.compile(
    r"at org\.apache\.spark\.(?:deploy\.(?:yarn\.Client|yarn\.ApplicationMaster|SparkSubmit)|SparkContext\.<init>)"
)
_CLIENT, _CONTEXT = "at org.apache.spark.deploy.yarn.Client", "at org.apache.spark.SparkContext.<init>"
#: A start that failed, where the stack is cut.
_NO_START = re.compile(
    r"unexpectedly reached final status '(?:dead|error|killed)'|Error initializing SparkContext|did not start up in \d"
    r"|Timed out waiting for context to start"
)
#: Characters behind an exception in which the rest of its stack stands.
_STACK = 16_000
_LOOKED_AT = 20
_VERBS = {"WRITE": "write to", "READ": "read", "READ_EXECUTE": "list", "EXECUTE": "look into"}
_RIGHTS = {"WRITE": "rwx", "READ": "r--", "READ_EXECUTE": "r-x", "EXECUTE": "--x"}

ELSEWHERE = Fix(
    f"Use a folder that you may write to. {REPLACES}",
    cell=configure({"conf": {"spark.yarn.stagingDir": "hdfs:///PATH"}}),
    applicability="manual",
)


def denied(case: Case) -> Finding | None:
    """Return what the first refusal that tells the most comes to: a start's before a statement's."""
    found = list(islice(_DENIED.finditer(case.text), _LOOKED_AT))
    if not found:
        return None
    of_start = next((one for one in found if _is_of_the_start(case, one)), None)
    has_failed = case.find(_NO_START) is not None
    if of_start is None:
        is_home = found[0]["inode"].rstrip("/") == "/user" and "WRITE" in found[0]["access"]
        if has_failed:
            return _homeless(case, found[0]) if is_home else None
        return _of_a_statement(case, found[0])
    is_home = of_start["inode"].rstrip("/") in {"/user", ""} and _is_submission(_stack(case, of_start))
    return _homeless(case, of_start) if is_home else _of_start(case, of_start)


def _homeless(case: Case, match: re.Match[str]) -> Finding:
    user, owner, inode = (excerpt(match[part]) for part in ("user", "owner", "inode"))
    home = shlex.quote(f"/user/{user}")
    cause = (
        f"Spark puts its files into /user/{user} before it starts, and {user} may not make that folder: {inode} "
        f"belongs to {owner} ({match['mode']})."
    )
    make = Fix(
        "For the operator: give the user a home.",
        command=f"hdfs dfs -mkdir -p {home} && hdfs dfs -chown {shlex.quote(user)} {home}",
        applicability="manual",
    )
    title = title_of_start(case.session_id, f"{user} has no home to put its files")
    return Finding(title, cause, (case.quote(match, "the file system"),), (make, ELSEWHERE, AGAIN), rank=93)


def _of_start(case: Case, match: re.Match[str]) -> Finding:
    """Return what Spark may not write as it starts: into its own files' folder, or into another (the event log's)."""
    user, inode, owner = (excerpt(match[part]) for part in ("user", "inode", "owner"))
    is_own = f"{match['inode']}/".startswith(f"/user/{match['user']}/")
    is_staging = is_own or ".sparkStaging" in match["inode"]
    where = "puts its files into" if is_staging else "writes to"
    fixes = (ELSEWHERE,) if is_staging else _letting_in(match)
    if is_own and is_whole(match["inode"]):
        give = f"hdfs dfs -chown {shlex.quote(user)} {shlex.quote(inode)}"
        fixes = (Fix("For the operator: give the folder to the user.", command=give, applicability="manual"), *fixes)
    return Finding(
        title_of_start(case.session_id, f"{user} may not write to {inode}"),
        f"Spark {where} {inode} before it starts, and {user} may not: it belongs to {owner} ({match['mode']}).",
        (case.quote(match, "the file system"),),
        (*fixes, AGAIN),
        rank=93,
    )


def _of_a_statement(case: Case, match: re.Match[str]) -> Finding:
    user, inode, owner, group = (excerpt(match[part]) for part in ("user", "inode", "owner", "group"))
    rights = f"HDFS has it as {owner}'s, of the group {group}, with the rights {match['mode']}."
    look = Fix(
        "See whose it is, where the hdfs command is at hand.",
        command=f"hdfs dfs -ls -d {shlex.quote(inode)}",
        applicability="review",
    )
    return Finding(
        f"The file system does not let {user} {_VERBS.get(match['access'], 'use')} {inode}",
        f"{rights} Only what asked for it failed.",
        (case.quote(match, "the file system"),),
        (*((look,) if is_whole(match["inode"]) else ()), *_letting_in(match)),
        rank=45,
        is_survived=True,
    )


def _letting_in(match: re.Match[str]) -> tuple[Fix, ...]:
    """Return the command that gives the right that was asked for; none for a path that may not be shown whole."""
    user, inode, rights = match["user"], match["inode"], _RIGHTS.get(match["access"])
    if rights is None or not (is_whole(inode) and is_whole(user) and inode.strip("/")):
        return ()
    command = f"hdfs dfs -setfacl -m {shlex.quote(f'user:{user}:{rights}')} {shlex.quote(inode)}"
    label = "For the operator, if that is meant: let the user in, without a change of the owner."
    return (Fix(label, command=command, applicability="manual"),)


def _is_of_the_start(case: Case, match: re.Match[str]) -> bool:
    """Say whether it was Spark's own start: a folder of Spark's, or spark-submit below it in the same stack."""
    if ".sparkStaging" in match["inode"]:
        return True
    return _SUBMITTING.search(_stack(case, match)) is not None


def _is_submission(stack: str) -> bool:
    """Tell a submission's files from what Spark's context writes later: its event log."""
    return _CLIENT in stack or _CONTEXT not in stack


def _stack(case: Case, match: re.Match[str]) -> str:
    """Return what stands behind a refusal, up to the next one."""
    other = _DENIED.search(case.text, match.end())
    end = match.end() + _STACK if other is None else min(other.start(), match.end() + _STACK)
    return case.text[match.end() : end]
