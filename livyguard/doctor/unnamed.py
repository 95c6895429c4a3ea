"""A Livy that nobody has named, and that does not answer: most likely its address is still to be written down."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from livyguard.doctor.advice import no_livy
from livyguard.doctor.model import WARNING
from livyguard.hints.model import Fix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livyguard.doctor.model import Check
    from livyguard.doctor.ports import Server, Settings
    from livyguard.hints.model import Hint

__all__ = ["unnamed"]

#: Where a Livy that nobody runs there fails.
_WAYS_IN = frozenset({"dns", "tcp", "tls", "login"})
#: Whoever names a Livy by one of these means it.
_BY_HAND = ("--url", "$LIVYGUARD_URL")


def unnamed(
    checks: tuple[Check, ...], settings: Settings | None, servers: Sequence[Server | None]
) -> tuple[Check, ...]:
    """Return the checks; where SparkMagic's own default is asked and fails, that config.json names no Livy is told.

    Args:
        checks: all of a round.
        settings: config.json; None where it cannot be used, which is told by itself.
        servers: that were looked at.
    """
    if settings is None or not settings.names_none:
        return checks
    asked = {server.url for server in servers if server is not None and server.source not in _BY_HAND}
    default = asked & {url for _, url, _ in settings.endpoints}
    failed = next((one for one in checks if one.endpoint in default and one.name in _WAYS_IN and one.exit_code), None)
    if failed is None or failed.endpoint is None:
        return checks
    hint = _with_address(failed.hint or no_livy(failed.endpoint), settings.file)
    said = "names no Livy" if settings.is_there else "is not there"
    text = f"{settings.file} {said}: {failed.endpoint}, SparkMagic's own default, is asked, and cannot be used"
    return tuple(_told(check, hint, text) if check is failed or check.name == "config" else check for check in checks)


def _told(check: Check, hint: Hint, text: str) -> Check:
    return replace(check, hint=hint) if check.name != "config" else replace(check, status=WARNING, text=text, hint=hint)


def _with_address(hint: Hint, file: str) -> Hint:
    write = Fix(
        f"Write your Livy's address into {file}, then restart the kernel: it is read once.",
        command='{"kernel_python_credentials": {"url": "http://livy.example.com:8998", "auth": "None"}}',
        applicability="manual",
    )
    cause = f"No config.json names a Livy, so SparkMagic's own default is asked. {hint.cause}"
    return replace(hint, cause=cause, fixes=(write, *hint.fixes))
