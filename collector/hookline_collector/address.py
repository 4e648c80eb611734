"""Addresses and host names, read the same way by every server of the collector."""

from __future__ import annotations

import ipaddress


def host_of(address: str) -> str:
    """Return the host of `host`, `host:port` or `[host]:port`, in lower case, without brackets."""
    name = address.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name if name.count(":") > 1 else name.partition(":")[0].rstrip(".")


def is_loopback(host: str) -> bool:
    """Whether an address to bind to can be reached from this machine alone."""
    return host == "localhost" or (is_number(host) and ipaddress.ip_address(host).is_loopback)


def is_number(name: str) -> bool:
    """Whether this is an address written as a number, which no name service can point elsewhere."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
