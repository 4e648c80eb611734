"""What guards every test sees what is left, by whom it was made."""

from __future__ import annotations

import socket

import grpc
import pytest

from support import guards
from support.guards import SOCKETS, open_sockets


def test_a_socket_that_stays_open_is_seen_until_it_is_closed() -> None:
    """Also where one was closed meanwhile."""
    first = socket.create_server(("127.0.0.1", 0))
    before = SOCKETS.before()
    assert SOCKETS.since(before) == set()
    second = socket.create_server(("127.0.0.1", 0))
    first.close()
    assert len(SOCKETS.since(before)) == 1
    assert SOCKETS.since(before) <= open_sockets()
    second.close()
    assert SOCKETS.since(before) == set()


def test_a_socket_that_a_test_of_a_module_left_is_still_seen_when_the_module_ends() -> None:
    """Each test looks anew; who looked before them all has not seen it."""
    before_all = SOCKETS.before()
    left = socket.create_server(("127.0.0.1", 0))
    before_the_next_test = SOCKETS.before()
    assert SOCKETS.since(before_the_next_test) == set()
    assert len(SOCKETS.since(before_all)) == 1
    left.close()


def test_what_grpc_may_have_opened_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes its sockets without Python."""
    before = SOCKETS.before()
    monkeypatch.setattr(guards, "open_sockets", lambda: {*before, "socket:[1]"})
    assert SOCKETS.since(before) == set()
    with grpc.insecure_channel("127.0.0.1:9"):
        assert SOCKETS.since(before) == {"socket:[1]"}
