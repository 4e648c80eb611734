"""Addresses to listen on: read, looked at before anything starts, and bound."""

from __future__ import annotations

import contextlib
import socket

from hookline.errors import AlreadyRunning, ConfigInvalid


def split_address(address: str, key: str) -> tuple[str, int]:
    """Return host and port of `host:port` or `[host]:port`."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port[:6]) > 65_535:
        raise ConfigInvalid([(key, f"{address!r} is not host:port")])
    return host.strip("[]"), int(port)


def bind(address: str, key: str) -> socket.socket:
    """Return a listening socket for `host:port`; `key` names the setting in errors. Raises AlreadyRunning when the port is taken."""
    listener = _socket_for(address, key)
    listener.listen(128)
    listener.setblocking(False)
    return listener


def taken(addresses: dict[str, str]) -> list[str]:
    """Return what stands in the way of listening on these addresses (by the key of their setting), a sentence each; nothing when all are free."""
    troubles = []
    for key, address in addresses.items():
        try:
            with contextlib.closing(_socket_for(address, key)) as probe:
                probe.listen(1)
        except (AlreadyRunning, OSError) as why:
            troubles.append(str(why))
    return troubles


def bound_address(listener: socket.socket) -> str:
    """Return the address as `host:port`, with the port that was picked."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _socket_for(address: str, key: str) -> socket.socket:
    host, port = split_address(address, key)
    # asyncio sends small pieces at once (no Nagle) only where a socket names its protocol, and what is accepted has the listener's: without it
    # the body of every answer on a kept connection waits 40 ms for the reader's acknowledgement of the head.
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as why:
        listener.close()
        raise AlreadyRunning(f"cannot listen on {address}: {why.strerror}; choose another with {key} (port 0 picks a free one)") from None
    return listener
