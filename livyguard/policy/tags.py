"""The tags by which livyguard knows its sessions again: in Livy's listing, in YARN, on Kubernetes' driver."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from livyguard.policy.footprint import Footprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["CEILING", "PREFIX", "TENANT", "YARN_TAGS", "ceiling_tag", "tagged", "tagged_ceiling", "tenant_tag"]

PREFIX = "livyguard"
YARN_TAGS = "spark.yarn.tags"
DRIVER_LABEL = "spark.kubernetes.driver.label."
LONGEST_TAG = 63
#: YARN refuses an application with more than ten; one is Livy's own.
MOST_TAGS = 9
#: How our tags begin for the most that a session can hold, and for the tenant that it counts for.
CEILING, TENANT = f"{PREFIX}-ceiling-", f"{PREFIX}-tenant-"
_CEILING = re.compile(rf"{CEILING}(\d{{1,9}}|x)-(\d{{1,12}}|x)-(\d{{1,9}}|x)", re.ASCII)
_UNKNOWN = "x"


def tagged(
    body: Mapping[str, Any],
    tag: str,
    user: str | None,
    *,
    on_kubernetes: bool = False,
    further: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the body carrying ``livyguard``, the session's own tag and the user's.

    The user's own tags stay; reserved ones that a user wrote are dropped, so that nobody passes for somebody else.

    Args:
        body: a body that the policy has let through, ``conf`` an object or absent.
        tag: ``livyguard-<8 hex>``.
        user: who asked; None leaves the user's tag out.
        on_kubernetes: whether the policy says that Spark runs there; else only the body tells.
        further: tags of ours by which others count the session, as far as YARN takes them beside the user's own.
    """
    conf = dict(body.get("conf") or {})
    theirs = [item.strip() for item in str(conf.get(YARN_TAGS) or "").split(",")]
    kept = [item for item in theirs if item and not item.casefold().startswith(PREFIX)]
    ours = [PREFIX, tag, *([f"{PREFIX}-user-{user_tag(user)}"] if user else ())]
    ours += further[: max(MOST_TAGS - len(kept) - len(ours), 0)]
    conf[YARN_TAGS] = ",".join([*kept, *ours])
    is_told = str(conf.get("spark.master", "")).startswith("k8s://") or any(
        key.startswith("spark.kubernetes.") for key in conf
    )
    if on_kubernetes or is_told:
        conf[f"{DRIVER_LABEL}{PREFIX}"] = tag.removeprefix(f"{PREFIX}-")
    return {**body, "conf": conf}


def user_tag(user: str) -> str:
    """Return a name as YARN keeps tags: lower case, without separators, at most 63 characters with the prefix."""
    return _name(user, f"{PREFIX}-user-")


def ceiling_tag(ceiling: Footprint) -> str | None:
    """Return the tag that tells what a session can hold at most: executors, MiB, cores; ``x`` for what is not known.

    None where nothing is.
    """
    amounts = (ceiling.executors, ceiling.memory_mib, ceiling.cores)
    if amounts == (None, None, None):
        return None
    return CEILING + "-".join(_UNKNOWN if amount is None else str(amount) for amount in amounts)


def tagged_ceiling(tags: Iterable[str]) -> Footprint | None:
    """Return what the tags of a session, or of its application, tell of its ceiling; the most, if several do."""
    found = [match for match in map(_CEILING.fullmatch, tags) if match is not None]
    told = ([match[place] for match in found if match[place] != _UNKNOWN] for place in (1, 2, 3))
    return Footprint(*(max(map(int, each), default=None) for each in told)) if found else None


def tenant_tag(tenant: str) -> str:
    """Return the tag that tells for which tenant a session counts; names that differ in case alone share it."""
    return f"{TENANT}{_name(tenant, TENANT)}"


def _name(name: str, prefix: str) -> str:
    return re.sub(r"[^a-z0-9._@-]+", "-", name.casefold())[: LONGEST_TAG - len(prefix)]
