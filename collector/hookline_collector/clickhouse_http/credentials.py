"""Who asks: the user `hookline` (or none) with the token as password, in any of the ways in which ClickHouse's clients send them.

The token alone decides. A name other than `hookline` or ClickHouse's `default`, which many clients send unasked, is refused, so that nobody takes
the endpoint for a server with users.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping

from starlette.datastructures import Headers

USERS = ("", "hookline", "default")


def is_known(token: str, headers: Headers, pairs: Mapping[str, str]) -> bool:
    """Whether a request shows the token."""
    user, password = shown(headers, pairs)
    return hmac.compare_digest(password.encode(), token.encode()) and user in USERS


def shown(headers: Headers, pairs: Mapping[str, str]) -> tuple[str, str]:
    """Return the user and password that a request shows; empty where it shows none."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return "", given.strip()
    if scheme.lower() == "basic":
        return _basic(given.strip())
    if "x-clickhouse-key" in headers or "x-clickhouse-user" in headers:
        return headers.get("x-clickhouse-user", ""), headers.get("x-clickhouse-key", "")
    return pairs.get("user", ""), pairs.get("password", "")


def _basic(given: str) -> tuple[str, str]:
    try:
        user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password
