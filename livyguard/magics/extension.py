"""What ``%load_ext livyguard`` puts into a kernel, and what ``%unload_ext`` takes out again, entry by entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livyguard.magics.completion import complete_options
from livyguard.magics.livyguard import LivyGuard

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["Extension", "load", "loaded", "unload"]


class Extension:
    """livyguard in one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._before: dict[tuple[str, str], Any] = {}
        self.magics = LivyGuard(shell=shell)
        self._matcher = complete_options(self.magics.find)

    def load(self) -> None:
        """Register the magics and put the guard in; a second time changes nothing."""
        tables = self._shell.magics_manager.magics
        for kind, table in self.magics.magics.items():
            for name in table:
                self._before.setdefault((kind, name), tables[kind].get(name))
        self._shell.register_magics(self.magics)
        configurables = self._configurables()
        if self.magics not in configurables:
            configurables.append(self.magics)
        matchers = self._matchers()
        if matchers is not None and self._matcher not in matchers:
            matchers.append(self._matcher)
        self.magics.hook.install(self._shell)

    def unload(self) -> None:
        """Leave the shell as it was found."""
        self.magics.hook.remove(self._shell)
        self.magics.restore()
        tables = self._shell.magics_manager.magics
        for (kind, name), before in self._before.items():
            if before is None:
                tables[kind].pop(name, None)
            else:
                tables[kind][name] = before
        self._before.clear()
        configurables = self._configurables()
        if self.magics in configurables:
            configurables.remove(self.magics)
        matchers = self._matchers()
        if matchers is not None and self._matcher in matchers:
            matchers.remove(self._matcher)

    def _configurables(self) -> list[Any]:
        """Return what ``%config`` knows."""
        configurables: list[Any] = self._shell.configurables
        return configurables

    def _matchers(self) -> list[Any] | None:
        matchers: list[Any] | None = getattr(self._shell.Completer, "custom_matchers", None)
        return matchers


_loaded: dict[int, Extension] = {}


def loaded(shell: InteractiveShell) -> Extension | None:
    """Return livyguard in a shell; None where it was never loaded."""
    return _loaded.get(id(shell))


def load(shell: InteractiveShell) -> None:
    """Put livyguard into a shell, once."""
    if id(shell) not in _loaded:
        _loaded[id(shell)] = Extension(shell)
    _loaded[id(shell)].load()


def unload(shell: InteractiveShell) -> None:
    """Take livyguard out of a shell; its wiring stays, so loading again goes on with the same ledger page."""
    extension = loaded(shell)
    if extension is not None:
        extension.unload()
