"""The name of the person asking: what authenticated sources report, else what the environment claims."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING

from livyguard.policy.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from livyguard.ports import SessionStore

__all__ = ["Identities", "claimed"]

#: Variables that name a person where a notebook server is shared; the first that is set counts.
CLAIMS = ("JUPYTERHUB_USER", "KERNEL_USERNAME", "LOGNAME", "USER")


def claimed(environment: Mapping[str, str]) -> Identity:
    """Return who the environment says is asking, else the operating system's user. Read once, when the guard loads."""
    for variable in CLAIMS:
        name = environment.get(variable, "").strip()
        if name:
            return Identity(name, "claimed", f"the environment variable {variable}")
    try:
        return Identity(getpass.getuser(), "claimed", "the operating system")
    except (KeyError, OSError):
        return Identity(None, "claimed", "nobody")


class Identities:
    """The ``IdentitySource`` port.

    Args:
        fallback: who is asking where the endpoint does not tell.
        learned: returns Livy's own ``owner`` in the answer to a POST of this kernel through a store, or None; it
            outranks everything else.
    """

    def __init__(
        self, fallback: Identity | None = None, learned: Callable[[SessionStore], str | None] | None = None
    ) -> None:
        self._fallback = fallback if fallback is not None else claimed(os.environ)
        self._learned = learned

    def who(self, store: SessionStore) -> Identity:
        """Return the best known identity at an endpoint; ``reported`` outranks ``claimed``."""
        learned = self._learned(store) if self._learned is not None else None
        if learned is not None:
            return Identity(learned, "reported", "the owner that Livy gave to this notebook's session")
        user = store.authenticated_user
        if user is not None:
            return Identity(user, "reported", f"the login at {store.endpoint}")
        return self._fallback
