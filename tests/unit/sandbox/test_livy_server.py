"""Starting a real Livy, as far as that goes without one."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from livyguard.sandbox.livy.configuration import LivyOptions
from livyguard.sandbox.livy.server import LivyServer, NotUp

if TYPE_CHECKING:
    from pathlib import Path


def test_a_port_that_another_server_has_is_refused_since_that_one_would_answer_in_its_place(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        livy = LivyServer(LivyOptions(port=port), tmp_path / "livy", tmp_path)

        with pytest.raises(NotUp, match=f"Port {port} of 127.0.0.1 is taken"):
            livy.start()

    assert livy.pid == 0
