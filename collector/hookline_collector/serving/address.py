"""Addresses and host names, read the same way by every server of the collector."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]*))(?::[0-9]{1,5})?")
_MANY_NAMES = 64


def host_of(address: str) -> str:
    """Return the host of `host`, `host:port` or `[host]:port`, in lower case, without brackets; empty where the text is none of these."""
    name = address.strip().lower()
    if is_number(name):
        return name  # an IPv6 address without brackets
    found = _HOST.fullmatch(name)
    return (found[1] or found[2].rstrip(".")) if found else ""


def is_loopback(host: str) -> bool:
    """Whether an address to bind to can be reached from this machine alone."""
    return host == "localhost" or (is_number(host) and ipaddress.ip_address(host).is_loopback)


@lru_cache(maxsize=_MANY_NAMES)
def is_number(name: str) -> bool:
    """Whether this is an address written as a number, which no name service can point elsewhere. Asked twice of each request's Host."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
