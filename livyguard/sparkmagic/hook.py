"""Puts livyguard's handlers in front of SparkMagic's methods, and takes them away again, exactly.

The guard is on the classes, so it holds on every route, whichever magic, widget or code gets there. SparkMagic is
never imported from here: where it is not loaded yet, each patch waits for its module.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

import wrapt

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["PATCHES", "Hook", "Patch"]


class Patch(NamedTuple):
    """One method of SparkMagic that a handler stands in front of.

    Attributes:
        module: where the class is.
        target: ``Class.method``, or a function.
        handler: name of the method of ``Handlers``; called as wrapt calls wrappers.
        parameters: what the method must take for the handler to mean what it says; vendors patch files.
        is_essential: without it nothing is guarded.
    """

    module: str
    target: str
    handler: str
    parameters: tuple[str, ...]
    is_essential: bool = False


_CLIENT = "sparkmagic.livyclientlib"
#: What a decorated magic takes.
_MAGIC = ("self", "args", "kwargs")
PATCHES = (
    Patch(
        f"{_CLIENT}.reliablehttpclient",
        "ReliableHttpClient._send_request_helper",
        "send",
        ("self", "url", "accepted_status_codes", "function", "data", "retry_count"),
    ),
    Patch(
        f"{_CLIENT}.livyreliablehttpclient",
        "LivyReliableHttpClient.post_session",
        "post_session",
        ("self", "properties"),
        is_essential=True,
    ),
    Patch(
        f"{_CLIENT}.livyreliablehttpclient",
        "LivyReliableHttpClient.post_statement",
        "post_statement",
        ("self", "session_id", "data"),
    ),
    Patch(
        f"{_CLIENT}.livyreliablehttpclient",
        "LivyReliableHttpClient.get_statement",
        "get_statement",
        ("self", "session_id", "statement_id"),
    ),
    Patch(
        f"{_CLIENT}.livyreliablehttpclient",
        "LivyReliableHttpClient.get_session",
        "get_session",
        ("self", "session_id"),
    ),
    Patch(f"{_CLIENT}.livyreliablehttpclient", "LivyReliableHttpClient.get_sessions", "get_sessions", ("self",)),
    Patch(
        f"{_CLIENT}.livyreliablehttpclient",
        "LivyReliableHttpClient.get_all_session_logs",
        "get_all_session_logs",
        ("self", "session_id"),
    ),
    Patch(
        f"{_CLIENT}.livyreliablehttpclient",
        "LivyReliableHttpClient.delete_session",
        "delete_session",
        ("self", "session_id"),
    ),
    Patch(f"{_CLIENT}.livysession", "LivySession.start", "start", ("self",)),
    Patch(f"{_CLIENT}.livysession", "LivySession.wait_for_idle", "wait_for_idle", ("self", "seconds_to_wait")),
    Patch(
        f"{_CLIENT}.sparkcontroller",
        "SparkController.add_session",
        "add_session",
        ("self", "name", "endpoint", "skip_if_exists", "properties"),
    ),
    Patch(
        f"{_CLIENT}.sparkcontroller",
        "SparkController.get_manager_sessions_str",
        "get_manager_sessions_str",
        ("self",),
    ),
    Patch(f"{_CLIENT}.sparkcontroller", "SparkController.cleanup_endpoint", "cleanup_endpoint", ("self", "endpoint")),
    Patch(
        f"{_CLIENT}.sparkcontroller",
        "SparkController.delete_session_by_id",
        "delete_session_by_id",
        ("self", "endpoint", "session_id"),
    ),
    Patch(f"{_CLIENT}.livysession", "LivySession._stop_heartbeat_thread", "stop_heartbeat", ("self",)),
    Patch("sparkmagic.utils.configuration", "get_session_properties", "get_session_properties", ("language",)),
    Patch("sparkmagic.utils.configuration", "fatal_error_suggestion", "fatal_error_suggestion", ("args",)),
    Patch("sparkmagic.controllerwidget.createsessionwidget", "CreateSessionWidget.run", "run_widget", ("self",)),
    Patch("sparkmagic.kernels.kernelmagics", "KernelMagics.configure", "configure", _MAGIC),
    Patch("sparkmagic.kernels.kernelmagics", "KernelMagics.info", "info", _MAGIC),
    Patch("sparkmagic.kernels.kernelmagics", "KernelMagics.cleanup", "cleanup", _MAGIC),
    Patch("sparkmagic.magics.remotesparkmagics", "RemoteSparkMagics.spark", "spark", _MAGIC),
)


class Hook:
    """All patches of one kernel, put in and taken out together."""

    def __init__(self, handlers: Callable[[], Any], complain: Callable[[str], None]) -> None:
        self._handlers = handlers
        self._complain = complain
        self._is_active = False
        self._are_waiting = False
        self._applied: dict[Patch, tuple[Any, str, Any, Any]] = {}
        self.faults: list[str] = []

    @property
    def is_guarding(self) -> bool:
        """Is every creation judged from here on? False while SparkMagic is not imported, too."""
        return self._is_active and any(patch.is_essential for patch in self._applied)

    def install(self, shell: InteractiveShell) -> None:
        """Patch what is imported, and the rest the moment it is; a second call changes nothing."""
        self._is_active = True
        self.faults.clear()
        for patch in PATCHES:
            if not self._are_waiting:
                wrapt.register_post_import_hook(self._on_import(patch), patch.module)
            elif patch not in self._applied:
                self._apply_if_imported(patch)
        self._are_waiting = True
        self._rebind(shell)

    def remove(self, shell: InteractiveShell) -> None:
        """Give every method and every registered magic back."""
        self._is_active = False
        for parent, attribute, original, wrapper in reversed(list(self._applied.values())):
            if vars(parent).get(attribute) is wrapper:
                setattr(parent, attribute, original)
        self._applied.clear()
        self._rebind(shell)

    def _on_import(self, patch: Patch) -> Callable[[ModuleType], None]:
        def apply(module: ModuleType) -> None:
            if self._is_active and patch not in self._applied:
                self._apply(patch, module)

        return apply

    def _apply_if_imported(self, patch: Patch) -> None:
        import sys  # noqa: PLC0415 - only here

        module = sys.modules.get(patch.module)
        if module is not None:
            self._apply(patch, module)

    def _apply(self, patch: Patch, module: ModuleType) -> None:
        fault = _mismatch(patch, module)
        if fault is not None:
            self.faults.append(fault)
            if patch.is_essential:
                self._complain(f"This notebook is not guarded: {fault}. Sessions are created as SparkMagic does it.")
            return
        parent, attribute, original = wrapt.resolve_path(module, patch.target)

        def call(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
            if not self._is_active:
                return wrapped(*args, **kwargs)
            return getattr(self._handlers(), patch.handler)(wrapped, instance, args, kwargs)

        wrapper = wrapt.FunctionWrapper(original, call)
        wrapt.apply_patch(parent, attribute, wrapper)
        self._applied[patch] = (parent, attribute, original, wrapper)

    def _rebind(self, shell: InteractiveShell) -> None:
        """Let registered magics find the method again: IPython keeps bound methods from the moment of registering."""
        names = {patch.target.rpartition(".")[2] for patch in PATCHES if patch.parameters == _MAGIC}
        for table in shell.magics_manager.magics.values():
            for name in names & table.keys():  # no other: looking at one of IPython's own lazy magics imports it
                owner = getattr(table[name], "__self__", None)
                if type(owner).__module__.startswith("sparkmagic."):
                    table[name] = getattr(owner, name)


def _mismatch(patch: Patch, module: ModuleType) -> str | None:
    """Return why a patch does not fit this SparkMagic; None if it fits."""
    try:
        _, _, original = wrapt.resolve_path(module, patch.target)
        parameters = tuple(inspect.signature(original).parameters)
    except (AttributeError, TypeError, ValueError):
        return f"this SparkMagic has no {patch.target}"
    if parameters != patch.parameters:
        return f"this SparkMagic's {patch.target} takes ({', '.join(parameters)}), not ({', '.join(patch.parameters)})"
    return None
