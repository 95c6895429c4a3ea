"""The tags by which livyguard knows its sessions again: in Livy's listing, in YARN, on Kubernetes' driver."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from livyguard.policy.footprint import Footprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "CEILING",
    "PREFIX",
    "TENANT",
    "YARN_TAGS",
    "ceiling_tag",
    "left_out",
    "tagged",
    "tagged_ceiling",
    "tenant_tag",
]

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
#: So many digits of a hash stand for what a tag cannot hold of a name.
_MARK = 6


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
    Where others count the session YARN has to take every tag of ours, so that the last of the user's own are left out
    where there are too many for both; :func:`left_out` tells which.

    Args:
        body: a body that the policy has let through, ``conf`` an object or absent.
        tag: ``livyguard-<8 hex>``.
        user: who asked; None leaves the user's tag out.
        on_kubernetes: whether the policy says that Spark runs there; else only the body tells.
        further: tags of ours by which others count the session, what matters most first.
    """
    conf = dict(body.get("conf") or {})
    kept = _theirs(body)
    ours = [PREFIX, tag, *([f"{PREFIX}-user-{user_tag(user)}"] if user else ()), *further][:MOST_TAGS]
    if further:
        kept = kept[: MOST_TAGS - len(ours)]
    conf[YARN_TAGS] = ",".join([*kept, *ours])
    is_told = str(conf.get("spark.master", "")).startswith("k8s://") or any(
        key.startswith("spark.kubernetes.") for key in conf
    )
    if on_kubernetes or is_told:
        conf[f"{DRIVER_LABEL}{PREFIX}"] = tag.removeprefix(f"{PREFIX}-")
    return {**body, "conf": conf}


def left_out(body: Mapping[str, Any], sent: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the user's own tags that a body lacks since it bears livyguard's, in their order; not the reserved ones.

    Args:
        body: as given to :func:`tagged`.
        sent: what it returned.
    """
    kept = frozenset(_theirs(sent))
    return tuple(item for item in _theirs(body) if item not in kept)


def _theirs(body: Mapping[str, Any]) -> list[str]:
    """Return the tags that the user gave, without reserved ones, each once."""
    items = [item.strip() for item in str((body.get("conf") or {}).get(YARN_TAGS) or "").split(",")]
    return [item for item in dict.fromkeys(items) if item and not item.casefold().startswith(PREFIX)]


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
    """Return the tag that tells for which tenant a session counts; names that differ in case alone share it.

    What a tag cannot hold of a name is told by a hash, so that no two other names share one.
    """
    folded = tenant.casefold()
    name = _name(folded, TENANT)
    if name != folded:
        mark = f"-{sha256(folded.encode()).hexdigest()[:_MARK]}"
        name = name[: LONGEST_TAG - len(TENANT) - len(mark)] + mark
    return f"{TENANT}{name}"


def _name(name: str, prefix: str) -> str:
    return re.sub(r"[^a-z0-9._@-]+", "-", name.casefold())[: LONGEST_TAG - len(prefix)]
