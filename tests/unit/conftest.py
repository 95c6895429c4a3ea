"""Servers that give no answer, and a watch that hides no bug of ours."""

import socket

import pytest


@pytest.fixture(autouse=True)
def nothing_is_forgiven(monkeypatch):
    """Let through what a watch would pass over."""
    monkeypatch.setattr("livyguard.watching.watch.FORGIVEN", ())


@pytest.fixture
def nobody():
    """A URL that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def deaf():
    """A URL that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
