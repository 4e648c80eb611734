"""Reading a request's JSON body within a limit of size and of time."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from hookline.errors import Rejected, TooLarge

MAX_BYTES = 1024 * 1024
PATIENCE_S = 10.0


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
