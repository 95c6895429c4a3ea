"""The kernel process of one session: ``python -m livyguard.sandbox.driver -f CONNECTION_FILE``."""

from __future__ import annotations

from typing import Any

from ipykernel.kernelapp import IPKernelApp


class SessionKernelApp(IPKernelApp):
    """A kernel without the user's IPython: no configuration, no start-up files, no extensions, no history."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """Read nothing: this is Livy's driver, not the user's notebook."""

    def init_code(self) -> None:
        """Run nothing."""

    def init_extensions(self) -> None:
        """Load nothing."""


if __name__ == "__main__":
    SessionKernelApp.launch_instance(capture_fd_output=False)
