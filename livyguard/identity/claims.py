"""Who the environment and the operating system say is asking; nobody proved it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.identity.system import account
from livyguard.policy.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["claimed"]

#: Variables that name a person where a notebook server is shared; the first that is set counts.
CLAIMS = ("JUPYTERHUB_USER", "KERNEL_USERNAME", "LOGNAME", "USER")


def claimed(environment: Mapping[str, str]) -> Identity:
    """Return who the environment says is asking, else the operating system's user.

    The guard takes the environment as it was at its own load: what a cell sets later is not a claim. Groups are not
    in it: whoever keeps them may take long to answer, and they may never be wanted.
    """
    for variable in CLAIMS:
        name = environment.get(variable, "").strip()
        if name:
            return Identity(name, "claimed", f"the environment variable {variable}")
    user = account()
    return Identity(user, "claimed", "nobody" if user is None else "the operating system")
