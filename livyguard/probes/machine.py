"""This machine and this kernel, for the doctor: each question to whoever knows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from livyguard.doctor.ports import StartupFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from livyguard.doctor.ports import GuardFacts, KernelFacts, LedgerFacts, Settings
    from livyguard.policy.model import Policy

__all__ = ["Machine", "is_laptop", "startup_files"]

_POWER = Path("/sys/class/power_supply")


class Machine:
    """Implements :class:`livyguard.doctor.ports.Here` of what bootstrap hands in.

    Args:
        settings: reads config.json.
        kernels: looks for SparkMagic's kernels.
        startup: looks for livyguard's start-up files.
        guard: looks at the guard; None outside of a kernel.
        policy: returns the policy in force.
        places: returns the files in force, and where files are looked for.
        ledger: looks at the ledger.
        laptop: tells whether this machine runs on a battery.
    """

    def __init__(
        self,
        *,
        settings: Callable[[], Settings],
        kernels: Callable[[], KernelFacts],
        startup: Callable[[], Sequence[StartupFile]],
        guard: Callable[[], GuardFacts | None],
        policy: Callable[[], Policy | None],
        places: Callable[[], tuple[Sequence[str], Sequence[str]]],
        ledger: Callable[[], LedgerFacts],
        laptop: Callable[[], bool] | None = None,
    ) -> None:
        self.settings = settings
        self.kernels = kernels
        self.startup_files = startup
        self.guard = guard
        self.policy = policy
        self.policy_places = places
        self.ledger = ledger
        self.is_laptop = laptop or is_laptop


def is_laptop(power: Path = _POWER) -> bool:
    """Tell whether there is a battery that this machine itself runs on; False where nobody can tell."""
    try:
        return any(
            (supply / "type").read_text().strip() == "Battery"
            and not ((supply / "scope").exists() and (supply / "scope").read_text().strip() == "Device")
            for supply in power.iterdir()
        )
    except OSError:
        return False


def startup_files(environment: Mapping[str, str]) -> list[StartupFile]:
    """Return livyguard's start-up files, of this environment and of this user; nothing is made for it."""
    from livyguard import startup_file as ours  # noqa: PLC0415 - only where it is asked for

    named = environment.get("IPYTHONDIR")
    own = Path(named).expanduser() if named else Path(environment.get("HOME") or Path.home()) / ".ipython"
    return [
        StartupFile(str(file), tuple(ours.OPTIONS[name] for name in ours.options_of(file)), ours.is_current(file))
        for file in ours.enabled(own)
    ]
