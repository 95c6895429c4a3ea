"""What the operating system says of whoever runs this process: the account, and its groups."""

from __future__ import annotations

import contextlib
import os

__all__ = ["account", "groups_of"]


def account() -> str | None:
    """Return the name of the account that this process runs as; None where the system has none for its number.

    It is asked by number and not by ``getpass``, which believes four environment variables first.
    """
    try:
        import pwd  # noqa: PLC0415 - Windows has none

        return pwd.getpwuid(os.getuid()).pw_name
    except ImportError:
        with contextlib.suppress(OSError):
            return os.getlogin()
    except (KeyError, OSError):
        pass
    return None


def groups_of(name: str | None) -> frozenset[str]:
    """Return the groups of this process's own account, by name; none for any other name.

    A name from an environment variable that is not the account's is somebody whom this system may not even know, or
    whose groups anybody could borrow by a variable. A group without a name is left out.
    """
    if name is None or name != account():
        return frozenset()
    found = set()
    with contextlib.suppress(ImportError, KeyError, OSError):
        import grp  # noqa: PLC0415 - Windows has none
        import pwd  # noqa: PLC0415 - Windows has none

        for number in os.getgrouplist(name, pwd.getpwuid(os.getuid()).pw_gid):
            with contextlib.suppress(KeyError):
                found.add(grp.getgrgid(number).gr_name)
    return frozenset(found)
