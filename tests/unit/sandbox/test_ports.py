"""Ports for servers that bind them some seconds after they were chosen."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from livyguard.sandbox.ports import choices, free_port, is_free

HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")


def taken(kind: socket.SocketKind) -> socket.socket:
    """Return a socket that has a port."""
    one = socket.socket(type=kind)
    one.bind(("127.0.0.1", free_port(udp=True)))
    return one


def test_a_port_is_none_that_the_kernel_hands_out_to_others_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "range"
    file.write_text("25000\t60999\n")

    assert max(choices(file)) == 24_999
    assert free_port(choices(file)) < 25_000


@pytest.mark.skipif(not HANDED_OUT.exists(), reason="no Linux")
def test_no_port_that_is_asked_for_as_any_is_among_the_choices_of_this_machine() -> None:
    first, last = map(int, HANDED_OUT.read_text().split())

    assert first < 21_000 or not set(choices()) & set(range(first, last + 1))


@pytest.mark.parametrize("said", [None, "1024 60999", "32768 60999"], ids=["not Linux", "no room below", "Linux"])
def test_there_are_thousands_to_choose_from(tmp_path: Path, said: str | None) -> None:
    file = tmp_path / "range"
    if said is not None:
        file.write_text(said)

    assert choices(file) == range(20_000, 32_768)


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["TCP", "UDP"])
def test_a_port_that_another_has_is_not_given(kind: socket.SocketKind) -> None:
    with taken(kind) as other:
        port, free = other.getsockname()[1], free_port(udp=True)

        given = {free_port([port, free], udp=True) for _ in range(20)}

    assert given == {free}


def test_who_needs_no_udp_is_given_a_port_that_another_has_for_it() -> None:
    with taken(socket.SOCK_DGRAM) as other:
        port = other.getsockname()[1]

        assert free_port([port]) == port


def test_processes_that_choose_at_the_same_time_do_not_choose_the_same() -> None:
    assert len({free_port() for _ in range(20)}) > 10


def test_a_port_is_free_once_its_server_is_gone_though_a_connection_lingers() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        with socket.create_connection(("127.0.0.1", port)) as client:
            server.accept()[0].close()  # who closes first has the connection that lingers
            assert client.recv(1) == b""

    assert is_free(port)
