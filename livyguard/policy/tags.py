"""The tags by which livyguard knows its sessions again: in Livy's listing, in YARN, on Kubernetes' driver."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PREFIX", "YARN_TAGS", "tagged"]

PREFIX = "livyguard"
YARN_TAGS = "spark.yarn.tags"
DRIVER_LABEL = "spark.kubernetes.driver.label."
LONGEST_TAG = 63


def tagged(body: Mapping[str, Any], tag: str, user: str | None, *, on_kubernetes: bool = False) -> dict[str, Any]:
    """Return the body carrying ``livyguard``, the session's own tag and the user's.

    The user's own tags stay; reserved ones that a user wrote are dropped, so that nobody passes for somebody else.

    Args:
        body: a body that the policy has let through, ``conf`` an object or absent.
        tag: ``livyguard-<8 hex>``.
        user: who asked; None leaves the user's tag out.
        on_kubernetes: whether the policy says that Spark runs there; else only the body tells.
    """
    conf = dict(body.get("conf") or {})
    theirs = [item.strip() for item in str(conf.get(YARN_TAGS) or "").split(",")]
    kept = [item for item in theirs if item and not item.casefold().startswith(PREFIX)]
    ours = [PREFIX, tag] + ([f"{PREFIX}-user-{user_tag(user)}"] if user else [])
    conf[YARN_TAGS] = ",".join([*kept, *ours])
    is_told = str(conf.get("spark.master", "")).startswith("k8s://") or any(
        key.startswith("spark.kubernetes.") for key in conf
    )
    if on_kubernetes or is_told:
        conf[f"{DRIVER_LABEL}{PREFIX}"] = tag.removeprefix(f"{PREFIX}-")
    return {**body, "conf": conf}


def user_tag(user: str) -> str:
    """Return a name as YARN keeps tags: lower case, without separators, at most 63 characters with the prefix."""
    return re.sub(r"[^a-z0-9._@-]+", "-", user.casefold())[: LONGEST_TAG - len(f"{PREFIX}-user-")]
