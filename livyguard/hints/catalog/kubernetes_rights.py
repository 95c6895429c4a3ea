"""LG403 and LG404: Kubernetes refuses a pod for a quota of its namespace, or Spark for the rights of its account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from livyguard.hints.catalog import kubernetes_text as text
from livyguard.hints.catalog.kubernetes_pods import (
    AGAIN,
    MIB,
    Pod,
    pod_before,
    quantity,
    quote,
    session_of,
)
from livyguard.hints.entry import FREE, LOOK, Entry, Finding
from livyguard.hints.fixes import title_of_start
from livyguard.hints.memory import LEAST_HEAP, heap_in
from livyguard.hints.model import Fix
from livyguard.hints.settings import REPLACES, configure

if TYPE_CHECKING:
    from decimal import Decimal

    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_AMOUNT = r"[\w./-]{1,100}=\w{1,20}(?:\.\w{1,9})?"
_AMOUNTS = rf"{_AMOUNT}(?:,{_AMOUNT}){{0,20}}"
_RESOURCE = r"[\w/-]{1,100}(?:\.[\w/-]{1,100}){0,5}"
_RESOURCES = rf"{_RESOURCE}(?:,{_RESOURCE}){{0,10}}"
_EXCEEDED = re.compile(
    # "ed quota: " first, for which `re` looks quickly.
    rf"ed quota: (?:(?<=exceeded quota: )(?P<quota>[a-z0-9.-]{{1,253}}), requested: (?P<requested>{_AMOUNTS}), "
    rf"used: (?P<used>{_AMOUNTS}), limited: (?P<limited>{_AMOUNTS})"
    rf"|(?<=failed quota: )(?P<failed>[a-z0-9.-]{{1,253}}): must specify (?P<missing>{_RESOURCES}))"
)
#: An executor that came after all: the allocator of Spark asks again.
_CAME = re.compile(r"Registered executor (?:NettyRpcEndpointRef|\(spark-client)")
_IN = re.compile(r"/namespaces/([a-z0-9][a-z0-9-]{0,62})/")
#: What a resource of a quota is called to people; ``requests.`` and ``limits.`` come before some.
_NAMES = {"memory": "memory", "cpu": "cores", "pods": "pods", "count/pods": "pods"}

_FORBIDDEN = re.compile(
    r'User \\?"system:serviceaccount:(?P<home>[a-z0-9][a-z0-9-]{0,62}):(?P<account>[a-z0-9.-]{1,253})\\?" cannot '
    # What a driver may not tidy up as it ends, Kubernetes tidies up itself.
    r"(?!deletecollection\b)(?P<verb>[a-z]{1,20}) "
    r'(?:resource \\?"(?P<resource>[a-z0-9./]{1,100})\\?"|(?P<old>[a-z]{1,100}))'
    r'(?: in API group \\?"[a-z0-9.]{0,100}\\?")?(?: in the namespace \\?"(?P<place>[a-z0-9][a-z0-9-]{0,62})\\?")?'
)
_NO_ACCOUNT = re.compile(r'erviceaccount \\?"(?P<account>[a-z0-9.-]{1,253})\\?" not found')
_HOME = re.compile(r"error looking up service account ([a-z0-9][a-z0-9-]{0,62})/[a-z0-9.-]{1,253}: [Ss]$")
_NO_ROLE = re.compile(r"Not authorized to perform:? sts:AssumeRoleWithWebIdentity")
#: Whoever else asks Kubernetes or AWS gets the same words: these are of Spark, of Livy, or of their own client.
_OF_SPARK = re.compile(
    r"org\.apache\.(?:spark|livy|hadoop)\b|io\.fabric8\b|spark-(?:submit|kubernetes)\b|-(?:driver|exec-\d{1,9})\b"
    r"|ExecutorPods|SparkContext|SparkApplication|livy-session-|serviceaccount:[^\"\\\s]{0,200}(?:spark|livy|emr)"
)
_ANOTHER = Fix(
    "Name the service account that the operator made for Spark, if there is one.",
    cell=configure({"conf": {"spark.kubernetes.authenticate.driver.serviceAccountName": "ACCOUNT"}}),
    applicability="manual",
)


class _Amount(NamedTuple):
    """What a quota says of one resource: its words, and numbers where they are some."""

    resource: str
    requested: str
    used: str
    limited: str

    @property
    def free(self) -> Decimal | None:
        """What is left of it; None for what are no numbers."""
        used, limited = quantity(self.used), quantity(self.limited)
        return None if used is None or limited is None else limited - used

    @property
    def is_lacking(self) -> bool:
        """Is less left than is asked for? Kubernetes names what is refused: so too where these are no numbers."""
        requested, free = quantity(self.requested), self.free
        return requested is None or free is None or requested > free

    @property
    def is_memory(self) -> bool:
        """Is it memory, asked for or as a limit?"""
        return self.resource.rpartition(".")[2] == "memory"

    def told(self) -> str:
        """Say it in a sentence."""
        name = self.resource.removeprefix("requests.").removeprefix("limits.")
        what = _NAMES.get(name, self.resource)
        return f"of {self.limited} {what} {self.used} are used, and it asks for {self.requested}"


def _quota(case: Case) -> Finding | None:
    match = case.find_last(_EXCEEDED)
    if match is None:
        return None
    pod = pod_before(case, match.end())
    if pod is not None and pod.is_executor and _CAME.search(case.text, match.end()):
        return None
    place = _IN.search(case.text, max(match.start() - 500, 0), match.start())
    where = f" --namespace {place[1]}" if place else " --all-namespaces"
    look = Fix(
        "See what the quota allows and what is used, where kubectl is at hand.",
        command=f"kubectl describe resourcequota{where}",
        applicability="review",
    )
    if match["failed"]:
        return Finding(
            _title(case, pod, "the namespace's quota wants it to name its limits"),
            f"The quota {match['failed']} is on {_listed(match['missing'].split(','))}, and the pod names none: Spark "
            "sets a limit of memory alone.",
            (quote(case, match),),
            (*_named(match["missing"]), look, AGAIN),
            rank=92,
        )
    amounts = _amounts(match)
    cause = f"The quota {match['quota']} bounds what all pods of the namespace may have together: "
    cause += "; ".join(amount.told() for amount in amounts) + "."
    if any(_never_fits(amount) for amount in amounts):
        cause += " It would not fit into the whole quota either."
    fixes = (look, LOOK, FREE, *_smaller(pod, amounts), AGAIN)
    return Finding(_title(case, pod, "the namespace's quota is used up"), cause, (quote(case, match),), fixes, rank=92)


def _title(case: Case, pod: Pod | None, hindrance: str) -> str:
    if pod is not None and pod.is_executor:
        return f"{session_of(case)} gets no more executors: {hindrance}"
    return title_of_start(case.session_id, hindrance, is_over=case.waited is None)


def _amounts(match: re.Match[str]) -> list[_Amount]:
    requested, used, limited = (
        dict(each.split("=", 1) for each in match[name].split(",")) for name in ("requested", "used", "limited")
    )
    return [_Amount(name, amount, used.get(name, "0"), limited.get(name, "0")) for name, amount in requested.items()]


def _never_fits(amount: _Amount) -> bool:
    requested, limited = quantity(amount.requested), quantity(amount.limited)
    return requested is not None and limited is not None and requested > limited


def _smaller(pod: Pod | None, amounts: list[_Amount]) -> tuple[Fix, ...]:
    """Return a cell with the largest heap that what is left holds; none where it holds none, or more is lacking."""
    lacking = [amount for amount in amounts if amount.is_lacking]
    free = [amount.free for amount in lacking if amount.is_memory and amount.free is not None]
    if len(free) < len(lacking):
        return ()
    heap = min((heap_in(int(each / MIB)) for each in free), default=0)
    if heap < LEAST_HEAP:
        return ()
    field = "executorMemory" if pod is not None and pod.is_executor else "driverMemory"
    label = f"Ask for the largest that is left. {REPLACES}"
    return (Fix(label, cell=configure({field: f"{heap}m"}), applicability="review"),)


def _named(missing: str) -> tuple[Fix, ...]:
    if "limits.cpu" not in missing.split(","):
        return ()
    conf = {f"spark.kubernetes.{who}.limit.cores": "1" for who in ("driver", "executor")}
    label = f"Name limits of cores, no smaller than what the pods ask for. {REPLACES}"
    return (Fix(label, cell=configure({"conf": conf}), applicability="review"),)


def _listed(words: list[str]) -> str:
    return " and ".join(words)


def _account(case: Case) -> Finding | None:
    is_sparks = bool(case.resource_manager) or case.find(_OF_SPARK) is not None
    for find in (_no_account, _forbidden, _no_role) if is_sparks else (_no_account,):
        finding = find(case)
        if finding is not None:
            return finding
    return None


def _no_account(case: Case) -> Finding | None:
    match = case.find_last(_NO_ACCOUNT)
    if match is None:
        return None
    account = match["account"]
    looked_up = _HOME.search(case.text, max(match.start() - 400, 0), match.start())
    home = looked_up[1] if looked_up else None
    where = f" in the namespace {home}" if home else ""
    return Finding(
        title_of_start(case.session_id, f"there is no service account {account}", is_over=case.waited is None),
        f"The pod is to run as the service account {account}, and Kubernetes has none of that name{where}.",
        (quote(case, match),),
        (
            Fix(
                "See which there are, where kubectl is at hand.",
                command=f"kubectl get serviceaccounts {f'--namespace {home}' if home else '--all-namespaces'}",
                applicability="review",
            ),
            _ANOTHER,
            AGAIN,
        ),
        rank=93,
    )


def _forbidden(case: Case) -> Finding | None:
    match = case.find_last(_FORBIDDEN)
    if match is None:
        return None
    home, account, verb = match["home"], match["account"], match["verb"]
    resource = match["resource"] or match["old"]
    place = match["place"] or home
    cause = (
        f"Spark asks Kubernetes as the service account {account} of the namespace {home}, and no role of it has the "
        f"verb {verb} on {resource} in the namespace {place}."
    )
    if account == "default":
        cause += " An account named default may nothing unless somebody let it: the settings name no other."
    fixes = (
        Fix(
            "Ask Kubernetes what it may, where kubectl is at hand.",
            command=f"kubectl auth can-i --list --namespace {place} --as system:serviceaccount:{home}:{account}",
            applicability="review",
        ),
        _ANOTHER,
        Fix(
            "For the operator: let it; edit is more than Spark needs, and made for a try.",
            command=f"kubectl create rolebinding spark --namespace {place} --clusterrole=edit "
            f"--serviceaccount={home}:{account}",
            applicability="manual",
        ),
        AGAIN,
    )
    title = f"The service account {account} may not {verb} {resource}"
    return Finding(title, cause, (quote(case, match),), fixes, rank=93)


def _no_role(case: Case) -> Finding | None:
    match = case.find_last(_NO_ROLE)
    if match is None:
        return None
    return Finding(
        "AWS does not let the service account take its role",
        "The pod runs as a service account with an IAM role, and the trust policy of that role does not name this "
        "service account, its namespace or this cluster. Nothing in AWS can be read or written with it, S3 neither.",
        (quote(case, match),),
        (
            Fix(
                "See which role each service account names, where kubectl is at hand.",
                command="kubectl get serviceaccounts --all-namespaces --output "
                r"custom-columns='NAMESPACE:.metadata.namespace,NAME:.metadata.name,"
                r"ROLE:.metadata.annotations.eks\.amazonaws\.com/role-arn'",
                applicability="review",
            ),
            Fix(
                "For the operator, on EMR on EKS: write the trust policy.",
                command="aws emr-containers update-role-trust-policy --cluster-name CLUSTER --namespace NAMESPACE "
                "--role-name ROLE",
                applicability="manual",
            ),
            AGAIN,
        ),
        rank=80,
    )


ENTRIES = (
    Entry(
        "LG403",
        "namespace-quota-exceeded",
        "the namespace's quota lets no more in",
        text.QUOTA,
        _quota,
        needles=("exceeded quota: ", "failed quota: "),
    ),
    Entry(
        "LG404",
        "service-account-refused",
        "the service account is missing, or may not do what Spark does",
        text.SERVICE_ACCOUNT,
        _account,
        needles=(
            "system:serviceaccount:",
            "erviceaccount ",
            "sts:AssumeRoleWithWebIdentity",
        ),
    ),
)
