"""Waiting for a change with a bound on the time."""

from __future__ import annotations

import asyncio


async def next_change(changed: asyncio.Event, timeout_s: float | None = None) -> None:
    """Wait until the event is set again, at most `timeout_s`; what set it before does not count."""
    changed.clear()
    try:
        async with asyncio.timeout(timeout_s):
            await changed.wait()
    except TimeoutError:
        pass
