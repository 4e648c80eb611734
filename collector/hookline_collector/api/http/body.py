"""Reading a request's JSON body within a limit of size and of time, and what people write in it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from hookline.errors import Rejected, TooLarge
from hookline.system.clock import parse_iso

MAX_BYTES = 1024 * 1024
PATIENCE_S = 10.0
MAX_TEXT_CHARS = 1_000


async def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object that the request carries. Raises Rejected, TooLarge."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            body = await _read(request)
    except TimeoutError:
        raise Rejected(f"the body did not arrive within {PATIENCE_S:g} s") from None
    except ClientDisconnect:
        raise Rejected("the sender went away") from None
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as why:
        raise Rejected(f"the body is not JSON: {why}") from None
    if not isinstance(found, dict):
        raise Rejected("the body must be a JSON object")
    return found


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise TooLarge(f"the body is larger than {MAX_BYTES} bytes")
    return bytes(body)


def text_in(body: Mapping[str, Any], name: str) -> str:
    """Return a text that a person wrote, empty where none did. Raises Rejected for anything else, and for one that is too long."""
    found = body.get(name, "")
    if not isinstance(found, str) or len(found) > MAX_TEXT_CHARS:
        raise Rejected(f"{name} must be a text of at most {MAX_TEXT_CHARS} characters")
    return found.strip()


def moment_in(body: Mapping[str, Any], name: str) -> int:
    """Return a moment in nanoseconds. Raises Rejected where there is none."""
    found = body.get(name)
    at_ns = parse_iso(found) if isinstance(found, str) else None
    if at_ns is None or not 0 < at_ns < 2**62:
        raise Rejected(f"{name} must be a moment such as 2026-09-21T14:00:00Z")
    return at_ns
