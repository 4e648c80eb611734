"""Which addresses a target may be at, checked on the address that is connected to: a name is resolved once, each address is judged, and the
connection goes to the one that passed. So no name can be pointed elsewhere between the check and the connection.

A target reaches public addresses alone, unless its configuration says `allow_private`: then also this machine and private networks. Nobody reaches
link-local (the metadata of clouds), multicast, reserved or unspecified addresses. Addresses of IPv4 inside of IPv6 are judged as what they hold.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable

import httpcore2

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressNotAllowed(OSError):
    """No address of a host may be connected to."""


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order in which to try them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_allowed(address: str, *, allow_private: bool) -> bool:
    """Whether a target may be at an address."""
    try:
        found = _inner(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if found.is_multicast or found.is_unspecified or found.is_link_local or (found.is_reserved and not found.is_loopback):
        return False
    return found.is_global or allow_private


def allowed(host: str, addresses: Iterable[str], *, allow_private: bool) -> list[str]:
    """Return the addresses that may be connected to. Raises AddressNotAllowed when none may."""
    known = list(addresses)
    passed = [address for address in known if is_allowed(address, allow_private=allow_private)]
    if not passed:
        hint = "" if allow_private else "; set allow_private: true for this target if it is meant"
        raise AddressNotAllowed(f"{host} is at {', '.join(known[:3]) or 'no address'}, which is not a public address{hint}")
    return passed


def _inner(address: IpAddress) -> IpAddress:
    """Return the IPv4 address that an IPv6 address stands for, else the address."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address.sixtofour:
            return address.ipv4_mapped or address.sixtofour or address
        if address.teredo:
            return address.teredo[1]
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to addresses that passed the check. TLS still asks for the host's own name: the client says it when the connection is there."""

    def __init__(self, *, allow_private: bool, look_up: Resolve = resolve) -> None:
        self._allow_private = allow_private
        self._look_up = look_up
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface is the library's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address that passed and answers. Raises AddressNotAllowed, ConnectError."""
        try:
            found = allowed(host, await self._look_up(host, port), allow_private=self._allow_private)
        except socket.gaierror as why:
            raise httpcore2.ConnectError(f"{host} has no address ({why.strerror})") from None
        last: Exception | None = None
        for address in found:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as why:
                last = why
        raise last or httpcore2.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
